//! What the figures by metadata read of runs that earlier releases stored.

use embedded::testing::TestDatabase;
use model::Timestamp;

use super::range::Range;
use super::{FiguresRow, Group, figures_query};
use crate::condition::Condition;
use crate::testing::{self, Checked, NOW, Unusable, condition, put, request};
use crate::window_scan::keys_query;
use crate::{OrgStore, StoreError, index_term};

/// More than a few granules.
const FEW_ROWS: &str = "8000";
const DAY: i64 = 86_400_000_000;

/// One run, and what is inside of the metadata of many more, one each minute before it,
/// with so many other entries in each.
async fn stored(rows: u64, others: u64) -> Result<(OrgStore, TestDatabase), Unusable> {
    let (org, database) = testing::org().await?;
    let run = r#"{"agent":"a","created_at":"2026-11-22T10:00:00Z","input":"x",
        "metadata":{"t":{"n":1}}}"#;
    put(&org, &[run.to_owned()]).await?;
    org.client()
        .query(
            "INSERT INTO nested_metadata (org, agent, created_at, id, leaves, number_paths,
                 number_doubles, number_integers)
             SELECT org, id, fromUnixTimestamp64Micro({now:Int64} - 60000000 * number, 'UTC'), number,
                 arrayConcat(['metadata.t.n', 'metadata.t.n\\x01n91'],
                     arrayMap(n -> concat('metadata.t.other', toString(n), repeat('x', 100)),
                         range({others:UInt64}))),
                 ['metadata.t.n'], [91], [91]
             FROM agents AS agent, numbers({rows:UInt64}) AS rows",
        )
        .param("now", NOW.0)
        .param("rows", rows)
        .param("others", others)
        .with_setting("max_partitions_per_insert_block", "0")
        .with_setting("max_block_size", "100")
        .execute()
        .await?;
    Ok((org, database))
}

fn by_metadata(path: &str) -> Group {
    Group::Metadata { place: index_term::metadata_place(path), looks_at_stored: true }
}

fn range(days: i64) -> Range {
    Range { from: Timestamp(NOW.0 - days * DAY), to: Timestamp(NOW.0 + 1) }
}

/// Counts the rows of a query that may read few.
async fn count(org: &OrgStore, (sql, condition): (String, Condition)) -> Result<u64, StoreError> {
    let query = org.search(&format!("SELECT count() FROM ({sql})"), &condition);
    query.with_setting("max_rows_to_read", FEW_ROWS).fetch_one().await
}

#[tokio::test]
async fn a_search_reads_what_is_stored_of_the_time_that_it_looks_at() -> Checked {
    let (org, _database) = stored(60_000, 0).await?;
    let everything = condition(&org, &request("metadata.t.n:>0", Some("a"))?).await?;
    assert!(count(&org, keys_query(&everything, false)).await.is_err());
    let mut window = everything.clone();
    window.and_since(NOW.0 - DAY);
    assert_eq!(count(&org, keys_query(&window, false)).await?, 1);
    window.and_before(NOW.0);
    assert_eq!(count(&org, keys_query(&window, false)).await?, 0);
    let today = condition(&org, &request("metadata.t.n:>0 time:2026-11-22", Some("a"))?).await?;
    assert_eq!(count(&org, keys_query(&today, false)).await?, 1);
    assert_eq!(count(&org, keys_query(&everything.of_new_runs(), false)).await?, 1);
    Ok(())
}

#[tokio::test]
async fn figures_read_what_is_stored_of_their_time() -> Checked {
    let (org, _database) = stored(60_000, 0).await?;
    let condition = condition(&org, &request("", Some("a"))?).await?;
    let figures = |days| figures_query(&condition, range(days), None, Some(&by_metadata("t.n")));
    assert!(count(&org, figures(60)).await.is_err());
    // The group and all runs.
    assert_eq!(count(&org, figures(1)).await?, 2);
    Ok(())
}

#[tokio::test]
async fn figures_keep_no_other_places_in_memory() -> Checked {
    let (org, _database) = stored(1_400, 2_000).await?;
    let condition = condition(&org, &request("", Some("a"))?).await?;
    let (sql, condition) = figures_query(&condition, range(1), None, Some(&by_metadata("t.n")));
    let query = org.search(&sql, &condition).with_setting("max_memory_usage", "150000000");
    assert_eq!(query.fetch_all::<FiguresRow>().await?.len(), 2);
    Ok(())
}
