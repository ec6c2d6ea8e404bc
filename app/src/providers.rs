//! The model providers that an organization can ask: its own, and the server's default.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use store::{OrgId, OrgStore, StoreError, StoredProvider};
use upstream::{InvalidProvider, Provider, ProviderKind, SecretString, Vault, VaultError};

/// How long what was read counts as new.
const FRESH: Duration = Duration::from_secs(2);
/// How long it may be used while it is read again.
const USABLE: Duration = Duration::from_secs(60);

/// How long a request waits for them to be read when they may not be used so long.
const PATIENCE: Duration = Duration::from_millis(500);

/// Why a provider cannot be kept.
#[derive(Debug, thiserror::Error)]
pub enum ProviderError {
    /// Its base URL cannot be one.
    #[error(transparent)]
    Invalid(#[from] InvalidProvider),
    /// Its key cannot be encrypted.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The store fails.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A provider to be kept.
#[derive(Debug)]
pub struct NewProvider {
    /// Its name.
    pub name: String,
    /// What it speaks.
    pub kind: ProviderKind,
    /// Its base URL.
    pub base_url: String,
    /// Its key; `None` leaves the one that it has.
    pub key: Option<SecretString>,
}

/// The providers of every organization. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Providers {
    default: Arc<[Provider]>,
    vault: Vault,
    known: Arc<Mutex<HashMap<OrgId, Known>>>,
}

#[derive(Clone, Debug)]
struct Known {
    providers: Arc<[Provider]>,
    read: Instant,
    is_being_read: bool,
}

impl Providers {
    /// With the server's own providers, which every organization may use.
    #[must_use]
    pub fn new(default: Arc<[Provider]>, vault: Vault) -> Self {
        Self { default, vault, known: Arc::default() }
    }

    /// The names of the server's own providers.
    #[must_use]
    pub fn shared(&self) -> Vec<String> {
        self.default.iter().map(|provider| provider.name().to_owned()).collect()
    }

    /// The providers that an organization can ask: the server's, then its own. One
    /// of its own takes the place of the server's of the same name.
    ///
    /// # Errors
    /// When the store fails, unless it is away and its providers are remembered.
    pub async fn of(&self, store: &OrgStore) -> Result<Arc<[Provider]>, StoreError> {
        let Some((providers, wants_reading)) = self.known(store.org().id) else {
            let old = self.lock().get(&store.org().id).map(|known| Arc::clone(&known.providers));
            let Some(old) = old else { return self.read(store).await };
            // Without a store, or with a slow one, calls of providers go on as before.
            return match tokio::time::timeout(PATIENCE, self.read(store)).await {
                Err(_) | Ok(Err(StoreError::Unavailable(_))) => Ok(old),
                Ok(read) => read,
            };
        };
        if wants_reading {
            // Nobody waits for it: a request must not cost a query now and then.
            let (this, store) = (self.clone(), store.clone());
            tokio::spawn(async move {
                if let Err(error) = this.read(&store).await {
                    tracing::warn!(error = &error as &dyn std::error::Error, "providers not read");
                    this.lock().entry(store.org().id).and_modify(|it| it.is_being_read = false);
                }
            });
        }
        Ok(providers)
    }

    /// Keeps a provider, in place of one of the same name.
    ///
    /// # Errors
    /// When its base URL cannot be one, its key cannot be encrypted, or the store fails.
    pub async fn put(&self, store: &OrgStore, new: NewProvider) -> Result<(), ProviderError> {
        let stored = store.providers().await?;
        let old = stored.into_iter().find(|it| it.name == new.name);
        build(&new.name, new.kind, &new.base_url, None)?;
        let sealed_key = match (&new.key, &old) {
            (Some(key), _) => self.vault.seal(&place(store, &new.name), key)?,
            // A key must not go to another address unless somebody says so.
            (None, Some(old)) if same_origin(&old.base_url, &new.base_url) => {
                old.sealed_key.clone()
            }
            (None, _) => String::new(),
        };
        let provider = StoredProvider {
            name: new.name,
            kind: new.kind.as_str().to_owned(),
            base_url: new.base_url.trim().to_owned(),
            sealed_key,
            created_at: old.map_or_else(crate::read::now, |old| old.created_at),
        };
        store.put_provider(&provider).await?;
        self.forget(store.org().id);
        Ok(())
    }

    /// Removes a provider with its key.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn remove(&self, store: &OrgStore, name: &str) -> Result<(), StoreError> {
        store.remove_provider(name).await?;
        self.forget(store.org().id);
        Ok(())
    }

    fn known(&self, org: OrgId) -> Option<(Arc<[Provider]>, bool)> {
        let mut known = self.lock();
        let found = known.get_mut(&org).filter(|found| found.read.elapsed() < USABLE)?;
        let wants_reading = found.read.elapsed() >= FRESH && !found.is_being_read;
        found.is_being_read |= wants_reading;
        Some((Arc::clone(&found.providers), wants_reading))
    }

    async fn read(&self, store: &OrgStore) -> Result<Arc<[Provider]>, StoreError> {
        let own: Vec<Provider> =
            store.providers().await?.iter().filter_map(|it| self.open(store, it)).collect();
        let is_own = |name: &str| own.iter().any(|provider| provider.name() == name);
        let default = self.default.iter().filter(|provider| !is_own(provider.name())).cloned();
        let providers: Arc<[Provider]> = default.chain(own.iter().cloned()).collect();
        let known =
            Known { providers: Arc::clone(&providers), read: Instant::now(), is_being_read: false };
        self.lock().insert(store.org().id, known);
        Ok(providers)
    }

    fn open(&self, store: &OrgStore, stored: &StoredProvider) -> Option<Provider> {
        let key = match stored.sealed_key.as_str() {
            "" => None,
            sealed => match self.vault.open(&place(store, &stored.name), sealed) {
                Ok(key) => Some(key),
                Err(error) => {
                    tracing::error!(provider = stored.name, %error, "a provider is left out");
                    return None;
                }
            },
        };
        let kind = ProviderKind::read(&stored.kind)?;
        build(&stored.name, kind, &stored.base_url, key).ok()
    }

    fn forget(&self, org: OrgId) {
        self.lock().remove(&org);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<OrgId, Known>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A sealed key opens for its organization and name alone.
fn place(store: &OrgStore, name: &str) -> String {
    format!("{}/{name}", store.org().id.0)
}

fn build(
    name: &str,
    kind: ProviderKind,
    base_url: &str,
    key: Option<SecretString>,
) -> Result<Provider, InvalidProvider> {
    match kind {
        ProviderKind::Anthropic => Provider::anthropic(name, base_url, key),
        ProviderKind::OpenAiCompatible | ProviderKind::Echo => {
            Provider::openai_compatible(name, base_url, key)
        }
    }
}

/// Scheme, host and port: what a key is trusted with.
fn same_origin(one: &str, other: &str) -> bool {
    let origin = |text: &str| Provider::from_base_url(text, None).ok().map(|it| it.origin());
    origin(one).is_some_and(|one| origin(other) == Some(one))
}
