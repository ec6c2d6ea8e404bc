//! The unattended start: organization, owner and key from the environment.

use model::{Role, Scope};
use secrecy::ExposeSecret;
use store::{NewKey, Org, Store, StoreError};

use super::key::shown_prefix;
use super::password::{PasswordError, Passwords};
use super::setup::find_or_create_org;
use super::token::token_hash;
use crate::config::{Bootstrap, bootstrap::Admin};

/// Why the unattended start failed.
#[derive(Debug, thiserror::Error)]
pub enum BootstrapError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The password cannot be used.
    #[error("RUNS_ADMIN_PASSWORD: {0}")]
    Password(#[from] PasswordError),
}

/// Makes what is missing; what is there already stays as it is.
///
/// # Errors
/// When the store does not answer or the password cannot be hashed.
pub async fn bootstrap(
    store: &Store,
    passwords: &Passwords,
    wanted: &Bootstrap,
) -> Result<(), BootstrapError> {
    let org = find_or_create_org(store, &wanted.org).await?;
    if let Some(admin) = &wanted.admin {
        ensure_owner(store, passwords, &org, admin).await?;
    }
    if let Some(key) = &wanted.api_key {
        ensure_key(store, &org, key.expose_secret()).await?;
    }
    Ok(())
}

async fn ensure_owner(
    store: &Store,
    passwords: &Passwords,
    org: &Org,
    admin: &Admin,
) -> Result<(), BootstrapError> {
    let account = match store.account_by_email(&admin.email).await? {
        Some(account) => account,
        None => {
            let hash = passwords.hash(admin.password.expose_secret()).await?;
            store.create_account(&admin.email, &hash).await?
        }
    };
    let is_member = store.memberships(account.id).await?.iter().any(|(own, _)| own.id == org.id);
    if !is_member {
        store.set_member(org.id, account.id, Role::Owner).await?;
    }
    Ok(())
}

async fn ensure_key(store: &Store, org: &Org, key: &str) -> Result<(), StoreError> {
    let hash = token_hash(key);
    if store.key_by_hash(hash).await?.is_none() {
        store
            .create_key(NewKey {
                org: org.id,
                name: "RUNS_API_KEY".to_owned(),
                hash,
                prefix: shown_prefix(key),
                scopes: Scope::ALL.to_vec(),
            })
            .await?;
    }
    Ok(())
}
