use std::fs;

use crate::support::{PATIENCE, Test, accept, id, run, slug};

#[tokio::test(flavor = "multi_thread")]
async fn deleting_an_agent_takes_its_runs_out_of_the_spool_and_no_others() {
    let test = Test::new().await;
    let door = test.open().await;
    accept(&door, &test.org, (0..5).map(|n| run("a", n, "{}")).collect()).await;
    assert!(door.settle(PATIENCE).await);
    test.engine_is_away(true);
    let waiting = (3..10).map(|n| run("a", n, "{\"secret\":\"xyzzy\"}"));
    // Runs 3 and 4 are stored with other content, and others of both kinds wait.
    accept(&door, &test.org, waiting.chain([run("b", 20, "{}")]).collect()).await;
    test.engine_is_away(false);
    let deleted = door.delete_agent(&test.org, &slug("a")).await.unwrap().unwrap();
    assert_eq!(deleted.deleted_runs, 10);
    assert!(test.org.run(id(7)).await.unwrap().is_none());

    assert!(door.settle(PATIENCE).await);
    assert!(test.listed("a").await.is_empty());
    assert_eq!(test.listed("b").await, [20]);
    assert!(test.org.agent(&slug("a")).await.unwrap().is_none());
    for segment in fs::read_dir(test.dir.path()).unwrap().map(|entry| entry.unwrap().path()) {
        let bytes = fs::read(&segment).unwrap_or_default();
        assert!(!bytes.windows(5).any(|part| part == b"xyzzy"), "{}", segment.display());
    }
    assert!(door.quarantined(None, 10).await.unwrap().is_empty());
    door.close(PATIENCE).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn runs_after_a_deletion_belong_to_a_new_agent_of_that_name() {
    let test = Test::new().await;
    let door = test.open().await;
    for round in 0..5 {
        let runs = (0..50).map(|n| run("a", n, "{}")).collect();
        accept(&door, &test.org, runs).await;
        // Somewhere on their way, which differs from round to round.
        tokio::time::sleep(std::time::Duration::from_millis(round * 20)).await;
        let deleted = door.delete_agent(&test.org, &slug("a")).await.unwrap().unwrap();
        assert_eq!(deleted.deleted_runs, 50, "round {round}");
        assert!(door.delete_agent(&test.org, &slug("a")).await.unwrap().is_none());
        // The very same run, too, may come again.
        accept(&door, &test.org, vec![run("a", 7, "{}")]).await;
        assert!(door.settle(PATIENCE).await);
        assert_eq!(test.listed("a").await, [7], "round {round}");
        let only = test.org.run(id(7)).await.unwrap().unwrap();
        assert_eq!(only.version.number.unwrap().to_string(), "1.1");
        door.delete_agent(&test.org, &slug("a")).await.unwrap().unwrap();
    }
    door.close(PATIENCE).await;
}
