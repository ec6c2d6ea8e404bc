//! `runs demo`: sample runs, through the same door as all others.

use clap::Args;
use model::{CompleteContext, IncomingRun, NewRun, OrgSlug, Source};
use serde::Serialize;
use spool::Door;
use store::OrgStore;

use super::{CliError, DRAIN, chosen_org, output, parse_new_org, with_door};
use crate::auth::setup::find_or_create_org;
use crate::clock::now;
use crate::config::Config;
use crate::prices;

const RUNS: u32 = 2_000;
const BATCH_RUNS: usize = 500;

#[derive(Args)]
pub(super) struct Demo {
    /// The organization, made when it is missing; unset, that of RUNS_ORG, else the only one
    #[arg(long, value_parser = parse_new_org)]
    org: Option<OrgSlug>,
    /// Print what was stored as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Default, Serialize)]
struct Outcome {
    org: String,
    accepted: u64,
    rejected: u64,
}

impl Demo {
    pub(super) async fn run(self, config: &Config) -> Result<(), CliError> {
        let Self { org, json } = self;
        let outcome = with_door(config, async |store, door| {
            let org = chosen_org(store, org.as_ref(), config).await?;
            let org = find_or_create_org(store, &org).await?;
            load(&store.org(&org), door).await
        })
        .await?;
        if json {
            output::print_json(&outcome)?;
        } else {
            output::print(format_args!(
                "Added {} sample runs to {}",
                outcome.accepted, outcome.org
            ))?;
        }
        match outcome.rejected {
            0 => Ok(()),
            rejected => Err(CliError::Failed(format!("{rejected} sample runs were rejected"))),
        }
    }
}

async fn load(store: &OrgStore, door: &Door) -> Result<Outcome, CliError> {
    let mut outcome = Outcome { org: store.org().slug.to_string(), ..Outcome::default() };
    let mut progress = output::Progress::new(RUNS.into(), "sample runs");
    let mut samples = samples::demo_runs(now(), RUNS).peekable();
    while samples.peek().is_some() {
        let batch = samples.by_ref().take(BATCH_RUNS).map(|text| complete(&text));
        let batch = batch.collect::<Result<Vec<_>, _>>()?;
        let size = batch.len() as u64;
        let stored = door.accept(store, batch).await?;
        let accepted = stored.iter().filter(|result| result.is_ok()).count() as u64;
        outcome.accepted += accepted;
        outcome.rejected += size - accepted;
        progress.advance(size);
    }
    progress.finish();
    if !door.settle(DRAIN).await {
        output::tell("accepted; the runs will appear in lists once the database is available");
    }
    Ok(outcome)
}

fn complete(text: &str) -> Result<NewRun, CliError> {
    let context = CompleteContext {
        now: now(),
        random: rand::random(),
        default_source: Source::Sdk,
        price: &prices::cost,
    };
    IncomingRun::parse(text)
        .and_then(|run| run.complete(&context))
        .map_err(|error| CliError::Failed(format!("a sample run is not valid: {error}")))
}
