//! `POST …/runs/search`: a search in a body, also in the form of WorkflowAI.

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use model::{AgentSlug, RunList};
use serde::Deserialize;
use store::{ListRequest, Window};

use super::access::Reader;
use super::agents::AgentPath;
use super::field_queries::{FieldQuery, to_search};
use super::list::{answer, check_count, check_limit, parse_cursor};
use crate::error::ApiError;
use crate::state::AppState;

/// What the body may say.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SearchBody {
    q: String,
    field_queries: Vec<FieldQuery>,
    limit: Option<u32>,
    offset: Option<u32>,
    cursor: Option<String>,
    count: Option<String>,
}

/// `POST /v1/{org}/agents/{agent}/runs/search`.
pub async fn search_agent_runs(
    Reader(store): Reader,
    State(state): State<AppState>,
    Path(path): Path<AgentPath>,
    body: Result<Json<SearchBody>, JsonRejection>,
) -> Result<Json<RunList>, ApiError> {
    answer(&state, &store, body?.0.request(Some(path.slug()?))?).await
}

/// `POST /v1/{org}/runs/search`.
pub async fn search_org_runs(
    Reader(store): Reader,
    State(state): State<AppState>,
    body: Result<Json<SearchBody>, JsonRejection>,
) -> Result<Json<RunList>, ApiError> {
    answer(&state, &store, body?.0.request(None)?).await
}

impl SearchBody {
    fn request(self, agent: Option<AgentSlug>) -> Result<ListRequest, ApiError> {
        let limit = check_limit(self.limit)?;
        let window = match (parse_cursor(self.cursor.as_deref())?, self.offset) {
            (Some(_), Some(_)) => {
                return Err(ApiError::invalid_field("offset", "cannot go with cursor; send one"));
            }
            (Some(cursor), None) => Window::After(cursor),
            (None, offset) => match offset.unwrap_or(0) {
                offset if offset % limit == 0 => Window::Page(offset / limit),
                _ => return Err(ApiError::invalid_field("offset", "must be a multiple of limit")),
            },
        };
        Ok(ListRequest {
            agent,
            schema: None,
            query: to_search(&self.q, &self.field_queries)?,
            window,
            limit,
            exact_count: check_count(self.count.as_deref())?,
        })
    }
}

impl From<JsonRejection> for ApiError {
    fn from(rejection: JsonRejection) -> Self {
        match &rejection {
            JsonRejection::MissingJsonContentType(_) => {
                Self::unsupported_media_type("content-type must be application/json")
            }
            _ if rejection.status() == http::StatusCode::PAYLOAD_TOO_LARGE => {
                Self::too_large("the body of a search may have at most 2 MB", 2_000_000)
            }
            _ => Self::bad_request("invalid_body", rejection.body_text()),
        }
    }
}
