//! Keys of programs. Only a key's hash is kept.

use std::collections::HashSet;
use std::sync::PoisonError;

use clickhouse::Row;
use model::{OrgSlug, Scope, Timestamp};
use serde::{Deserialize, Serialize};

use crate::clock::{now, random_id};
use crate::sessions::hex;
use crate::{Org, OrgId, Store, StoreError};

/// A key to be made.
#[derive(Clone, Debug)]
pub struct NewKey {
    /// The organization that it opens.
    pub org: OrgId,
    /// Its name for people.
    pub name: String,
    /// Hash of the whole key.
    pub hash: [u8; 32],
    /// The key's first characters, by which people tell keys apart.
    pub prefix: String,
    /// What it may do.
    pub scopes: Vec<Scope>,
}

/// A key as the store knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiKey {
    /// Its own id.
    pub id: u64,
    /// The organization that it opens.
    pub org: Org,
    /// Its name for people.
    pub name: String,
    /// The key's first characters.
    pub prefix: String,
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// When it was made.
    pub created_at: Timestamp,
}

#[derive(Row, Serialize)]
struct NewKeyRow {
    id: u64,
    org: u64,
    name: String,
    hash: String,
    prefix: String,
    scopes: Vec<String>,
    created_at: i64,
    revoked_at: Option<i64>,
    updated_at: i64,
}

#[derive(Row, Deserialize)]
struct KeyRow {
    id: u64,
    name: String,
    prefix: String,
    scopes: Vec<String>,
    created_at: i64,
    org: u64,
    org_slug: String,
    org_name: String,
    org_created_at: i64,
}

const SELECT_KEYS: &str =
    "SELECT k.id AS id, k.name AS name, k.prefix AS prefix, k.scopes AS scopes,
       k.created_at AS created_at, o.id AS org, o.slug AS org_slug, o.name AS org_name,
       o.created_at AS org_created_at
FROM (SELECT * FROM api_keys FINAL) AS k
INNER JOIN (SELECT * FROM organizations FINAL) AS o ON o.id = k.org
WHERE k.revoked_at IS NULL AND ({hash:String} = '' OR k.hash = {hash:String})
  AND ({org:UInt64} = 0 OR k.org = {org:UInt64})
ORDER BY created_at LIMIT 10000";

impl TryFrom<KeyRow> for ApiKey {
    type Error = StoreError;

    fn try_from(row: KeyRow) -> Result<Self, StoreError> {
        let corrupt = |what: String| StoreError::Corrupt(format!("key {}: {what}", row.id));
        let scopes = row
            .scopes
            .iter()
            .map(|word| word.parse::<Scope>().map_err(|error| corrupt(error.to_string())))
            .collect::<Result<_, _>>()?;
        let slug =
            OrgSlug::of_existing(&row.org_slug).map_err(|error| corrupt(error.to_string()))?;
        let org = Org {
            id: OrgId(row.org),
            slug,
            name: row.org_name,
            created_at: Timestamp(row.org_created_at),
        };
        Ok(Self {
            id: row.id,
            org,
            name: row.name,
            prefix: row.prefix,
            scopes,
            created_at: Timestamp(row.created_at),
        })
    }
}

impl Store {
    /// Keeps a new key and gives its id.
    ///
    /// # Errors
    /// When the engine fails.
    pub async fn create_key(&self, new: NewKey) -> Result<u64, StoreError> {
        let at = now().0;
        let id = random_id();
        let mut insert = self.client.insert::<NewKeyRow>("api_keys").await?;
        insert
            .write(&NewKeyRow {
                id,
                org: new.org.0,
                name: new.name,
                hash: hex(new.hash),
                prefix: new.prefix,
                scopes: new.scopes.into_iter().map(|scope| scope.to_string()).collect(),
                created_at: at,
                revoked_at: None,
                updated_at: at,
            })
            .await?;
        insert.end().await?;
        Ok(id)
    }

    /// The key with this hash, unless it was revoked.
    ///
    /// # Errors
    /// When the engine fails.
    pub async fn key_by_hash(&self, hash: [u8; 32]) -> Result<Option<ApiKey>, StoreError> {
        self.client
            .query(SELECT_KEYS)
            .param("hash", hex(hash))
            .param("org", 0_u64)
            .fetch_optional::<KeyRow>()
            .await?
            .map(ApiKey::try_from)
            .transpose()
    }

    /// The hashes of all keys that were not revoked.
    ///
    /// # Errors
    /// When the engine fails.
    pub async fn key_hashes(&self) -> Result<HashSet<[u8; 32]>, StoreError> {
        const HASHES: &str =
            "SELECT hash FROM api_keys FINAL WHERE revoked_at IS NULL LIMIT 10000000";
        let rows = self.client.query(HASHES).fetch_all::<String>().await?;
        let corrupt = || StoreError::Corrupt("the hash of a key is no hash".to_owned());
        let bytes = |row: &String| blake3::Hash::from_hex(row).map(|hash| *hash.as_bytes());
        rows.iter().map(|row| bytes(row).map_err(|_| corrupt())).collect()
    }

    /// The keys of an organization that were not revoked, oldest first.
    ///
    /// # Errors
    /// When the engine fails.
    pub async fn keys(&self, org: OrgId) -> Result<Vec<ApiKey>, StoreError> {
        self.client
            .query(SELECT_KEYS)
            .param("hash", "")
            .param("org", org.0)
            .fetch_all::<KeyRow>()
            .await?
            .into_iter()
            .map(ApiKey::try_from)
            .collect()
    }

    /// Revokes a key of an organization; unknown ids change nothing.
    ///
    /// # Errors
    /// When the engine fails.
    pub async fn revoke_key(&self, org: OrgId, id: u64) -> Result<(), StoreError> {
        self.client
            .query(
                "INSERT INTO api_keys
                 SELECT id, org, name, hash, prefix, scopes, created_at,
                        now64(6) AS revoked_at, now64(6) AS updated_at
                 FROM api_keys FINAL WHERE org = {org:UInt64} AND id = {id:UInt64}",
            )
            .param("org", org.0)
            .param("id", id)
            .execute()
            .await?;
        let mut revoked = self.registry.revoked.write().unwrap_or_else(PoisonError::into_inner);
        revoked.insert(id);
        Ok(())
    }

    /// Whether this process revoked the key with this id. Asks nobody, so that
    /// whoever remembers keys can ask each time.
    #[must_use]
    pub fn is_revoked(&self, id: u64) -> bool {
        self.registry.revoked.read().unwrap_or_else(PoisonError::into_inner).contains(&id)
    }
}
