//! Agents as pages show them: searched, in an order, so many at a time.

use std::cmp::Ordering;
use std::collections::HashMap;

use model::fold::fold;
use model::{AgentSlug, AgentSort, AgentSortKey, AgentSummary};

use crate::agents::{Counted, LiveAgent, TotalsRow};
use crate::recent_days::Week;
use crate::{OrgStore, StoreError};

/// Which agents are asked for.
#[derive(Clone, Debug, Default)]
pub struct AgentsRequest {
    /// Words that their names hold, whatever their case or accents; empty for all.
    pub words: String,
    /// Their order.
    pub sort: AgentSort,
    /// The page, from 0.
    pub page: u32,
    /// The most agents of a page.
    pub limit: u32,
}

/// A page of agents.
#[derive(Clone, Debug, PartialEq)]
pub struct AgentsPage {
    /// The agents, each with its last week.
    pub agents: Vec<(AgentSummary, Week)>,
    /// Runs of the playground and of echo that these agents' figures leave out.
    pub excluded_runs: u64,
    /// How many agents match.
    pub count: u64,
    /// How many agents there are.
    pub total: u64,
}

/// What orders an agent among others.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Rank<'a> {
    Text(&'a str),
    Number(Option<f64>),
}

impl OrgStore {
    /// A page of the agents whose names hold the words. The last week is read of
    /// this page's agents alone, unless the order depends on it. No figure counts runs of
    /// the playground or of echo.
    ///
    /// # Errors
    /// When the engine fails.
    pub async fn agents_page(&self, request: &AgentsRequest) -> Result<AgentsPage, StoreError> {
        let agents = self.live_agents().await?;
        let total = agents.len() as u64;
        let words = fold(&request.words);
        let mut found: Vec<LiveAgent> =
            agents.into_iter().filter(|agent| is_named(agent, &words)).collect();
        let ids: Vec<u64> = found.iter().map(|agent| agent.id).collect();
        let weeks = async {
            match request.sort.key.is_recent() {
                true => self.recent_weeks(&ids, Counted::ExceptTries).await,
                false => Ok(HashMap::new()),
            }
        };
        if found.is_empty() {
            return Ok(AgentsPage { agents: Vec::new(), excluded_runs: 0, count: 0, total });
        }
        let ((totals, tries), weeks) =
            tokio::try_join!(self.agent_totals_except_tries(&ids), weeks)?;
        let names: HashMap<u64, String> =
            found.iter().map(|agent| (agent.id, fold(&agent.name))).collect();
        let rank = |agent: &LiveAgent| {
            let week = weeks.get(&agent.id).copied().unwrap_or_default();
            let name = names.get(&agent.id).map(String::as_str).unwrap_or_default();
            rank(request.sort.key, agent, name, totals.get(&agent.id), &week)
        };
        found.sort_by(|a, b| {
            compare(rank(a), rank(b), request.sort.descending).then_with(|| a.slug.cmp(&b.slug))
        });
        let count = found.len() as u64;
        let first = (request.page as usize).saturating_mul(request.limit as usize);
        let page: Vec<LiveAgent> =
            found.into_iter().skip(first).take(request.limit as usize).collect();
        let excluded_runs = page.iter().filter_map(|agent| tries.get(&agent.id)).sum();
        let agents = self.summaries(page, &totals, Counted::ExceptTries).await?;
        Ok(AgentsPage { agents, excluded_runs, count, total })
    }

    /// The agents whose names hold the words, those that begin with them first.
    ///
    /// # Errors
    /// When the engine fails.
    pub async fn find_agents(
        &self,
        words: &str,
        limit: usize,
    ) -> Result<Vec<AgentSlug>, StoreError> {
        let words = fold(words);
        let mut found: Vec<LiveAgent> = self.live_agents().await?;
        found.retain(|agent| is_named(agent, &words));
        let begins = |agent: &LiveAgent| fold(agent.slug.as_str()).starts_with(&words);
        // Sorting keeps those alike in the order of their names.
        found.sort_by_cached_key(|agent| !begins(agent));
        Ok(found.into_iter().take(limit).map(|agent| agent.slug).collect())
    }
}

/// Whether one of an agent's names holds all of the folded words.
fn is_named(agent: &LiveAgent, words: &str) -> bool {
    let holds = |name: &str| {
        let name = fold(name);
        words.split_whitespace().all(|word| name.contains(word))
    };
    words.is_empty()
        || holds(agent.slug.as_str())
        || (agent.name != agent.slug.as_str() && holds(&agent.name))
}

fn rank<'a>(
    key: AgentSortKey,
    agent: &LiveAgent,
    name: &'a str,
    totals: Option<&TotalsRow>,
    week: &Week,
) -> Rank<'a> {
    let runs: u64 = week.iter().map(|day| day.runs).sum();
    let failures: u64 = week.iter().map(|day| day.failures).sum();
    let cost = week.iter().filter_map(|day| day.cost).map(|cost| cost.0 as f64);
    Rank::Number(match key {
        AgentSortKey::Name => return Rank::Text(name),
        AgentSortKey::RecentRuns => Some(runs as f64),
        AgentSortKey::RecentFailures => (runs > 0).then(|| failures as f64 / runs as f64),
        AgentSortKey::RecentCost => cost.reduce(|a, b| a + b),
        AgentSortKey::Runs => Some(totals.map_or(0.0, |row| row.run_count as f64)),
        AgentSortKey::Cost => totals.and_then(|row| row.total_cost_nano_usd).map(|it| it as f64),
        AgentSortKey::LastRun => {
            Some(totals.map_or(agent.first_seen.0, |row| row.last_seen) as f64)
        }
    })
}

/// What is unknown comes last in both directions.
fn compare(a: Rank<'_>, b: Rank<'_>, descending: bool) -> Ordering {
    let order = match (a, b) {
        (Rank::Number(Some(a)), Rank::Number(Some(b))) => a.total_cmp(&b),
        (Rank::Text(a), Rank::Text(b)) => a.cmp(b),
        (Rank::Number(a), Rank::Number(b)) => return a.is_none().cmp(&b.is_none()),
        _ => Ordering::Equal,
    };
    if descending { order.reverse() } else { order }
}
