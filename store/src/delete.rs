//! Deleting an agent, which is the only way to delete runs.

use std::sync::atomic::Ordering;

use clickhouse::Row;
use model::AgentSlug;
use serde::{Deserialize, Serialize};

use crate::clock::now;
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
const DELETES: [&str; 8] = [
    "DELETE FROM runs WHERE org = {org:UInt64} AND agent = {agent:UInt64}",
    "DELETE FROM run_cards WHERE org = {org:UInt64} AND agent = {agent:UInt64}",
    "DELETE FROM run_bodies WHERE org = {org:UInt64} AND agent = {agent:UInt64}",
    "DELETE FROM reviews WHERE org = {org:UInt64} AND agent = {agent:UInt64}",
    "DELETE FROM versions WHERE org = {org:UInt64} AND agent = {agent:UInt64}",
    "DELETE FROM schemas WHERE org = {org:UInt64} AND agent = {agent:UInt64}",
    "DELETE FROM run_keys WHERE org = {org:UInt64} AND agent = {agent:UInt64}",
    "DELETE FROM cached_answers WHERE org = {org:UInt64} AND agent = {agent:UInt64}",
];

const COUNT: &str = "SELECT count() FROM runs WHERE org = {org:UInt64} AND agent = {agent:UInt64}";

const COUNT_LEFT: &str = "SELECT sum(rows) FROM
(
    SELECT count() AS rows FROM runs WHERE org = {org:UInt64} AND agent = {agent:UInt64}
    UNION ALL
    SELECT count() AS rows FROM run_cards WHERE org = {org:UInt64} AND agent = {agent:UInt64}
    UNION ALL
    SELECT count() AS rows FROM run_bodies WHERE org = {org:UInt64} AND agent = {agent:UInt64}
)";

impl OrgStore {
    /// Deletes an agent with all its runs: hidden at once, then removed from
    /// every table, then counted to be gone. `None` when there is no such agent.
    ///
    /// # Errors
    /// When the engine fails, or when runs are still there afterwards.
    pub async fn delete_agent(&self, slug: &AgentSlug) -> Result<Option<DeletedAgent>, StoreError> {
        // An ingest that has looked the agent up must not write behind the removal.
        let mut known = self.store.registry.ingest.lock().await;
        let Some(agent) = self.live_agent(slug).await? else {
            return Ok(None);
        };
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
        known.forget(agent.id);
        self.store.registry.deletions.fetch_add(1, Ordering::SeqCst);
        self.store.directory.agents_changed(self.org().id.0);
        drop(known);

        let deleted_runs: u64 = self.query(COUNT).param("agent", agent.id).fetch_one().await?;
        self.store.remove_rows(self.org().id.0, agent.id).await?;
        let left: u64 = self.query(COUNT_LEFT).param("agent", agent.id).fetch_one().await?;
        if left > 0 {
            return Err(StoreError::Corrupt(format!(
                "{left} rows of agent {slug} are still there after its deletion"
            )));
        }
        Ok(Some(DeletedAgent { deleted_runs }))
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
    SELECT org, agent FROM run_cards
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
