//! Deleting an agent, which is the only way to delete runs.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::Ordering;
use std::time::Duration;

use clickhouse::Row;
use futures::FutureExt;
use futures::future::ready;
use model::{AgentSlug, RunId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::agents::LiveAgent;
use crate::clock::now;
use crate::ingest::Known;
use crate::org_store::distinct;
use crate::undrained::Forgotten;
use crate::{OrgStore, Store, StoreError};

/// What deleting an agent removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeletedAgent {
    /// How many runs it had.
    pub deleted_runs: u64,
    /// Whether nothing of it is left. What is left nobody sees, and
    /// [`Store::finish_deletions`] erases it.
    pub is_erased: bool,
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

/// The rows themselves, not the sums that are kept beside them.
const COUNT: &str = "SELECT count() FROM runs WHERE org = {org:UInt64} AND agent = {agent:UInt64}
    SETTINGS optimize_use_projections = 0";

const COUNT_IDS: &str = "SELECT uniqExact(id) FROM runs
    WHERE org = {org:UInt64} AND agent = {agent:UInt64} AND id IN {ids:Array(UInt128)}";
/// Ids that one query counts.
const COUNTED_AT_ONCE: usize = 10_000;

/// How long a deletion waits until nothing of the agent is left. What takes longer is
/// erased behind it.
const ERASING_PATIENCE: Duration = Duration::from_secs(10);

impl OrgStore {
    /// Deletes an agent with all its runs: hidden at once, then erased from every table.
    /// Goes on when it is dropped. `None` when there is no such agent.
    ///
    /// # Errors
    /// When the engine or the disk fails before the agent is hidden.
    pub async fn delete_agent(&self, slug: &AgentSlug) -> Result<Option<DeletedAgent>, StoreError> {
        let (store, slug) = (self.clone(), slug.clone());
        // Half a deletion must not stay behind because nobody waits for it any more.
        let deletion = tokio::spawn(async move { store.hide_and_erase(&slug).await });
        deletion.await.map_err(|error| StoreError::Corrupt(error.to_string()))?
    }

    async fn hide_and_erase(&self, slug: &AgentSlug) -> Result<Option<DeletedAgent>, StoreError> {
        let elsewhere = self.store.elsewhere();
        let key = self.live_agent(slug).await?.map(|agent| agent.id);
        let mut waiting = Vec::new();
        for place in &elsewhere {
            waiting.extend(place.forget_agent(self, slug, key).await?);
        }
        // An ingest that has looked the agent up must not write behind the removal.
        let mut known = self.store.registry.ingest.lock().await;
        let agent = self.live_agent(slug).await?;
        let key = agent.as_ref().map(|agent| agent.id);
        let Forgotten { runs: undrained, gone } = match self.store.undrained() {
            Some(undrained) => {
                undrained.forget_agent(self.org(), slug, key).await.map_err(StoreError::Spool)?
            }
            None => Forgotten { runs: Vec::new(), gone: ready(true).boxed() },
        };
        let undrained: Vec<RunId> = distinct(undrained.into_iter().chain(waiting));
        let Some(agent) = agent else {
            drop(known);
            let is_erased = gone.await;
            let deleted_runs = undrained.len() as u64;
            return Ok((deleted_runs > 0).then_some(DeletedAgent { deleted_runs, is_erased }));
        };
        self.mark_deleted(&agent).await?;
        self.forget(&mut known, agent.id);
        drop(known);
        elsewhere.iter().for_each(|place| place.agent_deleted(self.org(), slug));

        let stored: u64 = self.query(COUNT).param("agent", agent.id).fetch_one().await?;
        let deleted_runs = stored + self.count_others(agent.id, &undrained).await?;
        let store = self.store.clone();
        let erasing = tokio::spawn(async move { store.finish_deletions().await });
        let erased = tokio::time::timeout(ERASING_PATIENCE, futures::future::join(erasing, gone));
        let is_erased = match erased.await {
            Ok((Ok(Ok(_)), gone)) => gone,
            Ok((Ok(Err(error)), _)) => {
                let cause = std::error::Error::source(&error).map(ToString::to_string);
                tracing::warn!(%error, cause, agent = %slug, "a deleted agent is not erased yet");
                false
            }
            Ok((Err(_), _)) | Err(_) => false,
        };
        Ok(Some(DeletedAgent { deleted_runs, is_erased }))
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
        self.store.registry.deleted.notify_one();
        self.store.directory.agents_changed(self.org().id.0);
    }

    /// Hides the agent with this key, whose deletion a process that ended, or failed, may
    /// have begun. [`Store::finish_deletions`] erases it.
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
        Ok(())
    }

    /// When agents of these names were deleted last, those that ever were.
    ///
    /// # Errors
    /// When the engine fails.
    pub async fn deleted_at(
        &self,
        slugs: &[&AgentSlug],
    ) -> Result<HashMap<AgentSlug, Timestamp>, StoreError> {
        if slugs.is_empty() {
            return Ok(HashMap::new());
        }
        let names: Vec<&str> = slugs.iter().map(|slug| slug.as_str()).collect();
        let rows = self.query(DELETED_AT).param("slugs", names).fetch_all::<DeletionRow>().await?;
        let known = |row: DeletionRow| {
            AgentSlug::new(&row.slug).ok().map(|slug| (slug, Timestamp(row.deleted_at)))
        };
        Ok(rows.into_iter().filter_map(known).collect())
    }

    /// Those of these traces in which the agent with this key has a run.
    ///
    /// # Errors
    /// When the engine fails.
    pub async fn traces_of(
        &self,
        agent: u64,
        traces: &[String],
    ) -> Result<HashSet<String>, StoreError> {
        let mut found = HashSet::new();
        for some in traces.chunks(COUNTED_AT_ONCE) {
            let query = self.query(TRACES).param("agent", agent).param("traces", some);
            found.extend(query.fetch_all::<String>().await?);
        }
        Ok(found)
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
struct DeletionRow {
    slug: String,
    deleted_at: i64,
}

const DELETED_AT: &str = "SELECT slug, max(updated_at) AS deleted_at FROM agents FINAL
    WHERE org = {org:UInt64} AND slug IN {slugs:Array(String)} AND deleted = 1
    GROUP BY slug";

const TRACES: &str = "SELECT DISTINCT trace_id FROM runs
    WHERE org = {org:UInt64} AND agent = {agent:UInt64} AND trace_id IN {traces:Array(String)}";

impl Store {
    /// Completes when this process has hidden another agent.
    pub async fn wait_for_deletion(&self) {
        self.registry.deleted.notified().await;
    }
}
