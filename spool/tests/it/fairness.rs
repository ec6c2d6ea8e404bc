//! What one organization notices of another's crowd.

use std::time::Duration;

use spool::{Door, DoorError, NoRoom, SpoolOptions};
use store::OrgStore;

use crate::support::{PATIENCE, Test, accept, held_up, id, options, request, run, slug};

async fn other(test: &Test, name: &str) -> OrgStore {
    let org = test.store.create_org(&model::OrgSlug::new(name).unwrap()).await.unwrap();
    test.store.org(&org)
}

/// A crowd of 500 runs of one organization, then a run of another, while the engine
/// is away, drained 20 at a time.
async fn crowd(test: &Test, beta: &OrgStore) -> Door {
    let options = SpoolOptions { batch_runs: 20, ..test.options() };
    let door = Door::open(options, test.store.clone()).await.unwrap();
    test.engine_is_away(true);
    // A first batch that fails is tried again as it was; the rest is planned afterwards.
    accept(&door, &test.org, vec![run("a", 0, "{}")]).await;
    held_up(&door).await;
    for part in 0..50_u32 {
        let runs = (0..10).map(|n| run("a", 1 + part * 10 + n, "{}")).collect();
        accept(&door, &test.org, runs).await;
    }
    accept(&door, beta, vec![run("b", 600, "{}")]).await;
    door
}

/// Waits until nothing of an organization is in the spool.
async fn gone(door: &Door, org: &OrgStore) {
    while door.usage(org.org().id).unwrap().own > 0 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_passes_anothers_crowd_and_nothing_is_lost_or_twice() {
    let test = Test::new().await;
    let beta = other(&test, "beta").await;
    let door = crowd(&test, &beta).await;
    test.engine_is_away(false);
    gone(&door, &beta).await;
    let waiting = door.status().unwrap().undrained_runs;
    assert!(waiting > 100, "only {waiting} of the crowd were still waiting");
    assert!(beta.list_runs(&request("b")).await.unwrap().is_some());
    assert!(door.settle(PATIENCE).await);
    assert_eq!(test.listed("a").await, (0..=500).rev().collect::<Vec<_>>());
    assert_eq!(door.status().unwrap().quarantined, 0);
    door.close(PATIENCE).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_drained_out_of_turn_is_not_drained_again_by_the_next_process() {
    let test = Test::new().await;
    let beta = other(&test, "beta").await;
    let door = crowd(&test, &beta).await;
    test.engine_is_away(false);
    gone(&door, &beta).await;
    // The mark follows at once.
    tokio::time::sleep(Duration::from_millis(100)).await;
    let left = tempfile::tempdir().unwrap();
    for entry in std::fs::read_dir(test.dir.path()).unwrap().map(Result::unwrap) {
        if entry.file_type().unwrap().is_file() {
            std::fs::copy(entry.path(), left.path().join(entry.file_name())).unwrap();
        }
    }
    assert!(door.status().unwrap().undrained_runs > 0);
    assert!(door.settle(PATIENCE).await);
    beta.delete_agent(&slug("b")).await.unwrap().unwrap();
    door.close(PATIENCE).await;
    // Another process finds what this one left when it had drained some of each.
    let again = Door::open(options(left.path()), test.store.clone()).await.unwrap();
    assert!(again.settle(PATIENCE).await);
    again.close(PATIENCE).await;
    assert_eq!(test.listed("a").await, (0..=500).rev().collect::<Vec<_>>());
    assert!(beta.agents().await.unwrap().is_empty(), "a drained run came back");
}

/// A spool of 200 KB that two organizations share while the engine is away.
async fn small_spool() -> (Test, OrgStore, Door) {
    let test = Test::new().await;
    let beta = other(&test, "beta").await;
    let mut options = test.options();
    options.max_bytes = 200_000;
    let door = Door::open(options, test.store.clone()).await.unwrap();
    accept(&door, &beta, vec![run("b", 0, "{}")]).await;
    assert!(door.settle(PATIENCE).await);
    test.engine_is_away(true);
    (test, beta, door)
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_fills_the_spool_leaves_room_for_others_and_is_told() {
    let (test, beta, door) = small_spool().await;
    let digits: String =
        (0..4_000_u32).map(|n| (u64::from(n).pow(3) * 7919 / 13 % 10).to_string()).collect();
    let send = async |org: &OrgStore, n| {
        door.accept(org, vec![run("a", n, &format!("\"{digits}{n}\""))]).await
    };
    let mut sent = 0;
    let error = loop {
        sent += 1;
        match send(&test.org, sent).await {
            Ok(_) => assert!(sent < 1_000, "the share does not hold"),
            Err(error) => break error,
        }
    };
    assert!(matches!(error, DoorError::Full(NoRoom::Share { .. })), "{error}");
    let again = send(&test.org, sent).await;
    assert!(matches!(again, Err(DoorError::Full(NoRoom::Share { .. }))), "{again:?}");
    door.has_room(&beta).unwrap();
    send(&beta, 1_001).await.unwrap();
    assert!(beta.run(id(1_001)).await.unwrap().is_some());
    let usage = door.usage(test.org.org().id).unwrap();
    assert!(usage.own > 100_000 && usage.own <= usage.limit, "{usage:?}");
    test.engine_is_away(false);
    assert!(door.settle(PATIENCE).await);
    door.close(PATIENCE).await;
}

/// Those who asked whether there is room must find it later, however many asked at the
/// same moment.
#[tokio::test(flavor = "multi_thread")]
async fn what_room_was_reserved_for_is_taken_in() {
    let (test, _, door) = small_spool().await;
    let mut reserved = Vec::new();
    let error = loop {
        match door.reserve(&test.org, 4_000) {
            Ok(room) => reserved.push(room),
            Err(error) => break error,
        }
        assert!(reserved.len() < 100, "they do not see each other");
    };
    assert!(matches!(error, DoorError::Full(NoRoom::Share { .. })), "{error}");
    assert!(reserved.len() > 20, "{}", reserved.len());
    // Answers turned out longer than anybody could know.
    let mut random: u64 = 7;
    let text: String = (0..8_000)
        .map(|_| {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            char::from(b'a' + (random >> 60) as u8)
        })
        .collect();
    let sent = reserved.len() as u32;
    for (n, room) in (1..).zip(reserved) {
        let new = run("a", n, &format!("\"{text}\""));
        door.accept_soon(&test.org, vec![new], room).await.unwrap();
    }
    let next = door.accept(&test.org, vec![run("a", sent + 1, "{}")]).await;
    assert!(matches!(next, Err(DoorError::Full(_))), "{next:?}");
    test.engine_is_away(false);
    assert!(door.settle(PATIENCE).await);
    assert_eq!(test.listed("a").await.len(), sent.min(50) as usize);
    door.close(PATIENCE).await;
}
