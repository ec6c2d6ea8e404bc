use crate::support::{agent, id, run, store};

#[tokio::test]
async fn deleting_an_agent_deletes_its_runs_and_no_others() {
    let test = store().await;
    let mut kept = run(9, "{}");
    kept.run.agent = agent("kept");
    test.put((0..5).map(|n| run(n, "{}")).chain([kept])).await;

    let deleted = test.org.delete_agent(&agent("a")).await.unwrap().unwrap();
    assert_eq!(deleted.deleted_runs, 5);
    assert!(test.org.run(id(1)).await.unwrap().is_none());
    assert!(test.org.agent(&agent("a")).await.unwrap().is_none());
    assert!(test.org.run(id(9)).await.unwrap().is_some());
    assert_eq!(test.org.agent(&agent("kept")).await.unwrap().unwrap().run_count, 1);
    assert!(test.org.delete_agent(&agent("a")).await.unwrap().is_none());
}

#[tokio::test]
async fn a_deleted_name_can_be_used_again_and_starts_empty() {
    let test = store().await;
    test.put([run(1, "{}"), run(2, "{}")]).await;
    test.org.delete_agent(&agent("a")).await.unwrap();
    test.put([run(3, "{}")]).await;
    assert_eq!(test.find("").await, [3]);
    let run = test.org.run(id(3)).await.unwrap().unwrap();
    assert_eq!(run.version.number.unwrap().to_string(), "1.1");
    // The same run may be sent again after its agent was deleted.
    test.put([crate::support::run(1, "{}")]).await;
    assert_eq!(test.find("").await, [3, 1]);
}

#[tokio::test]
async fn a_removal_that_was_cut_off_is_finished_later() {
    let test = store().await;
    test.put([run(1, "{}")]).await;
    let mut kept = run(2, "{}");
    kept.run.agent = agent("kept");
    test.put([kept]).await;
    assert_eq!(test.store.finish_deletions().await.unwrap(), 0);
    test.mark_deleted(&agent("a")).await;
    assert!(test.org.run(id(1)).await.unwrap().is_none());
    assert_eq!(test.store.finish_deletions().await.unwrap(), 1);
    assert_eq!(test.store.finish_deletions().await.unwrap(), 0);
    assert!(test.org.run(id(2)).await.unwrap().is_some());
}
