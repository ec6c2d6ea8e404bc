//! `GET …/runs/live`: new runs as they arrive, as server-sent events.

use std::convert::Infallible;
use std::net::IpAddr;
use std::time::Duration;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures::{Stream, StreamExt};
use http::header::CACHE_CONTROL;
use http::{HeaderMap, HeaderName, HeaderValue};
use model::{AgentSlug, RunId};
use serde::{Deserialize, Serialize};
use store::{ArrivalCursor, InvalidArrivalCursor, ListRequest, OrgStore, Window};

use super::access::{Reader, may_still_read};
use super::agents::AgentPath;
use super::list::parse_query;
use crate::auth::client_ip::ClientIp;
use crate::error::ApiError;
use crate::live::Told;
use crate::state::AppState;

const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");
/// How long a client waits before it comes again.
const RETRY: Duration = Duration::from_secs(1);
/// A comment so often, so that nobody on the way takes the stream for dead.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// Ids in one event of the short form.
const IDS: usize = 100;

/// What the query string may say.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LiveParams {
    q: String,
    schema: Option<u32>,
    after: Option<String>,
    view: Option<String>,
}

/// How runs are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// One event for each, with the run as an item of a list.
    Items,
    /// One event for those that arrived together, with their number and ids.
    Ids,
}

/// Runs that arrived together.
#[derive(Clone, Debug, Default, Serialize)]
struct Together {
    count: u64,
    /// The newest of them, at most 100.
    ids: Vec<RunId>,
}

/// `GET /v1/{org}/agents/{agent}/runs/live`.
pub async fn follow_agent_runs(
    Reader(store): Reader,
    State(state): State<AppState>,
    Path(path): Path<AgentPath>,
    ClientIp(client): ClientIp,
    headers: HeaderMap,
    params: Result<Query<LiveParams>, QueryRejection>,
) -> Result<Response, ApiError> {
    let agent = path.slug()?;
    // An agent that is not there is told before the stream begins.
    if !store.has_agent(&agent).await? {
        return Err(ApiError::not_found());
    }
    answer(state, store, Some(agent), client, headers, params?.0)
}

/// `GET /v1/{org}/runs/live`.
pub async fn follow_org_runs(
    Reader(store): Reader,
    State(state): State<AppState>,
    ClientIp(client): ClientIp,
    headers: HeaderMap,
    params: Result<Query<LiveParams>, QueryRejection>,
) -> Result<Response, ApiError> {
    answer(state, store, None, client, headers, params?.0)
}

fn answer(
    state: AppState,
    store: OrgStore,
    agent: Option<AgentSlug>,
    client: IpAddr,
    headers: HeaderMap,
    params: LiveParams,
) -> Result<Response, ApiError> {
    let form = params.form()?;
    let after = params.after(&headers)?;
    let request = ListRequest {
        agent,
        schema: params.schema,
        query: parse_query(&params.q)?,
        sort: model::Sort::NEWEST,
        window: Window::Page(0),
        limit: 0,
        exact_count: false,
    };
    let org = store.org().id;
    let may_read = {
        let state = state.clone();
        move || {
            let (state, headers) = (state.clone(), headers.clone());
            async move { may_still_read(&state, &headers, client, org).await }
        }
    };
    let told = state.live.follow(store, request, after, may_read)?.told();
    let events = Sse::new(events(told, form)).keep_alive(KeepAlive::new().interval(HEARTBEAT));
    let mut response = events.into_response();
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache, no-transform"));
    // Some proxies collect answers before they pass them on.
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    Ok(response)
}

fn events(
    told: impl Stream<Item = Told> + Send,
    form: Form,
) -> impl Stream<Item = Result<Event, Infallible>> + Send {
    let mut together = Together::default();
    told.filter_map(move |told| {
        let event = event(told, form, &mut together);
        async move { event.map(Ok) }
    })
}

fn event(told: Told, form: Form, together: &mut Together) -> Option<Event> {
    let event = Event::default().id(told.cursor.to_string());
    let Some((id, json)) = told.run else {
        // Without data it reaches nobody, but whoever comes again goes on from here.
        return Some(event.retry(RETRY));
    };
    if form == Form::Items {
        return Some(event.data(json));
    }
    together.count += 1;
    together.ids.push(id);
    if told.has_more {
        return None;
    }
    let mut together = std::mem::take(together);
    let skipped = together.ids.len().saturating_sub(IDS);
    together.ids.drain(..skipped);
    event.json_data(together).ok()
}

impl LiveParams {
    fn form(&self) -> Result<Form, ApiError> {
        match self.view.as_deref() {
            None | Some("" | "items") => Ok(Form::Items),
            Some("ids") => Ok(Form::Ids),
            Some(_) => Err(ApiError::invalid_field("view", "must be items or ids")),
        }
    }

    /// Where the stream goes on: a client that comes again knows better than
    /// the address that it first opened.
    fn after(&self, headers: &HeaderMap) -> Result<Option<ArrivalCursor>, ApiError> {
        let (field, text) = match headers.get(LAST_EVENT_ID) {
            Some(id) => ("last-event-id", id.to_str().unwrap_or("?")),
            None => ("after", self.after.as_deref().unwrap_or_default()),
        };
        if text.is_empty() {
            return Ok(None);
        }
        let parsed = text.parse();
        parsed
            .map(Some)
            .map_err(|error: InvalidArrivalCursor| ApiError::invalid_field(field, error))
    }
}
