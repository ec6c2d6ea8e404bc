//! Agents.

use leptos::prelude::*;
use leptos::server_fn::codec::Json;
use model::{AgentSummary, Timestamp};
use serde::{Deserialize, Serialize};

use crate::error::AppError;

/// The agents of an organization.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AgentsDoc {
    /// The agents, those that ran last first.
    pub agents: Vec<AgentSummary>,
    /// When they were read.
    pub now: Timestamp,
}

/// An agent and what the reader may do with it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AgentDoc {
    /// The agent.
    pub agent: AgentSummary,
    /// Whether the reader may delete it.
    pub can_delete: bool,
    /// When it was read.
    pub now: Timestamp,
}

/// The agents of an organization, those that ran last first.
///
/// # Errors
/// `not_found` when the organization is not there.
#[server(endpoint = "agents/list", input = Json)]
pub async fn list_agents(org: String) -> Result<AgentsDoc, AppError> {
    let access = crate::auth::access(&org)?;
    let mut agents = access.store.agents().await?;
    agents.sort_by_key(|agent| std::cmp::Reverse(agent.last_seen));
    Ok(AgentsDoc { agents, now: crate::read::now() })
}

/// One agent.
///
/// # Errors
/// `not_found` when it is not there.
#[server(endpoint = "agents/read", input = Json)]
pub async fn read_agent(org: String, agent: String) -> Result<AgentDoc, AppError> {
    let access = crate::auth::access(&org)?;
    let slug = crate::auth::agent_slug(&agent)?;
    let agent = access.store.agent(&slug).await?.ok_or(AppError::NotFound)?;
    let can_delete = access.role >= model::Role::Admin;
    Ok(AgentDoc { agent, can_delete, now: crate::read::now() })
}

/// Deletes an agent with all its runs, once its name was typed; gives the
/// number of runs that went with it.
///
/// # Errors
/// `forbidden` below admin, `invalid` when another name was typed, `not_found`
/// when it is not there.
#[server(endpoint = "agents/delete", input = Json)]
pub async fn delete_agent(org: String, agent: String, typed_name: String) -> Result<u64, AppError> {
    let access = crate::auth::access(&org)?;
    access.require(model::Role::Admin)?;
    let slug = crate::auth::agent_slug(&agent)?;
    if typed_name != agent {
        return Err(AppError::invalid("name", format!("type {agent} to confirm")));
    }
    let deleted = access.store.delete_agent(&slug).await?.ok_or(AppError::NotFound)?;
    tracing::info!(org = %access.org.slug, agent = %slug, runs = deleted.deleted_runs, "agent deleted");
    Ok(deleted.deleted_runs)
}

/// Fills an organization with sample runs; gives how many.
///
/// # Errors
/// `forbidden` below member, `unavailable` when the store is away.
#[server(endpoint = "agents/demo", input = Json)]
pub async fn load_demo(org: String) -> Result<u32, AppError> {
    let access = crate::auth::access(&org)?;
    access.require(model::Role::Member)?;
    crate::demo::load(&access.store).await
}
