//! What happens at the limits.

use crate::help::{client, eventually, reason, supervised};
use embedded::Supervisor;
use std::time::Duration;

#[tokio::test]
async fn beyond_the_queue_the_answer_is_503() {
    let folder = tempfile::tempdir().unwrap();
    let mut options = supervised(folder.path());
    (options.engine.workers, options.engine.queue) = (Some(1), 1);
    let engine = Supervisor::start(options).await.unwrap();
    let client = client(engine.endpoint());
    let long = "SELECT sleepEachRow(1) FROM numbers(3000) \
                SETTINGS max_block_size = 1, function_sleep_max_microseconds_per_block = 0";
    // One that runs and one that waits; more than two may be needed, as the
    // worker may not have taken the first yet when the second comes.
    let mut requests = Vec::new();
    while requests.len() < 2 {
        let request = tokio::spawn(client.query(long).execute());
        tokio::time::sleep(Duration::from_millis(200)).await;
        if request.is_finished() {
            assert!(reason(request.await.unwrap()).contains("Code: 202"));
        } else {
            requests.push(request);
        }
    }
    let endpoint = engine.endpoint();
    // Not `SELECT 1`, for which a thread is kept.
    eventually("one too many is refused", async || {
        let request = reqwest::Client::new()
            .post(&endpoint.url)
            .header("x-clickhouse-key", &endpoint.password)
            .timeout(Duration::from_secs(2))
            .body("SELECT 2");
        request.send().await.is_ok_and(|response| response.status().as_u16() == 503)
    })
    .await;
    requests.iter().for_each(|request| request.abort());
    eventually("there is room again", async || client.query("SELECT 2").execute().await.is_ok())
        .await;
    engine.stop().await;
}

#[tokio::test]
async fn a_reader_that_never_reads_on_loses_its_query() {
    let folder = tempfile::tempdir().unwrap();
    let mut options = supervised(folder.path());
    options.engine.write_timeout = Duration::from_millis(200);
    let engine = Supervisor::start(options).await.unwrap();
    let client = client(engine.endpoint());
    let mut cursor =
        client.query("SELECT number FROM numbers(100000000000)").fetch::<u64>().unwrap();
    cursor.next().await.unwrap();
    let running = "SELECT count() FROM system.processes WHERE query LIKE '%100000000000)'";
    eventually("it is gone", async || client.query(running).fetch_one::<u64>().await.unwrap() == 0)
        .await;
    let error = loop {
        match cursor.next().await {
            Ok(Some(_)) => {}
            Ok(None) => panic!("half a result was taken for a whole one"),
            Err(error) => break error.to_string(),
        }
    };
    assert!(error.contains("Code: "), "{error}");
    engine.stop().await;
}

#[tokio::test]
async fn a_backup_can_be_made_and_restored_where_it_is_allowed() {
    let folder = tempfile::tempdir().unwrap();
    let backups = tempfile::tempdir().unwrap();
    let mut options = supervised(folder.path());
    options.engine.backups_dir = Some(backups.path().to_owned());
    let engine = Supervisor::start(options).await.unwrap();
    let client = client(engine.endpoint());
    let path = backups.path().join("one");
    for sql in [
        "CREATE DATABASE runs".to_owned(),
        "CREATE TABLE runs.t (a UInt8) ENGINE = MergeTree ORDER BY a".to_owned(),
        "INSERT INTO runs.t SELECT 7".to_owned(),
        format!("BACKUP DATABASE runs TO File('{}')", path.display()),
        "DROP DATABASE runs SYNC".to_owned(),
        format!("RESTORE DATABASE runs FROM File('{}')", path.display()),
    ] {
        client.query(&sql).execute().await.unwrap();
    }
    assert_eq!(client.query("SELECT a FROM runs.t").fetch_one::<u8>().await.unwrap(), 7);
    let elsewhere = client.query("BACKUP DATABASE runs TO File('/tmp/runs-must-not-be')");
    reason(elsewhere.execute().await);
    engine.stop().await;
}
