use model::{OrgSlug, RunId};
use store::{ArrivalCursor, OrgStore};

use crate::support::{TestStore, agent, id, number, request, run, store};

/// The runs of agent `a` after a cursor, which moves on, in order of arrival.
async fn arrived(org: &OrgStore, query: &str, cursor: &mut ArrivalCursor) -> Vec<u32> {
    let mut found = Vec::new();
    loop {
        let page = org.arrivals(&request(query), cursor, 2).await.unwrap().unwrap();
        for arrival in page.items {
            assert!(!cursor.covers(arrival.writer, arrival.stamp));
            cursor.advance(arrival.writer, arrival.stamp);
            found.push(number(arrival.item.id));
        }
        if !page.has_more {
            return found;
        }
    }
}

async fn put(org: &OrgStore, runs: impl IntoIterator<Item = u32>) -> Vec<RunId> {
    let runs = runs.into_iter().map(|n| run(n, &format!("{{\"n\":{n}}}"))).collect();
    let stored = org.ingest(runs).await.unwrap();
    stored.into_iter().map(|run| run.unwrap().id).collect()
}

#[tokio::test]
async fn runs_arrive_once_in_the_order_of_their_storing() {
    let test = store().await;
    put(&test.org, [1]).await;
    let mut cursor = test.org.arrivals_end();
    assert_eq!(arrived(&test.org, "", &mut cursor).await, [0; 0]);
    put(&test.org, [7, 3, 9, 2, 5]).await;
    // A run from long ago arrives as well.
    put(&test.org, [0]).await;
    let mut late = cursor.clone();
    assert_eq!(arrived(&test.org, "", &mut cursor).await, [7, 3, 9, 2, 5, 0]);
    assert_eq!(arrived(&test.org, "", &mut cursor).await, [0; 0]);
    // Whoever was away gets the same, and a run that is sent again stays one.
    put(&test.org, [3]).await;
    let mut resumed: ArrivalCursor = late.to_string().parse().unwrap();
    assert_eq!(arrived(&test.org, "", &mut resumed).await, [7, 3, 9, 2, 5, 0]);
    assert_eq!(arrived(&test.org, "input.n:>4", &mut late).await, [7, 9, 5]);
    assert_eq!(arrived(&test.org, "", &mut cursor).await, [0; 0]);
}

#[tokio::test]
async fn runs_written_by_another_process_arrive_too() {
    let test = store().await;
    put(&test.org, [1]).await;
    let other = test.second_process().await;
    let mut cursor = test.org.arrivals_end();
    let block = test.store.newest_block().await.unwrap();
    put(&other, [2, 3]).await;
    assert!(test.store.newest_block().await.unwrap() > block);
    put(&test.org, [4]).await;
    // The other's runs are not read before they are settled for sure.
    let mut found = arrived(&test.org, "", &mut cursor).await;
    while found.len() < 3 {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        found.extend(arrived(&test.org, "", &mut cursor).await);
    }
    found.sort_unstable();
    assert_eq!(found, [2, 3, 4]);
    assert_eq!(arrived(&test.org, "", &mut cursor).await, [0; 0]);
}

#[tokio::test]
async fn those_who_wait_are_woken_once_the_runs_are_there() {
    let test = store().await;
    put(&test.org, [1]).await;
    let mut signal = test.org.arrivals_signal();
    let mut cursor = test.org.arrivals_end();
    signal.mark_unchanged();
    let writing = tokio::spawn({
        let org = test.org.clone();
        async move { put(&org, [2]).await }
    });
    signal.changed().await.unwrap();
    assert_eq!(arrived(&test.org, "", &mut cursor).await, [2]);
    writing.await.unwrap();
}

#[tokio::test]
async fn nothing_of_others_or_of_deleted_agents_arrives() {
    let test: TestStore = store().await;
    let stranger = test.store.create_org(&OrgSlug::new("other").unwrap()).await.unwrap();
    let stranger = test.store.org(&stranger);
    let (beginning, signal) = (stranger.arrivals_end(), stranger.arrivals_signal());
    put(&test.org, [1]).await;
    assert!(!signal.has_changed().unwrap());
    assert!(stranger.arrivals(&request(""), &beginning, 10).await.unwrap().is_none());
    let everywhere = store::ListRequest { agent: None, ..request("") };
    let found = stranger.arrivals(&everywhere, &beginning, 10).await.unwrap().unwrap();
    assert!(found.items.is_empty());
    assert!(!stranger.has_agent(&agent("a")).await.unwrap());

    let all = test.org.arrivals(&everywhere, &beginning, 10).await.unwrap().unwrap();
    assert_eq!(all.items[0].item.id, id(1));
    test.org.delete_agent(&agent("a")).await.unwrap().unwrap();
    assert!(test.org.arrivals(&request(""), &beginning, 10).await.unwrap().is_none());
    let left = test.org.arrivals(&everywhere, &beginning, 10).await.unwrap().unwrap();
    assert!(left.items.is_empty());
}
