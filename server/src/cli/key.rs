//! `runs key`: API keys.

use clap::Subcommand;
use model::{OrgSlug, Scope};
use store::NewKey;

use super::{CliError, find_org, output, parse_org, with_store};
use crate::auth::key::{random_key, shown_prefix};
use crate::auth::token::token_hash;
use crate::config::Config;

#[derive(Subcommand)]
pub(super) enum KeyCommand {
    /// Make a key and print it, alone on its line; it is shown this once
    Create {
        /// The organization that it opens
        #[arg(long, value_parser = parse_org)]
        org: OrgSlug,
        /// What it may do
        #[arg(long = "scope", value_delimiter = ',', required = true)]
        scopes: Vec<Scope>,
        /// A name by which people recognise it
        #[arg(long, default_value = "command line")]
        name: String,
    },
}

impl KeyCommand {
    pub(super) async fn run(self, config: &Config) -> Result<(), CliError> {
        let Self::Create { org, mut scopes, name } = self;
        scopes.sort_unstable();
        scopes.dedup();
        with_store(config, async |store| {
            let org = find_org(store, &org).await?;
            let key = random_key()?;
            let (hash, prefix) = (token_hash(&key), shown_prefix(&key));
            store.create_key(NewKey { org: org.id, name, hash, prefix, scopes }).await?;
            Ok(output::print(key)?)
        })
        .await
    }
}
