//! What the store remembers is never older than it may be.

use std::time::Duration;

use crate::support::{agent, id, request, run, store, with};

#[tokio::test]
async fn a_deleted_agent_is_gone_at_once() {
    let test = store().await;
    test.put([run(1, "{}")]).await;
    // Whatever can be remembered of it is.
    assert_eq!(test.find("").await, [1]);
    assert!(test.org.run(id(1)).await.unwrap().is_some());
    test.org.delete_agent(&agent("a")).await.unwrap().unwrap();
    assert!(test.org.list_runs(&request("")).await.unwrap().is_none());
    assert!(test.org.run(id(1)).await.unwrap().is_none());
    let everywhere = store::ListRequest { agent: None, ..request("") };
    assert_eq!(test.org.list_runs(&everywhere).await.unwrap().unwrap().count, 0);
}

#[tokio::test]
async fn an_agent_of_another_process_is_found_by_name_and_by_run_at_once() {
    let test = store().await;
    test.put([run(1, "{}")]).await;
    assert_eq!(test.find("").await, [1]);
    let other = test.second_process().await;
    let mut new = run(2, "{}");
    new.run.agent = agent("b");
    other.ingest(vec![new]).await.unwrap()[0].as_ref().unwrap();
    let list = store::ListRequest { agent: Some(agent("b")), ..request("") };
    assert_eq!(test.org.list_runs(&list).await.unwrap().unwrap().count, 1);
    assert!(test.org.run(id(2)).await.unwrap().is_some());
}

#[tokio::test]
async fn what_another_process_deletes_goes_soon() {
    let test = store().await;
    test.put([run(1, "{}")]).await;
    assert_eq!(test.find("").await, [1]);
    test.second_process().await.delete_agent(&agent("a")).await.unwrap().unwrap();
    // Twice as long as anything is believed without looking.
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert!(test.org.list_runs(&request("")).await.unwrap().is_none());
}

#[tokio::test]
async fn a_version_of_another_process_has_its_number_here() {
    let test = store().await;
    test.put([run(1, "{}")]).await;
    assert_eq!(test.find("").await, [1]);
    let other = test.second_process().await;
    let new = with(run(2, "{}"), |run| run.version.snapshot.instructions = Some("new".to_owned()));
    other.ingest(vec![new]).await.unwrap()[0].as_ref().unwrap();
    let list = test.org.list_runs(&request("")).await.unwrap().unwrap();
    let numbers: Vec<_> =
        list.items.iter().map(|item| item.version.number.unwrap().to_string()).collect();
    assert_eq!(numbers, ["2.1", "1.1"]);
}
