//! `GET …/runs/search/fields`: what searches can name.

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query};
use model::search::MAX_CHARS;
use model::{AgentSlug, SearchFields};
use serde::Deserialize;
use store::OrgStore;

use super::access::Reader;
use super::agents::AgentPath;
use crate::error::ApiError;

/// What the query string may say.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FieldsParams {
    prefix: String,
}

/// `GET /v1/{org}/agents/{agent}/runs/search/fields`.
pub async fn agent_fields(
    Reader(store): Reader,
    Path(path): Path<AgentPath>,
    params: Result<Query<FieldsParams>, QueryRejection>,
) -> Result<Json<SearchFields>, ApiError> {
    answer(&store, Some(path.slug()?), params?.0).await
}

/// `GET /v1/{org}/runs/search/fields`.
pub async fn org_fields(
    Reader(store): Reader,
    params: Result<Query<FieldsParams>, QueryRejection>,
) -> Result<Json<SearchFields>, ApiError> {
    answer(&store, None, params?.0).await
}

async fn answer(
    store: &OrgStore,
    agent: Option<AgentSlug>,
    params: FieldsParams,
) -> Result<Json<SearchFields>, ApiError> {
    if params.prefix.chars().count() > MAX_CHARS {
        let message = format!("must have at most {MAX_CHARS} characters");
        return Err(ApiError::invalid_field("prefix", message));
    }
    let fields = store.search_fields(agent.as_ref(), &params.prefix).await?;
    fields.map(Json).ok_or_else(ApiError::not_found)
}
