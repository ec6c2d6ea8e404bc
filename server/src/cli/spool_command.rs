//! `runs spool`: runs that could not be stored.

use std::str::FromStr;

use clap::Subcommand;
use model::{OrgSlug, RunId, Timestamp};
use serde::Serialize;
use serde_json::json;
use spool::Quarantined;

use super::{CliError, DRAIN, find_org, output, parse_org, with_door};
use crate::config::Config;

/// Runs that are listed.
const MAX_LISTED: usize = 10_000;

#[derive(Subcommand)]
pub(super) enum SpoolCommand {
    /// List runs that were accepted and could not be stored, with the reason
    List {
        /// Of this organization alone
        #[arg(long, value_parser = parse_org)]
        org: Option<OrgSlug>,
        /// Print them as JSON, one a line
        #[arg(long)]
        json: bool,
    },
    /// Try to store such runs again, once the reason is gone; prints how many
    Retry {
        /// The runs' ids; all when none is given
        #[arg(value_parser = RunId::from_str, value_name = "RUN")]
        ids: Vec<RunId>,
        /// Give them new ids, for those whose ids belong to other runs
        #[arg(long)]
        new_ids: bool,
        /// Print the outcome as JSON
        #[arg(long)]
        json: bool,
    },
}

#[derive(Serialize)]
struct Listed<'a> {
    id: RunId,
    org: &'a OrgSlug,
    agent: &'a str,
    at: Timestamp,
    code: &'a str,
    reason: &'a str,
}

impl SpoolCommand {
    pub(super) async fn run(self, config: &Config) -> Result<(), CliError> {
        with_door(config, async |store, door| match self {
            Self::List { org, json } => {
                let org = match org {
                    Some(slug) => Some(find_org(store, &slug).await?.id),
                    None => None,
                };
                list(&door.quarantined(org, MAX_LISTED).await?, json)
            }
            Self::Retry { ids, new_ids, json } => {
                let wanted = (!ids.is_empty()).then_some(ids.as_slice());
                let retried = door.retry(wanted, new_ids).await?;
                if !door.settle(DRAIN).await {
                    output::tell("accepted; they will be stored once the database is available");
                }
                if json {
                    return output::print(json!({ "retried": retried }));
                }
                output::print(retried)
            }
        })
        .await
    }
}

fn list(runs: &[Quarantined], json: bool) -> Result<(), CliError> {
    for run in runs {
        let Quarantined { id, org_slug, agent, at, code, reason, .. } = run;
        if json {
            let listed =
                Listed { id: *id, org: org_slug, agent: agent.as_str(), at: *at, code, reason };
            output::print_json(&listed)?;
        } else {
            output::print(format_args!("{id}  {org_slug}/{agent}  {at}  {code}: {reason}"))?;
        }
    }
    if runs.is_empty() && !json {
        output::tell("No quarantined runs.");
    }
    Ok(())
}
