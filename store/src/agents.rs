//! Agents and what their runs add up to.

use std::collections::{HashMap, HashSet};

use clickhouse::Row;
use model::{AgentSlug, AgentSummary, Micros, NanoUsd, Timestamp};
use serde::Deserialize;

use crate::recent_days::Week;
use crate::savings::SavingsRow;
use crate::{OrgStore, StoreError};

/// An agent that was not deleted.
#[derive(Clone, Debug)]
pub(crate) struct LiveAgent {
    pub(crate) id: u64,
    pub(crate) slug: AgentSlug,
    pub(crate) name: String,
    pub(crate) first_seen: Timestamp,
}

#[derive(Row, Deserialize)]
struct AgentRow {
    id: u64,
    slug: String,
    name: String,
    first_seen: i64,
}

/// Which runs the figures of agents are about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Counted {
    /// All of them.
    All,
    /// Those that are no tries, which come from the playground or from echo.
    ExceptTries,
}

/// What the tries of an agent add up to.
#[derive(Row, Deserialize)]
struct TriesRow {
    agent: u64,
    run_count: u64,
    total_cost_nano_usd: Option<u64>,
}

/// What the runs of an agent add up to.
#[derive(Row, Deserialize)]
pub(crate) struct TotalsRow {
    agent: u64,
    first_seen: i64,
    pub(crate) last_seen: i64,
    pub(crate) run_count: u64,
    pub(crate) total_cost_nano_usd: Option<u64>,
}

#[derive(Row, Deserialize)]
struct DeletedRow {
    slug: String,
    times: u64,
}

/// Each deleted agent keeps its row.
const DELETED: &str = "SELECT slug, count() AS times FROM agents FINAL
WHERE org = {org:UInt64} AND slug IN {slugs:Array(String)} AND deleted = 1
GROUP BY slug LIMIT {limit:UInt64}";

/// Of the newest runs alone, and as a condition: the text index answers it, while
/// reading `leaves` takes 40 ms for fifty runs and 300 for a million.
pub(crate) const NEWEST_CHATS: &str = "SELECT DISTINCT agent FROM runs
WHERE org = {org:UInt64} AND agent IN {agents:Array(UInt64)}
  AND created_at IN (SELECT fromUnixTimestamp64Micro(arrayJoin({times:Array(Int64)}), 'UTC'))
  AND has(leaves, 'input.messages')
LIMIT {limit:UInt64}";

/// The engine keeps these sums (the projection `agent_totals`): no run is read.
pub(crate) const TOTALS: &str = "SELECT agent,
    min(created_at) AS first_seen,
    max(created_at) AS last_seen,
    count() AS run_count,
    sum(cost_nano_usd) AS total_cost_nano_usd
FROM runs
WHERE org = {org:UInt64} AND agent IN {agents:Array(UInt64)}
GROUP BY agent";

/// Tries are few: two narrow columns are read to find them.
const TRIES: &str = "SELECT agent, count() AS run_count,
    sum(cost_nano_usd) AS total_cost_nano_usd
FROM runs
WHERE org = {org:UInt64} AND agent IN {agents:Array(UInt64)}
  AND (source = 'playground' OR provider = 'echo')
GROUP BY agent LIMIT {limit:UInt64}";

impl OrgStore {
    /// The agents, the most recently active first.
    ///
    /// # Errors
    /// When the engine fails.
    pub async fn agents(&self) -> Result<Vec<AgentSummary>, StoreError> {
        Ok(self.agents_and_weeks().await?.into_iter().map(|(agent, _)| agent).collect())
    }

    /// The agents, the most recently active first, each with its last week.
    ///
    /// # Errors
    /// When the engine fails.
    pub async fn agents_and_weeks(&self) -> Result<Vec<(AgentSummary, Week)>, StoreError> {
        let agents = self.live_agents().await?;
        let ids: Vec<u64> = agents.iter().map(|agent| agent.id).collect();
        let totals = self.agent_totals(&ids).await?;
        let mut agents = self.summaries(agents, &totals, Counted::All).await?;
        agents.sort_by(|(a, _), (b, _)| {
            b.last_seen.cmp(&a.last_seen).then_with(|| a.slug.cmp(&b.slug))
        });
        Ok(agents)
    }

    /// One agent, if it exists.
    ///
    /// # Errors
    /// When the engine fails.
    pub async fn agent(&self, slug: &AgentSlug) -> Result<Option<AgentSummary>, StoreError> {
        match self.live_agent(slug).await? {
            Some(agent) => {
                let totals = self.agent_totals(&[agent.id]).await?;
                Ok(self
                    .summaries(vec![agent], &totals, Counted::All)
                    .await?
                    .pop()
                    .map(|(agent, _)| agent))
            }
            None => Ok(None),
        }
    }

    /// What the runs of these agents add up to, by their keys.
    pub(crate) async fn agent_totals(
        &self,
        ids: &[u64],
    ) -> Result<HashMap<u64, TotalsRow>, StoreError> {
        let rows = self.query(TOTALS).param("agents", ids).fetch_all::<TotalsRow>().await?;
        Ok(rows.into_iter().map(|row| (row.agent, row)).collect())
    }

    /// The same without tries, and how many of these each agent has.
    pub(crate) async fn agent_totals_except_tries(
        &self,
        ids: &[u64],
    ) -> Result<(HashMap<u64, TotalsRow>, HashMap<u64, u64>), StoreError> {
        let tries = self
            .query(TRIES)
            .param("agents", ids)
            .param("limit", ids.len() as u64)
            .fetch_all::<TriesRow>();
        let (mut totals, tries) = tokio::try_join!(self.agent_totals(ids), tries)?;
        let mut counts = HashMap::new();
        for row in tries {
            counts.insert(row.agent, row.run_count);
            if let Some(total) = totals.get_mut(&row.agent) {
                total.run_count = total.run_count.saturating_sub(row.run_count);
                let tried = row.total_cost_nano_usd.unwrap_or_default();
                let cost = total.total_cost_nano_usd.filter(|_| total.run_count > 0);
                total.total_cost_nano_usd = cost.map(|cost| cost.saturating_sub(tried));
            }
        }
        Ok((totals, counts))
    }

    /// These agents, in the order in which they come, each with its last week.
    pub(crate) async fn summaries(
        &self,
        agents: Vec<LiveAgent>,
        totals: &HashMap<u64, TotalsRow>,
        counted: Counted,
    ) -> Result<Vec<(AgentSummary, Week)>, StoreError> {
        let ids: Vec<u64> = agents.iter().map(|agent| agent.id).collect();
        let newest: Vec<&TotalsRow> = ids.iter().filter_map(|id| totals.get(id)).collect();
        let (chats, savings, weeks) = tokio::try_join!(
            self.newest_are_chats(&newest),
            self.savings(&ids),
            self.recent_weeks(&ids, counted)
        )?;
        let summaries = agents.into_iter().map(|agent| {
            let row = totals.get(&agent.id);
            let week = weeks.get(&agent.id).copied().unwrap_or_default();
            let is_chat = chats.contains(&agent.id);
            let saved = savings.get(&agent.id);
            (summary(agent, row, &week, saved, is_chat), week)
        });
        Ok(summaries.collect())
    }

    async fn newest_are_chats(&self, totals: &[&TotalsRow]) -> Result<HashSet<u64>, StoreError> {
        let agents: Vec<u64> = totals.iter().map(|row| row.agent).collect();
        let times: Vec<i64> = totals.iter().map(|row| row.last_seen).collect();
        if times.is_empty() {
            return Ok(HashSet::new());
        }
        let chats = self
            .query(NEWEST_CHATS)
            .param("limit", agents.len() as u64)
            .param("agents", agents)
            .param("times", times)
            .fetch_all::<u64>()
            .await?;
        Ok(chats.into_iter().collect())
    }

    pub(crate) async fn live_agents(&self) -> Result<Vec<LiveAgent>, StoreError> {
        self.query(
            "SELECT id, slug, name, first_seen FROM agents FINAL
             WHERE org = {org:UInt64} AND deleted = 0 ORDER BY slug",
        )
        .fetch_all::<AgentRow>()
        .await?
        .into_iter()
        .map(LiveAgent::try_from)
        .collect()
    }

    /// The keys that agents of these names get when their first run comes. They
    /// follow from the names and from how often agents of that name were deleted, so
    /// that two processes that meet a name at one time make one agent of it.
    pub(crate) async fn keys_of_new_agents(
        &self,
        slugs: &[&AgentSlug],
    ) -> Result<HashMap<AgentSlug, u64>, StoreError> {
        let names: Vec<&str> = slugs.iter().map(|slug| slug.as_str()).collect();
        let deleted = self
            .query(DELETED)
            .param("slugs", &names)
            .param("limit", names.len() as u64)
            .fetch_all::<DeletedRow>()
            .await?;
        let times: HashMap<String, u64> =
            deleted.into_iter().map(|row| (row.slug, row.times)).collect();
        let key = |slug: &AgentSlug| {
            let times = times.get(slug.as_str()).copied().unwrap_or(0);
            let mut hasher = blake3::Hasher::new();
            hasher.update(&self.org().id.0.to_le_bytes());
            hasher.update(&times.to_le_bytes());
            hasher.update(slug.as_str().as_bytes());
            let mut eighth = [0; 8];
            eighth.copy_from_slice(&hasher.finalize().as_bytes()[..8]);
            u64::from_le_bytes(eighth)
        };
        Ok(slugs.iter().map(|slug| (AgentSlug::clone(slug), key(slug))).collect())
    }

    pub(crate) async fn live_agent(
        &self,
        slug: &AgentSlug,
    ) -> Result<Option<LiveAgent>, StoreError> {
        self.query(
            "SELECT id, slug, name, first_seen FROM agents FINAL
             WHERE org = {org:UInt64} AND slug = {slug:String} AND deleted = 0
             ORDER BY first_seen LIMIT 1",
        )
        .param("slug", slug.as_str())
        .fetch_optional::<AgentRow>()
        .await?
        .map(LiveAgent::try_from)
        .transpose()
    }
}

fn summary(
    agent: LiveAgent,
    totals: Option<&TotalsRow>,
    week: &Week,
    saved: Option<&SavingsRow>,
    is_chat: bool,
) -> AgentSummary {
    let first_seen = totals.map_or(agent.first_seen, |row| Timestamp(row.first_seen));
    AgentSummary {
        slug: agent.slug,
        name: agent.name,
        first_seen,
        last_seen: totals.map_or(first_seen, |row| Timestamp(row.last_seen)),
        run_count: totals.map_or(0, |row| row.run_count),
        recent_run_count: week.iter().map(|day| day.runs).sum(),
        recent_failure_count: week.iter().map(|day| day.failures).sum(),
        cost: totals.and_then(|row| row.total_cost_nano_usd).map(NanoUsd),
        recent_cost: week
            .iter()
            .filter_map(|day| day.cost)
            .reduce(|a, b| NanoUsd(a.0.saturating_add(b.0))),
        cached_run_count: saved.map_or(0, |row| row.cached_runs),
        saved_cost: saved.and_then(|row| row.saved_nano_usd).map(NanoUsd),
        saved_time: saved.and_then(|row| row.saved_us).map(Micros),
        is_chat,
    }
}

impl TryFrom<AgentRow> for LiveAgent {
    type Error = StoreError;

    fn try_from(row: AgentRow) -> Result<Self, StoreError> {
        let slug = AgentSlug::new(&row.slug)
            .map_err(|error| StoreError::Corrupt(format!("agent {:?} {error}", row.slug)))?;
        Ok(Self { id: row.id, slug, name: row.name, first_seen: Timestamp(row.first_seen) })
    }
}
