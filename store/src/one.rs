//! One run by its id.

use model::{AgentSlug, Run, RunId, VersionId};

use crate::agents::LiveAgent;
use crate::rows::{BodyRow, RunRow, run_columns};
use crate::{OrgStore, StoreError};

/// With the bound on time, only the granules around the id's own time are
/// opened; the two microsecond bounds span the id's millisecond.
const BY_ID_AND_TIME: &str = concat!(
    "SELECT ",
    run_columns!(),
    " FROM runs
     WHERE org = {org:UInt64} AND agent IN {agents:Array(UInt64)} AND id = {id:UInt128}
       AND created_at >= fromUnixTimestamp64Micro({from:Int64}, 'UTC')
       AND created_at < fromUnixTimestamp64Micro({until:Int64}, 'UTC')
     LIMIT 1"
);

/// For runs whose client gave another time than their id carries.
const BY_ID: &str = concat!(
    "SELECT ",
    run_columns!(),
    " FROM runs
     WHERE org = {org:UInt64} AND agent IN {agents:Array(UInt64)} AND id = {id:UInt128}
     LIMIT 1"
);

const BODY: &str = "SELECT org, agent, created_at, id, body
    FROM run_bodies
    WHERE org = {org:UInt64} AND agent = {agent:UInt64} AND id = {id:UInt128}
      AND created_at = fromUnixTimestamp64Micro({at:Int64}, 'UTC')
    LIMIT 1";

impl OrgStore {
    /// One run, whole.
    ///
    /// # Errors
    /// When the engine fails.
    pub async fn run(&self, id: RunId) -> Result<Option<Run>, StoreError> {
        let agents = self.live_agents().await?;
        let Some(row) = self.run_row(id, &agents).await? else {
            return Ok(None);
        };
        let rows = [row];
        let (lookup, body) = tokio::try_join!(self.lookup(&rows), self.body(&rows[0]))?;
        let [row] = rows;
        // An agent that was deleted a moment ago takes its runs out of sight.
        if !lookup.agents.contains_key(&row.agent) {
            return Ok(None);
        }
        row.into_whole(&lookup, body).map(Some)
    }

    /// The agent of a run, for links that name the run alone.
    ///
    /// # Errors
    /// When the engine fails.
    pub async fn run_agent(&self, id: RunId) -> Result<Option<AgentSlug>, StoreError> {
        let agents = self.live_agents().await?;
        let row = self.run_row(id, &agents).await?;
        Ok(row.and_then(|row| {
            agents.into_iter().find(|agent| agent.id == row.agent).map(|agent| agent.slug)
        }))
    }

    /// The text of a version as its newest run kept it.
    pub(crate) async fn run_row(
        &self,
        id: RunId,
        agents: &[LiveAgent],
    ) -> Result<Option<RunRow>, StoreError> {
        let agents: Vec<u64> = agents.iter().map(|agent| agent.id).collect();
        let from = id.timestamp().0;
        let near = self
            .query(BY_ID_AND_TIME)
            .param("agents", &agents)
            .param("id", id.as_u128())
            .param("from", from)
            .param("until", from.saturating_add(1_000))
            .fetch_optional::<RunRow>()
            .await?;
        if near.is_some() {
            return Ok(near);
        }
        Ok(self
            .query(BY_ID)
            .param("agents", &agents)
            .param("id", id.as_u128())
            .fetch_optional::<RunRow>()
            .await?)
    }

    async fn body(&self, row: &RunRow) -> Result<BodyRow, StoreError> {
        self.query(BODY)
            .param("agent", row.agent)
            .param("id", row.id)
            .param("at", row.created_at)
            .fetch_optional::<BodyRow>()
            .await?
            .ok_or_else(|| {
                let version = VersionId(row.version_id);
                StoreError::Corrupt(format!(
                    "run {} of version {version} has no body",
                    RunId::from_u128(row.id)
                ))
            })
    }
}
