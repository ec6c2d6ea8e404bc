//! The engine as a child process.

use crate::help::{DEADLINE, client, eventually, supervised};
use embedded::{EngineEndpoint, EngineError, Server, Supervisor};
use std::env;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::timeout;

fn send_signal(name: &str, pid: u32) {
    assert!(Command::new("kill").args([name, &pid.to_string()]).status().unwrap().success());
}

fn kill_nine(pid: u32) {
    send_signal("-KILL", pid);
}

async fn answers(endpoint: &EngineEndpoint) -> bool {
    client(endpoint).query("SELECT 1").execute().await.is_ok()
}

/// Whether anybody listens there at all.
async fn listens(endpoint: &EngineEndpoint) -> bool {
    TcpStream::connect(endpoint.url.trim_start_matches("http://")).await.is_ok()
}

#[tokio::test]
async fn a_killed_engine_comes_back_with_its_data_at_the_same_address() {
    let folder = tempfile::tempdir().unwrap();
    let engine = Supervisor::start(supervised(folder.path())).await.unwrap();
    let client = client(engine.endpoint());
    for sql in [
        "CREATE DATABASE runs",
        "CREATE TABLE runs.t (a UInt64) ENGINE = MergeTree ORDER BY a",
        "INSERT INTO runs.t SELECT number FROM numbers(1000)",
    ] {
        client.query(sql).execute().await.unwrap();
    }
    let mut health = engine.health();
    for death in 1..=2 {
        let pid = health.borrow_and_update().pid.unwrap();
        kill_nine(pid);
        let back = health.wait_for(|health| health.restarts == death && health.pid.is_some());
        timeout(DEADLINE, back).await.unwrap().unwrap();
        assert_ne!(engine.health().borrow().pid, Some(pid));
        let count = client.query("SELECT count() FROM runs.t").fetch_one::<u64>().await.unwrap();
        assert_eq!(count, 1000);
        assert_eq!(&EngineEndpoint::read(folder.path()).unwrap(), engine.endpoint());
    }
    engine.stop().await;
}

#[tokio::test]
async fn an_engine_that_hangs_is_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let mut options = supervised(folder.path());
    options.hung_after = Duration::from_secs(2);
    let engine = Supervisor::start(options).await.unwrap();
    let mut health = engine.health();
    let pid = health.borrow_and_update().pid.unwrap();
    send_signal("-STOP", pid);
    let back = health.wait_for(|health| health.restarts == 1 && health.pid.is_some());
    timeout(DEADLINE, back).await.unwrap().unwrap();
    assert_ne!(engine.health().borrow().pid, Some(pid));
    assert!(answers(engine.endpoint()).await);
    engine.stop().await;
}

#[tokio::test]
async fn an_engine_whose_workers_are_all_busy_does_not_hang() {
    let folder = tempfile::tempdir().unwrap();
    let mut options = supervised(folder.path());
    options.engine.workers = Some(1);
    options.hung_after = Duration::from_secs(60);
    let engine = Supervisor::start(options).await.unwrap();
    let long = "SELECT sleepEachRow(1) FROM numbers(3000) \
                SETTINGS max_block_size = 1, function_sleep_max_microseconds_per_block = 0";
    let busy: Vec<_> =
        (0..3).map(|_| tokio::spawn(client(engine.endpoint()).query(long).execute())).collect();
    // The one worker has something to do as soon as nothing else is answered.
    eventually("the worker is busy", async || {
        let other = client(engine.endpoint()).query("SELECT 2").execute();
        timeout(Duration::from_millis(500), other).await.is_err()
    })
    .await;
    assert!(timeout(DEADLINE, answers(engine.endpoint())).await.unwrap());
    engine.stop().await;
    for query in busy {
        query.await.unwrap().unwrap_err();
    }
}

#[tokio::test]
async fn a_stopped_engine_leaves_nothing_running_and_can_be_started_again() {
    let folder = tempfile::tempdir().unwrap();
    for _ in 0..2 {
        let engine = Supervisor::start(supervised(folder.path())).await.unwrap();
        let endpoint = engine.endpoint().clone();
        assert!(answers(&endpoint).await);
        // A query that runs does not hold the stop up.
        let long = "SELECT sleepEachRow(1) FROM numbers(3000) \
                    SETTINGS max_block_size = 1, function_sleep_max_microseconds_per_block = 0";
        let busy = tokio::spawn(client(&endpoint).query(long).execute());
        eventually("it runs", async || {
            let sql = "SELECT count() FROM system.processes WHERE query LIKE '%numbers(3000)%'";
            client(&endpoint).query(sql).fetch_one::<u64>().await.unwrap() > 1
        })
        .await;
        let health = engine.health();
        timeout(DEADLINE, engine.stop()).await.unwrap();
        busy.await.unwrap().unwrap_err();
        assert_eq!(health.borrow().restarts, 0);
        assert!(!listens(&endpoint).await);
        let gone = EngineEndpoint::read(folder.path()).unwrap_err();
        assert!(matches!(gone, EngineError::NoEndpoint { .. }), "{gone}");
    }
}

#[tokio::test]
async fn the_endpoint_is_for_the_owner_alone() {
    let folder = tempfile::tempdir().unwrap();
    let engine = Supervisor::start(supervised(folder.path())).await.unwrap();
    let endpoint = EngineEndpoint::read(folder.path()).unwrap();
    assert_eq!(&endpoint, engine.endpoint());
    assert!(!format!("{endpoint:?}").contains(&endpoint.password));
    let mode = folder.path().join("engine.json").metadata().unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    // Nor does the command line show the password.
    let pid = engine.health().borrow().pid.unwrap();
    let shown = Command::new("ps").args(["-o", "args=", "-p", &pid.to_string()]).output();
    if let Ok(shown) = shown {
        assert!(!String::from_utf8_lossy(&shown.stdout).contains(&endpoint.password));
    }
    engine.stop().await;
}

#[tokio::test]
async fn a_second_engine_on_the_same_folder_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let engine = Supervisor::start(supervised(folder.path())).await.unwrap();
    let mut second = supervised(folder.path());
    second.engine.lock_timeout = Duration::from_millis(200);
    let error = Supervisor::start(second.clone()).await.err().unwrap().to_string();
    assert!(error.contains(&folder.path().display().to_string()), "{error}");
    assert!(error.contains("in use") && error.contains("RUNS_DATA_DIR"), "{error}");
    assert!(answers(engine.endpoint()).await);
    // One that waits takes over as soon as the first is gone.
    second.engine.lock_timeout = DEADLINE;
    let waiting = tokio::spawn(Supervisor::start(second));
    tokio::time::sleep(Duration::from_millis(100)).await;
    engine.stop().await;
    let second = waiting.await.unwrap().unwrap();
    assert!(answers(second.endpoint()).await);
    second.stop().await;
}

#[tokio::test]
async fn what_cannot_start_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let mut options = supervised(folder.path());
    options.engine.libchdb = Some("/nowhere/libchdb.so".into());
    let error = Supervisor::start(options).await.err().unwrap().to_string();
    assert!(error.contains("/nowhere/libchdb.so") && error.contains("make setup"), "{error}");
    let mut options = supervised(folder.path());
    options.executable = "/bin/false".into();
    let error = Supervisor::start(options).await.err().unwrap();
    assert!(matches!(error, EngineError::ChildExited { .. }), "{error}");
    let mut options = supervised(folder.path());
    options.engine.listen = ([0, 0, 0, 0], 0).into();
    let error = Supervisor::start(options).await.err().unwrap();
    assert!(matches!(error, EngineError::NotLoopback(_)), "{error}");
}

/// Not a test of its own: the parent that the next test kills.
#[tokio::test]
#[ignore = "run by the test `the_engine_never_outlives_a_killed_parent`"]
async fn parent() {
    let Some(folder) = env::var_os("RUNS_TEST_PARENT") else { return };
    let _engine = Supervisor::start(supervised(Path::new(&folder))).await.unwrap();
    std::future::pending::<()>().await;
}

#[tokio::test]
async fn the_engine_never_outlives_a_killed_parent() {
    let folder = tempfile::tempdir().unwrap();
    let mut parent = Command::new(env::current_exe().unwrap())
        .args(["--ignored", "--exact", "process::parent"])
        .env("RUNS_TEST_PARENT", folder.path())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    eventually("the engine answers", async || match EngineEndpoint::read(folder.path()) {
        Ok(endpoint) => answers(&endpoint).await,
        Err(_) => false,
    })
    .await;
    let endpoint = EngineEndpoint::read(folder.path()).unwrap();
    kill_nine(parent.id());
    parent.wait().unwrap();
    eventually("nobody listens", async || !listens(&endpoint).await).await;
    // It left the folder, too, in good order.
    let next = Supervisor::start(supervised(folder.path())).await.unwrap();
    assert!(answers(next.endpoint()).await);
    next.stop().await;
}

#[tokio::test]
async fn dropping_the_supervisor_ends_the_engine() {
    let folder = tempfile::tempdir().unwrap();
    let engine = Supervisor::start(supervised(folder.path())).await.unwrap();
    let endpoint = engine.endpoint().clone();
    drop(engine);
    eventually("nobody listens", async || !listens(&endpoint).await).await;
}

#[tokio::test]
async fn an_engine_in_this_process_refuses_a_folder_that_is_taken() {
    let folder = tempfile::tempdir().unwrap();
    let engine = Supervisor::start(supervised(folder.path())).await.unwrap();
    let mut options = supervised(folder.path()).engine;
    options.lock_timeout = Duration::ZERO;
    let error = Server::start(options).await.err().unwrap();
    assert!(matches!(error, EngineError::DirectoryInUse { .. }), "{error}");
    engine.stop().await;
}

#[tokio::test]
async fn a_kill_in_mid_insert_loses_nothing_that_was_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    let engine = Supervisor::start(supervised(folder.path())).await.unwrap();
    let client = client(engine.endpoint());
    for sql in
        ["CREATE DATABASE runs", "CREATE TABLE runs.t (a UInt64) ENGINE = MergeTree ORDER BY a"]
    {
        client.query(sql).execute().await.unwrap();
    }
    let insert = "INSERT INTO runs.t SELECT number FROM numbers(1000)";
    let mut acknowledged = 0;
    while acknowledged < 20 {
        client.query(insert).execute().await.unwrap();
        acknowledged += 1;
    }
    let mut health = engine.health();
    let pid = health.borrow_and_update().pid.unwrap();
    let killer = tokio::task::spawn_blocking(move || kill_nine(pid));
    while client.query(insert).execute().await.is_ok() {
        acknowledged += 1;
    }
    killer.await.unwrap();
    let back = health.wait_for(|health| health.restarts == 1 && health.pid.is_some());
    timeout(DEADLINE, back).await.unwrap().unwrap();
    let count = client.query("SELECT count() FROM runs.t").fetch_one::<u64>().await.unwrap();
    assert_eq!(count % 1000, 0, "half an insert was kept");
    assert!(count >= acknowledged * 1000, "{count} rows of {acknowledged} thousand");
    engine.stop().await;
}

/// Not a test of its own: a process that runs an engine itself.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "run by the test `an_engine_in_a_process_of_its_own_stops_cleanly`"]
async fn server() {
    let Some(folder) = env::var_os("RUNS_TEST_SERVER") else { return };
    let server = Server::start(supervised(Path::new(&folder)).engine).await.unwrap();
    let client = client(server.endpoint());
    for round in 0..10 {
        for sql in [
            "CREATE DATABASE d",
            "CREATE TABLE d.t (a UInt64, b String, INDEX i b TYPE text(tokenizer = splitByNonAlpha)) \
             ENGINE = MergeTree ORDER BY a",
            "INSERT INTO d.t SELECT number, toString(number) FROM numbers(1000)",
            "SELECT count() FROM d.t WHERE hasToken(b, '7')",
            "DROP DATABASE d",
        ] {
            let sql = sql
                .replace("d.t", &format!("d{round}.t"))
                .replace("BASE d", &format!("BASE d{round}"));
            client.query(&sql).execute().await.unwrap();
        }
    }
    let mut cursor = client.query("SELECT number FROM numbers(1000000000)").fetch::<u64>().unwrap();
    cursor.next().await.unwrap();
    server.stop().await;
}

#[tokio::test]
async fn an_engine_in_a_process_of_its_own_stops_cleanly() {
    let folder = tempfile::tempdir().unwrap();
    let run = Command::new(env::current_exe().unwrap())
        .args(["--ignored", "--exact", "process::server"])
        .env("RUNS_TEST_SERVER", folder.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&run.stdout);
    assert!(run.status.success() && said.contains("1 passed"), "{}: {said}", run.status);
    assert!(folder.path().join("clickhouse").is_dir());
}
