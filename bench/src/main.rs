//! `make bench`: the budgets table with figures.
//!
//! Fills a data directory with generated runs once, keeps it for later calls,
//! and measures the store, the server and the files that the browser loads.
//! It gates nothing: figures belong here and in `docs/PERFORMANCE.md`, never in
//! a test that passes or fails.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program that prints a table")]

mod corpus;
mod fill;
mod followed;
mod ingested;
mod language;
mod old;
mod provider;
mod proxied;
mod report;
mod sample;
mod searches;
mod served;
mod stored;
mod suggested;
mod text;
mod together;
mod typed;
mod words;

use std::path::PathBuf;

use clap::Parser;

/// Errors end the benchmark; whoever runs it reads the text.
type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Measures the budgets on generated runs.
#[derive(Parser)]
struct Options {
    /// How many runs to measure with.
    #[arg(long, default_value_t = 1_000_000)]
    runs: u64,
    /// Where the generated runs are kept; one folder for each number of runs.
    #[arg(long, default_value = "target/bench")]
    data: PathBuf,
    /// The program to measure.
    #[arg(long, default_value = "target/release/runs")]
    program: PathBuf,
    /// The files that the browser loads.
    #[arg(long, default_value = "target/site/pkg")]
    assets: PathBuf,
    /// How often each query runs after a warm-up.
    #[arg(long, default_value_t = 20)]
    repeat: usize,
    /// Make the runs and measure nothing.
    #[arg(long)]
    fill: bool,
    /// Measure four clients at once alone, on runs that are there.
    #[arg(long)]
    together: bool,
    /// Measure alone how soon a run is seen by those who follow, on runs that are there.
    #[arg(long)]
    followed: bool,
    /// Measure the store alone, neither the server nor the browser's files.
    #[arg(long)]
    store_only: bool,
    /// Measure the way in alone.
    #[arg(long)]
    ingest: bool,
    /// Measure the recording proxy alone.
    #[arg(long)]
    proxy: bool,
}

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let options = Options::parse();
    let data = options.data.join(options.runs.to_string());
    let mut report = report::Report::new(options.runs);

    let proxy_data = options.data.join("proxy");
    if options.proxy {
        proxied::measure(&options.program, &proxy_data, &mut report).await?;
        report.print();
        return Ok(());
    }
    let ingest_data = options.data.join("ingest");
    if options.ingest {
        ingested::measure(&options.program, &ingest_data, &mut report).await?;
        report.print();
        return Ok(());
    }
    fill::check_edition(&data, options.runs)?;
    if options.together {
        together::measure(&options.program, &data, &mut report).await?;
        report.print();
        return Ok(());
    }
    if options.followed {
        followed::measure(&options.program, &data, &mut report).await?;
        report.print();
        return Ok(());
    }
    let mut settings = embedded::SupervisorOptions::new(&data)?;
    settings.executable = options.program.clone();
    let engine = embedded::Supervisor::start(settings).await?;
    fill::fill(engine.endpoint(), options.runs, &mut report).await?;
    old::Old::open(engine.endpoint()).await?.fill(options.runs).await?;
    fill::settle(engine.endpoint()).await?;
    if options.fill {
        engine.stop().await;
        return Ok(());
    }
    stored::measure(engine.endpoint(), options.repeat, &mut report).await?;
    typed::measure(engine.endpoint(), options.repeat, &mut report).await?;
    suggested::measure(engine.endpoint(), options.repeat, &mut report).await?;
    stored::sizes(engine.endpoint(), &mut report).await?;
    engine.stop().await;

    if !options.store_only {
        served::measure(&options.program, &data, options.repeat, &mut report).await?;
        followed::measure(&options.program, &data, &mut report).await?;
        together::measure(&options.program, &data, &mut report).await?;
        proxied::measure(&options.program, &proxy_data, &mut report).await?;
        ingested::measure(&options.program, &ingest_data, &mut report).await?;
        served::assets(&options.assets, &mut report)?;
    }
    report.print();
    Ok(())
}
