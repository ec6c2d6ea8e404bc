//! Mistakes that searches of this kind have been seen to make, each with the
//! search that shows it. What went wrong is said above each test.

use model::{Micros, NanoUsd, OrgSlug, Source};
use store::ListRequest;

use crate::support::{TestStore, agent, json, request, run, store, with, with_metadata};

async fn finds(test: &TestStore, expected: &[(&str, &[u32])]) {
    for (query, numbers) in expected {
        assert_eq!(test.find(query).await, *numbers, "{query}");
    }
}

/// A metadata key closed the string that it was spliced into, and the rest of it
/// ran as SQL, past the condition on the organization.
#[tokio::test]
async fn keys_never_become_sql() {
    let test = store().await;
    let key = r"x\'] = '' OR 1=1 -- ";
    test.put([with_metadata(1, key, "\"mine\"")]).await;
    let other = test.store.create_org(&OrgSlug::new("other").unwrap()).await.unwrap();
    let other = test.store.org(&other);
    other.ingest(vec![with_metadata(2, "plan", "\"theirs\"")]).await.unwrap()[0].as_ref().unwrap();

    let quoted = key.replace('\\', r"\\");
    for query in [
        format!("metadata.\"{quoted}\":mine"),
        format!("metadata.\"{quoted}\":*"),
        format!("metadata.\"{quoted}\":~min"),
    ] {
        assert_eq!(test.find(&query).await, [1], "{query}");
    }
    for hostile in [
        r#"metadata."x') OR 1=1 --":*"#,
        r#"metadata."x\\') OR (1=1":"a""#,
        r#"input."a') OR org != 0 OR ('":>1"#,
        r#"output."{org:UInt64}":~"{p0:String}""#,
        r#"metadata."?":"?""#,
        r#"input."\\":"\\""#,
        r#"agent:"') OR 1=1 --""#,
        r#""' OR '1'='1""#,
        r"?%_\\'{p1:UInt64}",
    ] {
        assert!(test.find(hostile).await.is_empty(), "{hostile}");
        let everywhere = ListRequest { agent: None, ..request(hostile) };
        assert_eq!(test.org.list_runs(&everywhere).await.unwrap().unwrap().count, 0, "{hostile}");
    }
}

/// Numbers were compared as 32-bit floats and 32-bit integers.
#[tokio::test]
async fn numbers_compare_exactly() {
    let test = store().await;
    test.put([
        run(1, r#"{"confidence":0.95}"#),
        run(2, r#"{"confidence":0.9500000000000001}"#),
        run(3, r#"{"id":9007199254740993}"#),
        run(4, r#"{"id":9007199254740992}"#),
        run(5, r#"{"id":18446744073709551615}"#),
        run(6, r#"{"id":-9223372036854775808}"#),
        run(7, r#"{"confidence":9.5e-1}"#),
    ])
    .await;
    finds(
        &test,
        &[
            ("input.confidence:0.95", &[7, 1]),
            ("input.confidence:>0.95", &[2]),
            ("input.confidence:<=0.95", &[7, 1]),
            ("input.confidence:0.95..0.95", &[7, 1]),
            ("input.id:9007199254740993", &[3]),
            ("input.id:>9007199254740992", &[5, 3]),
            ("input.id:>=9007199254740993", &[5, 3]),
            ("input.id:<9007199254740993", &[6, 4]),
            ("input.id:9007199254740992..9007199254740992", &[4]),
            ("input.id:18446744073709551615", &[5]),
            ("input.id:-9223372036854775808", &[6]),
            ("input.id:<0", &[6]),
        ],
    )
    .await;
}

/// "Empty" meant `= 0` for numbers, and `false` matched what was not there.
#[tokio::test]
async fn zero_false_and_empty_are_not_absent() {
    let test = store().await;
    test.put([run(1, r#"{"n":0,"ok":false,"s":"","list":[],"none":null}"#), run(2, "{}")]).await;
    finds(
        &test,
        &[
            ("input.n:*", &[1]),
            ("-input.n:*", &[2]),
            ("input.n:0", &[1]),
            ("input.ok:false", &[1]),
            ("input.ok:*", &[1]),
            ("input.s:\"\"", &[1]),
            ("input.s:*", &[1]),
            ("input.list.length:0", &[1]),
            ("input.none:null", &[1]),
            ("-input.none:*", &[2, 1]),
        ],
    )
    .await;
}

/// A key was found at any depth, and the first of its name won.
#[tokio::test]
async fn a_key_is_meant_at_its_own_depth() {
    let test = store().await;
    test.put([
        run(1, r#"{"nested":{"age":99},"age":5}"#),
        run(2, r#"{"a":{"b":[{"c":1},{"c":2}]}}"#),
        run(3, r#"{"a.b":7}"#),
    ])
    .await;
    finds(
        &test,
        &[
            ("input.age:5", &[1]),
            ("input.age:99", &[]),
            ("input.nested.age:99", &[1]),
            ("input.a.b[].c:2", &[2]),
            ("input.a.b.length:2", &[2]),
            ("input.\"a.b\":7", &[3]),
            ("input.a.b:7", &[]),
        ],
    )
    .await;
}

/// Text was compared in the escaped form that it came in.
#[tokio::test]
async fn text_is_found_however_it_was_escaped() {
    let test = store().await;
    test.put([
        run(1, r#"{"name":"Zoé said \"stop\"\nand left"}"#),
        run(2, "{\"name\":\"Zoé\"}"),
        run(3, r#"{"name":"\ud83d\ude80 launch"}"#),
        run(4, r#"{"n\u0061me":"Ünïcode\/slash"}"#),
    ])
    .await;
    finds(
        &test,
        &[
            ("Zoé ", &[2, 1]),
            ("input:~Zoé", &[2, 1]),
            ("input.name:~zoe", &[2, 1]),
            ("input.name:Zoé", &[2]),
            (r#""said \"stop\" and""#, &[1]),
            ("🚀", &[3]),
            ("input.name:~\"🚀 launch\"", &[3]),
            ("input.name:\"Ünïcode/slash\"", &[4]),
        ],
    )
    .await;
}

/// `%` and `_` were wildcards.
#[tokio::test]
async fn percent_underscore_and_friends_are_letters() {
    let test = store().await;
    test.put([
        run(1, r#"{"t":"a_b 100% c*d e?f [g] h\\i"}"#),
        run(2, r#"{"t":"axb 1000 cxd exf g h/i"}"#),
    ])
    .await;
    for query in [
        "\"a_b\"",
        "\"100%\"",
        "\"c*d\"",
        "\"e?f\"",
        "\"[g]\"",
        "\"h\\\\i\"",
        "a_b ",
        "100% ",
        "input.t:~a_b",
        "input.t:~100%",
        "input:~c*d",
        "input:~\"e?f\"",
    ] {
        assert_eq!(test.find(query).await, [1], "{query}");
    }
    assert!(test.find("input.t:~%").await == [1] && test.find("input.t:~\"a%b\"").await.is_empty());
}

/// The text `false` was taken for true.
#[tokio::test]
async fn the_word_false_is_false() {
    let test = store().await;
    test.put([
        with_metadata(1, "on", "false"),
        with_metadata(2, "on", "true"),
        with_metadata(3, "on", "\"false\""),
    ])
    .await;
    finds(
        &test,
        &[
            ("metadata.on:false", &[3, 1]),
            ("metadata.on:true", &[2]),
            ("metadata.on:\"false\"", &[3]),
            ("cached:false", &[3, 2, 1]),
            ("cached:true", &[]),
        ],
    )
    .await;
}

/// No temperature counted as 0, latencies were rounded to tenths of a second and
/// costs to millionths of a dollar.
#[tokio::test]
async fn absent_is_not_zero_and_units_are_fine() {
    let test = store().await;
    test.put([
        with(run(1, "{}"), |run| run.version.snapshot.temperature = Some(0.0)),
        run(2, "{}"),
        with(run(3, "{}"), |run| {
            run.latency = Some(Micros(1_234_567));
            run.cost = Some(NanoUsd(1));
            run.version.snapshot.temperature = Some(0.95);
        }),
    ])
    .await;
    finds(
        &test,
        &[
            ("temperature:0", &[1]),
            ("temperature:0.95", &[3]),
            ("-temperature:*", &[2]),
            ("latency:1234.567ms", &[3]),
            ("latency:>1.234566s latency:<1.234568s", &[3]),
            ("cost:$0.000000001", &[3]),
            ("cost:>0", &[3]),
        ],
    )
    .await;
}

/// "Is not" returned what lacks the key, and there was no other way to ask.
#[tokio::test]
async fn is_not_and_lacks_are_two_questions() {
    let test = store().await;
    test.put([
        with_metadata(1, "plan", "\"pro\""),
        with_metadata(2, "plan", "\"free\""),
        run(3, "{}"),
    ])
    .await;
    finds(
        &test,
        &[
            ("metadata.plan:!=pro", &[2]),
            ("-metadata.plan:pro", &[3, 2]),
            ("metadata.plan:*", &[2, 1]),
            ("-metadata.plan:*", &[3]),
        ],
    )
    .await;
}

/// A second operator on a field replaced the first.
#[tokio::test]
async fn every_filter_on_a_field_counts() {
    let test = store().await;
    let version = |n, model: &str| {
        with(run(n, "{}"), |run| {
            run.version.snapshot.model = Some(model.to_owned());
            run.version.snapshot.instructions = Some("p".to_owned());
        })
    };
    test.put([version(1, "m"), version(2, "n"), version(3, "o")]).await;
    finds(
        &test,
        &[
            ("version:1 version:!=1.2", &[3, 1]),
            ("version:1 -version:1.1 -version:1.3", &[2]),
            ("model:m,n model:!=m", &[2]),
            ("time:>2026-01-01 time:<2026-01-02", &[]),
        ],
    )
    .await;
}

/// Runs of the playground could not be told from those of the proxy.
#[tokio::test]
async fn every_source_has_its_name() {
    let test = store().await;
    let sources = Source::ALL;
    test.put(
        sources.iter().zip(0..).map(|(source, n)| with(run(n, "{}"), |run| run.source = *source)),
    )
    .await;
    for (source, n) in sources.iter().zip(0..) {
        assert_eq!(test.find(&format!("source:{source}")).await, [n], "{source}");
    }
}

/// "Between" and its opposite lost runs at the edges of days, and "before"
/// admitted one second more.
#[tokio::test]
async fn stretches_of_time_have_exact_edges() {
    let test = store().await;
    let at = |n, text: &str| {
        let created_at = text.parse().unwrap();
        with(run(n, "{}"), |run| run.created_at = created_at)
    };
    test.put([
        at(1, "2026-11-20T23:59:59.999999Z"),
        at(2, "2026-11-21T00:00:00Z"),
        at(3, "2026-11-21T23:59:59.999999Z"),
        at(4, "2026-11-22T00:00:00Z"),
    ])
    .await;
    finds(
        &test,
        &[
            ("time:2026-11-21", &[3, 2]),
            ("-time:2026-11-21", &[4, 1]),
            ("time:2026-11-20..2026-11-21", &[3, 2, 1]),
            ("-time:2026-11-21T00:00:00Z..2026-11-21T00:00:00Z", &[4, 3, 1]),
            ("time:<2026-11-21T00:00:00Z", &[1]),
            ("time:<=2026-11-20", &[1]),
            ("time:>2026-11-21", &[4]),
            ("time:>=2026-11-21", &[4, 3, 2]),
        ],
    )
    .await;
}

/// An organization's other agents stay out of an agent's list, whatever is asked.
#[tokio::test]
async fn or_does_not_reach_past_the_agent() {
    let test = store().await;
    let mut other = with(run(2, "{\"t\":\"x\"}"), |run| run.output = Some(json("\"y\"")));
    other.run.agent = agent("b");
    test.put([run(1, "{\"t\":\"x\"}"), other]).await;
    finds(&test, &[("x OR y ", &[1]), ("-zzz OR status:success", &[1]), ("\"NOT\" OR x ", &[1])])
        .await;
}
