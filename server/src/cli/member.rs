//! `runs member`: members of organizations.

use clap::Subcommand;
use model::{OrgSlug, Role};
use serde_json::json;

use super::{CliError, chosen_org, find_org, output, parse_org, with_store};
use crate::auth::password::{Passwords, is_email};
use crate::auth::token::random_token;
use crate::config::Config;

/// Characters of a password that is made here: 120 random bits.
const PASSWORD_CHARS: usize = 20;

#[derive(Subcommand)]
pub(super) enum MemberCommand {
    /// Make a person a member, or change their role; prints the password of a new account
    Add {
        /// What they sign in with
        #[arg(value_parser = parse_email)]
        email: String,
        /// The organization; unset, that of RUNS_ORG, else the only one
        #[arg(long, value_parser = parse_org)]
        org: Option<OrgSlug>,
        /// What they may do: viewer, member, admin or owner
        #[arg(long)]
        role: Role,
        /// Print the member as JSON, with the password of a new account
        #[arg(long)]
        json: bool,
    },
}

impl MemberCommand {
    pub(super) async fn run(self, config: &Config) -> Result<(), CliError> {
        let Self::Add { email, org, role, json } = self;
        with_store(config, async |store| {
            let org = find_org(store, &chosen_org(store, org.as_ref(), config).await?).await?;
            let (account, password) = match store.account_by_email(&email).await? {
                Some(account) => (account, None),
                None => {
                    let password: String = random_token()?.chars().take(PASSWORD_CHARS).collect();
                    let hash = Passwords::default().hash(&password).await?;
                    (store.create_account(&email, &hash).await?, Some(password))
                }
            };
            store.set_member(org.id, account.id, role).await?;
            if json {
                let member = json!({
                    "org": org.slug, "email": email, "role": role, "password": password
                });
                return output::print(member);
            }
            match password {
                Some(password) => {
                    output::tell(format_args!(
                        "{email} is {role} of {}; the password, shown this once:",
                        org.slug
                    ));
                    output::print(password)?;
                }
                None => output::tell(format_args!(
                    "{email} is {role} of {} and keeps their password",
                    org.slug
                )),
            }
            Ok(())
        })
        .await
    }
}

fn parse_email(text: &str) -> Result<String, String> {
    let text = text.trim();
    if is_email(text) { Ok(text.to_lowercase()) } else { Err("not an email address".to_owned()) }
}
