//! Model providers that an organization has set up.

use clickhouse::Row;
use model::Timestamp;
use serde::{Deserialize, Serialize};

use crate::clock::now;
use crate::{OrgStore, StoreError};

/// More providers than anyone sets up.
const MAX_PROVIDERS: u32 = 1_000;

/// A provider as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredProvider {
    /// Its name within the organization.
    pub name: String,
    /// The word for what it speaks.
    pub kind: String,
    /// Its base URL.
    pub base_url: String,
    /// Its key, encrypted; empty when it has none.
    pub sealed_key: String,
    /// When it was set up.
    pub created_at: Timestamp,
}

#[derive(Row, Serialize)]
struct NewRow<'a> {
    org: u64,
    name: &'a str,
    kind: &'a str,
    base_url: &'a str,
    sealed_key: &'a str,
    created_at: i64,
    removed: u8,
    updated_at: i64,
}

#[derive(Row, Deserialize)]
struct ProviderRow {
    name: String,
    kind: String,
    base_url: String,
    sealed_key: String,
    created_at: i64,
}

const PROVIDERS: &str = "SELECT name, kind, base_url, sealed_key, created_at
    FROM providers FINAL
    WHERE org = {org:UInt64} AND removed = 0
    ORDER BY created_at, name LIMIT {limit:UInt32}";

impl OrgStore {
    /// The providers of the organization, the oldest first.
    ///
    /// # Errors
    /// When the engine fails.
    pub async fn providers(&self) -> Result<Vec<StoredProvider>, StoreError> {
        let rows =
            self.query(PROVIDERS).param("limit", MAX_PROVIDERS).fetch_all::<ProviderRow>().await?;
        let providers = rows.into_iter().map(|row| StoredProvider {
            name: row.name,
            kind: row.kind,
            base_url: row.base_url,
            sealed_key: row.sealed_key,
            created_at: Timestamp(row.created_at),
        });
        Ok(providers.collect())
    }

    /// Keeps a provider, in place of one of the same name.
    ///
    /// # Errors
    /// When the engine fails.
    pub async fn put_provider(&self, provider: &StoredProvider) -> Result<(), StoreError> {
        self.write_provider(provider, 0).await
    }

    /// Removes a provider, and its key with it; an unknown name changes nothing.
    ///
    /// # Errors
    /// When the engine fails.
    pub async fn remove_provider(&self, name: &str) -> Result<(), StoreError> {
        let providers = self.providers().await?;
        let Some(mut provider) = providers.into_iter().find(|it| it.name == name) else {
            return Ok(());
        };
        provider.sealed_key.clear();
        self.write_provider(&provider, 1).await
    }

    async fn write_provider(
        &self,
        provider: &StoredProvider,
        removed: u8,
    ) -> Result<(), StoreError> {
        let mut insert = self.client().insert::<NewRow<'_>>("providers").await?;
        insert
            .write(&NewRow {
                org: self.org().id.0,
                name: &provider.name,
                kind: &provider.kind,
                base_url: &provider.base_url,
                sealed_key: &provider.sealed_key,
                created_at: provider.created_at.0,
                removed,
                updated_at: now().0,
            })
            .await?;
        insert.end().await?;
        Ok(())
    }
}
