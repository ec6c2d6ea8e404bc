use model::stats::{Bucket, By, GroupBy, Stats};
use model::{Micros, NanoUsd, OrgSlug, Timestamp, Usage};
use store::ListRequest;

use crate::support::{NOW, TestStore, agent, failed, request, run, store, with};

const HOUR: i64 = 3_600_000_000;

async fn stats(test: &TestStore, query: &str, by: &str) -> Stats {
    let by: By = by.parse().unwrap();
    test.org.stats(&request(query), by, None).await.unwrap().unwrap()
}

async fn with_runs() -> TestStore {
    let test = store().await;
    let at = |hours: i64| Timestamp(NOW.0 + hours * HOUR);
    let priced = |n: u32, hours, latency: u64, model: &str| {
        with(run(n, "{\"word\":\"coffee\"}"), |run| {
            run.created_at = at(hours);
            run.latency = Some(Micros(latency));
            run.cost = Some(NanoUsd(latency));
            run.usage = Usage { input_tokens: Some(2), output_tokens: Some(1), ..Usage::default() };
            run.version.snapshot.model = Some(model.to_owned());
        })
    };
    test.put([
        priced(1, 0, 100, "a"),
        priced(2, 0, 300, "a"),
        priced(3, 5, 200, "b"),
        with(failed(4, "rate_limit", "slow"), |run| run.created_at = at(5)),
    ])
    .await;
    test
}

#[tokio::test]
async fn totals_add_up() {
    let test = with_runs().await;
    let stats = stats(&test, "", "").await;
    assert!(stats.is_complete);
    let total = stats.total;
    assert_eq!((total.count, total.failure_count, total.error_rate), (4, 1, Some(0.25)));
    assert_eq!(total.cost, Some(NanoUsd(600)));
    assert_eq!((total.input_tokens, total.output_tokens), (Some(6), Some(3)));
    assert_eq!(total.latency.p50, Some(Micros(200)));
    assert!(total.latency.p99.unwrap() <= Micros(300));
}

#[tokio::test]
async fn stretches_of_time_have_no_gaps_and_add_up_to_the_total() {
    let test = with_runs().await;
    let stats = stats(&test, "", "hour").await;
    assert_eq!(stats.bucket, Some(Bucket::Hour));
    let counts: Vec<u64> = stats.buckets.iter().map(|bucket| bucket.figures.count).collect();
    assert_eq!(counts, [2, 0, 0, 0, 0, 2]);
    assert_eq!(stats.buckets[0].start, Bucket::Hour.start(NOW));
    assert_eq!(stats.buckets[5].figures.failure_count, 1);
    assert_eq!(stats.buckets[1].figures.cost, None);
    let month = self::stats(&test, "", "month").await;
    assert_eq!(month.buckets.len(), 1);
    assert_eq!(month.buckets[0].figures.count, 4);
}

#[tokio::test]
async fn groups_are_named_and_the_largest_comes_first() {
    let test = with_runs().await;
    let by_model = stats(&test, "", "model").await;
    let groups = |stats: &Stats| {
        stats
            .groups
            .iter()
            .map(|group| (group.value.clone(), group.figures.count))
            .collect::<Vec<_>>()
    };
    assert_eq!(by_model.by, Some(GroupBy::Model.into()));
    assert_eq!(groups(&by_model)[0], ("a".to_owned(), 2));
    assert_eq!(groups(&by_model).iter().map(|(_, count)| count).sum::<u64>(), 4);
    assert!(by_model.buckets.is_empty(), "only groups were asked for");
    let by_status = stats(&test, "", "status,hour").await;
    assert_eq!(groups(&by_status), [("success".to_owned(), 3), ("failure".to_owned(), 1)]);
    assert_eq!(by_status.buckets.len(), 6);
    assert_eq!(by_status.total.count, 4);
    let by_version = stats(&test, "status:success", "version").await;
    assert_eq!(groups(&by_version)[0], ("1.1".to_owned(), 2));
    let everywhere = ListRequest { agent: None, ..request("") };
    let by_agent = "agent".parse().unwrap();
    let by_agent = test.org.stats(&everywhere, by_agent, None).await.unwrap().unwrap();
    assert_eq!(groups(&by_agent), [("a".to_owned(), 4)]);
}

#[tokio::test]
async fn searches_narrow_figures_and_filters_on_time_their_range() {
    let test = with_runs().await;
    let coffee = stats(&test, "coffee", "hour").await;
    assert_eq!((coffee.total.count, coffee.buckets.len()), (3, 6));
    let start = Bucket::Hour.start(Timestamp(NOW.0 + 5 * HOUR));
    let narrow = stats(&test, &format!("time:>={start}"), "hour").await;
    assert_eq!((narrow.total.count, narrow.buckets.len()), (2, 1));
    let nothing = stats(&test, "time:<2020-01-01", "").await;
    assert_eq!((nothing.total.count, nothing.from), (0, None));
    assert_eq!(nothing.total.error_rate, None);
}

#[tokio::test]
async fn too_many_stretches_are_cut_and_said() {
    let test = store().await;
    let at = |days: i64| Timestamp(NOW.0 - days * 24 * HOUR);
    test.put([0, 100].map(|days| with(run(days, "{}"), |run| run.created_at = at(days.into()))))
        .await;
    let cut = stats(&test, "", "minute").await;
    assert!(!cut.is_complete);
    assert_eq!((cut.buckets.len(), cut.total.count), (1_000, 1));
    let whole = stats(&test, "", "").await;
    assert!(whole.is_complete && whole.buckets.len() <= 200, "{}", whole.buckets.len());
    assert_eq!(whole.total.count, 2);
}

#[tokio::test]
async fn an_agent_without_runs_and_others_have_no_figures() {
    let test = with_runs().await;
    let unknown = ListRequest { agent: Some(agent("nobody")), ..request("") };
    assert_eq!(test.org.stats(&unknown, By::default(), None).await.unwrap(), None);
    let stranger = test.store.create_org(&OrgSlug::new("other").unwrap()).await.unwrap();
    let stranger = test.store.org(&stranger);
    assert_eq!(stranger.stats(&request(""), By::default(), None).await.unwrap(), None);
    let everywhere = ListRequest { agent: None, ..request("") };
    let none = stranger.stats(&everywhere, By::default(), None).await.unwrap().unwrap();
    assert_eq!((none.total.count, none.buckets.len()), (0, 0));
}
