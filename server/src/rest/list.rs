//! Lists of runs over REST.

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use model::limits::{MAX_LIST_LIMIT, PAGE_SIZE};
use model::search::{SearchError, SearchQuery};
use model::{AgentSlug, InvalidSort, RunList, Sort};
use serde::Deserialize;
use serde_json::json;
use store::{InvalidCursor, ListRequest, OrgStore, Window};

use super::access::Reader;
use super::agents::AgentPath;
use super::links::Links;
use crate::error::ApiError;
use crate::state::AppState;

/// What the query string of a list may say.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ListParams {
    q: String,
    limit: Option<u32>,
    cursor: Option<String>,
    sort: Option<String>,
    count: Option<String>,
}

/// `GET /v1/{org}/agents/{agent}/runs`.
pub async fn list_agent_runs(
    Reader(store): Reader,
    State(state): State<AppState>,
    Path(path): Path<AgentPath>,
    params: Result<Query<ListParams>, QueryRejection>,
) -> Result<Json<RunList>, ApiError> {
    answer(&state, &store, params?.0.request(Some(path.slug()?))?).await
}

/// `GET /v1/{org}/runs`.
pub async fn list_org_runs(
    Reader(store): Reader,
    State(state): State<AppState>,
    params: Result<Query<ListParams>, QueryRejection>,
) -> Result<Json<RunList>, ApiError> {
    answer(&state, &store, params?.0.request(None)?).await
}

/// Runs a search and gives its part of the list.
///
/// # Errors
/// 404 when the agent does not exist.
pub async fn answer(
    state: &AppState,
    store: &OrgStore,
    request: ListRequest,
) -> Result<Json<RunList>, ApiError> {
    let mut list = store.list_runs(&request).await?.ok_or_else(ApiError::not_found)?;
    Links { origin: &state.public_url, org: &store.org().slug }.fill_list(&mut list);
    Ok(Json(list))
}

impl ListParams {
    fn request(self, agent: Option<AgentSlug>) -> Result<ListRequest, ApiError> {
        let sort = parse_sort(self.sort.as_deref())?;
        let window = parse_cursor(sort, self.cursor.as_deref())?.unwrap_or(Window::Page(0));
        let exact_count = check_count(self.count.as_deref())?;
        let query = parse_query(&self.q)?;
        let limit = check_limit(self.limit)?;
        Ok(ListRequest { agent, schema: None, query, sort, window, limit, exact_count })
    }
}

/// Reads a search as it is typed.
///
/// # Errors
/// 400 that says where and why.
pub fn parse_query(text: &str) -> Result<SearchQuery, ApiError> {
    text.parse().map_err(|error: SearchError| {
        let mut details = json!({
            "field": "q",
            "position": error.position,
            "length": error.length,
            "expected": error.expected,
        });
        if let Some(suggestion) = &error.suggestion {
            details["suggestion"] = json!(suggestion);
        }
        ApiError::bad_request("invalid_query", error.to_string()).with_details(details)
    })
}

/// What follows a cursor; none begins at the first run.
///
/// # Errors
/// 400 for a text that is no cursor, or one of another order.
pub fn parse_cursor(sort: Sort, text: Option<&str>) -> Result<Option<Window>, ApiError> {
    text.filter(|text| !text.is_empty())
        .map(|text| {
            Window::after(sort, text)
                .map_err(|error: InvalidCursor| ApiError::invalid_field("cursor", error))
        })
        .transpose()
}

/// The order of a list; newest first unless asked.
///
/// # Errors
/// 400 that names the orders.
pub fn parse_sort(text: Option<&str>) -> Result<Sort, ApiError> {
    Sort::parse(text.unwrap_or_default())
        .map_err(|error: InvalidSort| ApiError::invalid_field("sort", error))
}

/// Whether all matches are to be counted, however many.
///
/// # Errors
/// 400 for another word than `exact`.
pub fn check_count(text: Option<&str>) -> Result<bool, ApiError> {
    match text {
        None | Some("") => Ok(false),
        Some("exact") => Ok(true),
        Some(_) => Err(ApiError::invalid_field("count", "must be exact or absent")),
    }
}

/// The length of a page, 50 unless asked.
///
/// # Errors
/// 400 that names the limit.
pub fn check_limit(limit: Option<u32>) -> Result<u32, ApiError> {
    match limit.unwrap_or(PAGE_SIZE) {
        limit @ 1..=MAX_LIST_LIMIT => Ok(limit),
        _ => Err(ApiError::invalid_field(
            "limit",
            format!("must be a number from 1 to {MAX_LIST_LIMIT}"),
        )),
    }
}

impl From<QueryRejection> for ApiError {
    fn from(rejection: QueryRejection) -> Self {
        Self::bad_request("invalid_parameter", rejection.body_text())
    }
}
