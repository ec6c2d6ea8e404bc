//! Recognises runs that are stored already: one id is one run.

use std::collections::HashMap;

use clickhouse::Row;
use model::{NewRun, RunId};
use serde::{Deserialize, Serialize};

use crate::{OrgStore, StoreError};

/// What is to be done with a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It is not stored yet.
    New,
    /// The very same run is stored, or comes earlier in this batch.
    Stored,
    /// Its id belongs to a run with other content.
    IdTaken,
}

#[derive(Row, Deserialize)]
struct StoredRow {
    id: u128,
    content_hash: u128,
}

#[derive(Row, Serialize, Deserialize)]
pub(super) struct KeyRow {
    pub(super) org: u64,
    pub(super) client_key: u128,
    pub(super) agent: u64,
    pub(super) run: u128,
}

#[derive(Row, Deserialize)]
struct KeyedRunRow {
    client_key: u128,
    run: u128,
}

/// Nearly every id carries its run's time, so the bound keeps old parts shut.
const STORED_NEAR: &str = "SELECT id, content_hash FROM runs
    WHERE org = {org:UInt64} AND id IN {ids:Array(UInt128)}
      AND created_at >= fromUnixTimestamp64Micro({from:Int64}, 'UTC')
      AND created_at < fromUnixTimestamp64Micro({until:Int64}, 'UTC')";

const KEYED: &str = "SELECT client_key, run FROM run_keys FINAL
    WHERE org = {org:UInt64} AND client_key IN {keys:Array(UInt128)}";

impl OrgStore {
    /// Gives runs that were sent before under the same key the id they got then.
    pub(super) async fn adopt_client_keys(&self, runs: &mut [NewRun]) -> Result<(), StoreError> {
        let keys: Vec<u128> =
            runs.iter().filter_map(|new| new.client_key).map(|key| key.as_u128()).collect();
        if keys.is_empty() {
            return Ok(());
        }
        let rows = self.query(KEYED).param("keys", keys).fetch_all::<KeyedRunRow>().await?;
        let mut ids: HashMap<u128, RunId> =
            rows.into_iter().map(|row| (row.client_key, RunId::from_u128(row.run))).collect();
        for new in runs {
            if let Some(key) = new.client_key {
                new.run.id = *ids.entry(key.as_u128()).or_insert(new.run.id);
            }
        }
        Ok(())
    }

    /// Holds runs against those stored and against one another.
    pub(super) async fn find_duplicates(
        &self,
        runs: &[NewRun],
        hashes: &[u128],
    ) -> Result<Vec<Verdict>, StoreError> {
        let mut seen = self.stored_hashes(runs).await?;
        Ok(runs
            .iter()
            .zip(hashes)
            .map(|(new, hash)| match seen.insert(new.run.id.as_u128(), *hash) {
                None => Verdict::New,
                Some(stored) if stored == *hash => Verdict::Stored,
                Some(stored) => {
                    seen.insert(new.run.id.as_u128(), stored);
                    Verdict::IdTaken
                }
            })
            .collect())
    }

    async fn stored_hashes(&self, runs: &[NewRun]) -> Result<HashMap<u128, u128>, StoreError> {
        let ids: Vec<u128> = runs.iter().map(|new| new.run.id.as_u128()).collect();
        // A run's own time and its id's can differ when the client gave both.
        let times = || runs.iter().flat_map(|new| [new.run.created_at.0, new.run.id.timestamp().0]);
        let from = times().min().unwrap_or_default();
        let until = times().max().unwrap_or_default().saturating_add(1_000);
        let rows = self
            .query(STORED_NEAR)
            .param("ids", ids)
            .param("from", from)
            .param("until", until)
            .fetch_all::<StoredRow>()
            .await?;
        Ok(rows.into_iter().map(|row| (row.id, row.content_hash)).collect())
    }
}
