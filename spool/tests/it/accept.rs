use model::NewRun;
use model::Shape;
use model::incoming::SchemaHint;
use spool::Reserved;
use uuid::Uuid;

use crate::support::{PATIENCE, Test, accept, held_up, id, run};

const INPUT: &str = r#"{"b":1.0,"a" : [1E2, 12345678901234567890123],"b":"\u00e9"}"#;

fn named(n: u32, name: u128) -> NewRun {
    let mut new = run("a", n, "{}");
    new.client_key = Some(Uuid::from_u128(name));
    new
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_is_there_by_its_id_at_once_and_in_lists_once_it_is_drained() {
    let test = Test::new().await;
    let door = test.open().await;
    test.engine_is_away(true);
    let sent = run("a", 1, INPUT);
    assert_eq!(accept(&door, &test.org, vec![sent.clone()]).await, [id(1)]);

    let read = test.org.run(id(1)).await.unwrap().unwrap();
    assert_eq!(read, sent.run);
    assert_eq!(read.input.unwrap().as_str(), INPUT);
    assert_eq!(test.org.run_agent(id(1)).await.unwrap().unwrap(), sent.run.agent);
    let status = door.status().unwrap();
    assert_eq!((status.undrained_runs, status.undrained_frames), (1, 1));
    assert!(status.oldest.is_some() && status.bytes > 0);

    test.engine_is_away(false);
    assert!(door.settle(PATIENCE).await);
    assert_eq!(test.listed("a").await, [1]);
    let drained = test.org.run(id(1)).await.unwrap().unwrap();
    assert_eq!(drained.version.number.unwrap().to_string(), "1.1");
    let status = door.status().unwrap();
    assert_eq!((status.undrained_runs, status.drained_runs), (0, 1));
    assert!(status.oldest.is_none() && status.trouble.is_none());
    door.close(PATIENCE).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_in_a_hurry_is_kept_like_any_other() {
    let test = Test::new().await;
    let door = test.open().await;
    test.engine_is_away(true);
    let taken =
        door.accept_soon(&test.org, vec![run("a", 1, INPUT)], Reserved::default()).await.unwrap();
    assert_eq!(taken[0].as_ref().unwrap().id, id(1));
    assert!(test.org.run(id(1)).await.unwrap().is_some());
    test.engine_is_away(false);
    assert!(door.settle(PATIENCE).await);
    assert_eq!(test.listed("a").await, [1]);
    door.close(PATIENCE).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_run_twice_is_one_run_wherever_the_first_one_is() {
    let test = Test::new().await;
    let door = test.open().await;
    test.engine_is_away(true);
    let once = || run("a", 1, "{}");
    accept(&door, &test.org, vec![once(), once()]).await;
    accept(&door, &test.org, vec![once(), run("a", 2, "{}")]).await;
    test.engine_is_away(false);
    assert!(door.settle(PATIENCE).await);
    accept(&door, &test.org, vec![once()]).await;
    assert!(door.settle(PATIENCE).await);
    assert_eq!(test.listed("a").await, [2, 1]);
    assert_eq!(door.status().unwrap().quarantined, 0);
    door.close(PATIENCE).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn many_requests_at_once_and_large_ones_all_land() {
    let test = Test::new().await;
    let door = test.open().await;
    let sends = (0..40_u32).map(|request| {
        let (door, org) = (door.clone(), test.org.clone());
        tokio::spawn(async move {
            let runs = (0..20).map(|n| run("a", request * 20 + n, "{}")).collect();
            accept(&door, &org, runs).await
        })
    });
    futures::future::join_all(sends).await.into_iter().for_each(|sent| drop(sent.unwrap()));
    let large = format!("{{\"text\":\"{}\"}}", "lorem ipsum ".repeat(200_000));
    accept(&door, &test.org, (800..810).map(|n| run("a", n, &large)).collect()).await;
    let whole = test.org.run(id(805)).await.unwrap().unwrap();
    assert_eq!(whole.input.unwrap().as_str(), large);
    assert!(door.settle(PATIENCE).await);
    assert_eq!(test.listed("a").await.len(), 810);
    door.close(PATIENCE).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clients_own_id_names_one_run_also_while_the_engine_is_away() {
    let test = Test::new().await;
    let door = test.open().await;
    accept(&door, &test.org, vec![named(1, 7)]).await;
    assert!(door.settle(PATIENCE).await);
    // The store tells.
    assert_eq!(accept(&door, &test.org, vec![named(2, 7)]).await, [id(1)]);
    assert!(door.settle(PATIENCE).await);
    test.engine_is_away(true);
    // The spool tells.
    assert_eq!(accept(&door, &test.org, vec![named(3, 8)]).await, [id(3)]);
    assert_eq!(accept(&door, &test.org, vec![named(4, 8), named(5, 8)]).await, [id(3); 2]);
    // Nobody can tell yet, so the id that is answered must lead to the first run.
    assert_eq!(accept(&door, &test.org, vec![named(6, 7)]).await, [id(6)]);
    assert!(test.org.run(id(6)).await.unwrap().is_some());
    test.engine_is_away(false);
    assert!(door.settle(PATIENCE).await);
    assert_eq!(test.listed("a").await, [3, 1]);
    for known in [id(1), id(6), model::RunId::from_u128(7)] {
        assert_eq!(test.org.run(known).await.unwrap().unwrap().id, id(1), "{known}");
    }
    door.close(PATIENCE).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn organizations_share_a_spool_and_nothing_else() {
    let test = Test::new().await;
    let other = test.store.create_org(&model::OrgSlug::new("beta").unwrap()).await.unwrap();
    let other = test.store.org(&other);
    let door = test.open().await;
    test.engine_is_away(true);
    accept(&door, &test.org, vec![run("a", 1, "{}")]).await;
    accept(&door, &other, vec![run("a", 1, "{\"other\":true}"), run("a", 2, "{}")]).await;
    assert!(test.org.run(id(2)).await.is_err(), "the engine is away and the spool has no such run");
    test.engine_is_away(false);
    assert!(door.settle(PATIENCE).await);
    assert!(test.org.run(id(2)).await.unwrap().is_none());
    let [mine, theirs] = [&test.org, &other].map(|org| org.run(id(1)));
    assert_eq!(mine.await.unwrap().unwrap().input.unwrap().as_str(), "{}");
    assert_eq!(theirs.await.unwrap().unwrap().input.unwrap().as_str(), "{\"other\":true}");
    assert_eq!(door.status().unwrap().quarantined, 0);
    door.close(PATIENCE).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_store_decides_schemas_of_runs_that_waited() {
    let test = Test::new().await;
    let door = test.open().await;
    test.engine_is_away(true);
    let shaped = |n, shape| {
        let mut new = run("a", n, "{}");
        new.run.schema = 0;
        new.schema = SchemaHint::Shape(Shape(shape));
        new
    };
    accept(&door, &test.org, vec![shaped(1, 7), shaped(2, 8), shaped(3, 7)]).await;
    assert_eq!(test.org.run(id(1)).await.unwrap().unwrap().schema, 0);
    test.engine_is_away(false);
    assert!(door.settle(PATIENCE).await);
    for (n, schema) in [(1, 1), (2, 2), (3, 1)] {
        assert_eq!(test.org.run(id(n)).await.unwrap().unwrap().schema, schema);
    }
    door.close(PATIENCE).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_failed_is_tried_again_exactly_as_it_was() {
    let test = Test::new().await;
    let door = test.open().await;
    test.engine_is_away(true);
    accept(&door, &test.org, vec![run("a", 0, "{}")]).await;
    held_up(&door).await;
    accept(&door, &test.org, (1..4).map(|n| run("a", n, "{}")).collect()).await;
    test.engine_is_away(false);
    assert!(door.settle(PATIENCE).await);
    assert_eq!(test.listed("a").await, [3, 2, 1, 0]);
    // Rows of one batch have stamps without gaps.
    let stamps = "SELECT toInt64(toUnixTimestamp64Micro(max(ingested_at))
        - toUnixTimestamp64Micro(min(ingested_at))) FROM runs";
    assert!(test.number(stamps).await > 3, "what came later was put into the same insert");
    door.close(PATIENCE).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_waits_can_be_reviewed() {
    use model::review::{Outcome, ReviewKind};

    let test = Test::new().await;
    let door = test.open().await;
    test.overload(&door, "runs").await;
    accept(&door, &test.org, vec![run("b", 1, "{}")]).await;
    let outcome = Some(Outcome::Positive);
    let set = test.org.set_review(id(1), ReviewKind::Feedback, "u", outcome, "nice");
    assert!(set.await.unwrap());
    assert_eq!(test.org.reviews(id(1)).await.unwrap().unwrap()[0].comment, "nice");
    assert!(test.org.reviews(id(2)).await.unwrap().is_none());
    test.relieve("runs").await;
    assert!(door.settle(PATIENCE).await);
    assert_eq!(test.listed("b").await, [1]);
    assert_eq!(test.org.reviews(id(1)).await.unwrap().unwrap()[0].comment, "nice");
    door.close(PATIENCE).await;
}
