//! Times how soon those who follow a list see a run, from the moment when its
//! sender has the 200.

use std::path::Path;
use std::time::{Duration, Instant};

use futures::{Stream, StreamExt};
use reqwest::Client;
use serde_json::{Value, json};

use crate::Failure;
use crate::report::Report;
use crate::served::{KEY, start, stop};

/// The agent that the runs go to, which is deleted afterwards.
const AGENT: &str = "followed";
const RUNS: usize = 50;
const PATIENCE: Duration = Duration::from_secs(10);

/// Measures with a server of its own beside the generated runs: a list of all
/// runs, and one that is searched.
pub async fn measure(program: &Path, data: &Path, report: &mut Report) -> Result<(), Failure> {
    let (mut server, base) = start(program, data, &[]).await?;
    let client = Client::new();
    for (what, query) in [("all runs", ""), ("a search", "?q=followed")] {
        let url = format!("{base}/v1/bench/runs/live{query}");
        let stream = client.get(url).bearer_auth(KEY).send().await?.error_for_status()?;
        let samples = follow(&client, &base, stream.bytes_stream()).await?;
        let what = format!("a run is seen in a live list after its 200: {what}");
        report.timings(&what, "300", samples);
    }
    let agent = format!("{base}/v1/bench/agents/{AGENT}");
    client.delete(agent).bearer_auth(KEY).send().await?.error_for_status()?;
    stop(&mut server).await
}

async fn follow(
    client: &Client,
    base: &str,
    stream: impl Stream<Item = reqwest::Result<impl AsRef<[u8]>>>,
) -> Result<Vec<Duration>, Failure> {
    let mut stream = std::pin::pin!(stream);
    let mut told = String::new();
    let mut samples = Vec::with_capacity(RUNS);
    for n in 0..RUNS {
        let run = json!({ "agent": AGENT, "input": { "n": n }, "output": "followed" });
        let post = client.post(format!("{base}/v1/runs")).bearer_auth(KEY).json(&run);
        let accepted: Value = post.send().await?.error_for_status()?.json().await?;
        let answered = Instant::now();
        let id = accepted["runs"][0]["id"].as_str().ok_or("the run has no id")?;
        while !told.contains(id) {
            let piece = tokio::time::timeout(PATIENCE, stream.next()).await?;
            let piece = piece.ok_or("the live stream ended")??;
            told.push_str(&String::from_utf8_lossy(piece.as_ref()));
        }
        told.clear();
        samples.push(answered.elapsed());
    }
    Ok(samples)
}
