//! What this process remembers of agents and version numbers, so that a search
//! need not ask for them first.
//!
//! Agents made or deleted by this process are seen at once; those of another
//! server on the same ClickHouse as soon as [`Store::is_fresh`](crate::Store::is_fresh)
//! says. A version keeps its number for ever. Writers do not trust this memory: they read the agents anew.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use clickhouse::Row;
use model::{AgentSlug, VersionNumber};
use moka::sync::Cache;
use serde::Deserialize;

use crate::agents::LiveAgent;
use crate::time_histogram::TimeHistogram;
use crate::{OrgStore, StoreError};

/// How long it is believed where the runs of an organization lie in time.
const DENSITY_FRESH: Duration = Duration::from_secs(60);
/// Searches that are remembered to match more runs than are counted.
const MAX_COUNTS: u64 = 50_000;
/// Organizations whose agents are remembered.
const MAX_ORGS: u64 = 1_000;
/// Version numbers that are remembered: a few megabytes.
const MAX_NUMBERS: u64 = 50_000;

/// The memory, shared by all clones of a store.
pub(crate) struct Directory {
    /// With the time when the reading of them began.
    agents: Cache<u64, (Instant, Arc<Agents>)>,
    /// Goes up with each change made here, so that what was read before a
    /// change is not remembered after it.
    changes: AtomicU64,
    numbers: Cache<(u64, u128), VersionNumber>,
    time_histograms: Cache<u64, Arc<TimeHistogram>>,
    beyond_limit: Cache<[u8; 32], ()>,
}

impl Default for Directory {
    fn default() -> Self {
        Self {
            agents: Cache::new(MAX_ORGS),
            changes: AtomicU64::new(0),
            numbers: Cache::new(MAX_NUMBERS),
            time_histograms: Cache::builder()
                .max_capacity(MAX_ORGS)
                .time_to_live(DENSITY_FRESH)
                .build(),
            beyond_limit: Cache::new(MAX_COUNTS),
        }
    }
}

impl Directory {
    /// To be called once agents of an organization were made or deleted.
    pub(crate) fn agents_changed(&self, org: u64) {
        self.changes.fetch_add(1, Ordering::SeqCst);
        self.agents.invalidate(&org);
    }

    pub(crate) fn time_histogram(&self, org: u64) -> Option<Arc<TimeHistogram>> {
        self.time_histograms.get(&org)
    }

    pub(crate) fn remember_time_histogram(&self, org: u64, time_histogram: &Arc<TimeHistogram>) {
        self.time_histograms.insert(org, Arc::clone(time_histogram));
    }

    /// Whether a condition is known to match more runs than are counted. Runs
    /// stay, so what was true once remains true.
    pub(crate) fn is_beyond_limit(&self, condition: [u8; 32]) -> bool {
        self.beyond_limit.contains_key(&condition)
    }

    pub(crate) fn remember_beyond_limit(&self, condition: [u8; 32]) {
        self.beyond_limit.insert(condition, ());
    }

    fn remember(&self, org: u64, read_at: u64, agents: (Instant, Arc<Agents>)) {
        self.agents.insert(org, agents);
        // A change between the reading and the line above must win.
        if self.changes.load(Ordering::SeqCst) != read_at {
            self.agents.invalidate(&org);
        }
    }
}

/// The agents of an organization at some moment.
#[derive(Debug, Default)]
pub(crate) struct Agents {
    list: Vec<LiveAgent>,
    slugs: HashMap<u64, AgentSlug>,
}

impl Agents {
    fn new(list: Vec<LiveAgent>) -> Self {
        let slugs = list.iter().map(|agent| (agent.id, agent.slug.clone())).collect();
        Self { list, slugs }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &LiveAgent> {
        self.list.iter()
    }

    pub(crate) fn ids(&self) -> Vec<u64> {
        self.list.iter().map(|agent| agent.id).collect()
    }

    /// The oldest of that name, as everywhere where a name stands for an agent.
    pub(crate) fn named(&self, slug: &AgentSlug) -> Option<&LiveAgent> {
        self.list.iter().filter(|agent| agent.slug == *slug).min_by_key(|agent| agent.first_seen)
    }

    pub(crate) fn slug(&self, id: u64) -> Option<&AgentSlug> {
        self.slugs.get(&id)
    }
}

#[derive(Row, Deserialize)]
struct NumberRow {
    agent: u64,
    id: u128,
    major: u32,
    minor: u32,
}

const NUMBERS: &str = "SELECT agent, id, major, minor FROM versions FINAL
    WHERE org = {org:UInt64} AND agent IN {agents:Array(UInt64)}
      AND id IN {versions:Array(UInt128)}
    LIMIT {limit:UInt64}";

impl OrgStore {
    /// The agents as they are now or were a moment ago.
    pub(crate) async fn known_agents(&self) -> Result<Arc<Agents>, StoreError> {
        let directory = &self.store.directory;
        match directory.agents.get(&self.org().id.0) {
            Some((read, agents)) if self.store.is_fresh(read) => Ok(agents),
            _ => self.read_agents().await,
        }
    }

    /// An agent by its name; one that is not remembered is looked for.
    pub(crate) async fn known_agent(
        &self,
        slug: &AgentSlug,
    ) -> Result<Option<LiveAgent>, StoreError> {
        let known = self.known_agents().await?;
        if let Some(agent) = known.named(slug) {
            return Ok(Some(agent.clone()));
        }
        self.live_agent(slug).await
    }

    /// The agents as they are now.
    pub(crate) async fn read_agents(&self) -> Result<Arc<Agents>, StoreError> {
        let directory = &self.store.directory;
        let read_at = directory.changes.load(Ordering::SeqCst);
        let read = Instant::now();
        let agents = Arc::new(Agents::new(self.live_agents().await?));
        directory.remember(self.org().id.0, read_at, (read, Arc::clone(&agents)));
        Ok(agents)
    }

    /// The numbers of versions, given with their agents; those without one are left out.
    pub(crate) async fn version_numbers(
        &self,
        versions: &[(u64, u128)],
    ) -> Result<HashMap<(u64, u128), VersionNumber>, StoreError> {
        let directory = &self.store.directory;
        let mut found = HashMap::new();
        let mut missing = Vec::new();
        for key in versions {
            match directory.numbers.get(key) {
                Some(number) => drop(found.insert(*key, number)),
                None => missing.push(*key),
            }
        }
        if missing.is_empty() {
            return Ok(found);
        }
        let (agents, ids): (Vec<u64>, Vec<u128>) = missing.into_iter().unzip();
        let limit = agents.len() * ids.len();
        let rows = self
            .query(NUMBERS)
            .param("agents", agents)
            .param("versions", ids)
            .param("limit", limit as u64)
            .fetch_all::<NumberRow>()
            .await?;
        for row in rows {
            let number = VersionNumber { major: row.major, minor: row.minor };
            directory.numbers.insert((row.agent, row.id), number);
            found.insert((row.agent, row.id), number);
        }
        Ok(found)
    }
}
