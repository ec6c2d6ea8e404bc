//! Deleting an agent, which is the only way to delete runs.

use std::sync::atomic::Ordering;

use clickhouse::Row;
use futures::FutureExt;
use futures::future::ready;
use model::{AgentSlug, RunId};
use serde::{Deserialize, Serialize};

use crate::agents::LiveAgent;
use crate::clock::now;
use crate::ingest::Known;
use crate::undrained::Forgotten;
use crate::{OrgStore, Store, StoreError};

/// What deleting an agent removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeletedAgent {
    /// How many runs it had.
    pub deleted_runs: u64,
}

#[derive(Row, Serialize)]
pub(crate) struct AgentUpsert<'a> {
    pub(crate) org: u64,
    pub(crate) slug: &'a str,
    pub(crate) id: u64,
    pub(crate) name: &'a str,
    pub(crate) first_seen: i64,
    pub(crate) deleted: u8,
    pub(crate) updated_at: i64,
}

/// Tables whose rows belong to an agent, those with runs first.
const DELETES: [&str; 10] = [
    "DELETE FROM runs WHERE org = {org:UInt64} AND agent = {agent:UInt64}",
    "DELETE FROM cards WHERE org = {org:UInt64} AND agent = {agent:UInt64}",
    "DELETE FROM run_bodies WHERE org = {org:UInt64} AND agent = {agent:UInt64}",
    "DELETE FROM reviews WHERE org = {org:UInt64} AND agent = {agent:UInt64}",
    "DELETE FROM versions WHERE org = {org:UInt64} AND agent = {agent:UInt64}",
    "DELETE FROM views WHERE org = {org:UInt64} AND agent = {agent:UInt64}",
    "DELETE FROM schemas WHERE org = {org:UInt64} AND agent = {agent:UInt64}",
    "DELETE FROM run_keys WHERE org = {org:UInt64} AND agent = {agent:UInt64}",
    "DELETE FROM chat_states WHERE org = {org:UInt64} AND agent = {agent:UInt64}",
    "DELETE FROM cached_answers WHERE org = {org:UInt64} AND agent = {agent:UInt64}",
];

/// The rows themselves, not the sums that are kept beside them.
const COUNT: &str = "SELECT count() FROM runs WHERE org = {org:UInt64} AND agent = {agent:UInt64}
    SETTINGS optimize_use_projections = 0";

const COUNT_IDS: &str = "SELECT uniqExact(id) FROM runs
    WHERE org = {org:UInt64} AND agent = {agent:UInt64} AND id IN {ids:Array(UInt128)}";
/// Ids that one query counts.
const COUNTED_AT_ONCE: usize = 10_000;

const COUNT_LEFT: &str = "SELECT sum(rows) FROM
(
    SELECT count() AS rows FROM runs WHERE org = {org:UInt64} AND agent = {agent:UInt64}
    UNION ALL
    SELECT count() AS rows FROM cards WHERE org = {org:UInt64} AND agent = {agent:UInt64}
    UNION ALL
    SELECT count() AS rows FROM run_bodies WHERE org = {org:UInt64} AND agent = {agent:UInt64}
    UNION ALL
    SELECT count() AS rows FROM chat_states WHERE org = {org:UInt64} AND agent = {agent:UInt64}
)
SETTINGS optimize_use_projections = 0";

impl OrgStore {
    /// Deletes an agent with all its runs: hidden at once, then removed from
    /// every table, then counted to be gone. `None` when there is no such agent.
    ///
    /// # Errors
    /// When the engine fails, or when runs are still there afterwards.
    pub async fn delete_agent(&self, slug: &AgentSlug) -> Result<Option<DeletedAgent>, StoreError> {
        // An ingest that has looked the agent up must not write behind the removal.
        let mut known = self.store.registry.ingest.lock().await;
        let agent = self.live_agent(slug).await?;
        let key = agent.as_ref().map(|agent| agent.id);
        let Forgotten { runs: undrained, gone } = match self.store.undrained() {
            Some(undrained) => {
                undrained.forget_agent(self.org(), slug, key).await.map_err(StoreError::Spool)?
            }
            None => Forgotten { runs: Vec::new(), gone: ready(()).boxed() },
        };
        let Some(agent) = agent else {
            drop(known);
            gone.await;
            let deleted_runs = undrained.len() as u64;
            return Ok((deleted_runs > 0).then_some(DeletedAgent { deleted_runs }));
        };
        self.mark_deleted(&agent).await?;
        self.forget(&mut known, agent.id);
        drop(known);

        let stored: u64 = self.query(COUNT).param("agent", agent.id).fetch_one().await?;
        let deleted_runs = stored + self.count_others(agent.id, &undrained).await?;
        self.store.remove_rows(self.org().id.0, agent.id).await?;
        gone.await;
        let left: u64 = self.query(COUNT_LEFT).param("agent", agent.id).fetch_one().await?;
        if left > 0 {
            return Err(StoreError::Corrupt(format!(
                "{left} rows of agent {slug} are still there after its deletion"
            )));
        }
        Ok(Some(DeletedAgent { deleted_runs }))
    }

    async fn mark_deleted(&self, agent: &LiveAgent) -> Result<(), StoreError> {
        let mut insert = self.client().insert::<AgentUpsert<'_>>("agents").await?;
        insert
            .write(&AgentUpsert {
                org: self.org().id.0,
                slug: agent.slug.as_str(),
                id: agent.id,
                name: &agent.name,
                first_seen: agent.first_seen.0,
                deleted: 1,
                updated_at: now().0,
            })
            .await?;
        insert.end().await?;
        Ok(())
    }

    fn forget(&self, known: &mut Known, agent: u64) {
        known.forget(agent);
        self.store.registry.deletions.fetch_add(1, Ordering::SeqCst);
        self.store.directory.agents_changed(self.org().id.0);
    }

    /// Goes through with the deletion of the agent with this key, which a process
    /// that ended, or failed, may have begun. Does nothing when it is deleted.
    ///
    /// # Errors
    /// When the engine fails.
    pub async fn finish_deletion(&self, key: u64) -> Result<(), StoreError> {
        let mut known = self.store.registry.ingest.lock().await;
        let agents = self.live_agents().await?;
        let Some(agent) = agents.into_iter().find(|agent| agent.id == key) else {
            return Ok(());
        };
        self.mark_deleted(&agent).await?;
        self.forget(&mut known, key);
        drop(known);
        self.store.remove_rows(self.org().id.0, key).await
    }

    /// How many of these runs have no row: a run can be stored and sent again.
    async fn count_others(&self, agent: u64, runs: &[RunId]) -> Result<u64, StoreError> {
        let mut others = runs.len() as u64;
        for ids in runs.chunks(COUNTED_AT_ONCE) {
            let ids: Vec<u128> = ids.iter().map(|id| id.as_u128()).collect();
            let query = self.query(COUNT_IDS).param("agent", agent).param("ids", ids);
            others = others.saturating_sub(query.fetch_one::<u64>().await?);
        }
        Ok(others)
    }
}

#[derive(Row, Deserialize)]
struct LeftoverRow {
    org: u64,
    agent: u64,
}

/// Agents that were deleted by a process that ended before their rows were gone.
const LEFTOVERS: &str = "SELECT DISTINCT org, agent FROM
(
    SELECT org, agent FROM run_bodies
    WHERE (org, agent) IN (SELECT org, id FROM agents FINAL WHERE deleted = 1)
    UNION ALL
    SELECT org, agent FROM cards
    WHERE (org, agent) IN (SELECT org, id FROM agents FINAL WHERE deleted = 1)
    UNION ALL
    SELECT org, agent FROM chat_states
    WHERE (org, agent) IN (SELECT org, id FROM agents FINAL WHERE deleted = 1)
    UNION ALL
    SELECT org, agent FROM runs
    WHERE (org, agent) IN (SELECT org, id FROM agents FINAL WHERE deleted = 1)
)";

impl Store {
    /// Removes what deleted agents left behind when a process ended in the
    /// middle of their removal, and gives their number. For the start of a server.
    ///
    /// # Errors
    /// When the engine fails.
    pub async fn finish_deletions(&self) -> Result<usize, StoreError> {
        let leftovers = self.client.query(LEFTOVERS).fetch_all::<LeftoverRow>().await?;
        for row in &leftovers {
            self.remove_rows(row.org, row.agent).await?;
        }
        Ok(leftovers.len())
    }

    async fn remove_rows(&self, org: u64, agent: u64) -> Result<(), StoreError> {
        for sql in DELETES {
            self.client
                .query(sql)
                .param("org", org)
                .param("agent", agent)
                // Answers once the rows are gone, not once they are marked.
                .with_setting("lightweight_deletes_sync", "2")
                .execute()
                .await?;
        }
        Ok(())
    }
}
