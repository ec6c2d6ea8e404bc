//! `runs member`: members of organizations.

use clap::Subcommand;
use model::{OrgSlug, Role};

use super::{CliError, find_org, output, parse_org, with_store};
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
        /// The organization
        #[arg(long, value_parser = parse_org)]
        org: OrgSlug,
        /// What they may do: viewer, member, admin or owner
        #[arg(long)]
        role: Role,
    },
}

impl MemberCommand {
    pub(super) async fn run(self, config: &Config) -> Result<(), CliError> {
        let Self::Add { email, org, role } = self;
        with_store(config, async |store| {
            let org = find_org(store, &org).await?;
            let (account, password) = match store.account_by_email(&email).await? {
                Some(account) => (account, None),
                None => {
                    let password: String = random_token()?.chars().take(PASSWORD_CHARS).collect();
                    let hash = Passwords::default().hash(&password).await?;
                    (store.create_account(&email, &hash).await?, Some(password))
                }
            };
            store.set_member(org.id, account.id, role).await?;
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
