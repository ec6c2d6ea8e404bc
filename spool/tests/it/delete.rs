use std::fs;
use std::path::Path;

use serde::Serialize;

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

#[tokio::test(flavor = "multi_thread")]
async fn a_deletion_that_cannot_be_carried_out_holds_up_its_organization_alone() {
    let test = Test::new().await;
    let beta = test.store.create_org(&model::OrgSlug::new("beta").unwrap()).await.unwrap();
    let beta = test.store.org(&beta);
    let door = test.open().await;
    accept(&door, &test.org, vec![run("a", 0, "{}")]).await;
    assert!(door.settle(PATIENCE).await);
    // No folder, so it cannot be removed as one.
    let of_org = test.dir.path().join("quarantine").join(test.org.org().id.0.to_string());
    fs::create_dir_all(&of_org).unwrap();
    fs::write(of_org.join("a"), "").unwrap();
    let agent = slug("a");
    let deleted = door.delete_agent(&test.org, &agent);
    let meanwhile = async {
        while test.org.agent(&slug("a")).await.unwrap().is_some() {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        accept(&door, &test.org, vec![run("a", 1, "{}")]).await;
        accept(&door, &beta, vec![run("b", 2, "{}")]).await;
        while door.usage(beta.org().id).unwrap().own > 0 {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        let listed = beta.list_runs(&crate::support::request("b")).await.unwrap();
        assert_eq!(listed.unwrap().count, 1);
        assert!(test.listed("a").await.is_empty());
        fs::remove_file(of_org.join("a")).unwrap();
    };
    let meanwhile = tokio::time::timeout(PATIENCE, meanwhile);
    let (deleted, done) = tokio::join!(deleted, meanwhile);
    done.expect("the other's run is not drained");
    assert_eq!(deleted.unwrap().unwrap().deleted_runs, 1);
    assert!(door.settle(PATIENCE).await);
    assert_eq!(test.listed("a").await, [1]);
    door.close(PATIENCE).await;
}

/// A deletion as it is written, whose agent can have any name.
#[derive(Serialize)]
struct Deletion<'a> {
    /// Which kind of frame it is.
    kind: u8,
    org: (u64, &'a str, &'a str, i64),
    agent: &'a str,
    key: Option<u64>,
}

fn write_segment(dir: &Path, payload: &[u8]) {
    let mut bytes = b"RUNSPL01".to_vec();
    bytes.extend(u32::try_from(payload.len()).unwrap().to_le_bytes());
    bytes.extend(crc32fast::hash(payload).to_le_bytes());
    bytes.extend(payload);
    fs::write(dir.join(format!("{:020}.frames", 1)), bytes).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deletion_of_what_can_be_no_agent_is_put_aside() {
    let test = Test::new().await;
    let org = (test.org.org().id.0, "acme", "Acme", 0);
    let deletion = Deletion { kind: 1, org, agent: "", key: None };
    write_segment(test.dir.path(), &postcard::to_allocvec(&deletion).unwrap());
    let door = test.open().await;
    accept(&door, &test.org, vec![run("a", 1, "{}")]).await;
    assert!(door.settle(PATIENCE).await);
    assert_eq!(test.listed("a").await, [1]);
    assert_eq!(door.status().unwrap().quarantined, 1);
    door.close(PATIENCE).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn deleting_what_is_not_there_writes_nothing() {
    let test = Test::new().await;
    let door = test.open().await;
    accept(&door, &test.org, vec![run("a", 1, "{}")]).await;
    let before = fs::read_dir(test.dir.path()).unwrap().count();
    for _ in 0..5 {
        assert!(door.delete_agent(&test.org, &slug("b")).await.unwrap().is_none());
    }
    assert_eq!(fs::read_dir(test.dir.path()).unwrap().count(), before);
    // What waits in the spool alone is there.
    test.engine_is_away(true);
    accept(&door, &test.org, vec![run("d", 3, "{}")]).await;
    test.engine_is_away(false);
    assert_eq!(door.delete_agent(&test.org, &slug("d")).await.unwrap().unwrap().deleted_runs, 1);
    assert!(door.settle(PATIENCE).await);
    assert!(test.listed("d").await.is_empty());
    door.close(PATIENCE).await;
}
