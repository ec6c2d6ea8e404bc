//! Exports over REST: every run that a search finds, streamed.
//!
//! What is counted on the way comes as trailers, and stays to be asked for
//! under the export's id, since browsers do not show trailers to anybody.

mod body;
mod format;

use std::sync::Arc;

use app::exports::{Progress, is_id};
use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE, TRAILER};
use http::{HeaderMap, HeaderName, HeaderValue};
use model::{AgentSlug, Columns, InvalidColumns};
use serde::Deserialize;
use serde_json::{Value, json};
use store::{ListRequest, OrgStore, Window};
use uuid::Uuid;

use self::format::{Format, UnknownFormat};
use super::access::Reader;
use super::agents::AgentPath;
use super::list::{parse_query, parse_sort};
use crate::clock::now;
use crate::error::ApiError;
use crate::limits::refusal;
use crate::state::AppState;

/// The id under which an export can be asked about and stopped.
const EXPORT_ID: HeaderName = HeaderName::from_static("x-runs-export");
/// How many runs matched when the export began.
const COUNT: HeaderName = HeaderName::from_static("x-runs-count");

/// What the query string may say.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ExportParams {
    q: String,
    format: String,
    columns: String,
    sort: Option<String>,
    schema: Option<u32>,
    id: Option<String>,
}

/// An export in a path.
#[derive(Deserialize)]
pub struct ExportPath {
    export: String,
}

/// `GET /v1/{org}/agents/{agent}/runs/export`.
pub async fn export_agent_runs(
    Reader(store): Reader,
    State(state): State<AppState>,
    Path(path): Path<AgentPath>,
    params: Result<Query<ExportParams>, QueryRejection>,
) -> Result<Response, ApiError> {
    export(&state, store, Some(path.slug()?), params?.0).await
}

/// `GET /v1/{org}/runs/export`.
pub async fn export_org_runs(
    Reader(store): Reader,
    State(state): State<AppState>,
    params: Result<Query<ExportParams>, QueryRejection>,
) -> Result<Response, ApiError> {
    export(&state, store, None, params?.0).await
}

/// `GET /v1/{org}/exports/{export}`: how far an export of this process is.
pub async fn get_export(
    Reader(store): Reader,
    State(state): State<AppState>,
    Path(path): Path<ExportPath>,
) -> Result<Json<Value>, ApiError> {
    let progress = state.exports.get(store.org().id, &path.export);
    let progress = progress.ok_or_else(ApiError::not_found)?;
    Ok(Json(told(&path.export, &progress)))
}

fn told(id: &str, progress: &Progress) -> Value {
    let doc = progress.doc();
    let left_out = doc.left_out.iter().map(|it| (it.reason.clone(), Value::from(it.count)));
    json!({
        "id": id,
        "state": doc.state,
        "count": doc.count,
        "exported": doc.exported,
        "left_out": left_out.collect::<serde_json::Map<_, _>>(),
    })
}

/// `DELETE /v1/{org}/exports/{export}`: stops an export.
pub async fn stop_export(
    Reader(store): Reader,
    State(state): State<AppState>,
    Path(path): Path<ExportPath>,
) -> Result<Json<Value>, ApiError> {
    let progress = state.exports.get(store.org().id, &path.export);
    let progress = progress.ok_or_else(ApiError::not_found)?;
    progress.stop();
    Ok(Json(told(&path.export, &progress)))
}

async fn export(
    state: &AppState,
    store: OrgStore,
    agent: Option<AgentSlug>,
    params: ExportParams,
) -> Result<Response, ApiError> {
    let format: Format = params
        .format
        .parse()
        .map_err(|error: UnknownFormat| ApiError::invalid_field("format", error))?;
    let columns = Columns::parse(&params.columns)
        .map_err(|error: InvalidColumns| ApiError::invalid_field("columns", error))?;
    let columns = if columns.is_empty() { Columns::usual(agent.is_none()) } else { columns };
    let id = match params.id {
        None => Uuid::now_v7().to_string(),
        Some(id) if is_id(&id) => id,
        Some(_) => {
            let message = "must have 1 to 64 characters of A-Z, a-z, 0-9, - and _";
            return Err(ApiError::invalid_field("id", message));
        }
    };
    let name = agent.as_ref().map_or("all", AgentSlug::as_str);
    let today = now().to_string();
    let today = today.get(..10).unwrap_or_default();
    let file = format!("{name}-runs-{today}.{}", format.extension());
    let request = ListRequest {
        agent,
        schema: params.schema,
        query: parse_query(&params.q)?,
        sort: parse_sort(params.sort.as_deref())?,
        window: Window::Page(0),
        limit: 1,
        exact_count: true,
    };
    let place = state.limits.exports.take(store.holder(), 1);
    let place =
        place.map_err(|refused| refusal("too_many_exports", "exports at one time", refused))?;
    let export = store.export(&request).await?.ok_or_else(ApiError::not_found)?;
    let count = export.count().await?;
    let progress = state.exports.begin(store.org().id, &id, count);
    let origin = Arc::clone(&state.public_url);
    let body = match format {
        Format::Jsonl => body::of(body::jsonl(export, store, origin), progress, place),
        Format::Chat => body::of(body::chat(export, Arc::clone(&progress)), progress, place),
        Format::Csv => body::of(body::csv(export, store, columns), progress, place),
    };
    let mut response = Response::new(body);
    fill_headers(response.headers_mut(), format, &id, count, &file);
    Ok(response)
}

fn fill_headers(headers: &mut HeaderMap, format: Format, id: &str, count: u64, file: &str) {
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(format.content_type()));
    headers.insert(COUNT, HeaderValue::from(count));
    headers.insert(TRAILER, HeaderValue::from_static(body::TRAILERS));
    // Ids and file names are made of letters, digits, dashes and dots.
    if let Ok(value) = HeaderValue::from_str(id) {
        headers.insert(EXPORT_ID, value);
    }
    if let Ok(value) = HeaderValue::from_str(&format!("attachment; filename=\"{file}\"")) {
        headers.insert(CONTENT_DISPOSITION, value);
    }
}
