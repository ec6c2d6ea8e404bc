//! Runs of the playground and of echo, which are tries and not what an agent does.

use model::{NanoUsd, Source, Version};

use crate::support::{agent, run, store, with};

fn of(n: u32, model: &str, provider: &str, source: Source) -> model::NewRun {
    with(run(n, "{}"), |run| {
        run.version.snapshot = Version {
            model: Some(model.to_owned()),
            provider: Some(provider.to_owned()),
            ..Version::default()
        };
        run.source = source;
        run.environment = Some("production".to_owned());
        run.cost = Some(NanoUsd(1_000));
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn tries_are_not_the_version_in_use() {
    let test = store().await;
    test.put([
        of(1, "used", "openai", Source::Proxy),
        of(2, "tried", "openai", Source::Playground),
        of(3, "echo", "echo", Source::Proxy),
    ])
    .await;
    let in_use = test.org.version_in_use(&agent("a"), 1, "production").await.unwrap();
    assert_eq!(in_use.unwrap().model.as_deref(), Some("used"));
}

#[tokio::test(flavor = "multi_thread")]
async fn tries_are_in_no_figure_of_the_agents_page() {
    let test = store().await;
    test.put([
        of(1, "used", "openai", Source::Proxy),
        of(2, "used", "openai", Source::Playground),
        of(3, "echo", "echo", Source::Api),
    ])
    .await;
    let request = store::AgentsRequest { limit: 9, ..Default::default() };
    let page = test.org.agents_page(&request).await.unwrap();
    let (summary, _) = &page.agents[0];
    assert_eq!((summary.run_count, summary.cost), (1, Some(NanoUsd(1_000))));
    assert_eq!(page.excluded_runs, 2);
    // What programs read counts all.
    assert_eq!(test.org.agents().await.unwrap()[0].run_count, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn tries_stand_beside_the_figures_of_a_version() {
    let test = store().await;
    test.put([
        of(1, "used", "openai", Source::Proxy),
        of(2, "used", "openai", Source::Playground),
        of(3, "used", "openai", Source::Playground),
        of(4, "tried", "openai", Source::Playground),
        of(5, "echo", "echo", Source::Api),
    ])
    .await;
    let versions = test.org.versions(&agent("a")).await.unwrap().unwrap();
    let mut counts: Vec<_> = versions
        .iter()
        .map(|it| {
            let model = it.version.snapshot.model.as_deref().unwrap_or_default();
            (model, it.run_count, it.playground_run_count, it.cost)
        })
        .collect();
    counts.sort();
    let expected =
        [("echo", 0, 1, None), ("tried", 0, 1, None), ("used", 1, 2, Some(NanoUsd(1_000)))];
    assert_eq!(counts, expected);
}
