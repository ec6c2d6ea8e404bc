//! One run over REST.

use axum::Json;
use axum::extract::{Path, State};
use model::{AgentSlug, Completion, Run, RunId};
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

impl RunPath {
    fn read(self) -> Result<(RunId, Option<AgentSlug>), ApiError> {
        let id = self
            .run
            .parse()
            .map_err(|error| ApiError::bad_request("invalid_id", format!("run: {error}")))?;
        Ok((id, self.agent.map(|agent| AgentPath { agent }.slug()).transpose()?))
    }
}

async fn find(store: &OrgStore, path: RunPath) -> Result<Run, ApiError> {
    let (id, agent) = path.read()?;
    let run = store.run(id).await?.ok_or_else(ApiError::not_found)?;
    match agent {
        Some(agent) if agent != run.agent => Err(ApiError::not_found()),
        _ => Ok(run),
    }
}

/// The id of a run that is there, without reading all of it.
pub(super) async fn known(store: &OrgStore, path: RunPath) -> Result<RunId, ApiError> {
    let (id, agent) = path.read()?;
    let of = store.run_agent(id).await?.ok_or_else(ApiError::not_found)?;
    match agent {
        Some(agent) if agent != of => Err(ApiError::not_found()),
        _ => Ok(id),
    }
}
