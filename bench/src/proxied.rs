//! Times what the recording proxy adds to a provider's answer.

use std::path::Path;
use std::time::{Duration, Instant};

use reqwest::Client;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::provider::{self, THINKING};
use crate::report::Report;
use crate::served::{KEY, start, stop};
use crate::{Failure, report};

/// Streams at one time, each with how many answers one after another.
const LOADS: [(usize, usize); 3] = [(1, 20), (100, 5), (1_000, 2)];
const HITS: usize = 500;

/// Measures with a server of its own on an empty folder.
pub async fn measure(program: &Path, data: &Path, report: &mut Report) -> Result<(), Failure> {
    let provider = provider::start().await?;
    if data.exists() {
        std::fs::remove_dir_all(data)?;
    }
    let upstream = format!("http://{provider}/v1");
    let extra = [("RUNS_UPSTREAM_URL", upstream.as_str()), ("RUNS_ALLOW_PRIVATE_UPSTREAMS", "1")];
    let (mut server, base) = start(program, data, &extra).await?;
    let client = Client::builder().timeout(Duration::from_secs(60)).build()?;
    let proxied = format!("{base}/v1");
    for (streams, answers) in LOADS {
        first_events(&client, &proxied, streams, 1).await?;
        let direct = first_events(&client, &upstream, streams, answers).await?;
        let through = first_events(&client, &proxied, streams, answers).await?;
        let added = report::added(&direct, &through, [0.50, 0.99]);
        let what = format!("first event at {streams} streams");
        report.timings(&format!("{what}, direct, beyond the provider's own time"), "", direct);
        report.timings(&format!("{what}, proxied"), "", through);
        report.pair(
            &format!("proxy overhead at {streams} streams, p50 and p99"),
            "p99 1 ms",
            added,
        );
    }
    let hits = hits(&client, &proxied).await?;
    report.timings("cache hit, one after another", "", hits);
    stop(&mut server).await?;
    std::fs::remove_dir_all(data)?;
    Ok(())
}

/// For each answer the time to its first event, without the provider's own.
async fn first_events(
    client: &Client,
    base: &str,
    streams: usize,
    answers: usize,
) -> Result<Vec<Duration>, Failure> {
    let mut tasks = JoinSet::new();
    for stream in 0..streams {
        let (client, url) = (client.clone(), format!("{base}/chat/completions"));
        tasks.spawn(async move {
            // Spread over the time of an answer, as callers are in life.
            let spread = Duration::from_millis(1_300) * (stream as u32) / (streams as u32);
            tokio::time::sleep(spread).await;
            let mut samples = Vec::with_capacity(answers);
            for _ in 0..answers {
                let at = Instant::now();
                let mut answer = ask(&client, &url, &body(true)).await?;
                answer.chunk().await?;
                samples.push(at.elapsed().saturating_sub(THINKING));
                while answer.chunk().await?.is_some() {}
            }
            Ok::<_, Failure>(samples)
        });
    }
    let mut samples = Vec::with_capacity(streams * answers);
    while let Some(done) = tasks.join_next().await {
        samples.extend(done??);
    }
    Ok(samples)
}

async fn hits(client: &Client, base: &str) -> Result<Vec<Duration>, Failure> {
    let url = format!("{base}/chat/completions");
    let mut samples = Vec::with_capacity(HITS);
    for i in 0..=HITS {
        let at = Instant::now();
        let answer = ask(client, &url, &body(false)).await?;
        let is_hit = answer.headers().get("x-runs-cache").is_some_and(|value| value == "hit");
        answer.bytes().await?;
        match is_hit {
            true => samples.push(at.elapsed()),
            false if i == 0 => {}
            false => return Err("a repeated request was no hit".into()),
        }
    }
    Ok(samples)
}

fn body(stream: bool) -> Value {
    json!({
        "model": "gpt-4o-mini",
        "stream": stream,
        "use_cache": if stream { "never" } else { "always" },
        "messages": [{"role": "user", "content": "Tell me about cats. ".repeat(50)}],
    })
}

async fn ask(client: &Client, url: &str, body: &Value) -> Result<reqwest::Response, Failure> {
    let answer = client.post(url).bearer_auth(KEY).json(body).send().await?;
    Ok(answer.error_for_status()?)
}
