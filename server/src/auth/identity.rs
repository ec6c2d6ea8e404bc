//! Finds out who sent a request: a key, a signed-in person, or nobody.
//!
//! What was found is remembered until the store notices a change, so that nobody
//! waits for a look-up each time; a key that was once seen stays good while the store is
//! away, so that runs can still come in, and so does a session for a while.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use app::auth::{Viewer, ViewerAccount, ViewerKey};
use http::HeaderMap;
use model::{Role, Scope};
use moka::sync::Cache;
use shares::Holder;
use store::{Account, ApiKey, Org, Store, StoreError};

use super::client_ip::network;
use super::cookie::session_token;
use super::failures::Failures;
use super::key::{Presented, presented};
use super::token::token_hash;
use crate::clock::now;
use crate::error::ApiError;

/// A session is looked up anew after this, since its end by time is no change
/// of the store.
const SESSION_TRUST: Duration = Duration::from_secs(60);
/// How long a look-up of a remembered key may take, and for how long the store
/// is taken to be away when it took longer.
const PATIENCE: Duration = Duration::from_millis(500);
/// How long the look-up of a key may take that nobody remembers.
const STRANGER_PATIENCE: Duration = Duration::from_secs(5);
/// How long a session is remembered for times without a store, and so how long it may
/// go on past its end then.
const REMEMBER_SESSION: Duration = Duration::from_secs(15 * 60);
/// How long a key is remembered for times without a store.
const REMEMBER: Duration = Duration::from_secs(24 * 3_600);
const MAX_REMEMBERED: u64 = 10_000;
const BAD_KEYS_AT_ONCE: NonZeroU32 = NonZeroU32::MIN.saturating_add(99);
const BAD_KEY_PERIOD: Duration = Duration::from_secs(1);

/// Who sent a request.
#[derive(Clone, Debug)]
pub enum Identity {
    /// No key and no session.
    Anonymous,
    /// A program with a key.
    Key(Arc<ApiKey>),
    /// A person who signed in.
    Member(Arc<Session>),
}

/// A person who signed in.
#[derive(Clone, Debug)]
pub struct Session {
    /// Their account.
    pub account: Account,
    /// Their organizations, oldest first.
    pub memberships: Vec<(Org, Role)>,
}

struct Seen<T> {
    /// When the reading of it began.
    read: Instant,
    what: Arc<T>,
}

struct Known {
    read: Instant,
    hashes: HashSet<[u8; 32]>,
}

/// Looks up keys and sessions.
pub struct Authenticator {
    store: Store,
    keys: Cache<[u8; 32], Arc<Seen<ApiKey>>>,
    sessions: Cache<[u8; 32], Arc<Seen<Session>>>,
    bad_keys: Failures<IpAddr>,
    /// The hashes of all keys, for when an address has shown too many bad ones.
    known: tokio::sync::Mutex<Option<Known>>,
    /// When the store last failed to tell about a remembered key.
    away_since: Mutex<Option<Instant>>,
}

impl Authenticator {
    /// One that knows nobody yet.
    #[must_use]
    pub fn new(store: Store) -> Self {
        let sessions =
            Cache::builder().max_capacity(MAX_REMEMBERED).time_to_live(REMEMBER_SESSION).build();
        Self {
            store,
            keys: Cache::builder().max_capacity(MAX_REMEMBERED).time_to_live(REMEMBER).build(),
            sessions,
            bad_keys: Failures::new(BAD_KEYS_AT_ONCE, BAD_KEY_PERIOD),
            known: tokio::sync::Mutex::default(),
            away_since: Mutex::default(),
        }
    }

    /// Who sent a request with these headers from this address.
    ///
    /// # Errors
    /// 401 for a key that opens nothing, 429 for one after many of them, 503 without a store.
    pub async fn identify(
        &self,
        headers: &HeaderMap,
        client: IpAddr,
    ) -> Result<Identity, ApiError> {
        match presented(headers) {
            Presented::Key(key) => self.key(key, client).await,
            Presented::Malformed => Err(ApiError::unauthorized()),
            Presented::None => match session_token(headers) {
                Some(token) => Ok(self.session(&token).await?),
                None => Ok(Identity::Anonymous),
            },
        }
    }

    /// Forgets a session, so that signing out takes effect at once.
    pub fn forget_session(&self, token_hash: &[u8; 32]) {
        self.sessions.invalidate(token_hash);
    }

    async fn key(&self, key: &str, client: IpAddr) -> Result<Identity, ApiError> {
        let hash = token_hash(key);
        let client = network(client);
        let seen = self.keys.get(&hash).filter(|seen| !self.store.is_revoked(seen.what.id));
        if let Some(seen) = &seen
            && (self.store.is_fresh(seen.read) || self.store_is_away())
        {
            return Ok(Identity::Key(Arc::clone(&seen.what)));
        }
        // Counted until it turns out to be good, so that many at once are no way around it.
        let counted = match &seen {
            Some(_) => Ok(()),
            None => self.bad_keys.count(&client),
        };
        if let Err(wait) = counted
            && !within(STRANGER_PATIENCE, self.is_known(hash)).await?
        {
            return Err(ApiError::too_many_attempts(wait));
        }
        let read = Instant::now();
        let patience = if seen.is_some() { PATIENCE } else { STRANGER_PATIENCE };
        let found = tokio::time::timeout(patience, self.store.key_by_hash(hash)).await.ok();
        if seen.is_none() && counted.is_ok() && !matches!(found, Some(Ok(None))) {
            self.bad_keys.forgive(&client);
        }
        match (found, seen) {
            (Some(Ok(Some(key))), _) => {
                let what = Arc::new(key);
                let seen = Seen { read, what: Arc::clone(&what) };
                self.keys.insert(hash, Arc::new(seen));
                Ok(Identity::Key(what))
            }
            (Some(Ok(None)), _) => {
                self.keys.invalidate(&hash);
                Err(ApiError::unauthorized())
            }
            (None | Some(Err(StoreError::Unavailable(_))), Some(seen)) => {
                *self.away() = Some(Instant::now());
                Ok(Identity::Key(Arc::clone(&seen.what)))
            }
            (Some(Err(error)), _) => Err(error.into()),
            (None, None) => Err(no_answer()),
        }
    }

    /// Whether there is a key with this hash. Costs a query only when keys have changed, so
    /// that an address may ask for ever: others may have good keys there, behind one proxy.
    async fn is_known(&self, hash: [u8; 32]) -> Result<bool, StoreError> {
        let mut known = self.known.lock().await;
        let fresh = known.take().filter(|known| self.store.is_fresh(known.read));
        let fresh = match fresh {
            Some(fresh) => fresh,
            None => Known { read: Instant::now(), hashes: self.store.key_hashes().await? },
        };
        Ok(known.insert(fresh).hashes.contains(&hash))
    }

    fn store_is_away(&self) -> bool {
        self.away().is_some_and(|since| since.elapsed() < PATIENCE)
    }

    fn away(&self) -> MutexGuard<'_, Option<Instant>> {
        self.away_since.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn session(&self, token: &str) -> Result<Identity, StoreError> {
        let hash = token_hash(token);
        let seen = self.sessions.get(&hash);
        if let Some(seen) = &seen
            && seen.read.elapsed() < SESSION_TRUST
            && self.store.is_fresh(seen.read)
        {
            return Ok(Identity::Member(Arc::clone(&seen.what)));
        }
        let read = Instant::now();
        match (self.look_up_session(hash).await, seen) {
            (Ok(Some(session)), _) => {
                let what = Arc::new(session);
                self.sessions.insert(hash, Arc::new(Seen { read, what: Arc::clone(&what) }));
                Ok(Identity::Member(what))
            }
            (Ok(None), _) => {
                self.sessions.invalidate(&hash);
                Ok(Identity::Anonymous)
            }
            // The status page is read most when the store is away.
            (Err(StoreError::Unavailable(_)), Some(seen)) => {
                Ok(Identity::Member(Arc::clone(&seen.what)))
            }
            (Err(error), _) => Err(error),
        }
    }

    async fn look_up_session(&self, hash: [u8; 32]) -> Result<Option<Session>, StoreError> {
        let Some(account) = self.store.session_account(hash, now()).await? else {
            return Ok(None);
        };
        let memberships = self.store.memberships(account.id).await?;
        Ok(Some(Session { account, memberships }))
    }
}

async fn within<T>(
    patience: Duration,
    work: impl Future<Output = Result<T, StoreError>>,
) -> Result<T, ApiError> {
    tokio::time::timeout(patience, work).await.map_err(|_| no_answer())?.map_err(ApiError::from)
}

fn no_answer() -> ApiError {
    ApiError::unavailable("the database does not answer")
}

impl Identity {
    /// Who uses what organizations share, when a request of theirs for a path is answered:
    /// of a person's organizations the one that the path names, else the oldest. A stranger
    /// is known by the network that it comes from.
    #[must_use]
    pub fn holder(&self, client: IpAddr, path: &str) -> Holder {
        match self {
            Self::Anonymous => {
                let mut hasher = DefaultHasher::new();
                network(client).hash(&mut hasher);
                Holder { org: 0, key: hasher.finish() }
            }
            Self::Key(key) => Holder { org: key.org.id.0, key: key.id },
            Self::Member(session) => {
                let path = path.strip_prefix("/v1").unwrap_or(path);
                let name = path.split('/').nth(1).unwrap_or_default();
                let all = &session.memberships;
                let named = all.iter().find(|(org, _)| org.slug.as_str() == name);
                let org = named.or(all.first()).map_or(0, |(org, _)| org.id.0);
                Holder { org, key: session.account.id.0 }
            }
        }
    }

    /// What pages and server functions are told.
    #[must_use]
    pub fn viewer(&self) -> Viewer {
        match self {
            Self::Anonymous => Viewer::default(),
            Self::Key(key) => Viewer {
                account: None,
                key: Some(ViewerKey {
                    id: key.id,
                    name: key.name.clone(),
                    scopes: key.scopes.clone(),
                }),
                memberships: key_role(&key.scopes)
                    .map(|role| (key.org.clone(), role))
                    .into_iter()
                    .collect(),
            },
            Self::Member(session) => Viewer {
                account: Some(ViewerAccount {
                    id: session.account.id,
                    email: session.account.email.clone(),
                }),
                key: None,
                memberships: session.memberships.clone(),
            },
        }
    }
}

/// A key reads pages as a viewer does; without the scope it opens none.
fn key_role(scopes: &[Scope]) -> Option<Role> {
    scopes.contains(&Scope::Read).then_some(Role::Viewer)
}

#[cfg(test)]
mod tests {
    use model::OrgSlug;
    use store::{AccountId, OrgId};

    use super::*;

    #[test]
    fn what_a_person_uses_is_the_organization_s_that_the_path_names() {
        let member = |id, slug: &str| {
            let (name, slug) = (slug.to_owned(), OrgSlug::new(slug).unwrap());
            (Org { id: OrgId(id), slug, name, created_at: now() }, Role::Member)
        };
        let (email, password_hash) = ("a@example.com".to_owned(), String::new());
        let account = Account { id: AccountId(7), email, password_hash };
        let memberships = vec![member(1, "acme"), member(2, "beta")];
        let identity = Identity::Member(Arc::new(Session { account, memberships }));
        let client = IpAddr::from([192, 0, 2, 1]);
        for (path, org) in [
            ("/beta/agents/a", 2),
            ("/v1/beta/runs/search", 2),
            ("/acme", 1),
            ("/gamma/agents", 1),
            ("/api/settings/status", 1),
            ("/", 1),
        ] {
            assert_eq!(identity.holder(client, path), Holder { org, key: 7 }, "{path}");
        }
    }
}
