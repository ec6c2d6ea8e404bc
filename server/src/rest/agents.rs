//! Agents over REST.

use axum::Json;
use axum::extract::Path;
use axum::http::StatusCode;
use model::{AgentSlug, AgentSummary};
use serde::{Deserialize, Serialize};
use store::DeletedAgent;

use super::access::{Manager, Reader};
use crate::error::ApiError;

/// The agent in a path.
#[derive(Deserialize)]
pub struct AgentPath {
    pub(super) agent: String,
}

/// All agents of an organization.
#[derive(Serialize)]
pub struct Agents {
    items: Vec<AgentSummary>,
    count: usize,
}

/// What deleting an agent removed.
#[derive(Serialize)]
pub struct Deleted {
    deleted_runs: u64,
}

impl AgentPath {
    /// The agent's slug; what cannot be one names no agent.
    ///
    /// # Errors
    /// 404.
    pub fn slug(&self) -> Result<AgentSlug, ApiError> {
        AgentSlug::new(&self.agent).map_err(|_| ApiError::not_found())
    }
}

/// `GET /v1/{org}/agents`.
pub async fn list_agents(Reader(store): Reader) -> Result<Json<Agents>, ApiError> {
    let items = store.agents().await?;
    Ok(Json(Agents { count: items.len(), items }))
}

/// `GET /v1/{org}/agents/{agent}`.
pub async fn get_agent(
    Reader(store): Reader,
    Path(path): Path<AgentPath>,
) -> Result<Json<AgentSummary>, ApiError> {
    store.agent(&path.slug()?).await?.map(Json).ok_or_else(ApiError::not_found)
}

/// `DELETE /v1/{org}/agents/{agent}`: hides the agent at once and erases it. 202 says that
/// erasing takes longer than a request should.
pub async fn delete_agent(
    Manager(store): Manager,
    Path(path): Path<AgentPath>,
) -> Result<(StatusCode, Json<Deleted>), ApiError> {
    let slug = path.slug()?;
    let deleted = store.delete_agent(&slug).await?.ok_or_else(ApiError::not_found)?;
    let DeletedAgent { deleted_runs, is_erased } = deleted;
    tracing::info!(agent = %slug, deleted_runs, is_erased, "agent deleted");
    let status = if is_erased { StatusCode::OK } else { StatusCode::ACCEPTED };
    Ok((status, Json(Deleted { deleted_runs })))
}
