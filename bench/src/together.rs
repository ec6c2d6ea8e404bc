//! Times searches of several clients at once, over REST, while nothing comes in
//! and while runs do: 2,000 a second through `POST /v1/runs`, into an agent of
//! their own in the organization that is searched, which is deleted afterwards.
//!
//! Beside it the old table's engine is asked the same without a server in front,
//! while rows go straight into its table, as many at a time as its inserts that
//! wait were gathered to: a fifth of a second's.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use embedded::EngineEndpoint;
use reqwest::{Client, StatusCode};
use serde_json::Value;
use tokio::task::{JoinHandle, JoinSet};

use crate::old::Old;
use crate::report::{Beside, Report};
use crate::sample::Samples;
use crate::searches::{SEARCHES, Search};
use crate::served::{KEY, start, stop};
use crate::{Failure, corpus, fill};

const CLIENTS: usize = 4;
/// How often each client asks each search.
const ROUNDS: usize = 3;
/// No client begins another round later.
const PATIENCE: Duration = Duration::from_secs(60);
/// Runs of a second, and how many requests they come in.
const RATE: u64 = 2_000;
const REQUESTS: u64 = 20;
const OLD_INSERTS: u64 = 5;
const OPEN_REQUESTS: usize = 16;
/// How often deleting is tried: an engine that is behind says 503.
const DELETIONS: usize = 60;
const LIVE_AGENT: &str = "live";

/// Measures with a server of its own on the generated runs.
pub async fn measure(program: &Path, data: &Path, report: &mut Report) -> Result<(), Failure> {
    let (mut server, base) = start(program, data, &[]).await?;
    let endpoint = EngineEndpoint::read(data)?;
    let old = Old::open(&endpoint).await?;
    let rest = Rest { client: Client::new(), base };
    // What an interrupted measurement left.
    rest.forget_live().await?;
    old.forget_live().await?;

    let in_agent = |rest: Rest| {
        move |search: &'static Search, round| {
            let (rest, agent) = (rest.clone(), search.agent());
            async move { rest.search(&format!("agents/{agent}/runs"), &search.typed(round)).await }
        }
    };
    let across = |rest: Rest| {
        move |search: &'static Search, round| {
            let rest = rest.clone();
            async move { rest.search("runs", &search.typed(round)).await }
        }
    };
    let before = |old: Old| {
        move |search: &'static Search, round| {
            let old = old.clone();
            async move { old.list(&search.agent(), &search.old(round), 0).await }
        }
    };

    at_once(in_agent(rest.clone())).await?;
    for is_pouring in [false, true] {
        let meanwhile = if is_pouring { ", 2,000 runs/s coming in" } else { "" };
        let pouring = is_pouring.then(|| Pouring::start(rest.clone()));
        let searched = at_once(in_agent(rest.clone())).await?;
        let everywhere = at_once(across(rest.clone())).await?;
        let poured = finish(pouring).await?;
        // The old table is not to suffer from what is still being put away.
        rest.forget_live().await?;
        fill::settle(&endpoint).await?;
        let pouring = is_pouring.then(|| Pouring::start(old.clone()));
        let searched_before = at_once(before(old.clone())).await?;
        let poured_before = finish(pouring).await?;
        report.compare(
            &format!("four clients at once over REST, mixed, in a large agent{meanwhile}"),
            "",
            searched,
            Beside::Samples(searched_before),
        );
        report.compare(
            &format!("four clients at once over REST, mixed, across agents{meanwhile}"),
            "",
            everywhere,
            Beside::Inexpressible,
        );
        if let (Some(new), Some(old)) = (poured, poured_before) {
            let rate = |rate: f64| format!("{rate:.0} runs/s");
            report.figure_beside("… came in meanwhile", "", rate(new), rate(old));
        }
    }
    old.forget_live().await?;
    stop(&mut server).await
}

/// Every search, from several clients at once, each of which begins with another.
async fn at_once<F, Answer>(ask: F) -> Result<Samples, Failure>
where
    F: Fn(&'static Search, usize) -> Answer + Clone + Send + 'static,
    Answer: Future<Output = Result<u64, Failure>> + Send,
{
    let clients: Vec<JoinHandle<Result<Samples, Failure>>> = (0..CLIENTS)
        .map(|client| {
            let ask = ask.clone();
            tokio::spawn(async move {
                let mut samples = Samples::default();
                let begun = Instant::now();
                for n in 0..SEARCHES.len() * ROUNDS {
                    // Whole rounds only, so that slow searches weigh as much as quick ones.
                    if n % SEARCHES.len() == 0 && n > 0 && begun.elapsed() > PATIENCE {
                        break;
                    }
                    let search = &SEARCHES[(n + 4 * client) % SEARCHES.len()];
                    let round = client * ROUNDS + n / SEARCHES.len() + 1;
                    let at = Instant::now();
                    ask(search, round).await?;
                    samples.times.push(at.elapsed());
                }
                Ok(samples)
            })
        })
        .collect();
    let mut all = Samples::default();
    for client in clients {
        all.times.extend(client.await??.times);
    }
    Ok(all)
}

/// Where runs can be poured into.
trait Sink: Clone + Send + Sync + 'static {
    /// In how many parts a second's runs come.
    const PARTS: u64;
    fn take(&self, runs: Vec<String>) -> impl Future<Output = Result<(), Failure>> + Send;
}

/// Runs that go on coming in.
struct Pouring {
    stop: Arc<AtomicBool>,
    task: JoinHandle<Result<f64, Failure>>,
}

impl Pouring {
    fn start(sink: impl Sink) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        Self { task: tokio::spawn(pour(sink, Arc::clone(&stop))), stop }
    }
}

/// How many runs a second came in, if any did.
async fn finish(pouring: Option<Pouring>) -> Result<Option<f64>, Failure> {
    let Some(Pouring { stop, task }) = pouring else { return Ok(None) };
    stop.store(true, Ordering::Relaxed);
    Ok(Some(task.await??))
}

/// Keeps the pace as long as the sink does: a slow answer does not hold the next
/// request back, too many open ones do.
async fn pour<S: Sink>(sink: S, stop: Arc<AtomicBool>) -> Result<f64, Failure> {
    let part = RATE / S::PARTS;
    let mut pace = tokio::time::interval(Duration::from_secs(1) / S::PARTS as u32);
    let (begun, mut sent) = (Instant::now(), 0);
    let mut open = JoinSet::new();
    while !stop.load(Ordering::Relaxed) {
        pace.tick().await;
        if open.len() >= OPEN_REQUESTS {
            open.join_next().await.transpose()?.transpose()?;
        }
        let (sink, from) = (sink.clone(), sent);
        open.spawn(async move {
            let make = move || (from..from + part).map(|n| corpus::live(n, LIVE_AGENT)).collect();
            sink.take(tokio::task::spawn_blocking(make).await?).await
        });
        sent += part;
    }
    while let Some(taken) = open.join_next().await {
        taken??;
    }
    Ok(sent as f64 / begun.elapsed().as_secs_f64())
}

/// The program under measurement, as its clients see it.
#[derive(Clone)]
struct Rest {
    client: Client,
    base: String,
}

impl Rest {
    async fn search(&self, list: &str, typed: &str) -> Result<u64, Failure> {
        let answer = self
            .client
            .get(format!("{}/v1/bench/{list}", self.base))
            .query(&[("q", typed), ("limit", "50")])
            .bearer_auth(KEY)
            .send()
            .await?
            .error_for_status()?;
        let list: Value = serde_json::from_slice(&answer.bytes().await?)?;
        list["count"].as_u64().ok_or_else(|| "a list has no count".into())
    }

    async fn forget_live(&self) -> Result<(), Failure> {
        let url = format!("{}/v1/bench/agents/{LIVE_AGENT}", self.base);
        for _ in 0..DELETIONS {
            let answer = self.client.delete(&url).bearer_auth(KEY).send().await?;
            match answer.status() {
                status if status.is_success() => return Ok(()),
                StatusCode::NOT_FOUND => return Ok(()),
                StatusCode::SERVICE_UNAVAILABLE => eprintln!("  {}", answer.text().await?),
                _ => return Err(answer.text().await?.into()),
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        Err("the agent of runs that came in could not be deleted".into())
    }
}

impl Sink for Rest {
    const PARTS: u64 = REQUESTS;

    async fn take(&self, runs: Vec<String>) -> Result<(), Failure> {
        self.client
            .post(format!("{}/v1/runs", self.base))
            .bearer_auth(KEY)
            .header("content-type", "application/x-ndjson")
            .body(runs.join("\n"))
            .send()
            .await?
            .error_for_status()?;
        Ok(())
    }
}

impl Sink for Old {
    const PARTS: u64 = OLD_INSERTS;

    async fn take(&self, runs: Vec<String>) -> Result<(), Failure> {
        self.insert_live(&fill::complete(&runs)?).await
    }
}
