//! Queries that nobody waits for any more, and queries side by side.

use crate::help::{DEADLINE, client, eventually, fresh};
use bytes::Bytes;
use clickhouse::Client;
use futures::future::join_all;
use futures::stream;
use std::time::Duration;
use tokio::time::timeout;

/// Whether a query with this text runs.
async fn runs(client: &Client, text: &str) -> bool {
    let sql = "SELECT count() FROM system.processes \
               WHERE position(query, {text: String}) > 0 AND position(query, 'processes') = 0 \
               AND NOT is_cancelled";
    client.query(sql).param("text", text).fetch_one::<u64>().await.unwrap() > 0
}

#[tokio::test]
async fn a_dropped_request_stops_in_the_engine() {
    let (_database, client) = fresh();
    let sql = "SELECT sleepEachRow(1), 'dropped request' FROM numbers(3000) \
               SETTINGS max_block_size = 1, function_sleep_max_microseconds_per_block = 0";
    let request = tokio::spawn(client.query(sql).execute());
    eventually("it runs", || runs(&client, "dropped request")).await;
    request.abort();
    eventually("it is gone", async || !runs(&client, "dropped request").await).await;
}

#[tokio::test]
async fn a_dropped_query_without_output_stops_too() {
    let (_database, client) = fresh();
    let ddl = "CREATE TABLE t (a UInt8) ENGINE = MergeTree ORDER BY a";
    client.query(ddl).execute().await.unwrap();
    let sql = "INSERT INTO t SELECT sleepEachRow(1) + length('dropped copy') FROM numbers(3000) \
               SETTINGS max_block_size = 1, function_sleep_max_microseconds_per_block = 0";
    let request = tokio::spawn(client.query(sql).execute());
    eventually("it runs", || runs(&client, "dropped copy")).await;
    request.abort();
    eventually("it is gone", async || !runs(&client, "dropped copy").await).await;
}

#[tokio::test]
async fn a_dropped_cursor_stops_in_the_engine() {
    let (_database, client) = fresh();
    let sql = "SELECT number, 'dropped cursor' FROM numbers(100000000000)";
    let mut cursor = client.query(sql).fetch::<(u64, String)>().unwrap();
    cursor.next().await.unwrap();
    assert!(runs(&client, "dropped cursor").await);
    drop(cursor);
    eventually("it is gone", async || !runs(&client, "dropped cursor").await).await;
}

#[tokio::test]
async fn an_insert_that_breaks_off_writes_nothing() {
    let (database, client) = fresh();
    let ddl = "CREATE TABLE t (a String) ENGINE = MergeTree ORDER BY a";
    client.query(ddl).execute().await.unwrap();
    let url = crate::help::url(&database, "&query=INSERT+INTO+t+FORMAT+TSV");
    let piece = |number| match number {
        100 => Err(std::io::Error::other("the client breaks off")),
        _ => Ok(Bytes::from("some text\n".repeat(10_000))),
    };
    let body = reqwest::Body::wrap_stream(stream::iter((0..=100).map(piece)));
    reqwest::Client::new().post(url).body(body).send().await.unwrap_err();
    eventually("it is gone", async || !runs(&client, "INSERT INTO t").await).await;
    assert_eq!(client.query("SELECT count() FROM t").fetch_one::<u64>().await.unwrap(), 0);
}

#[tokio::test]
async fn queries_run_side_by_side() {
    let (_database, client) = fresh();
    // Three that sleep over and over, and one that waits to see them all.
    let sleep = async |number: usize| {
        let sql = format!("SELECT sleep(1), 'side by side {number}'");
        loop {
            client.query(&sql).execute().await.unwrap();
        }
    };
    let sql = "SELECT count() FROM system.processes WHERE query LIKE 'SELECT sleep%side by side%'";
    let all_seen =
        eventually("all run", async || client.query(sql).fetch_one::<u64>().await.unwrap() == 3);
    tokio::select! {
        ((), (), ()) = async { tokio::join!(sleep(1), sleep(2), sleep(3)) } => {}
        () = all_seen => {}
    }
}

#[tokio::test]
async fn a_reader_that_pauses_holds_up_nobody() {
    let (database, slow) = fresh();
    let sql = "SELECT number FROM numbers(100000000000)";
    let mut cursor = slow.query(sql).fetch::<u64>().unwrap();
    cursor.next().await.unwrap();
    let quick = client(&database.endpoint);
    let others = (0..20).map(|_| quick.query("SELECT 1").fetch_one::<u8>());
    let answers = timeout(DEADLINE, join_all(others)).await.unwrap();
    assert!(answers.into_iter().all(|answer| answer.unwrap() == 1));
    tokio::time::sleep(Duration::from_millis(50)).await;
    cursor.next().await.unwrap();
}
