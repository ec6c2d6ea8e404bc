//! Searches, suggestions and figures of what is inside of metadata, written by
//! this release and by those that had no entries for it.

use model::stats::Stats;
use model::{NewRun, SuggestionKind};

use crate::support::{TestStore, agent, id, json, request, run, store, with, with_metadata};

const NESTED: &str = r#"{"id":"t-3","n":91,"Name":"Zoé \"Ltd\"","admin":true,"none":null,
    "tags":["red","blue"],"a b":{"c.d":5},"teams":[{"id":7},{"id":8,"x":[[1]]}]}"#;

fn runs() -> Vec<NewRun> {
    vec![
        with_metadata(1, "tenant", NESTED),
        with_metadata(2, "tenant", r#"{"id":"t-4","n":3,"teams":[]}"#),
        with_metadata(3, "tenant.id", "\"t-3\""),
        with_metadata(4, "tenant", "\"t-3\""),
        with_metadata(5, "plan.x", r#"{"y":{"z":"deep t-3"}}"#),
        with_metadata(6, "tags", r#"["red",["green"],{"k":"v"}]"#),
        with(run(7, "{}"), |run| {
            run.metadata.insert("tenant".to_owned(), json(r#"{"id":"t-3"}"#));
            run.metadata.insert("tenant.id".to_owned(), json("\"t-9\""));
        }),
    ]
}

const SEARCHES: &[(&str, &[u32])] = &[
    ("metadata.tenant.id:t-3", &[7, 3, 1]),
    ("metadata.tenant.id:t-9", &[7]),
    ("metadata.tenant:t-3", &[4]),
    ("metadata.tenant.n:>90", &[1]),
    ("metadata.tenant.n:3..91", &[2, 1]),
    ("metadata.tenant.n:91", &[1]),
    ("metadata.tenant.id:>\"t-3\"", &[7, 2]),
    ("metadata.tenant.admin:true", &[1]),
    ("metadata.tenant.none:null", &[1]),
    ("metadata.tenant.none:*", &[]),
    ("metadata.tenant.id:*", &[7, 3, 2, 1]),
    ("-metadata.tenant.id:*", &[6, 5, 4]),
    ("metadata.tenant.id:!=t-3", &[2]),
    ("metadata.tenant.id:!=t-4", &[7, 3, 1]),
    ("metadata.tenant.id:t-3,t-4", &[7, 3, 2, 1]),
    ("metadata.tenant:~t-3", &[7, 4, 1]),
    ("metadata.tenant.id:~T-3", &[7, 3, 1]),
    ("metadata.tenant.name:~zoe", &[]),
    ("metadata.tenant.Name:~zoe", &[1]),
    ("metadata.tenant:~zoe", &[1]),
    // A key with dots is a place inside as well.
    ("metadata.tenant:~9", &[7, 1]),
    ("metadata.tenant.teams:~8", &[1]),
    ("metadata.tenant.tags:red", &[1]),
    ("metadata.tenant.tags[]:red", &[1]),
    ("metadata.tenant.tags.length:2", &[1]),
    ("metadata.tenant.teams.length:0", &[2]),
    ("metadata.tenant.teams[].id:8", &[1]),
    ("metadata.tenant.teams[].x[][]:1", &[1]),
    ("metadata.tenant.\"a b\".\"c.d\":5", &[1]),
    ("metadata.tenant.\"a b\".c.d:>4", &[1]),
    ("metadata.plan.x.y.z:\"deep t-3\"", &[5]),
    ("metadata.plan.x:~deep", &[5]),
    ("metadata.plan:*", &[]),
    ("metadata.tags:red", &[6]),
    ("metadata.tags[]:red", &[6]),
    ("metadata.tags[][]:green", &[6]),
    ("metadata.tags[].k:v", &[6]),
    ("metadata.tags.length:3", &[6]),
    ("metadata.tags:~green", &[6]),
    ("metadata.id:t-3", &[]),
    ("metadata.tenant.tenant.id:t-3", &[]),
];

/// Takes away what earlier releases did not write.
async fn as_stored_earlier(test: &TestStore) {
    let nested: Vec<String> = [1, 2, 5, 6].map(|n| id(n).as_u128().to_string()).to_vec();
    test.change(&format!(
        "ALTER TABLE runs UPDATE
            leaves = arrayFilter(x -> NOT match(x, '^metadata\\\\.(tenant|plan\\\\.x|tags)[.[]'), leaves),
            number_paths = [], number_doubles = [], number_integers = []
         WHERE toString(id) IN ('{}')",
        nested.join("','")
    ))
    .await;
    test.change(&format!(
        "ALTER TABLE runs UPDATE
            leaves = arrayFilter(x -> x != 'metadata.tenant.id\\x01st-3', leaves)
         WHERE toString(id) = '{}'",
        id(7).as_u128()
    ))
    .await;
}

async fn groups(test: &TestStore, by: &str) -> Vec<(String, u64)> {
    let by = by.parse().unwrap();
    let Stats { groups, total, .. } =
        test.org.stats(&request(""), by, None).await.unwrap().unwrap();
    assert_eq!(total.count, 7);
    let mut groups: Vec<(String, u64)> =
        groups.into_iter().map(|group| (group.value, group.figures.count)).collect();
    groups.sort();
    groups
}

fn counted(groups: &[(&str, u64)]) -> Vec<(String, u64)> {
    groups.iter().map(|(value, count)| ((*value).to_owned(), *count)).collect()
}

/// `twice` is how many runs have a place both as a key and inside of one, which the
/// two tables of what was stored earlier count each.
async fn check(test: &TestStore, twice: u64) {
    for (query, expected) in SEARCHES {
        assert_eq!(test.find(query).await, *expected, "{query}");
    }
    assert_eq!(
        groups(test, "metadata.tenant.id").await,
        counted(&[("", 3), ("[\"t-3\",\"t-9\"]", 1), ("t-3", 2), ("t-4", 1)])
    );
    assert_eq!(groups(test, "metadata.tenant.n").await, counted(&[("", 5), ("3", 1), ("91", 1)]));
    assert_eq!(groups(test, "metadata.tenant.admin").await, counted(&[("", 6), ("true", 1)]));
    let suggested = |text: &'static str, kind| async move {
        let found = test.org.suggest(Some(&agent("a")), text).await.unwrap().unwrap();
        let items = found.items.into_iter().filter(|item| item.kind == kind);
        items.map(|item| (item.insert, item.count)).collect::<Vec<_>>()
    };
    let names = suggested("metadata.tenant.i", SuggestionKind::Field).await;
    assert_eq!(names, [("metadata.tenant.id:".to_owned(), Some(4 + twice))]);
    let values = suggested("metadata.tenant.id:", SuggestionKind::Value).await;
    assert_eq!(values[0], ("t-3".to_owned(), Some(3)));
    let values = suggested("metadata.tenant.n:9", SuggestionKind::Value).await;
    assert_eq!(values, [("91".to_owned(), Some(1))]);
    let unasked = suggested("", SuggestionKind::Field).await;
    assert!(unasked.iter().any(|(name, _)| name == "metadata.tenant.id:"), "{unasked:?}");
    assert!(!unasked.iter().any(|(name, _)| name.contains("[]")), "{unasked:?}");
}

#[tokio::test]
async fn a_key_is_a_name_and_a_place_inside() {
    let test = store().await;
    test.put(runs()).await;
    check(&test, 0).await;
}

#[tokio::test]
async fn what_was_stored_earlier_is_found_once_it_was_read() {
    let test = store().await;
    test.put(runs()).await;
    as_stored_earlier(&test).await;
    assert_eq!(test.find("metadata.tenant.id:t-3").await, [3]);
    assert_eq!(test.find("metadata.tenant.n:>90").await, [0; 0]);
    assert_eq!(test.store.index_stored_metadata().await.unwrap(), 5);
    check(&test, 1).await;
    // Once is enough, and deleting the agent takes it away.
    assert_eq!(test.store.index_stored_metadata().await.unwrap(), 0);
    test.org.delete_agent(&agent("a")).await.unwrap();
    assert_eq!(test.store.finish_deletions().await.unwrap(), 0);
    test.put(runs()).await;
    check(&test, 0).await;
}

#[tokio::test]
async fn what_this_release_stored_is_not_read_again() {
    let test = store().await;
    test.put(runs()).await;
    assert_eq!(test.store.index_stored_metadata().await.unwrap(), 0);
    check(&test, 0).await;
}

#[tokio::test]
async fn an_empty_store_has_nothing_to_read() {
    let test = store().await;
    assert_eq!(test.store.index_stored_metadata().await.unwrap(), 0);
    test.put(runs()).await;
    assert_eq!(test.store.index_stored_metadata().await.unwrap(), 0);
    assert_eq!(test.find("metadata.tenant.n:>90").await, [1]);
}

#[tokio::test]
async fn large_metadata_keeps_to_its_limits() {
    let test = store().await;
    let many: Vec<String> = (0..4_000).map(|n| format!("\"k{n}\":\"v{n}\"")).collect();
    let long = "word ".repeat(100_000);
    let deep = format!("{}1{}", "[".repeat(200), "]".repeat(200));
    let large = format!("{{{},\"long\":\"{long}\",\"deep\":{deep}}}", many.join(","));
    let new = with_metadata(1, "big", &large);
    test.put([new.clone()]).await;
    assert_eq!(test.find("metadata.big.k7:v7").await, [1]);
    assert_eq!(test.find("metadata.big.k1900:v1900").await, [1]);
    assert_eq!(test.find("metadata.big.k2999:v2999").await, [0; 0]);
    assert_eq!(test.find("metadata.big:*").await, [1]);
    assert_eq!(test.org.unsearched(&new.run).await.unwrap().metadata, 1);
    // Each of 2,000 values has an entry of its place and one of its own.
    let leaves = "SELECT max(length(leaves)) FROM runs";
    assert!((3_900..=4_010).contains(&test.number(leaves).await), "{}", test.number(leaves).await);
    let bytes = "SELECT max(arraySum(x -> length(x), leaves)) FROM runs";
    assert!(test.number(bytes).await < 400_000, "{}", test.number(bytes).await);
}

#[tokio::test]
async fn many_large_keys_of_metadata_share_their_limits() {
    let test = store().await;
    let many = |key: u32| {
        let values: Vec<String> = (0..1_500).map(|n| format!("\"k{n}\":\"V{key} {n}\"")).collect();
        format!("{{{}}}", values.join(","))
    };
    let large = with(run(1, "{}"), |run| {
        for key in 0..8 {
            run.metadata.insert(format!("m{key}"), json(&many(key)));
        }
    });
    test.put([large.clone()]).await;
    assert_eq!(test.find("metadata.m2.k7:\"V2 7\"").await, [1]);
    assert_eq!(test.find("metadata.m7.k7:\"V7 7\"").await, [0; 0]);
    assert_eq!(test.find("metadata.m7:*").await, [1]);
    // 5,000 values: all of three keys, a part of the fourth, nothing of the others.
    assert_eq!(test.org.unsearched(&large.run).await.unwrap().metadata, 5);
    // A place, a text and its folded form each; the keys, input and output.
    assert_eq!(test.number("SELECT max(length(leaves)) FROM runs").await, 3 * 5_000 + 8 + 2);
}
