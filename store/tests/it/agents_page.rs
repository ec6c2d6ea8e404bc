//! Agents a page at a time, in an order, and found by their names.

use model::{AgentSlug, NanoUsd, NewRun};
use store::AgentsRequest;

use crate::support::{TestStore, agent, failed, run, store, with};

fn of(slug: &str, new: NewRun) -> NewRun {
    with(new, |run| run.agent = agent(slug))
}

fn priced(n: u32, cost: u64) -> NewRun {
    with(run(n, "{}"), |run| run.cost = Some(NanoUsd(cost)))
}

fn asked(words: &str, sort: &str) -> AgentsRequest {
    AgentsRequest { words: words.to_owned(), sort: sort.parse().unwrap(), page: 0, limit: 50 }
}

async fn names(test: &TestStore, request: &AgentsRequest) -> Vec<String> {
    let page = test.org.agents_page(request).await.unwrap();
    page.agents.into_iter().map(|(agent, _)| agent.slug.to_string()).collect()
}

#[tokio::test]
async fn each_order_has_its_opposite_and_what_is_unknown_comes_last() {
    let test = store().await;
    test.put([
        of("ticket-router", priced(1, 7)),
        of("ticket-router", priced(2, 7)),
        of("zoe", run(3, "{}")),
        of("alpha", priced(4, 90)),
    ])
    .await;
    for (sort, expected) in [
        ("", ["alpha", "zoe", "ticket-router"]),
        ("last_run", ["ticket-router", "zoe", "alpha"]),
        ("name", ["alpha", "ticket-router", "zoe"]),
        ("-name", ["zoe", "ticket-router", "alpha"]),
        ("-runs", ["ticket-router", "alpha", "zoe"]),
        ("-cost", ["alpha", "ticket-router", "zoe"]),
        ("cost", ["ticket-router", "alpha", "zoe"]),
    ] {
        assert_eq!(names(&test, &asked("", sort)).await, expected, "{sort}");
    }
}

#[tokio::test]
async fn the_last_week_orders_too() {
    let test = store().await;
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let now = model::Timestamp(i64::try_from(now.as_micros()).unwrap());
    let moved = |to: model::Timestamp, n: u32, slug: &str, new: NewRun| {
        with(of(slug, new), |run| {
            run.created_at = to;
            run.id = model::RunId::mint(to, u128::from(n));
        })
    };
    let recent = |n: u32, slug: &str, new: NewRun| moved(now, n, slug, new);
    let a_month_ago = model::Timestamp(now.0 - 30 * model::time::DAY_US);
    test.put([
        moved(a_month_ago, 1, "old", priced(1, 1_000)),
        recent(2, "calm", priced(2, 50)),
        recent(3, "calm", priced(3, 50)),
        recent(4, "broken", failed(4, "x", "y")),
    ])
    .await;
    assert_eq!(names(&test, &asked("", "-recent_runs")).await, ["calm", "broken", "old"]);
    assert_eq!(names(&test, &asked("", "-recent_failures")).await, ["broken", "calm", "old"]);
    assert_eq!(names(&test, &asked("", "-recent_cost")).await, ["calm", "broken", "old"]);
    let page = test.org.agents_page(&asked("", "-recent_runs")).await.unwrap();
    assert_eq!(page.agents[0].0.recent_run_count, 2);
}

#[tokio::test]
async fn pages_do_not_overlap_and_say_how_many_there_are() {
    let test = store().await;
    test.put((0..7).map(|n| of(&format!("agent-{n}"), run(n, "{}")))).await;
    let mut seen = Vec::new();
    for page in 0..4 {
        let request = AgentsRequest { page, limit: 3, ..asked("agent", "name") };
        let page = test.org.agents_page(&request).await.unwrap();
        assert_eq!((page.count, page.total), (7, 7));
        seen.extend(page.agents.into_iter().map(|(agent, _)| agent.slug.to_string()));
    }
    assert_eq!(seen, (0..7).map(|n| format!("agent-{n}")).collect::<Vec<_>>());
}

#[tokio::test]
async fn names_are_found_by_all_of_the_words() {
    let test = store().await;
    test.put([of("ticket-router", run(1, "{}")), of("router-of-mail", run(2, "{}"))]).await;
    assert_eq!(names(&test, &asked("ROUTER", "name")).await, ["router-of-mail", "ticket-router"]);
    assert_eq!(names(&test, &asked("rout ticket", "name")).await, ["ticket-router"]);
    assert_eq!(names(&test, &asked("ticket-ro", "name")).await, ["ticket-router"]);
    let none = test.org.agents_page(&asked("nobody", "")).await.unwrap();
    assert_eq!((none.count, none.total), (0, 2));
    let found = |words, limit| {
        let test = &test;
        async move {
            let found: Vec<AgentSlug> = test.org.find_agents(words, limit).await.unwrap();
            found.into_iter().map(|slug| slug.to_string()).collect::<Vec<_>>()
        }
    };
    assert_eq!(found("router", 8).await, ["router-of-mail", "ticket-router"]);
    assert_eq!(found("ticket", 8).await, ["ticket-router"]);
    assert_eq!(found("", 1).await.len(), 1);
}
