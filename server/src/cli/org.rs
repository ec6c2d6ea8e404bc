//! `runs org`: organizations.

use clap::Subcommand;
use model::OrgSlug;

use super::{CliError, output, parse_org, with_store};
use crate::config::Config;

#[derive(Subcommand)]
pub(super) enum OrgCommand {
    /// Make an organization
    Create {
        /// Its name: a-z, 0-9, - and _
        #[arg(value_parser = parse_org)]
        name: OrgSlug,
    },
}

impl OrgCommand {
    pub(super) async fn run(self, config: &Config) -> Result<(), CliError> {
        let Self::Create { name } = self;
        with_store(config, async |store| {
            let org = store.create_org(&name).await?;
            Ok(output::print(org.slug)?)
        })
        .await
    }
}
