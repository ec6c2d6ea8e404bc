//! One run over REST.

use axum::Json;
use axum::extract::{Path, State};
use model::{Completion, Run, RunId};
use serde::{Deserialize, Serialize};
use store::OrgStore;

use super::access::Reader;
use super::agents::AgentPath;
use super::links::Links;
use crate::error::ApiError;
use crate::state::AppState;

/// The run in a path, with or without its agent.
#[derive(Deserialize)]
pub struct RunPath {
    run: String,
    agent: Option<String>,
}

/// The attempts of a run.
#[derive(Serialize)]
pub struct Completions {
    completions: Vec<Completion>,
}

/// `GET …/runs/{run}`.
pub async fn get_run(
    Reader(store): Reader,
    State(state): State<AppState>,
    Path(path): Path<RunPath>,
) -> Result<Json<Run>, ApiError> {
    let mut run = find(&store, path).await?;
    Links { origin: &state.public_url, org: &store.org().slug }.fill(&mut run);
    Ok(Json(run))
}

/// `GET …/runs/{run}/completions`.
pub async fn get_completions(
    Reader(store): Reader,
    Path(path): Path<RunPath>,
) -> Result<Json<Completions>, ApiError> {
    Ok(Json(Completions { completions: find(&store, path).await?.completions }))
}

pub(super) async fn find(store: &OrgStore, path: RunPath) -> Result<Run, ApiError> {
    let id: RunId = path
        .run
        .parse()
        .map_err(|error| ApiError::bad_request("invalid_id", format!("run: {error}")))?;
    let agent = path.agent.map(|agent| AgentPath { agent }.slug()).transpose()?;
    let run = store.run(id).await?.ok_or_else(ApiError::not_found)?;
    match agent {
        Some(agent) if agent != run.agent => Err(ApiError::not_found()),
        _ => Ok(run),
    }
}
