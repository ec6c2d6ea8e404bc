//! Deleting an agent, which is the only way to delete runs.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::Ordering;
use std::time::Duration;

use clickhouse::Row;
use futures::FutureExt;
use futures::future::{BoxFuture, ready};
use model::{AgentSlug, RunId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::agents::LiveAgent;
use crate::clock::now;
use crate::ingest::Known;
use crate::org_store::distinct;
use crate::undrained::Forgotten;
use crate::{OrgStore, Store, StoreError, Withheld};

/// What deleting an agent removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeletedAgent {
    /// How many runs it had.
    pub deleted_runs: u64,
    /// Whether nothing of it is left. What is left nobody sees, and
    /// [`Store::finish_deletions`] erases it.
    pub is_erased: bool,
}

/// An agent that nobody sees any more.
struct Hidden {
    deleted_runs: u64,
    /// As for [`Forgotten`].
    gone: BoxFuture<'static, bool>,
    /// How many agents this process has deleted with it, if its runs were stored.
    deletion: Option<u64>,
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
    /// When the engine or the disk fails before the agent is hidden, or when too many of
    /// the organization are being deleted.
    pub async fn delete_agent(&self, slug: &AgentSlug) -> Result<Option<DeletedAgent>, StoreError> {
        let (store, slug) = (self.clone(), slug.clone());
        // Half a deletion must not stay behind because nobody waits for it any more.
        let deletion = tokio::spawn(async move { store.hide_and_erase(&slug).await });
        deletion.await.map_err(|error| StoreError::Corrupt(error.to_string()))?
    }

    async fn hide_and_erase(&self, slug: &AgentSlug) -> Result<Option<DeletedAgent>, StoreError> {
        let turn = self.store.gate.deletion(self.holder()).await?;
        // Others wait for this one: it waits for no place among its organization's queries.
        let hidden = self.without_turns().hide(slug).await?;
        drop(turn);
        let Some(Hidden { deleted_runs, gone, deletion }) = hidden else { return Ok(None) };
        let Some(deletion) = deletion else {
            return Ok(Some(DeletedAgent { deleted_runs, is_erased: gone.await }));
        };
        let store = self.store.clone();
        let erasing = tokio::spawn(async move { store.finish_deletions_up_to(deletion).await });
        let erased = tokio::time::timeout(ERASING_PATIENCE, futures::future::join(erasing, gone));
        let is_erased = match erased.await {
            Ok((Ok(Ok(())), gone)) => gone,
            Ok((Ok(Err(error)), _)) => {
                let cause = std::error::Error::source(&error).map(ToString::to_string);
                tracing::warn!(%error, cause, agent = %slug, "a deleted agent is not erased yet");
                false
            }
            Ok((Err(_), _)) | Err(_) => false,
        };
        Ok(Some(DeletedAgent { deleted_runs, is_erased }))
    }

    /// Takes an agent and all that is on its way to it out of sight.
    async fn hide(&self, slug: &AgentSlug) -> Result<Option<Hidden>, StoreError> {
        let key = self.live_agent(slug).await?.map(|agent| agent.id);
        let halted = self.halt(slug).await;
        let withheld = self.withhold(slug, key).await?;
        if key.is_none() && !self.is_coming(slug).await? {
            // Nothing is written for what is not there, which anybody can ask to delete.
            let deleted_runs = forget_all(withheld).await.len() as u64;
            let hidden = Hidden { deleted_runs, gone: ready(true).boxed(), deletion: None };
            return Ok((deleted_runs > 0).then_some(hidden));
        }
        // An ingest that has looked the agent up must not write behind the removal.
        let mut known = self.store.registry.ingest.lock().await;
        let agent = self.live_agent(slug).await?;
        let key = agent.as_ref().map(|agent| agent.id);
        let undrained = match self.store.undrained() {
            Some(undrained) => {
                let dropped = undrained.forget_agent(self.org(), slug, key).await;
                Some(dropped.map_err(StoreError::Spool)?)
            }
            None => None,
        };
        let marked = match &agent {
            Some(agent) => self.mark_deleted(agent).await,
            None => Ok(()),
        };
        // What the spool has on disk is carried out, whatever fails here.
        let is_certain = marked.is_ok() || undrained.is_some();
        let waited = if is_certain {
            halted.deleted();
            forget_all(withheld).await
        } else {
            Vec::new()
        };
        marked?;
        let deletion = agent.as_ref().map(|agent| self.forget(&mut known, agent.id));
        drop(known);
        self.store.elsewhere().iter().for_each(|place| place.agent_deleted(self.org(), slug));

        let (runs, gone) = match undrained {
            Some(Forgotten { runs, gone }) => (runs, gone),
            None => (Vec::new(), ready(true).boxed()),
        };
        let others = distinct(runs.into_iter().chain(waited));
        let deleted_runs = match &agent {
            Some(agent) => {
                let stored = self.query(COUNT).param("agent", agent.id).fetch_one::<u64>().await?;
                stored + self.count_others(agent.id, &others).await?
            }
            None => others.len() as u64,
        };
        let hidden = Hidden { deleted_runs, gone, deletion };
        Ok((agent.is_some() || deleted_runs > 0).then_some(hidden))
    }

    /// Whether an agent that is not stored has anything on its way, or was stored meanwhile.
    async fn is_coming(&self, slug: &AgentSlug) -> Result<bool, StoreError> {
        // What is not in the spool any more is stored, so it is looked for there first.
        let holds = match self.store.undrained() {
            Some(spool) => spool.holds_agent(self.org().id, slug).await,
            None => Ok(false),
        };
        Ok(holds.map_err(StoreError::Spool)? || self.live_agent(slug).await?.is_some())
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

    /// Gives how many agents this process has deleted with this one.
    fn forget(&self, known: &mut Known, agent: u64) -> u64 {
        known.forget(agent);
        let deletion = self.store.registry.deletions.fetch_add(1, Ordering::SeqCst) + 1;
        self.store.registry.deleted.notify_one();
        self.store.directory.agents_changed(self.org().id.0);
        deletion
    }

    /// Hides the agent with this key, whose deletion a process that ended, or failed, may
    /// have begun. [`Store::finish_deletions`] erases it.
    ///
    /// # Errors
    /// When the engine fails.
    pub async fn finish_deletion(&self, key: u64) -> Result<(), StoreError> {
        // Mostly it is hidden already, and what waits belongs to the next of its name.
        let Some(LiveAgent { slug, .. }) = self.live_agent_of(key).await? else { return Ok(()) };
        let halted = self.halt(&slug).await;
        let withheld = self.withhold(&slug, Some(key)).await?;
        let mut known = self.store.registry.ingest.lock().await;
        let Some(agent) = self.live_agent_of(key).await? else { return Ok(()) };
        self.mark_deleted(&agent).await?;
        halted.deleted();
        forget_all(withheld).await;
        self.forget(&mut known, key);
        drop(known);
        self.store.elsewhere().iter().for_each(|place| place.agent_deleted(self.org(), &slug));
        Ok(())
    }

    async fn live_agent_of(&self, key: u64) -> Result<Option<LiveAgent>, StoreError> {
        Ok(self.live_agents().await?.into_iter().find(|agent| agent.id == key))
    }

    async fn withhold(
        &self,
        slug: &AgentSlug,
        key: Option<u64>,
    ) -> Result<Vec<Box<dyn Withheld>>, StoreError> {
        let mut withheld = Vec::new();
        for place in self.store.elsewhere() {
            withheld.extend(place.withhold(self, slug, key).await?);
        }
        Ok(withheld)
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

async fn forget_all(withheld: Vec<Box<dyn Withheld>>) -> Vec<RunId> {
    let mut runs = Vec::new();
    for of_place in withheld {
        runs.extend(of_place.forget().await);
    }
    runs
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
