use model::OrgSlug;
use model::saved_view::{NewView, SavedView};
use store::{AccountId, OrgStore, StoreError, ViewKeeper};

use crate::support::{agent, run, store};

fn person(id: u64, may_share: bool) -> ViewKeeper {
    ViewKeeper { account: Some(AccountId(id)), may_share }
}

fn view(name: &str, shared: bool, default: bool) -> NewView {
    NewView {
        name: name.to_owned(),
        agent: Some(agent("a")),
        q: "status:failure ".to_owned(),
        sort: "-cost".to_owned(),
        columns: "time:90,cost".to_owned(),
        live: true,
        shared,
        default,
    }
}

async fn save(org: &OrgStore, keeper: ViewKeeper, view: NewView) -> SavedView {
    org.save_view(keeper, None, view).await.unwrap().unwrap()
}

async fn names(org: &OrgStore, keeper: ViewKeeper) -> Vec<(String, bool)> {
    let views = org.views(keeper).await.unwrap();
    views.into_iter().map(|view| (view.view.name, view.view.default)).collect()
}

#[tokio::test]
async fn own_views_are_ones_own_and_shared_ones_everyones() {
    let test = store().await;
    test.put([run(1, "{}")]).await;
    let (ada, bob) = (person(1, true), person(2, false));
    let kept = save(&test.org, ada, view("mine", false, false)).await;
    assert_eq!(kept.view, view("mine", false, false));
    assert!(kept.own);
    let shared = save(&test.org, ada, view("ours", true, true)).await;
    assert_eq!(
        names(&test.org, ada).await,
        [("ours".to_owned(), true), ("mine".to_owned(), false)]
    );
    assert_eq!(names(&test.org, bob).await, [("ours".to_owned(), true)]);
    assert!(!test.org.views(bob).await.unwrap()[0].own);

    assert!(!test.org.delete_view(bob, kept.id).await.unwrap(), "not his to see");
    assert!(!test.org.delete_view(bob, shared.id).await.unwrap(), "not his to change");
    assert_eq!(
        test.org.save_view(bob, Some(shared.id), view("x", true, false)).await.unwrap(),
        None
    );
    assert!(test.org.delete_view(person(3, true), shared.id).await.unwrap());
    assert!(test.org.delete_view(ada, kept.id).await.unwrap());
    assert!(!test.org.delete_view(ada, kept.id).await.unwrap());
    assert!(names(&test.org, ada).await.is_empty());
}

#[tokio::test]
async fn an_agent_has_one_default_of_each_kind() {
    let test = store().await;
    test.put([run(1, "{}")]).await;
    let ada = person(1, true);
    let first = save(&test.org, ada, view("first", false, true)).await;
    save(&test.org, ada, view("shared", true, true)).await;
    save(&test.org, ada, view("second", false, true)).await;
    save(&test.org, ada, NewView { agent: None, ..view("everywhere", false, true) }).await;
    let defaults = names(&test.org, ada).await.into_iter().filter(|(_, default)| *default);
    let defaults: Vec<String> = defaults.map(|(name, _)| name).collect();
    assert_eq!(defaults, ["everywhere", "second", "shared"]);
    // The same view again, under its old name.
    let again = test.org.save_view(ada, Some(first.id), view("first", false, true)).await.unwrap();
    assert_eq!(again.unwrap().id, first.id);
    let defaults = names(&test.org, ada).await.into_iter().filter(|(_, default)| *default);
    assert_eq!(
        defaults.map(|(name, _)| name).collect::<Vec<_>>(),
        ["everywhere", "first", "shared"]
    );
}

#[tokio::test]
async fn a_name_is_taken_once_and_an_agent_must_exist() {
    let test = store().await;
    test.put([run(1, "{}")]).await;
    let ada = person(1, true);
    save(&test.org, ada, view("x", false, false)).await;
    let twice = test.org.save_view(ada, None, view("x", false, false)).await;
    assert!(matches!(twice, Err(StoreError::AlreadyExists { what: "view", .. })), "{twice:?}");
    save(&test.org, ada, view("x", true, false)).await;
    save(&test.org, person(2, false), view("x", false, false)).await;
    let nowhere = NewView { agent: Some(agent("nobody")), ..view("y", false, false) };
    assert_eq!(test.org.save_view(ada, None, nowhere).await.unwrap(), None);
}

#[tokio::test]
async fn views_go_with_their_agent_and_stay_in_their_organization() {
    let test = store().await;
    test.put([run(1, "{}")]).await;
    let ada = person(1, true);
    let kept = save(&test.org, ada, view("x", true, false)).await;
    let stranger = test.store.create_org(&OrgSlug::new("other").unwrap()).await.unwrap();
    let stranger = test.store.org(&stranger);
    assert!(stranger.views(ada).await.unwrap().is_empty());
    assert!(!stranger.delete_view(ada, kept.id).await.unwrap());
    assert_eq!(
        stranger
            .save_view(ada, Some(kept.id), NewView { agent: None, ..view("x", true, false) })
            .await
            .unwrap(),
        None
    );
    test.org.delete_agent(&agent("a")).await.unwrap().unwrap();
    assert!(test.org.views(ada).await.unwrap().is_empty());
}
