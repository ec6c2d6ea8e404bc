//! `runs key`: API keys.

use clap::Subcommand;
use model::{OrgSlug, Scope, key_name};
use serde_json::json;
use store::NewKey;

use super::{CliError, chosen_org, find_org, output, parse_org, with_store};
use crate::auth::key::{random_key, shown_prefix};
use crate::auth::token::token_hash;
use crate::config::Config;

#[derive(Subcommand)]
pub(super) enum KeyCommand {
    /// Make a key and print it, alone on its line; it is shown this once
    Create {
        /// The organization that it opens; unset, that of RUNS_ORG, else the only one
        #[arg(long, value_parser = parse_org)]
        org: Option<OrgSlug>,
        /// What it may do
        #[arg(long = "scope", value_delimiter = ',', required = true)]
        scopes: Vec<Scope>,
        /// A name by which people recognise it
        #[arg(long, value_parser = parse_name, default_value = "command line")]
        name: String,
        /// Print it as JSON, with what it may do
        #[arg(long)]
        json: bool,
    },
}

impl KeyCommand {
    pub(super) async fn run(self, config: &Config) -> Result<(), CliError> {
        let Self::Create { org, mut scopes, name, json } = self;
        scopes.sort_unstable();
        scopes.dedup();
        with_store(config, async |store| {
            let org = find_org(store, &chosen_org(store, org.as_ref(), config).await?).await?;
            let key = random_key()?;
            let (hash, prefix) = (token_hash(&key), shown_prefix(&key));
            let made =
                json!({ "org": org.slug, "name": name, "scopes": scopes, "prefix": prefix, "key": key });
            store.create_key(NewKey { org: org.id, name, hash, prefix, scopes }).await?;
            if json { output::print(made) } else { output::print(key) }
        })
        .await
    }
}

fn parse_name(text: &str) -> Result<String, String> {
    key_name(text).map(str::to_owned).map_err(|error| error.to_string())
}
