//! Figures of runs over REST.

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query};
use model::AgentSlug;
use model::stats::{By, InvalidBy, Stats};
use serde::Deserialize;
use store::{ListRequest, OrgStore, Window};

use super::access::Reader;
use super::agents::AgentPath;
use super::list::parse_query;
use crate::error::ApiError;

/// What the query string may say.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StatsParams {
    q: String,
    by: String,
}

/// `GET /v1/{org}/agents/{agent}/runs/stats`.
pub async fn agent_stats(
    Reader(store): Reader,
    Path(path): Path<AgentPath>,
    params: Result<Query<StatsParams>, QueryRejection>,
) -> Result<Json<Stats>, ApiError> {
    answer(&store, Some(path.slug()?), &params?.0).await
}

/// `GET /v1/{org}/runs/stats`.
pub async fn org_stats(
    Reader(store): Reader,
    params: Result<Query<StatsParams>, QueryRejection>,
) -> Result<Json<Stats>, ApiError> {
    answer(&store, None, &params?.0).await
}

async fn answer(
    store: &OrgStore,
    agent: Option<AgentSlug>,
    params: &StatsParams,
) -> Result<Json<Stats>, ApiError> {
    let by: By =
        params.by.parse().map_err(|error: InvalidBy| ApiError::invalid_field("by", error))?;
    let request = ListRequest {
        agent,
        schema: None,
        query: parse_query(&params.q)?,
        sort: model::Sort::NEWEST,
        window: Window::Page(0),
        limit: 1,
        exact_count: false,
    };
    store.stats(&request, by, None).await?.map(Json).ok_or_else(ApiError::not_found)
}
