//! What answers that were given again have spared.

use std::collections::HashMap;

use clickhouse::Row;
use serde::Deserialize;

use crate::{OrgStore, StoreError};

/// What the cache has spared one agent.
#[derive(Row, Clone, Copy, Debug, Deserialize)]
pub(crate) struct SavingsRow {
    pub(crate) agent: u64,
    /// Runs that were answered with the answer of another.
    pub(crate) cached_runs: u64,
    /// What the runs that were answered first cost, once for each time that their
    /// answer was given again; null when that of none is known.
    pub(crate) saved_nano_usd: Option<u64>,
    /// The time that they took, without that of giving their answers again.
    pub(crate) saved_us: Option<u64>,
}

/// The engine keeps how often each answer was given again (the projection
/// `answers_served`); the index over ids leads to the runs that gave it first.
pub(crate) const SAVINGS: &str = "SELECT served.agent AS agent, sum(served.times) AS cached_runs,
    sum(original.cost * served.times) AS saved_nano_usd,
    toUInt64(sum(greatest(toInt64(original.latency * served.times) - toInt64(served.took), 0)))
        AS saved_us
FROM
(
    SELECT agent, cached_from, count() AS times, sum(ifNull(latency_us, 0)) AS took
    FROM runs
    WHERE org = {org:UInt64} AND agent IN {agents:Array(UInt64)} AND cached_from != 0
    GROUP BY agent, cached_from
) AS served
LEFT JOIN
(
    SELECT id, any(cost_nano_usd) AS cost, any(latency_us) AS latency
    FROM runs
    WHERE org = {org:UInt64} AND agent IN {agents:Array(UInt64)} AND id IN
    (
        SELECT cached_from FROM runs
        WHERE org = {org:UInt64} AND agent IN {agents:Array(UInt64)} AND cached_from != 0
        GROUP BY cached_from
    )
    GROUP BY id
) AS original ON original.id = served.cached_from
GROUP BY agent LIMIT {limit:UInt64}
SETTINGS join_use_nulls = 1, max_execution_time = 20";

impl OrgStore {
    /// What the cache has spared these agents, by their keys; agents without a
    /// cached run are left out.
    pub(crate) async fn savings(
        &self,
        agents: &[u64],
    ) -> Result<HashMap<u64, SavingsRow>, StoreError> {
        let rows = self
            .query(SAVINGS)
            .param("agents", agents)
            .param("limit", agents.len() as u64)
            .fetch_all::<SavingsRow>()
            .await?;
        Ok(rows.into_iter().map(|row| (row.agent, row)).collect())
    }
}
