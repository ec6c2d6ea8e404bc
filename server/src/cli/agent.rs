//! `runs agent`: agents.

use clap::Subcommand;
use model::{AgentSlug, OrgSlug};
use serde_json::json;

use super::{CliError, find_org, output, with_door};
use crate::config::Config;

#[derive(Subcommand)]
pub(super) enum AgentCommand {
    /// Delete an agent with all its runs, for good; prints how many there were
    Delete {
        /// The organization and the agent, like acme/support
        #[arg(value_parser = parse_path, value_name = "ORG/AGENT")]
        path: AgentPath,
        /// Print the outcome as JSON
        #[arg(long)]
        json: bool,
    },
}

#[derive(Clone)]
pub(super) struct AgentPath {
    org: OrgSlug,
    agent: AgentSlug,
}

impl AgentCommand {
    pub(super) async fn run(self, config: &Config) -> Result<(), CliError> {
        let Self::Delete { path: AgentPath { org, agent }, json } = self;
        with_door(config, async |store, door| {
            let org = find_org(store, &org).await?;
            let deleted = door.delete_agent(&store.org(&org), &agent).await?;
            let deleted = deleted
                .ok_or_else(|| CliError::Failed(format!("{} has no agent {agent}", org.slug)))?;
            // A running server would go on with it; this process ends.
            if !deleted.is_erased {
                store.finish_deletions().await?;
            }
            let runs = deleted.deleted_runs;
            if json {
                let outcome = json!({ "org": org.slug, "agent": agent, "deleted_runs": runs });
                return output::print(outcome);
            }
            output::print(runs)
        })
        .await
    }
}

fn parse_path(text: &str) -> Result<AgentPath, String> {
    let (org, agent) = text.split_once('/').ok_or("write it as ORG/AGENT")?;
    Ok(AgentPath {
        org: OrgSlug::of_existing(org).map_err(|error| format!("the organization {error}"))?,
        agent: AgentSlug::new(agent).map_err(|error| format!("the agent {error}"))?,
    })
}
