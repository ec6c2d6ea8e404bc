//! Errors: codes, statuses, and those that come half-way.

use crate::help::{fresh, post, reason, status_and_code};
use clickhouse::Compression;

#[tokio::test]
async fn errors_have_clickhouse_s_codes_and_statuses() {
    let (database, _) = fresh();
    for (sql, status, code) in [
        ("selec 1", 400, "62"),
        ("", 400, "62"),
        ("SELECT nope", 404, "47"),
        ("SELECT * FROM nope", 404, "60"),
        ("SELECT * FROM nope.nope", 404, "81"),
        ("SELECT nofunction(1)", 404, "46"),
        ("SELECT toUInt8('x')", 400, "6"),
        ("SELECT throwIf(1)", 500, "395"),
        ("SELECT 1 FORMAT Nope", 404, "73"),
        ("SELECT {p: UInt8}", 500, "456"),
        (
            "SELECT sum(number) FROM numbers(100000000000) SETTINGS max_execution_time = 0.1",
            408,
            "159",
        ),
    ] {
        let response = post(&database, "", sql).await;
        assert_eq!(status_and_code(&response), (status, code.to_owned()), "{sql}");
        let text = response.text().await.unwrap();
        assert!(text.starts_with(&format!("Code: {code}. DB::Exception: ")), "{text}");
        assert!(text.ends_with(" (official build))\n"), "{text}");
    }
}

#[tokio::test]
async fn unknown_settings_and_databases_are_errors() {
    let (database, client) = fresh();
    let error = client.query("SELECT 1").with_setting("no_such_setting", "1").execute().await;
    assert!(reason(error).contains("Code: 115"));
    let error = client.query("SELECT 1").with_setting("max_threads", "abc").execute().await;
    assert!(reason(error).contains("Code: 27"));
    let error = client.clone().with_database("nowhere").query("SELECT 1").execute().await;
    assert!(reason(error).contains("Code: 81"));
    let response = post(&database, "&bad%20name=1", "SELECT 1").await;
    assert_eq!(status_and_code(&response), (404, "115".to_owned()));
}

#[tokio::test]
async fn an_error_half_way_reaches_the_client() {
    let (_database, client) = fresh();
    for compression in [Compression::None, Compression::Lz4] {
        let mut cursor = client
            .clone()
            .with_compression(compression)
            .query("SELECT throwIf(number = 900000, 'half-way') FROM numbers(1000000)")
            .fetch::<u8>()
            .unwrap();
        let mut rows = 0;
        let error = loop {
            match cursor.next().await {
                Ok(Some(_)) => rows += 1,
                Ok(None) => panic!("the error was lost after {rows} rows"),
                Err(error) => break error.to_string(),
            }
        };
        assert!(rows > 0, "nothing was streamed");
        assert!(error.contains("Code: 395") && error.contains("half-way"), "{error}");
    }
}

#[tokio::test]
async fn a_client_that_does_not_look_sees_a_broken_body() {
    let (database, _) = fresh();
    let sql = "SELECT throwIf(number = 900000) FROM numbers(1000000) FORMAT TSV";
    let response = post(&database, "", sql).await;
    assert_eq!(response.status(), 200);
    assert!(response.headers().contains_key("x-clickhouse-exception-tag"));
    response.bytes().await.unwrap_err();
}

#[tokio::test]
async fn an_answer_can_be_all_or_nothing() {
    let (database, _) = fresh();
    let sql = "SELECT throwIf(number = 900000) FROM numbers(1000000) FORMAT TSV";
    let response = post(&database, "&wait_end_of_query=1", sql).await;
    assert_eq!(status_and_code(&response), (500, "395".to_owned()));
}

#[tokio::test]
async fn a_bad_insert_writes_nothing_and_says_why() {
    let (database, client) = fresh();
    client.query("CREATE TABLE t (a UInt8) ENGINE = MergeTree ORDER BY a").execute().await.unwrap();
    for (sql, code) in [
        ("INSERT INTO t FORMAT TSV\n1\nx\n", "27"),
        ("INSERT INTO t FORMAT Nope\n1\n", "73"),
        ("INSERT INTO nope FORMAT TSV\n1\n", "60"),
        ("INSERT INTO t (b) FORMAT TSV\n1\n", "16"),
        ("INSERT INTO t VALUES (1), (nope)", "47"),
    ] {
        let response = post(&database, "", sql).await;
        let (_, found) = status_and_code(&response);
        assert_eq!(found, code, "{sql}: {}", response.text().await.unwrap());
    }
    let count: u64 = client.query("SELECT count() FROM t").fetch_one().await.unwrap();
    assert_eq!(count, 0);
}
