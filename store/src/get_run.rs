//! One run by its id.

use std::time::Duration;

use model::{AgentSlug, Run, RunId, VersionId};

use crate::cards::{CardRow, RunRow, card_columns};
use crate::directory::Agents;
use crate::rows::BodyRow;
use crate::{OrgStore, StoreError};

/// With the bound on time, only the granules around the id's own time are
/// opened; the two microsecond bounds span the id's millisecond.
const BY_ID_AND_TIME: &str = concat!(
    "SELECT ",
    card_columns!(),
    " FROM cards
     WHERE org = {org:UInt64} AND agent IN {agents:Array(UInt64)} AND id = {id:UInt128}
       AND created_at >= fromUnixTimestamp64Micro({from:Int64}, 'UTC')
       AND created_at < fromUnixTimestamp64Micro({until:Int64}, 'UTC')
     LIMIT 1"
);

/// For runs whose client gave another time than their id carries: `runs` has an
/// index over ids.
const BY_ID: &str = concat!(
    "SELECT ",
    card_columns!(),
    " FROM cards
     WHERE org = {org:UInt64} AND (agent, created_at, id) IN
     (
         SELECT agent, created_at, id FROM runs
         WHERE org = {org:UInt64} AND agent IN {agents:Array(UInt64)} AND id = {id:UInt128}
         LIMIT 1
     )
     LIMIT 1"
);

const BODY: &str = "SELECT org, agent, created_at, id, body
    FROM run_bodies
    WHERE org = {org:UInt64} AND agent IN {agents:Array(UInt64)} AND id = {id:UInt128}
      AND created_at >= fromUnixTimestamp64Micro({from:Int64}, 'UTC')
      AND created_at < fromUnixTimestamp64Micro({until:Int64}, 'UTC')
    LIMIT 1";

/// A run that was just accepted is waited for so long: only in the tables it has
/// the numbers of its version and schema.
const DRAIN_PATIENCE: Duration = Duration::from_millis(500);

impl OrgStore {
    /// One run, whole.
    ///
    /// # Errors
    /// When the engine fails.
    pub async fn run(&self, id: RunId) -> Result<Option<Run>, StoreError> {
        if let Some(undrained) = self.store.undrained() {
            undrained.wait_until_drained(self.org().id, id, DRAIN_PATIENCE).await;
        }
        if let Some(run) = self.undrained(id).await {
            return Ok(Some(run));
        }
        // Nearly every run lies at its id's own time, so its body is asked for along.
        let (row, near) = tokio::try_join!(self.run_row(id), self.body_near(id))?;
        let Some(row) = row else {
            return Ok(self.aside(id).await);
        };
        let rows = [row];
        let near = near.filter(|body| is_of(body, &rows[0]));
        let (lookup, body) = tokio::try_join!(self.lookup(&rows), async {
            match near {
                Some(body) => Ok(Some(body)),
                None => self.body(&rows[0]).await,
            }
        })?;
        let [row] = rows;
        match body {
            // An agent that was deleted a moment ago takes its runs out of sight.
            _ if lookup.agents.slug(row.agent).is_none() => Ok(None),
            Some(body) => row.into_whole(&lookup, body).map(Some),
            None => Err(StoreError::Corrupt(format!(
                "run {} of version {} has no body",
                RunId::from_u128(row.id),
                VersionId(row.card.version_id)
            ))),
        }
    }

    /// The agent of a run, for links that name the run alone.
    ///
    /// # Errors
    /// When the engine fails.
    pub async fn run_agent(&self, id: RunId) -> Result<Option<AgentSlug>, StoreError> {
        if let Some(run) = self.undrained(id).await {
            return Ok(Some(run.agent));
        }
        let Some(row) = self.run_row(id).await? else {
            return Ok(self.aside(id).await.map(|run| run.agent));
        };
        Ok(self.known_agents().await?.slug(row.agent).cloned())
    }

    /// A run that is not in the tables yet.
    pub(crate) async fn undrained(&self, id: RunId) -> Option<Run> {
        let undrained = self.store.undrained()?;
        undrained.find(self.org().id, id).await
    }

    /// A run that could not be stored.
    async fn aside(&self, id: RunId) -> Option<Run> {
        let undrained = self.store.undrained()?;
        undrained.find_aside(self.org().id, id).await
    }

    /// The narrow part of a run, by its id or by the client's own id for it.
    pub(crate) async fn run_row(&self, id: RunId) -> Result<Option<RunRow>, StoreError> {
        let known = self.known_agents().await?;
        let found = self.run_row_of(id, &known).await?;
        if found.is_some() {
            return Ok(found);
        }
        // Another server may have made the run's agent a moment ago.
        let agents = self.read_agents().await?;
        if agents.ids() != known.ids()
            && let Some(row) = self.run_row_of(id, &agents).await?
        {
            return Ok(Some(row));
        }
        match self.run_named(id, &agents.ids()).await? {
            Some(named) => self.run_row_of(named, &agents).await,
            None => Ok(None),
        }
    }

    async fn run_row_of(&self, id: RunId, agents: &Agents) -> Result<Option<RunRow>, StoreError> {
        let agents = agents.ids();
        let (from, until) = own_time(id);
        let near = self
            .query(BY_ID_AND_TIME)
            .param("agents", &agents)
            .param("id", id.as_u128())
            .param("from", from)
            .param("until", until)
            .fetch_optional::<CardRow>()
            .await?;
        let row = match near {
            Some(row) => Some(row),
            None => {
                let query = self.query(BY_ID).param("agents", &agents).param("id", id.as_u128());
                query.fetch_optional::<CardRow>().await?
            }
        };
        row.map(RunRow::try_from).transpose()
    }

    async fn body_near(&self, id: RunId) -> Result<Option<BodyRow>, StoreError> {
        let agents = self.known_agents().await?.ids();
        let (from, until) = own_time(id);
        self.body_between(agents, id.as_u128(), from, until).await
    }

    async fn body(&self, row: &RunRow) -> Result<Option<BodyRow>, StoreError> {
        let at = row.created_at;
        self.body_between(vec![row.agent], row.id, at, at.saturating_add(1)).await
    }

    async fn body_between(
        &self,
        agents: Vec<u64>,
        id: u128,
        from: i64,
        until: i64,
    ) -> Result<Option<BodyRow>, StoreError> {
        self.query(BODY)
            .param("agents", agents)
            .param("id", id)
            .param("from", from)
            .param("until", until)
            .fetch_optional::<BodyRow>()
            .await
    }
}

/// The microseconds of the millisecond that an id carries: the first, and the one
/// after the last.
fn own_time(id: RunId) -> (i64, i64) {
    let from = id.timestamp().0;
    (from, from.saturating_add(1_000))
}

fn is_of(body: &BodyRow, row: &RunRow) -> bool {
    (body.agent, body.created_at, body.id) == (row.agent, row.created_at, row.id)
}
