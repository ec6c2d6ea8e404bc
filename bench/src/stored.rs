//! Times the store's own queries, and what the data takes on disk.

use std::time::{Duration, Instant};

use embedded::EngineEndpoint;
use model::search::SearchQuery;
use model::{AgentSlug, RunId};
use store::{ListRequest, OrgStore, Window};

use crate::report::Report;
use crate::{Failure, corpus, fill, words};

const IN_AGENT: &str = "30 / 100";
const ACROSS: &str = "100 / 300";

/// Each search of the table; `{}` stands for a word that differs from run to run.
const SEARCHES: [(&str, &str); 17] = [
    ("word, rare", "{rare} "),
    ("word, common", "{common} "),
    ("word, in every run", "please "),
    ("word, absent", "qqqqqq "),
    ("two words", "{common} {common} "),
    ("prefix of 2 letters", "{two}"),
    ("prefix of 3 letters", "{three}"),
    ("phrase of two words", "\"{common} {common}\""),
    ("substring", "input:~{part}"),
    ("JSON path equality", "input.items[].sku:s-17"),
    ("JSON path range", "output.score:>0.99"),
    ("metadata, rare", "metadata.incident:inc-7"),
    ("metadata, frequent", "metadata.plan:pro"),
    ("latency range", "latency:1s..2s"),
    ("status", "status:failure"),
    ("combination", "{common} status:success metadata.plan:pro latency:<300ms"),
    ("negation", "-{common} -status:failure"),
];

pub async fn measure(
    endpoint: &EngineEndpoint,
    repeat: usize,
    report: &mut Report,
) -> Result<(), Failure> {
    let org = fill::open(endpoint).await?;
    let largest = Some(AgentSlug::new(&corpus::agent(0))?);
    let smallest = Some(AgentSlug::new(&corpus::agent(corpus::AGENTS - 1))?);

    lists(&org, "newest 50, largest agent", "10 / 25", &largest, "", repeat, report).await?;
    lists(&org, "newest 50, smallest agent", "10 / 25", &smallest, "", repeat, report).await?;
    lists(&org, "newest 50, all agents", "", &None, "", repeat, report).await?;
    // Even agents are chats; the largest one with structured input is the second.
    let structured = Some(AgentSlug::new(&corpus::agent(1))?);
    for (name, query) in SEARCHES {
        let agent = if name.starts_with("JSON") { &structured } else { &largest };
        let name = format!("search in a large agent: {name}");
        lists(&org, &name, IN_AGENT, agent, query, repeat, report).await?;
    }
    for (name, query) in SEARCHES {
        let name = format!("search across agents: {name}");
        lists(&org, &name, ACROSS, &None, query, repeat, report).await?;
    }
    by_id(&org, &largest, repeat, report).await?;
    let mut samples = Vec::new();
    for _ in 0..repeat {
        let at = Instant::now();
        org.agents().await?;
        samples.push(at.elapsed());
    }
    report.timings("agents with totals", "", samples);
    let mut samples = Vec::new();
    for i in 0..repeat {
        let request = request(&largest, "", Window::Page(100 * (i as u32 % 10)))?;
        let at = Instant::now();
        org.list_runs(&request).await?;
        samples.push(at.elapsed());
    }
    report.timings("deep pages, up to page 900", "", samples);
    Ok(())
}

fn request(agent: &Option<AgentSlug>, query: &str, window: Window) -> Result<ListRequest, Failure> {
    Ok(ListRequest {
        agent: agent.clone(),
        schema: None,
        query: SearchQuery::parse(query)?,
        sort: model::Sort::NEWEST,
        window,
        limit: 50,
        exact_count: false,
    })
}

async fn lists(
    org: &OrgStore,
    name: &str,
    budget: &str,
    agent: &Option<AgentSlug>,
    query: &str,
    repeat: usize,
    report: &mut Report,
) -> Result<(), Failure> {
    let mut samples: Vec<Duration> = Vec::with_capacity(repeat);
    let mut count = 0;
    for i in 0..=repeat {
        let list = request(agent, &fill_in(query, i as u32), Window::Page(0))?;
        let at = Instant::now();
        let found = org.list_runs(&list).await?;
        // The first call warms up; each has other words, so no answer is a cached one.
        if i > 0 {
            samples.push(at.elapsed());
        }
        count = found.map_or(0, |found| found.count);
    }
    report.timings(&format!("{name} ({count} found)"), budget, samples);
    Ok(())
}

fn fill_in(query: &str, round: u32) -> String {
    let mut text = query.to_owned();
    let mut rank = 120 + round as usize * 7;
    while let Some(at) = text.find("{common}") {
        text.replace_range(at..at + "{common}".len(), words::english(rank));
        rank += 1;
    }
    let rare = words::rare(round as usize * 13);
    let start = |word: &'static str, letters: usize| word.get(..letters).unwrap_or(word);
    text.replace("{three}", start(words::english(rank), 3))
        .replace("{two}", start(rare, 2))
        .replace("{part}", rare.get(1..rare.len() - 1).unwrap_or(rare))
        .replace("{rare}", rare)
}

async fn by_id(
    org: &OrgStore,
    agent: &Option<AgentSlug>,
    repeat: usize,
    report: &mut Report,
) -> Result<(), Failure> {
    let mut ids: Vec<RunId> = Vec::new();
    for page in 0..repeat as u32 {
        let list = org.list_runs(&request(agent, "", Window::Page(page * 20))?).await?;
        ids.extend(list.iter().flat_map(|list| list.items.first()).map(|item| item.id));
    }
    let mut samples = Vec::new();
    for id in ids {
        let at = Instant::now();
        org.run(id).await?.ok_or("a listed run is not there")?;
        samples.push(at.elapsed());
    }
    report.timings("one run by id, whole", "", samples);
    Ok(())
}

/// What the data takes on disk, beside the JSON that came in.
pub async fn sizes(endpoint: &EngineEndpoint, report: &mut Report) -> Result<(), Failure> {
    let client = clickhouse::Client::default()
        .with_url(&endpoint.url)
        .with_user(&endpoint.user)
        .with_password(&endpoint.password);
    let (bytes, rows): (u64, u64) = client
        .query(
            "SELECT sum(bytes_on_disk), sumIf(rows, table = 'runs') FROM system.parts
             WHERE active AND database = 'runs'",
        )
        .fetch_one()
        .await?;
    let sample = 1_000;
    let json: usize =
        (0..sample).map(|n| corpus::run(n * (rows / sample).max(1), rows).len()).sum();
    let json = json as f64 / sample as f64;
    let per_run = bytes as f64 / rows.max(1) as f64;
    report.figure(
        "disk per run against its JSON",
        "25 %",
        format!("{per_run:.0} of {json:.0} bytes, {:.0} %", 100.0 * per_run / json),
    );
    Ok(())
}
