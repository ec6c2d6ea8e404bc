//! The versions of an agent.

use clickhouse::Row;
use model::{
    AgentSlug, Micros, NanoUsd, RunVersion, Timestamp, VersionId, VersionNumber, VersionSummary,
};
use serde::Deserialize;

use crate::{OrgStore, StoreError};

/// More versions than anyone reads on one page.
const MAX_VERSIONS: u32 = 500;

#[derive(Row, Deserialize)]
struct VersionRow {
    id: u128,
    major: u32,
    minor: u32,
    snapshot: String,
}

#[derive(Row, Deserialize)]
struct SummaryRow {
    id: u128,
    major: u32,
    minor: u32,
    snapshot: String,
    first_seen: i64,
    last_seen: i64,
    run_count: u64,
    playground_run_count: u64,
    failure_count: u64,
    total_cost_nano_usd: Option<u64>,
    latency_p50_us: Option<f64>,
}

const SUMMARIES: &str = "SELECT v.id AS id, v.major AS major, v.minor AS minor,
    v.snapshot AS snapshot, r.first_seen AS first_seen, r.last_seen AS last_seen,
    r.run_count AS run_count, r.playground_run_count AS playground_run_count,
    r.failure_count AS failure_count,
    r.total_cost_nano_usd AS total_cost_nano_usd, r.latency_p50_us AS latency_p50_us
FROM (SELECT * FROM versions FINAL WHERE org = {org:UInt64} AND agent = {agent:UInt64}) AS v
INNER JOIN
(
    WITH source = 'playground' OR provider = 'echo' AS is_try
    SELECT version_id, min(created_at) AS first_seen, max(created_at) AS last_seen,
        countIf(NOT is_try) AS run_count, countIf(is_try) AS playground_run_count,
        countIf(failed = 1 AND NOT is_try) AS failure_count,
        sumIf(cost_nano_usd, NOT is_try) AS total_cost_nano_usd,
        quantileOrNullIf(0.5)(latency_us, NOT is_try) AS latency_p50_us
    FROM runs WHERE org = {org:UInt64} AND agent = {agent:UInt64}
    GROUP BY version_id
) AS r ON r.version_id = v.id
ORDER BY major DESC, minor DESC LIMIT {limit:UInt32}";

impl OrgStore {
    /// The versions of an agent, newest number first, at most 500. `None` when
    /// there is no such agent.
    ///
    /// # Errors
    /// When the engine fails.
    pub async fn versions(
        &self,
        agent: &AgentSlug,
    ) -> Result<Option<Vec<VersionSummary>>, StoreError> {
        let Some(agent) = self.known_agent(agent).await? else {
            return Ok(None);
        };
        let rows = self
            .query(SUMMARIES)
            .param("agent", agent.id)
            .param("limit", MAX_VERSIONS)
            .fetch_all::<SummaryRow>()
            .await?;
        rows.into_iter().map(VersionSummary::try_from).collect::<Result<_, _>>().map(Some)
    }

    /// One version of an agent, if both exist.
    ///
    /// # Errors
    /// When the engine fails.
    pub async fn version(
        &self,
        agent: &AgentSlug,
        id: VersionId,
    ) -> Result<Option<RunVersion>, StoreError> {
        let Some(agent) = self.known_agent(agent).await? else {
            return Ok(None);
        };
        self.query(
            "SELECT id, major, minor, snapshot FROM versions FINAL
             WHERE org = {org:UInt64} AND agent = {agent:UInt64} AND id = {id:UInt128} LIMIT 1",
        )
        .param("agent", agent.id)
        .param("id", id.0)
        .fetch_optional::<VersionRow>()
        .await?
        .map(RunVersion::try_from)
        .transpose()
    }
}

impl TryFrom<VersionRow> for RunVersion {
    type Error = StoreError;

    fn try_from(row: VersionRow) -> Result<Self, StoreError> {
        let snapshot = serde_json::from_str(&row.snapshot)
            .map_err(|error| StoreError::Corrupt(format!("version: {error}")))?;
        Ok(Self {
            id: VersionId(row.id),
            number: Some(VersionNumber { major: row.major, minor: row.minor }),
            snapshot,
        })
    }
}

impl TryFrom<SummaryRow> for VersionSummary {
    type Error = StoreError;

    fn try_from(row: SummaryRow) -> Result<Self, StoreError> {
        let version = RunVersion::try_from(VersionRow {
            id: row.id,
            major: row.major,
            minor: row.minor,
            snapshot: row.snapshot,
        })?;
        Ok(Self {
            version,
            first_seen: Timestamp(row.first_seen),
            last_seen: Timestamp(row.last_seen),
            run_count: row.run_count,
            playground_run_count: row.playground_run_count,
            failure_count: row.failure_count,
            cost: row.total_cost_nano_usd.map(NanoUsd),
            latency_p50: row.latency_p50_us.map(|us| Micros(us.max(0.0) as u64)),
        })
    }
}
