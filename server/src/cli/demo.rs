//! `runs demo`: sample runs.

use clap::Args;
use model::OrgSlug;

use super::{CliError, parse_org};
use crate::config::Config;

#[derive(Args)]
pub(super) struct Demo {
    /// The organization; made when it is missing
    #[arg(long, value_parser = parse_org, default_value = crate::config::bootstrap::DEFAULT_ORG)]
    org: OrgSlug,
    /// Print what was stored as JSON
    #[arg(long)]
    json: bool,
}

impl Demo {
    pub(super) async fn run(self, _config: &Config) -> Result<(), CliError> {
        let _ = (self.org, self.json);
        Ok(())
    }
}
