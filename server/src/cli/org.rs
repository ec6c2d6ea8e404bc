//! `runs org`: organizations.

use clap::Subcommand;
use model::OrgSlug;
use serde_json::json;

use super::{CliError, output, parse_new_org, with_store};
use crate::config::Config;

#[derive(Subcommand)]
pub(super) enum OrgCommand {
    /// Make an organization
    Create {
        /// Its name: a-z, 0-9, - and _
        #[arg(value_parser = parse_new_org)]
        name: OrgSlug,
        /// Print it as JSON
        #[arg(long)]
        json: bool,
    },
}

impl OrgCommand {
    pub(super) async fn run(self, config: &Config) -> Result<(), CliError> {
        let Self::Create { name, json } = self;
        with_store(config, async |store| {
            let org = store.create_org(&name).await?;
            if json { output::print(json!({ "org": org.slug })) } else { output::print(org.slug) }
        })
        .await
    }
}
