//! Input and output of the runs of one page, for showing where a search found them.

use std::collections::HashMap;

use clickhouse::Row;
use model::{Json, RunId, RunItem};
use serde::Deserialize;

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
    WHERE org = {org:UInt64} AND agent IN {agents:Array(UInt64)} AND id IN {ids:Array(UInt128)}
      AND created_at IN
          (SELECT fromUnixTimestamp64Micro(arrayJoin({times:Array(Int64)}), 'UTC'))
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
        let agents = self.live_agents().await?;
        let agents: Vec<u64> = agents
            .iter()
            .filter(|agent| runs.iter().any(|run| run.agent == agent.slug))
            .map(|agent| agent.id)
            .collect();
        let ids: Vec<u128> = runs.iter().map(|run| run.id.as_u128()).collect();
        let times: Vec<i64> = runs.iter().map(|run| run.created_at.0).collect();
        let rows = self
            .query(TEXTS)
            .param("agents", agents)
            .param("ids", ids)
            .param("times", times)
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
