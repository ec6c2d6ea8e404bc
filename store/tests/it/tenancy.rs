use model::OrgSlug;
use store::Cursor;

use crate::support::{agent, at, id, request, run, store, with};

#[tokio::test]
async fn another_organization_sees_and_touches_nothing() {
    let test = store().await;
    let sent = with(run(1, "{\"word\":\"secret\"}"), |run| {
        run.conversation_id = Some("c".to_owned());
    });
    let version = sent.run.version.id;
    test.put([sent]).await;
    let stranger = test.store.create_org(&OrgSlug::new("other").unwrap()).await.unwrap();
    let stranger = test.store.org(&stranger);

    assert!(stranger.agents().await.unwrap().is_empty());
    assert!(stranger.agents_and_weeks().await.unwrap().is_empty());
    let request_of_page = store::AgentsRequest { limit: 9, ..Default::default() };
    assert_eq!(stranger.agents_page(&request_of_page).await.unwrap().total, 0);
    assert!(stranger.find_agents("a", 9).await.unwrap().is_empty());
    assert!(stranger.agent(&agent("a")).await.unwrap().is_none());
    assert!(stranger.run(id(1)).await.unwrap().is_none());
    assert!(stranger.run_agent(id(1)).await.unwrap().is_none());
    assert!(stranger.list_runs(&request("secret")).await.unwrap().is_none());
    let everywhere = store::ListRequest { agent: None, ..request("secret") };
    assert_eq!(stranger.list_runs(&everywhere).await.unwrap().unwrap().count, 0);
    let cursor = Cursor { created_at: at(1), id: id(1) };
    assert!(stranger.neighbours(&request(""), cursor).await.unwrap().is_none());
    assert!(stranger.conversation(&agent("a"), "c").await.unwrap().is_empty());
    assert!(stranger.versions(&agent("a")).await.unwrap().is_none());
    assert!(stranger.version(&agent("a"), version).await.unwrap().is_none());
    assert!(stranger.delete_agent(&agent("a")).await.unwrap().is_none());
    assert_eq!(test.find("secret").await, [1]);

    // The same id in two organizations is two runs.
    stranger.ingest(vec![run(1, "{\"other\":true}")]).await.unwrap()[0].as_ref().unwrap();
    assert_eq!(
        test.org.run(id(1)).await.unwrap().unwrap().input.unwrap().as_str(),
        "{\"word\":\"secret\"}"
    );
}
