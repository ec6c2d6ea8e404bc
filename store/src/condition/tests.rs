//! The SQL of each shape of search, and that the engine answers it from the
//! right index and in the right order.

use crate::turn::OrgQuery;
use embedded::testing::TestDatabase;

use super::text::MAX_EXPANSIONS;
use crate::OrgStore;
use crate::agents::{NEWEST_CHATS, TOTALS};
use crate::savings::SAVINGS;
use crate::sql::Value;
use crate::testing::{self, Checked, NOW, Unusable, condition, put, request};
use crate::window_scan::keys_query;

async fn one_run() -> Result<(OrgStore, TestDatabase), Unusable> {
    run_of(r#"{"agent":"a","input":{"text":"late refund","n":1},"output":"ok"}"#).await
}

async fn run_of(text: &str) -> Result<(OrgStore, TestDatabase), Unusable> {
    let (org, database) = testing::org().await?;
    put(&org, &[text.to_owned()]).await?;
    Ok((org, database))
}

async fn explained(query: OrgQuery) -> Result<String, Unusable> {
    Ok(query.fetch_all::<String>().await?.join("\n"))
}

#[tokio::test]
async fn sql_of_each_shape() -> Checked {
    let (org, _database) = one_run().await?;
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
        let condition = condition(&org, &request(query, Some("a"))?).await?;
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
    Ok(())
}

#[tokio::test]
async fn indexes_and_key_order_are_used() -> Checked {
    let (org, _database) = one_run().await?;
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
        let request = request(query, Some("a"))?;
        let condition = condition(&org, &request).await?;
        let (sql, condition) = keys_query(&condition, true);
        let plan = explained(org.search(&format!("EXPLAIN indexes = 1 {sql}"), &condition)).await?;
        assert!(
            plan.contains("Read type: InReverseOrder"),
            "{query} is not read in order:\n{plan}"
        );
        assert!(plan.contains("agent in"), "{query} does not use the key:\n{plan}");
        if let Some(index) = index {
            assert!(plan.contains(&format!("Name: {index}")), "{query} skips {index}:\n{plan}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn a_time_bound_narrows_by_the_key() -> Checked {
    let (org, _database) = one_run().await?;
    let request = request("time:>2027-01-01", Some("a"))?;
    let condition = condition(&org, &request).await?;
    let (sql, condition) = keys_query(&condition, true);
    let plan = explained(org.search(&format!("EXPLAIN indexes = 1 {sql}"), &condition)).await?;
    assert!(plan.contains("Parts: 0/1"), "a part of the wrong month is opened:\n{plan}");
    Ok(())
}

#[tokio::test]
async fn what_too_many_words_begin_with_is_counted_by_the_common_ones_first() -> Checked {
    let words: Vec<String> = (0..2 * MAX_EXPANSIONS).map(|n| format!("w{n}")).collect();
    let (org, _database) =
        run_of(&format!("{{\"agent\":\"a\",\"input\":\"{}\"}}", words.join(" "))).await?;
    for (query, has_sure, found) in [
        ("w", true, 1),
        ("w17", false, 1),
        ("status:success w", true, 1),
        ("status:failure OR w", true, 1),
        ("status:failure w", true, 0),
        ("-w", false, 1),
        ("w ", false, 0),
    ] {
        let request = request(query, Some("a"))?;
        let condition = condition(&org, &request).await?;
        assert_eq!(condition.sufficient_sql.is_some(), has_sure, "{query}");
        let list = org.list_runs(&request).await?.ok_or(Unusable::NoAgent)?;
        assert_eq!((list.count, list.count_is_exact), (found, true), "{query}");
        if let Some(sufficient_sql) = &condition.sufficient_sql {
            let plan = explained(org.search(
                &format!("EXPLAIN indexes = 1 SELECT 1 FROM runs WHERE {sufficient_sql}"),
                &condition,
            ))
            .await?;
            assert!(plan.contains("Name: search_text_index"), "{query} skips the index:\n{plan}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn agents_are_told_from_sums_and_indexes() -> Checked {
    let (org, _database) = one_run().await?;
    let agents = org.known_agents().await?.ids();
    let plan = explained(
        org.query(&format!("EXPLAIN indexes = 1 {NEWEST_CHATS}"))
            .param("agents", &agents)
            .param("times", vec![NOW.0])
            .param("limit", 1),
    )
    .await?;
    assert!(plan.contains("Name: leaves_index"), "leaves are read:\n{plan}");
    for (sql, projection) in [(TOTALS, "agent_totals"), (SAVINGS, "answers_served")] {
        let plan = explained(
            org.query(&format!("EXPLAIN {sql}")).param("agents", &agents).param("limit", 1),
        )
        .await?;
        assert!(plan.contains(projection), "{projection} is left aside:\n{plan}");
    }
    Ok(())
}
