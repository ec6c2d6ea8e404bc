//! The SQL of each shape of search, and that the engine answers it from the
//! right index and in the right order.

use embedded::testing::{TestDatabase, fresh_database};
use model::incoming::{CompleteContext, IncomingRun};
use model::search::SearchQuery;
use model::{AgentSlug, OrgSlug, Source, Timestamp};

use super::text::MAX_EXPANSIONS;
use crate::agents::{NEWEST_CHATS, TOTALS};
use crate::savings::SAVINGS;
use crate::sql::Value;
use crate::walk::keys_query;
use crate::{ListRequest, OrgStore, Store, StoreConfig, Window};

const NOW: Timestamp = Timestamp(1_795_341_600_000_000);

async fn one_run() -> (OrgStore, TestDatabase) {
    run_of(r#"{"agent":"a","input":{"text":"late refund","n":1},"output":"ok"}"#).await
}

async fn run_of(text: &str) -> (OrgStore, TestDatabase) {
    let database = tokio::task::spawn_blocking(fresh_database).await.unwrap().unwrap();
    let config = StoreConfig {
        url: database.endpoint.url.clone(),
        user: database.endpoint.user.clone(),
        password: database.endpoint.password.clone(),
        database: database.name.clone(),
    };
    let store = Store::connect(config).await.unwrap();
    store.migrate().await.unwrap();
    let org = store.create_org(&OrgSlug::new("acme").unwrap()).await.unwrap();
    let org = store.org(&org);
    let context =
        CompleteContext { now: NOW, random: 1, default_source: Source::Api, price: &|_| None };
    let run = IncomingRun::parse(text).unwrap().complete(&context).unwrap();
    org.ingest(vec![run]).await.unwrap()[0].as_ref().unwrap();
    (org, database)
}

fn request(query: &str, agent: Option<&str>) -> ListRequest {
    ListRequest {
        agent: agent.map(|agent| AgentSlug::new(agent).unwrap()),
        schema: None,
        query: SearchQuery::parse(query).unwrap(),
        sort: model::Sort::NEWEST,
        window: Window::Page(0),
        limit: 50,
        exact_count: false,
    }
}

#[tokio::test]
async fn sql_of_each_shape() {
    let (org, _database) = one_run().await;
    let mut shapes = String::new();
    for query in [
        "",
        "refund ",
        "refu",
        "e-mail ",
        "\"late refund\"",
        "-refund status:failure",
        "model:a,b OR provider:!=c",
        "version:3.1",
        "latency:>2s cost:$0.01..$0.02",
        "temperature:0.95 tokens:>=4k",
        "input.items[].sku:b",
        "output.score:0.5..1",
        "input.text:~REFUND",
        "metadata.\"user id\":\"a, b\"",
        "metadata.plan:!=3",
        "error:~limit tool:search",
    ] {
        let condition = org.condition(&request(query, Some("a"))).await.unwrap().unwrap();
        // The agent's key is random; the rest must not change unnoticed.
        let values: Vec<String> = condition
            .params
            .iter()
            .skip(1)
            .map(|value| match value {
                Value::Texts(texts) if query == "refu" => format!("{texts:?} from the index"),
                value => format!("{value:?}"),
            })
            .collect();
        shapes.push_str(&format!("{query}\n  {}\n  {}\n", condition.sql, values.join(", ")));
    }
    insta::assert_snapshot!(shapes);
}

#[tokio::test]
async fn indexes_and_key_order_are_used() {
    let (org, _database) = one_run().await;
    for (query, index) in [
        ("", None),
        ("refund ", Some("search_text_index")),
        ("refu", Some("search_text_index")),
        ("late refund ", Some("search_text_index")),
        ("\"a late refund b\"", Some("search_text_index")),
        ("input.n:1", Some("leaves_index")),
        ("input.n:>0", Some("leaves_index")),
        ("metadata.plan:3", Some("leaves_index")),
        ("status:success latency:>2s", None),
        ("refund input.n:1", Some("leaves_index")),
    ] {
        let request = request(query, Some("a"));
        let condition = org.condition(&request).await.unwrap().unwrap();
        let (sql, condition) = keys_query(&condition, true);
        let plan: Vec<String> = org
            .search(&format!("EXPLAIN indexes = 1 {sql}"), &condition)
            .fetch_all()
            .await
            .unwrap();
        let plan = plan.join("\n");
        assert!(
            plan.contains("Read type: InReverseOrder"),
            "{query} is not read in order:\n{plan}"
        );
        assert!(plan.contains("agent in"), "{query} does not use the key:\n{plan}");
        if let Some(index) = index {
            assert!(plan.contains(&format!("Name: {index}")), "{query} skips {index}:\n{plan}");
        }
    }
}

#[tokio::test]
async fn a_time_bound_narrows_by_the_key() {
    let (org, _database) = one_run().await;
    let request = request("time:>2027-01-01", Some("a"));
    let condition = org.condition(&request).await.unwrap().unwrap();
    let (sql, condition) = keys_query(&condition, true);
    let plan: Vec<String> =
        org.search(&format!("EXPLAIN indexes = 1 {sql}"), &condition).fetch_all().await.unwrap();
    let plan = plan.join("\n");
    assert!(plan.contains("Parts: 0/1"), "a part of the wrong month is opened:\n{plan}");
}

#[tokio::test]
async fn what_too_many_words_begin_with_is_counted_by_the_common_ones_first() {
    let words: Vec<String> = (0..2 * MAX_EXPANSIONS).map(|n| format!("w{n}")).collect();
    let (org, _database) =
        run_of(&format!("{{\"agent\":\"a\",\"input\":\"{}\"}}", words.join(" "))).await;
    for (query, has_sure, found) in [
        ("w", true, 1),
        ("w17", false, 1),
        ("status:success w", true, 1),
        ("status:failure OR w", true, 1),
        ("status:failure w", true, 0),
        ("-w", false, 1),
        ("w ", false, 0),
    ] {
        let request = request(query, Some("a"));
        let condition = org.condition(&request).await.unwrap().unwrap();
        assert_eq!(condition.surely.is_some(), has_sure, "{query}");
        let list = org.list_runs(&request).await.unwrap().unwrap();
        assert_eq!((list.count, list.count_is_exact), (found, true), "{query}");
        if let Some(surely) = &condition.surely {
            let plan: Vec<String> = org
                .search(
                    &format!("EXPLAIN indexes = 1 SELECT 1 FROM runs WHERE {surely}"),
                    &condition,
                )
                .fetch_all()
                .await
                .unwrap();
            let plan = plan.join("\n");
            assert!(plan.contains("Name: search_text_index"), "{query} skips the index:\n{plan}");
        }
    }
}

#[tokio::test]
async fn agents_are_told_from_sums_and_indexes() {
    let (org, _database) = one_run().await;
    let agents = org.known_agents().await.unwrap().ids();
    let plan: Vec<String> = org
        .query(&format!("EXPLAIN indexes = 1 {NEWEST_CHATS}"))
        .param("agents", &agents)
        .param("times", vec![NOW.0])
        .param("limit", 1)
        .fetch_all()
        .await
        .unwrap();
    let plan = plan.join("\n");
    assert!(plan.contains("Name: leaves_index"), "leaves are read:\n{plan}");
    for (sql, projection) in [(TOTALS, "agent_totals"), (SAVINGS, "answers_served")] {
        let plan: Vec<String> = org
            .query(&format!("EXPLAIN {sql}"))
            .param("agents", &agents)
            .param("limit", 1)
            .fetch_all()
            .await
            .unwrap();
        let plan = plan.join("\n");
        assert!(plan.contains(projection), "{projection} is left aside:\n{plan}");
    }
}
