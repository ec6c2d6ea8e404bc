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
    let mut next = tokio::task::spawn_blocking(move || batch(from, runs));
    while from < runs {
        let new = next.await??;
        from += BATCH;
        let following = from;
        next = tokio::task::spawn_blocking(move || batch(following, runs));
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

fn batch(from: u64, total: u64) -> Result<Vec<NewRun>, Failure> {
    let context = CompleteContext {
        now: Timestamp(corpus::END_US),
        random: 0,
        default_source: Source::Import,
        price: &|_| None,
    };
    (from..(from + BATCH).min(total))
        .map(|n| Ok(IncomingRun::parse(&corpus::run(n, total))?.complete(&context)?))
        .collect()
}
