use spool::{Door, DoorError, NoRoom, OpenError};

use crate::support::{PATIENCE, Test, accept, id, options, run};

#[tokio::test(flavor = "multi_thread")]
async fn a_full_spool_says_so_and_takes_runs_again_once_it_is_drained() {
    let test = Test::new().await;
    let mut options = test.options();
    options.max_bytes = 20_000;
    let door = Door::open(options, test.store.clone()).await.unwrap();
    test.engine_is_away(true);
    // Random digits, which do not pack.
    let digits: String =
        (0..4_000_u32).map(|n| (u64::from(n).pow(3) * 7919 / 13 % 10).to_string()).collect();
    let mut accepted = 0;
    let error = loop {
        match door.accept(&test.org, vec![run("a", accepted, &format!("\"{digits}\""))]).await {
            Ok(_) => accepted += 1,
            Err(error) => break error,
        }
        assert!(accepted < 1_000, "the limit does not hold");
    };
    assert!(accepted > 0);
    assert!(matches!(error, DoorError::Full(NoRoom::Limit { max_bytes: 20_000, .. })), "{error}");
    assert!(error.to_string().contains("20000"), "{error}");
    assert!(test.org.run(id(accepted)).await.is_err(), "the refused run is not kept");

    test.engine_is_away(false);
    assert!(door.settle(PATIENCE).await);
    while door.accept(&test.org, vec![run("b", 999, &format!("\"{digits}\""))]).await.is_err() {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert!(door.settle(PATIENCE).await);
    assert_eq!(test.listed("a").await.len(), accepted as usize);
    door.close(PATIENCE).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_door_takes_nothing_and_leaves_nothing_behind() {
    let test = Test::new().await;
    let door = test.open().await;
    let second = Door::open(test.options(), test.store.clone()).await.err().unwrap();
    assert!(matches!(second, OpenError::InUse { .. }), "{second}");
    assert!(second.to_string().contains("RUNS_DATA_DIR"), "{second}");
    accept(&door, &test.org, vec![run("a", 1, "{}")]).await;
    door.close(PATIENCE).await;
    let refused = door.accept(&test.org, vec![run("a", 2, "{}")]).await.unwrap_err();
    assert!(matches!(refused, DoorError::Closed), "{refused}");
    assert_eq!(test.listed("a").await, [1]);

    let again = test.open().await;
    assert_eq!(again.status().unwrap().undrained_runs, 0);
    accept(&again, &test.org, vec![run("a", 2, "{}")]).await;
    again.close(PATIENCE).await;
    assert_eq!(test.listed("a").await, [2, 1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_reach_the_spool_of_a_running_server() {
    let test = Test::new().await;
    assert!(Door::of_server(test.dir.path()).await.is_none());
    let door = test.open().await;
    door.serve_commands();
    let command = loop {
        match Door::of_server(test.dir.path()).await {
            Some(door) => break door,
            None => tokio::time::sleep(std::time::Duration::from_millis(10)).await,
        }
    };
    let input = r#"{"b":1.0,"a":1e2}"#;
    let first = run("a", 1, input);
    assert_eq!(accept(&command, &test.org, vec![first.clone(), first.clone()]).await, [id(1); 2]);
    assert_eq!(test.org.run(id(1)).await.unwrap().unwrap().input.unwrap().as_str(), input);
    assert!(command.settle(PATIENCE).await);
    accept(&command, &test.org, vec![run("a", 1, "{}")]).await;
    assert!(command.settle(PATIENCE).await);
    let held = command.quarantined(None, 10).await.unwrap();
    assert_eq!((held.len(), held[0].id), (1, id(1)));
    assert_eq!(command.retry(None, true).await.unwrap(), 1);
    assert!(command.settle(PATIENCE).await);
    let agent = &first.run.agent;
    let deleted = command.delete_agent(&test.org, agent).await.unwrap().unwrap();
    assert_eq!(deleted.deleted_runs, 2);
    assert!(command.delete_agent(&test.org, agent).await.unwrap().is_none());
    door.close(PATIENCE).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_reach_a_spool_however_long_its_path_is() {
    let test = Test::new().await;
    let dir = test.dir.path().join("x".repeat(100)).join("y".repeat(100));
    let door = Door::open(options(&dir), test.store.clone()).await.unwrap();
    door.serve_commands();
    let reached = async {
        loop {
            match Door::of_server(&dir).await {
                Some(door) => break door,
                None => tokio::time::sleep(std::time::Duration::from_millis(10)).await,
            }
        }
    };
    let command = tokio::time::timeout(PATIENCE, reached).await.unwrap();
    assert_eq!(accept(&command, &test.org, vec![run("a", 1, "{}")]).await, [id(1)]);
    assert!(command.settle(PATIENCE).await);
    door.close(PATIENCE).await;
    assert!(!dir.join("control").exists());
}
