//! Fills a database with generated runs, through the one door of all runs.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use embedded::EngineEndpoint;
use model::incoming::{CompleteContext, IncomingRun};
use model::{NewRun, OrgSlug, Source, Timestamp};
use store::{OrgStore, Store, StoreConfig};

use crate::report::Report;
use crate::{Failure, corpus};

const BATCH: u64 = 5_000;
/// A merge can follow another; after so many looks without one there is none.
const QUIET: u32 = 6;
const SETTLING: Duration = Duration::from_secs(900);

pub async fn open(endpoint: &EngineEndpoint) -> Result<OrgStore, Failure> {
    let store = Store::connect(StoreConfig {
        url: endpoint.url.clone(),
        user: endpoint.user.clone(),
        password: endpoint.password.clone(),
        database: "runs".to_owned(),
    })
    .await?;
    store.migrate().await?;
    let slug = OrgSlug::new("bench")?;
    let org = match store.org_by_slug(&slug).await? {
        Some(org) => org,
        None => store.create_org(&slug).await?,
    };
    Ok(store.org(&org))
}

pub async fn fill(
    endpoint: &EngineEndpoint,
    runs: u64,
    report: &mut Report,
) -> Result<(), Failure> {
    let org = open(endpoint).await?;
    let stored: u64 = org.agents().await?.iter().map(|agent| agent.run_count).sum();
    if stored >= runs {
        return Ok(());
    }
    eprintln!("filling {runs} runs; {stored} are there");
    let started = Instant::now();
    let mut storing = Duration::ZERO;
    let mut from = stored / BATCH * BATCH;
    let mut next = tokio::task::spawn_blocking(move || batch(from, from + BATCH, runs));
    while from < runs {
        let new = next.await??;
        from += BATCH;
        let following = from;
        next = tokio::task::spawn_blocking(move || batch(following, following + BATCH, runs));
        let at = Instant::now();
        for result in org.ingest(new).await? {
            result?;
        }
        storing += at.elapsed();
        if from.is_multiple_of(100_000) {
            eprintln!("  {from} runs after {:.0} s", started.elapsed().as_secs_f64());
        }
    }
    let rate = (runs - stored) as f64 / storing.as_secs_f64();
    report.figure("stored through the one door, indexes included", "", format!("{rate:.0} runs/s"));
    Ok(())
}

/// Waits until the engine has merged what was written, so that figures are those
/// of a table at rest.
pub async fn settle(endpoint: &EngineEndpoint) -> Result<(), Failure> {
    let client = clickhouse::Client::default()
        .with_url(&endpoint.url)
        .with_user(&endpoint.user)
        .with_password(&endpoint.password);
    let begun = Instant::now();
    let mut quiet = 0;
    while quiet < QUIET && begun.elapsed() < SETTLING {
        let merges: u64 = client.query("SELECT count() FROM system.merges").fetch_one().await?;
        quiet = if merges == 0 { quiet + 1 } else { 0 };
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    Ok(())
}

/// Refuses runs that another generator made: figures would not compare.
pub fn check_edition(data: &Path, runs: u64) -> Result<(), Failure> {
    let (folder, mark) = (data.display(), data.join("edition"));
    if !data.exists() {
        fs::create_dir_all(data)?;
        fs::write(&mark, corpus::EDITION)?;
    }
    if fs::read_to_string(&mark).is_ok_and(|edition| edition == corpus::EDITION) {
        return Ok(());
    }
    Err(format!("{folder} holds {runs} runs of another generator; remove it to fill it anew")
        .into())
}

/// Some of the generated runs, as they come out of the door.
pub fn batch(from: u64, until: u64, total: u64) -> Result<Vec<NewRun>, Failure> {
    let runs: Vec<String> = (from..until.min(total)).map(|n| corpus::run(n, total)).collect();
    complete(&runs)
}

/// Runs as they come in, checked and completed.
pub fn complete(runs: &[String]) -> Result<Vec<NewRun>, Failure> {
    let complete = |run: &String| {
        let context = CompleteContext {
            now: Timestamp(corpus::END_US),
            // For those that come without an id.
            random: rand::random(),
            default_source: Source::Import,
            price: &|_| None,
        };
        Ok(IncomingRun::parse(run)?.complete(&context)?)
    };
    runs.iter().map(complete).collect()
}
