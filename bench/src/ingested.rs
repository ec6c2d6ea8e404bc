//! Times the way in: requests with runs, until the server says yes and until
//! lists show them, beside what the engine takes without a server in front.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use reqwest::Client;
use serde_json::json;

use crate::report::Report;
use crate::served::{KEY, start, stop};
use crate::{Failure, corpus, fill};

/// One way of sending.
struct Way {
    what: &'static str,
    budget: &'static str,
    clients: usize,
    /// Runs of one request.
    batch: usize,
    /// Runs in all.
    runs: usize,
    /// Bytes that are added to each run's output.
    padding: usize,
}

/// Runs that go straight to the engine, to compare with.
const RAW_RUNS: u64 = 100_000;

const WAYS: [Way; 6] = [
    way("1 client, 500 runs a request", "20,000 runs/s", 1, 500, 60_000, 0),
    way("16 clients, 500 runs a request", "20,000 runs/s", 16, 500, 200_000, 0),
    way("256 clients, 100 runs a request", "20,000 runs/s", 256, 100, 200_000, 0),
    way("256 clients, one run a request", "", 256, 1, 30_000, 0),
    way("1 client, one run a request", "", 1, 1, 500, 0),
    way("16 clients, 20 runs of 50 KB a request", "", 16, 20, 16_000, 48_000),
];

const fn way(
    what: &'static str,
    budget: &'static str,
    clients: usize,
    batch: usize,
    runs: usize,
    padding: usize,
) -> Way {
    Way { what, budget, clients, batch, runs, padding }
}

/// Measures in a folder of its own, which is emptied.
pub async fn measure(program: &Path, folder: &Path, report: &mut Report) -> Result<(), Failure> {
    for way in WAYS {
        let bodies = bodies(&way).await?;
        let _ = fs::remove_dir_all(folder);
        fs::create_dir_all(folder)?;
        let (mut server, base) = start(program, folder, &[]).await?;
        send(&base, &way, bodies, report).await?;
        stop(&mut server).await?;
    }
    let _ = fs::remove_dir_all(folder);
    let mut settings = embedded::SupervisorOptions::new(folder)?;
    settings.executable = program.to_owned();
    let engine = embedded::Supervisor::start(settings).await?;
    fill::fill(engine.endpoint(), RAW_RUNS, report).await?;
    engine.stop().await;
    fs::remove_dir_all(folder)?;
    Ok(())
}

/// A figure of the server's `/metrics`.
async fn metric(client: &Client, base: &str, name: &str) -> Result<f64, Failure> {
    let text = client.get(format!("{base}/metrics")).bearer_auth(KEY).send().await?.text().await?;
    let value = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    Ok(value.ok_or("/metrics lacks a figure")?.parse()?)
}

async fn bodies(way: &Way) -> Result<Vec<Arc<str>>, Failure> {
    let Way { batch, runs, padding, .. } = *way;
    Ok(tokio::task::spawn_blocking(move || {
        let padding = "lorem ipsum dolor sit amet ".repeat(padding / 27);
        (0..runs / batch)
            .map(|request| {
                let lines = (request * batch..(request + 1) * batch).map(|n| {
                    let mut run = corpus::run(n as u64, runs as u64);
                    if !padding.is_empty() {
                        run.truncate(run.len() - 1);
                        run.push_str(&format!(
                            ",\"reasoning\":[{{\"text\":{}}}]}}",
                            json!(padding)
                        ));
                    }
                    run
                });
                lines.collect::<Vec<_>>().join("\n").into()
            })
            .collect()
    })
    .await?)
}

async fn send(
    base: &str,
    way: &Way,
    bodies: Vec<Arc<str>>,
    report: &mut Report,
) -> Result<(), Failure> {
    let client = Client::builder().pool_max_idle_per_host(way.clients).build()?;
    let (bodies, next) = (Arc::new(bodies), Arc::new(AtomicUsize::new(0)));
    let began = Instant::now();
    let workers: Vec<_> = (0..way.clients)
        .map(|_| {
            let (client, url) = (client.clone(), format!("{base}/v1/runs"));
            let (bodies, next) = (Arc::clone(&bodies), Arc::clone(&next));
            tokio::spawn(async move {
                let mut samples = Vec::new();
                while let Some(body) = bodies.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let at = Instant::now();
                    let answer = client
                        .post(&url)
                        .bearer_auth(KEY)
                        .header("content-type", "application/x-ndjson")
                        .body(body.to_string())
                        .send()
                        .await?;
                    if !answer.status().is_success() {
                        return Err::<_, Failure>(answer.text().await?.into());
                    }
                    answer.bytes().await?;
                    samples.push(at.elapsed());
                }
                Ok(samples)
            })
        })
        .collect();
    let mut samples = Vec::new();
    for worker in workers {
        samples.extend(worker.await??);
    }
    let acknowledged = began.elapsed();
    while metric(&client, base, "runs_spool_runs").await? > 0.0 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let visible = began.elapsed();
    let rate = |took: Duration| format!("{:.0} runs/s", way.runs as f64 / took.as_secs_f64());
    report.timings(&format!("durable ingest, a request: {}", way.what), "", samples);
    report.figure(&format!("… acknowledged: {}", way.what), way.budget, rate(acknowledged));
    let budget = if way.budget.is_empty() { "" } else { "12,000 runs/s" };
    report.figure(&format!("… until visible: {}", way.what), budget, rate(visible));
    Ok(())
}
