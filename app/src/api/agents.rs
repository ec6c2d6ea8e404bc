//! Agents.

use leptos::prelude::*;
use leptos::server_fn::codec::Json;
use model::{AgentSlug, Micros, NanoUsd, Timestamp};
use serde::{Deserialize, Serialize};

use crate::agents_state::AgentsState;
use crate::data::stats::ShapeDoc;
use crate::error::AppError;
use crate::wire::{Call, Wire, WireJson};

/// Most characters of the words that are looked for in names.
#[cfg(feature = "ssr")]
const MAX_WORDS_CHARS: usize = 200;
/// Agents that are named when some are looked for.
#[cfg(feature = "ssr")]
const FOUND_AGENTS: usize = 8;

/// A page of the agents of an organization.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AgentsDoc {
    /// What was asked.
    pub asked: AgentsState,
    /// A page of the agents that match, in the order that was asked for.
    pub agents: Vec<AgentRow>,
    /// Runs of the playground that the figures of these agents leave out.
    pub excluded_runs: u64,
    /// How many match.
    pub count: u64,
    /// How many there are.
    pub total: u64,
    /// What of the address could not be followed, in words.
    pub notice: Option<String>,
    /// The address of this server, as clients reach it.
    pub public_url: String,
    /// Where the stream of new runs goes on after this list.
    pub live: String,
    /// Whether the reader may make API keys.
    pub can_make_keys: bool,
    /// When they were read.
    #[serde(with = "crate::data::moment")]
    pub now: Timestamp,
}

/// An agent with what its runs add up to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AgentRow {
    /// Its name in URLs.
    pub slug: AgentSlug,
    /// Its name for people.
    pub name: String,
    /// When its newest run was made.
    #[serde(with = "crate::data::moment")]
    pub last_seen: Timestamp,
    /// Runs in all.
    pub run_count: u64,
    /// Runs of the last seven days.
    pub recent_run_count: u64,
    /// Failed runs of the last seven days.
    pub recent_failure_count: u64,
    /// What its runs cost in all, as far as known.
    pub cost: Option<NanoUsd>,
    /// What its runs of the last seven days cost, as far as known.
    pub recent_cost: Option<NanoUsd>,
    /// Runs that were answered with the answer of another run.
    pub cached_run_count: u64,
    /// What those would have cost, as far as known.
    pub saved_cost: Option<NanoUsd>,
    /// How much longer those would have taken, as far as known.
    pub saved_time: Option<Micros>,
    /// Its runs of the last seven days, day by day, as bars.
    pub days: Vec<ShapeDoc>,
}

#[cfg(feature = "ssr")]
impl From<model::AgentSummary> for AgentRow {
    fn from(agent: model::AgentSummary) -> Self {
        Self {
            slug: agent.slug,
            name: agent.name,
            last_seen: agent.last_seen,
            run_count: agent.run_count,
            recent_run_count: agent.recent_run_count,
            recent_failure_count: agent.recent_failure_count,
            cost: agent.cost,
            recent_cost: agent.recent_cost,
            cached_run_count: agent.cached_run_count,
            saved_cost: agent.saved_cost,
            saved_time: agent.saved_time,
            days: Vec::new(),
        }
    }
}

/// An agent and what the reader may do with it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AgentDoc {
    /// The agent.
    pub agent: AgentRow,
    /// Whether the reader may delete it.
    pub can_delete: bool,
    /// When it was read.
    #[serde(with = "crate::data::moment")]
    pub now: Timestamp,
}

/// A page of the agents of an organization.
///
/// # Errors
/// `not_found` when the organization is not there, `invalid` for a search or a
/// page beyond the limits.
pub fn list_agents(org: String, asked: AgentsState) -> Call<AgentsDoc> {
    Call::of(serve_agents(org, asked))
}

#[server(endpoint = "agents/list", input = Json, output = WireJson)]
async fn serve_agents(org: String, asked: AgentsState) -> Result<Wire, AppError> {
    let access = crate::auth::access(&org)?;
    check_words("q", &asked.q)?;
    if asked.page > super::runs::MAX_PAGE {
        return Err(AppError::invalid(
            "page",
            format!("must be at most {}", super::runs::MAX_PAGE),
        ));
    }
    let (sort, notice) = match asked.sort.parse() {
        Ok(sort) => (sort, None),
        Err(error) => {
            let notice = format!("sort: {error}; sorted by last run");
            (model::AgentSort::LAST_RUN, Some(notice))
        }
    };
    // Before the list is read: a run may be told twice, but none falls between.
    let live = access.store.arrivals_end().to_string();
    let request = store::AgentsRequest {
        words: asked.q.clone(),
        sort,
        page: asked.page,
        limit: model::limits::PAGE_SIZE,
    };
    let store::AgentsPage { agents, excluded_runs, count, total } =
        access.store.agents_page(&request).await?;
    let public_url = crate::context::AppContext::current()?.public_url.to_string();
    let agents = agents.into_iter().map(|(agent, week)| {
        let days = if agent.recent_run_count > 0 {
            crate::read::stats::day_bars(&week)
        } else {
            Vec::new()
        };
        AgentRow { days, ..AgentRow::from(agent) }
    });
    Wire::of(&AgentsDoc {
        agents: agents.collect(),
        asked,
        excluded_runs,
        count,
        total,
        notice,
        public_url,
        live,
        can_make_keys: access.role >= model::Role::Admin,
        now: crate::read::now(),
    })
}

#[cfg(feature = "ssr")]
fn check_words(field: &str, words: &str) -> Result<(), AppError> {
    if words.chars().count() > MAX_WORDS_CHARS {
        return Err(AppError::invalid(
            field,
            format!("must have at most {MAX_WORDS_CHARS} characters"),
        ));
    }
    Ok(())
}

/// The first agents whose names hold these words.
///
/// # Errors
/// `not_found` when the organization is not there, `invalid` for too long a text.
pub fn find_agents(org: String, words: String) -> Call<Vec<AgentSlug>> {
    Call::of(serve_found_agents(org, words))
}

#[server(endpoint = "agents/find", input = Json, output = WireJson)]
async fn serve_found_agents(org: String, words: String) -> Result<Wire, AppError> {
    let access = crate::auth::access(&org)?;
    check_words("words", &words)?;
    Wire::of(&access.store.find_agents(&words, FOUND_AGENTS).await?)
}

/// One agent.
///
/// # Errors
/// `not_found` when it is not there.
pub fn read_agent(org: String, agent: String) -> Call<AgentDoc> {
    Call::of(serve_agent(org, agent))
}

#[server(endpoint = "agents/read", input = Json, output = WireJson)]
async fn serve_agent(org: String, agent: String) -> Result<Wire, AppError> {
    let access = crate::auth::access(&org)?;
    let slug = crate::auth::agent_slug(&agent)?;
    let agent = access.store.agent(&slug).await?.ok_or(AppError::NotFound)?;
    let can_delete = access.role >= model::Role::Admin;
    Wire::of(&AgentDoc { agent: agent.into(), can_delete, now: crate::read::now() })
}

/// Whether there is such an organization for the reader and, where one is named,
/// such an agent in it.
///
/// # Errors
/// `unauthorized` when signed out, `unavailable` when the store is away.
pub fn is_there(org: String, agent: Option<String>) -> Call<bool> {
    Call::of(serve_presence(org, agent))
}

#[server(endpoint = "agents/presence", input = Json, output = WireJson)]
async fn serve_presence(org: String, agent: Option<String>) -> Result<Wire, AppError> {
    let access = match crate::auth::access(&org) {
        Err(AppError::NotFound) => return Wire::of(&false),
        access => access?,
    };
    let Some(agent) = agent else { return Wire::of(&true) };
    let is_there = match crate::auth::agent_slug(&agent) {
        Ok(slug) => access.store.has_agent(&slug).await?,
        Err(_) => false,
    };
    Wire::of(&is_there)
}

/// Deletes an agent with all its runs, once its name was typed; gives the
/// number of runs that went with it.
///
/// # Errors
/// `forbidden` below admin, `invalid` when another name was typed, `not_found`
/// when it is not there.
pub fn delete_agent(org: String, agent: String, typed_name: String) -> Call<u64> {
    Call::of(serve_deletion(org, agent, typed_name))
}

#[server(endpoint = "agents/delete", input = Json, output = WireJson)]
async fn serve_deletion(org: String, agent: String, typed_name: String) -> Result<Wire, AppError> {
    let access = crate::auth::access(&org)?;
    access.require(model::Role::Admin)?;
    let slug = crate::auth::agent_slug(&agent)?;
    if typed_name != agent {
        return Err(AppError::invalid("name", format!("type {agent} to confirm")));
    }
    let deleted = access.store.delete_agent(&slug).await?.ok_or(AppError::NotFound)?;
    tracing::info!(org = %access.org.slug, agent = %slug, runs = deleted.deleted_runs, "agent deleted");
    Wire::of(&deleted.deleted_runs)
}

/// Fills an organization with sample runs; gives how many.
///
/// # Errors
/// `forbidden` below member, `unavailable` when the store is away.
pub fn load_demo(org: String) -> Call<u32> {
    Call::of(serve_demo(org))
}

#[server(endpoint = "agents/demo", input = Json, output = WireJson)]
async fn serve_demo(org: String) -> Result<Wire, AppError> {
    let access = crate::auth::access(&org)?;
    access.require(model::Role::Member)?;
    Wire::of(&crate::demo::load(&access.store).await?)
}
