//! What one organization notices of another's searches.

use futures::future::{join_all, select_all};
use model::OrgSlug;
use store::{ListRequest, StoreError};

use crate::support::{request, run, store};

#[tokio::test(flavor = "multi_thread")]
async fn a_crowd_of_searches_leaves_places_and_has_an_end() {
    let test = store().await;
    test.put((0..50).map(|n| run(n, &format!("{{\"text\":\"word{n}\"}}")))).await;
    let other = test.store.create_org(&OrgSlug::new("other").unwrap()).await.unwrap();
    let other = test.store.org(&other);
    let searching = ListRequest { exact_count: true, ..request("-input:~zz") };
    let mut crowd: Vec<_> = (0..600).map(|_| Box::pin(test.org.list_runs(&searching))).collect();
    // More wait than may; the ones that are refused are told why.
    let (first, _, rest) = select_all(crowd.drain(..)).await;
    let usage = test.store.queries(test.org.org().id);
    let searches = usage.iter().find(|(name, _)| *name == "searches").unwrap().1;
    assert!(searches.own <= searches.limit && searches.limit < searches.total, "{searches:?}");
    // Nobody waits behind the crowd.
    let everywhere = ListRequest { agent: None, ..searching.clone() };
    other.list_runs(&everywhere).await.unwrap();
    let mut refused = 0;
    for answer in join_all(rest).await.into_iter().chain([first]) {
        match answer {
            Ok(list) => assert_eq!(list.unwrap().count, 50),
            Err(StoreError::TooManyQueries { limit: 256 }) => refused += 1,
            // On a busy machine some wait longer for a place than they may.
            Err(StoreError::TooManyQueries { .. }) => {}
            Err(error) => panic!("{error}"),
        }
    }
    assert!(refused > 0);
    let usage = test.store.queries(test.org.org().id);
    assert!(usage.iter().all(|(_, usage)| usage.own == 0 && usage.all == 0), "{usage:?}");
}
