//! Input and output of the runs of one page, for showing where a search found them.

use std::collections::HashMap;

use clickhouse::Row;
use model::{Json, RunId, RunItem};
use serde::Deserialize;

use crate::cards::{KeyRow, keys_param};
use crate::{OrgStore, StoreError};

/// Runs that are larger are not read for this.
const LARGEST_BYTES: u64 = 2 * 1024 * 1024;

/// What went into a run and what came out.
#[derive(Clone, Debug, Deserialize)]
pub struct RunTexts {
    /// The input as it was sent.
    pub input: Option<Json>,
    /// The output as it was sent.
    pub output: Option<Json>,
}

#[derive(Row, Deserialize)]
struct TextRow {
    id: u128,
    body: String,
}

const TEXTS: &str = "SELECT id, body
    FROM run_bodies
    WHERE org = {org:UInt64}
      AND (agent, created_at, id) IN {keys:Array(Tuple(UInt64, DateTime64(6, 'UTC'), UInt128))}
      AND length(body) <= {largest:UInt64}
    LIMIT {limit:UInt64}";

impl OrgStore {
    /// Input and output of these runs, as far as they can be read within the
    /// bounds of an answer while somebody types: very large runs are left out,
    /// and what is not there in time is left out too.
    ///
    /// # Errors
    /// When the engine fails.
    pub async fn run_texts(
        &self,
        runs: &[&RunItem],
    ) -> Result<HashMap<RunId, RunTexts>, StoreError> {
        if runs.is_empty() {
            return Ok(HashMap::new());
        }
        let agents = self.known_agents().await?;
        let keys = runs.iter().filter_map(|run| {
            let agent = agents.named(&run.agent)?.id;
            Some(KeyRow { agent, created_at: run.created_at.0, id: run.id.as_u128() })
        });
        let rows = self
            .query(TEXTS)
            .param("keys", keys_param(keys))
            .param("largest", LARGEST_BYTES)
            .param("limit", runs.len() as u64)
            .with_setting("max_execution_time", "1")
            .with_setting("timeout_overflow_mode", "break")
            .with_setting("max_result_bytes", "16000000")
            .with_setting("result_overflow_mode", "break")
            .fetch_all::<TextRow>()
            .await?;
        rows.into_iter()
            .map(|row| {
                let texts = serde_json::from_str(&row.body)
                    .map_err(|error| StoreError::Corrupt(error.to_string()))?;
                Ok((RunId::from_u128(row.id), texts))
            })
            .collect()
    }
}
