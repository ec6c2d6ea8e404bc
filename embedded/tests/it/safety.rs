//! What must not be possible.

use crate::help::{ask, fresh, post, reason, status_and_code};
use clickhouse::Row;
use serde::Serialize;

#[tokio::test]
async fn data_of_an_insert_never_runs_as_sql() {
    #[derive(Row, Serialize)]
    struct Text<'a> {
        text: &'a str,
    }

    let (database, client) = fresh();
    for table in ["t", "victim"] {
        let ddl = format!("CREATE TABLE {table} (text String) ENGINE = MergeTree ORDER BY text");
        client.query(&ddl).execute().await.unwrap();
    }
    let nasty = [
        "\n\nDROP TABLE victim",
        "\n\nDROP TABLE victim\n\n",
        "'); DROP TABLE victim; --",
        ";\n\nDROP TABLE victim;",
        "\n\nINSERT INTO victim FORMAT RowBinary\n\u{1}x",
    ];
    for validation in [true, false] {
        let client = client.clone().with_validation(validation);
        let mut insert = client.insert::<Text<'_>>("t").await.unwrap();
        for text in nasty {
            insert.write(&Text { text }).await.unwrap();
        }
        insert.end().await.unwrap();
    }
    // In the body, where statement and data are one text.
    post(&database, "", "INSERT INTO t FORMAT TSV\na\n\nDROP TABLE victim").await;
    post(&database, "", "INSERT INTO t FORMAT RowBinary\n\u{1}a\n\nDROP TABLE victim").await;
    post(&database, "", "INSERT INTO t VALUES ('a');\n\nDROP TABLE victim").await;
    assert_eq!(ask(&database, "", "SELECT count() FROM victim").await, "0\n");
    for text in nasty {
        let count: u64 = client
            .query("SELECT count() FROM t WHERE text = ?")
            .bind(text)
            .fetch_one()
            .await
            .unwrap();
        assert_eq!(count, 2, "{text:?}");
    }
}

#[tokio::test]
async fn one_statement_a_request() {
    let (database, client) = fresh();
    let ddl = "CREATE TABLE t (a UInt8) ENGINE = MergeTree ORDER BY a";
    client.query(ddl).execute().await.unwrap();
    for sql in [
        "SELECT 1; SELECT 2",
        "DROP TABLE t; SELECT 1",
        "DROP TABLE t; selec",
        "DROP TABLE t; /* x */ DROP TABLE t",
        "DROP TABLE t PARALLEL WITH SELECT 1",
        "INSERT INTO t SELECT 1; DROP TABLE t",
    ] {
        assert_eq!(status_and_code(&post(&database, "", sql).await).1, "62", "{sql}");
    }
    assert_eq!(ask(&database, "", "SELECT count() FROM t;").await, "0\n");
    assert_eq!(ask(&database, "", "SELECT count() FROM t; -- all").await, "0\n");
}

#[tokio::test]
async fn files_urls_and_the_process_are_out_of_reach() {
    let (database, client) = fresh();
    let ddl = "CREATE TABLE t (a String) ENGINE = MergeTree ORDER BY a";
    client.query(ddl).execute().await.unwrap();
    for sql in [
        "SELECT * FROM file('/etc/passwd', 'LineAsString')",
        "SELECT * FROM `default`.`/etc/passwd`",
        "INSERT INTO t SELECT * FROM file('/etc/passwd', 'LineAsString')",
        "INSERT INTO FUNCTION file('/tmp/runs-must-not-be', 'CSV', 'a UInt8') SELECT 1",
        "INSERT INTO FUNCTION file('/tmp/runs-must-not-be', 'CSV', 'a UInt8') FORMAT CSV\n1\n",
        "INSERT INTO t FROM INFILE '/etc/passwd' FORMAT LineAsString",
        "INSERT INTO t FROM/**/INFILE '/etc/passwd' FORMAT LineAsString",
        "SELECT 1 INTO OUTFILE '/tmp/runs-must-not-be'",
        "SELECT * FROM url('http://127.0.0.1:1/', 'CSV', 'a UInt8')",
        "SELECT * FROM remote('127.0.0.1:1', system.one)",
        "SELECT * FROM s3('http://127.0.0.1:1/bucket/key', 'CSV', 'a UInt8')",
        "SELECT * FROM sqlite('/etc/passwd', 'a')",
        "SELECT * FROM executable('ls', 'TSV', 'a String')",
        "CREATE TABLE f (a String) ENGINE = File(LineAsString, '/etc/passwd')",
        "CREATE TABLE f (a String) ENGINE = URL('http://127.0.0.1:1/', 'CSV')",
        "SELECT * FROM executable('../../../../../../../bin/ls', 'TSV', 'a String')",
        "CREATE FUNCTION f AS x -> x",
        "CREATE USER u",
        "CREATE DICTIONARY d (a UInt64) PRIMARY KEY a SOURCE(FILE(path '/etc/passwd' format 'TSV')) \
         LAYOUT(FLAT()) LIFETIME(1)",
        "CREATE TEMPORARY TABLE x (a UInt8)",
        "SYSTEM SHUTDOWN",
        "SYSTEM KILL",
        "SYSTEM RELOAD CONFIG",
        "SET max_threads = 1",
        "USE system",
        "ATTACH TABLE x FROM '/etc' (a UInt8) ENGINE = Memory",
        "BACKUP TABLE t TO File('/tmp/runs-must-not-be')",
        "RESTORE TABLE t FROM File('/tmp/runs-must-not-be')",
        "COPY t TO '/tmp/runs-must-not-be'",
    ] {
        let response = post(&database, "", sql).await;
        assert!(
            response.status().is_client_error() || response.status().is_server_error(),
            "{sql}"
        );
        let text = response.text().await.unwrap();
        assert!(!text.contains("root:"), "{sql}: {text}");
    }
    assert!(!std::path::Path::new("/tmp/runs-must-not-be").exists());
    assert_eq!(ask(&database, "", "SELECT count() FROM t").await, "0\n");
}

#[tokio::test]
async fn what_an_administrator_needs_works() {
    let (database, _) = fresh();
    for sql in [
        "SYSTEM STOP MERGES",
        "SYSTEM START MERGES",
        "SYSTEM DROP MARK CACHE",
        "KILL QUERY WHERE query_id = 'none' ASYNC",
        "SHOW DATABASES",
        "SHOW PROCESSLIST",
        "EXPLAIN indexes = 1 SELECT 1",
        "CREATE DATABASE IF NOT EXISTS admin_made",
        "CREATE TABLE admin_made.t (a UInt8) ENGINE = ReplacingMergeTree ORDER BY a",
        "CREATE MATERIALIZED VIEW admin_made.v ENGINE = SummingMergeTree ORDER BY a AS SELECT a FROM admin_made.t",
        "OPTIMIZE TABLE admin_made.t FINAL",
        "ALTER TABLE admin_made.t ADD COLUMN b String",
        "TRUNCATE TABLE admin_made.t",
        "DROP DATABASE admin_made",
        "DROP DATABASE IF EXISTS admin_made",
    ] {
        ask(&database, "", sql).await;
    }
}

#[tokio::test]
async fn deep_nesting_is_an_error_and_no_crash() {
    let (database, client) = fresh();
    let deep = format!("SELECT {}1{}", "(".repeat(100_000), ")".repeat(100_000));
    let error = client.query(&deep).execute().await;
    assert!(reason(error).starts_with("bad response: Code: "));
    let settings = "&max_parser_depth=1000000";
    assert_eq!(status_and_code(&post(&database, settings, &deep).await).1, "452");
    let nested = format!("SELECT {}1{}", "(".repeat(400), ")".repeat(400));
    post(&database, "", &nested).await;
    assert_eq!(ask(&database, "", "SELECT 1").await, "1\n");
}
