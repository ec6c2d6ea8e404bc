use model::{Micros, NanoUsd, NewRun, RunId, RunStatus, Timestamp};
use store::{Cursor, ListRequest, Window};

use crate::support::{agent, at, failed, id, number, request, run, store, with};

#[tokio::test]
async fn pages_and_cursors_walk_the_same_list() {
    let test = store().await;
    test.put((0..25).map(|n| run(n, "{}"))).await;
    let mut by_page = Vec::new();
    for page in 0..3 {
        let request = ListRequest { window: Window::Page(page), limit: 10, ..request("") };
        let list = test.org.list_runs(&request).await.unwrap().unwrap();
        assert_eq!((list.count, list.count_is_exact), (25, true));
        by_page.extend(list.items.iter().map(|item| number(item.id)));
    }
    let mut by_cursor = Vec::new();
    let mut window = Window::Page(0);
    loop {
        let list =
            test.org.list_runs(&ListRequest { window, limit: 10, ..request("") }).await.unwrap();
        let list = list.unwrap();
        by_cursor.extend(list.items.iter().map(|item| number(item.id)));
        match list.next_cursor {
            Some(cursor) => window = Window::After(cursor.parse().unwrap()),
            None => break,
        }
    }
    assert_eq!(by_page, (0..25).rev().collect::<Vec<_>>());
    assert_eq!(by_cursor, by_page);
}

#[tokio::test]
async fn runs_of_one_microsecond_are_neither_lost_nor_repeated() {
    let test = store().await;
    test.put((0..7).map(|n| with(run(n, "{}"), |run| run.created_at = at(0)))).await;
    let first =
        test.org.list_runs(&ListRequest { limit: 4, ..request("") }).await.unwrap().unwrap();
    let window = Window::After(first.next_cursor.unwrap().parse().unwrap());
    let rest = test
        .org
        .list_runs(&ListRequest { window, limit: 4, ..request("") })
        .await
        .unwrap()
        .unwrap();
    let mut seen: Vec<u32> =
        first.items.iter().chain(&rest.items).map(|item| number(item.id)).collect();
    seen.sort_unstable();
    assert_eq!(seen, (0..7).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_page_past_the_end_is_empty_and_an_unknown_agent_is_none() {
    let test = store().await;
    test.put([run(1, "{}")]).await;
    let past = ListRequest { window: Window::Page(7), ..request("") };
    let list = test.org.list_runs(&past).await.unwrap().unwrap();
    assert_eq!((list.items.len(), list.count, list.next_cursor), (0, 1, None));
    let unknown = ListRequest { agent: Some(agent("nobody")), ..request("") };
    assert_eq!(test.org.list_runs(&unknown).await.unwrap(), None);
}

#[tokio::test]
async fn the_count_stops_at_ten_thousand_until_asked() {
    let test = store().await;
    test.put((0..10_050).map(|n| run(n, "{}"))).await;
    let list = test.org.list_runs(&request("")).await.unwrap().unwrap();
    assert_eq!((list.count, list.count_is_exact), (10_000, false));
    let exact = ListRequest { exact_count: true, ..request("") };
    let list = test.org.list_runs(&exact).await.unwrap().unwrap();
    assert_eq!((list.count, list.count_is_exact), (10_050, true));
}

#[tokio::test]
async fn neighbours_follow_the_filter() {
    let test = store().await;
    test.put((0..6).map(|n| if n % 2 == 0 { run(n, "{}") } else { failed(n, "x", "y") })).await;
    let cursor = Cursor { created_at: at(2), id: id(2) };
    let found = test.org.neighbours(&request("status:success"), cursor).await.unwrap().unwrap();
    assert_eq!((found.newer, found.older), (Some(id(4)), Some(id(0))));
    assert_eq!((found.position, found.count), (Some(2), 3));
}

#[tokio::test]
async fn agents_add_up_and_the_most_recent_comes_first() {
    let test = store().await;
    let mut other = failed(3, "x", "y");
    other.run.agent = agent("b");
    let priced = |n| with(run(n, "{\"messages\":[]}"), |run| run.cost = Some(NanoUsd(5)));
    test.put([priced(1), priced(2), other]).await;
    let agents = test.org.agents().await.unwrap();
    let names: Vec<_> = agents.iter().map(|agent| agent.slug.as_str()).collect();
    assert_eq!(names, ["b", "a"]);
    assert_eq!((agents[1].run_count, agents[1].cost), (2, Some(NanoUsd(10))));
    assert_eq!((agents[1].first_seen, agents[1].last_seen), (at(1), at(2)));
    assert!(agents[1].is_chat && !agents[0].is_chat);
    assert_eq!(agents[0].cost, None, "an unknown price is not 0");
}

#[tokio::test]
async fn the_last_week_is_counted_day_by_day() {
    let test = store().await;
    let since_1970 = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let now = i64::try_from(since_1970.as_micros()).unwrap();
    let ago = |hours: i64, n: u32, new: NewRun| {
        with(new, |run| {
            run.created_at = Timestamp(now - hours * 3_600_000_000);
            run.id = RunId::mint(run.created_at, u128::from(n));
        })
    };
    let new = [
        ago(1, 1, run(1, "1")),
        ago(2, 2, failed(2, "x", "y")),
        ago(30, 3, run(3, "3")),
        ago(200, 4, run(4, "4")),
    ];
    test.put(new).await;
    let (agent, week) = test.org.agents_and_weeks().await.unwrap().pop().unwrap();
    let counts = week.map(|day| (day.runs, day.failures));
    assert_eq!(counts, [(0, 0), (0, 0), (0, 0), (0, 0), (0, 0), (1, 0), (2, 1)]);
    assert_eq!((agent.run_count, agent.recent_run_count, agent.recent_failure_count), (4, 3, 1));
}

#[tokio::test]
async fn a_conversation_is_listed_oldest_first() {
    let test = store().await;
    let turn = |n| with(run(n, "{}"), |run| run.conversation_id = Some("c".to_owned()));
    test.put([turn(2), turn(1), run(3, "{}")]).await;
    let turns = test.org.conversation(&agent("a"), "c").await.unwrap();
    assert_eq!(turns.iter().map(|item| number(item.id)).collect::<Vec<_>>(), [1, 2]);
}

#[tokio::test]
async fn items_carry_what_lists_show() {
    let test = store().await;
    let sent = with(failed(1, "rate_limit", "slow down"), |run| {
        run.latency = Some(Micros(5));
        run.environment = Some("production".to_owned());
    });
    test.put([sent]).await;
    let list = test.org.list_runs(&request("")).await.unwrap().unwrap();
    let item = &list.items[0];
    assert_eq!(item.status, RunStatus::Failure);
    assert_eq!(item.error.as_ref().unwrap().message, "slow down");
    assert_eq!(item.version.snapshot.model.as_deref(), Some("gpt-4o-mini"));
    assert_eq!(item.version.number.unwrap().to_string(), "1.1");
    assert_eq!((item.latency, item.cost), (Some(Micros(5)), None));
}
