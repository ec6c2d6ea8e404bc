//! Reads everything back and counts.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use futures::StreamExt;
use reqwest::StatusCode;
use serde_json::Value;

use crate::Failure;
use crate::journal::Journal;
use crate::process::Server;

/// How long a server may take to show in lists what it has acknowledged. Not a
/// budget: only a scene that would wait forever ends here.
const DRAIN_PATIENCE: Duration = Duration::from_secs(120);
const READERS: usize = 8;

/// What was found.
#[derive(Clone, Debug)]
pub struct Verdict {
    /// Runs that were acknowledged; all of them are there.
    pub acknowledged: usize,
    /// Requests that were refused for now.
    pub refusals: u64,
    /// Runs whose request got no answer, and how many of them are there.
    pub unanswered: (usize, usize),
    /// From the last wait for readiness until lists showed everything.
    pub listed_after: Duration,
}

/// Checks that each acknowledged run is there once, by its id and in the list.
pub async fn verify(server: &Server, journal: &Journal) -> Result<Verdict, Failure> {
    let listed_after = wait_until_drained(server).await?;
    let listed = list(server).await?;
    let (acknowledged, unanswered) = {
        let entries = journal.entries();
        (entries.acknowledged.clone(), entries.unanswered.clone())
    };
    for (number, count) in &listed {
        if *count > 1 {
            journal.violation(format!("run number {number} is there {count} times"));
        }
        if !acknowledged.contains_key(number) && !unanswered.contains(number) {
            journal.violation(format!("run number {number} was never sent"));
        }
    }
    for number in acknowledged.keys().filter(|number| !listed.contains_key(number)) {
        journal.violation(format!("run number {number} was acknowledged and is lost"));
    }
    futures::stream::iter(&acknowledged)
        .for_each_concurrent(READERS, |(number, id)| read_back(server, journal, *number, id))
        .await;
    if server.metric("runs_spool_quarantined").await? > 0.0 {
        journal.violation("runs were put into quarantine".to_owned());
    }
    let entries = journal.entries();
    if let Some(first) = entries.violations.first() {
        return Err(format!("{} violations, the first: {first}", entries.violations.len()).into());
    }
    let found = unanswered.iter().filter(|number| listed.contains_key(number)).count();
    Ok(Verdict {
        acknowledged: acknowledged.len(),
        refusals: entries.refusals,
        unanswered: (unanswered.len(), found),
        listed_after,
    })
}

/// Waits until the spool is empty; gives how long that took.
pub async fn wait_until_drained(server: &Server) -> Result<Duration, Failure> {
    let began = Instant::now();
    while began.elapsed() < DRAIN_PATIENCE {
        if server.metric("runs_spool_runs").await? == 0.0 {
            return Ok(began.elapsed());
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Err("the spool is not drained".into())
}

/// How often each number is in the list of all runs.
async fn list(server: &Server) -> Result<HashMap<u64, u32>, Failure> {
    let mut found = HashMap::new();
    let mut cursor = String::new();
    loop {
        let path = format!("/v1/_/runs?limit=1000&cursor={cursor}");
        let answer = server.get(&path).await?;
        let status = answer.status();
        let text = answer.text().await?;
        if status != StatusCode::OK {
            return Err(format!("the list answers {status}: {text}").into());
        }
        let page: Value = serde_json::from_str(&text)?;
        for item in page["items"].as_array().into_iter().flatten() {
            let number = item["metadata"]["number"].as_u64().ok_or("a run without number")?;
            *found.entry(number).or_default() += 1;
        }
        match page["next_cursor"].as_str() {
            Some(next) => cursor = next.to_owned(),
            None => return Ok(found),
        }
    }
}

async fn read_back(server: &Server, journal: &Journal, number: u64, id: &str) {
    let read = async {
        let answer = server.get(&format!("/v1/_/runs/{id}")).await?;
        let status = answer.status();
        let run: Value = serde_json::from_str(&answer.text().await?)?;
        Ok::<_, Failure>((status, run["input"]["number"].as_u64()))
    };
    match read.await {
        Ok((StatusCode::OK, Some(found))) if found == number => {}
        Ok((status, found)) => journal.violation(format!(
            "run {id}, number {number}, was acknowledged; asked for it, {status} and {found:?} come"
        )),
        Err(error) => journal.violation(format!("run {id} cannot be read: {error}")),
    }
}
