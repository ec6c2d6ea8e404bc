//! The calls of the proxy.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{RawQuery, State};
use axum::response::Response;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderName, HeaderValue};
use spool::DoorError;
use store::OrgStore;
use upstream::{Forwarded, Provider, UpstreamError};

use super::api::Api;
use super::ask::Ask;
use super::attempts::Attempts;
use super::cached;
use super::caching::{self, Looked};
use super::error::ProxyError;
use super::extras::Extras;
use super::fallback::Fallback;
use super::headers::{self, CACHE, CACHE_REASON, FEEDBACK_TOKEN, RUN_ID, RUN_URL, value};
use super::memory::{Memory, no_room_to_keep};
use super::providers::choose;
use super::reading::Asking;
use super::recording::{Began, Recording};
use super::stream::Passing;
use super::whole::Whole;
use crate::error::ApiError;
use crate::feedback_token::Claim;
use crate::limits::refusal;
use crate::rest::access::Writer;
use crate::state::AppState;

/// The caller's store, or why there is none.
pub type Let = Result<Writer, ApiError>;

/// `POST /v1/chat/completions`.
pub async fn chat(
    State(state): State<AppState>,
    writer: Let,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Body,
) -> Response {
    serve(Api::Chat, &state, writer, query, headers, body).await
}

/// `POST /v1/responses`.
pub async fn responses(
    State(state): State<AppState>,
    writer: Let,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Body,
) -> Response {
    serve(Api::Responses, &state, writer, query, headers, body).await
}

/// `POST /v1/messages`.
pub async fn messages(
    State(state): State<AppState>,
    writer: Let,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Body,
) -> Response {
    serve(Api::Messages, &state, writer, query, headers, body).await
}

async fn serve(
    api: Api,
    state: &AppState,
    writer: Let,
    query: Option<String>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let began = Began::now();
    let outcome = async {
        let Writer(store) = writer?;
        willing(state, &store)?;
        let place = state.limits.exchanges.take(store.holder(), 1);
        let place = place
            .map_err(|refused| refusal("too_many_exchanges", "requests at providers", refused))?;
        let asking = Asking { api, state, store: &store, headers: &headers };
        let (ask, provider, taken) = asking.read(body, place).await?;
        let others = others(state, &store, &ask, &provider).await?;
        let memory = Memory::new(state, &store, taken, &ask)?;
        let exchange = Exchange { state, store, provider, others, began };
        exchange.run(ask, memory, query.as_deref(), &headers).await
    };
    outcome.await.unwrap_or_else(|error: ProxyError| error.into_response_of(api))
}

/// Asks no provider for an answer that could not be kept.
fn willing(state: &AppState, store: &OrgStore) -> Result<(), ApiError> {
    if state.ending.closing.is_cancelled() {
        return Err(DoorError::Closed.into());
    }
    state.door.has_room(store).map_err(no_room_to_keep)
}

/// The models to ask when the first cannot answer, with their providers.
async fn others(
    state: &AppState,
    store: &OrgStore,
    ask: &Ask,
    first: &Provider,
) -> Result<Vec<(Provider, String)>, ProxyError> {
    let mut others = Vec::with_capacity(ask.labels.fallbacks.len());
    for Fallback { model, provider } in &ask.labels.fallbacks {
        let provider = match provider {
            Some(name) => choose(state, store, ask.api, Some(name)).await?,
            None => first.clone(),
        };
        others.push((provider, model.clone()));
    }
    Ok(others)
}

/// A request on its way to its answer.
struct Exchange<'a> {
    state: &'a AppState,
    store: OrgStore,
    provider: Provider,
    others: Vec<(Provider, String)>,
    began: Began,
}

impl Exchange<'_> {
    async fn run(
        self,
        ask: Ask,
        mut memory: Memory,
        query: Option<&str>,
        headers: &HeaderMap,
    ) -> Result<Response, ProxyError> {
        let ask = Arc::new(ask);
        let variant = caching::variant(query, headers);
        let looked = caching::look(&self.state.answers, &self.store, &ask, variant).await;
        if let Looked::Hit(hit) = &looked {
            memory.take_answer(hit.text.len())?;
        }
        let name = self.provider.name();
        let mut recording =
            Recording::begin(self.state, &self.store, self.began, Arc::clone(&ask), memory, name);
        let claim = Claim { org: self.store.org().id, run: recording.id };
        let token = self.state.feedback_tokens.sign(claim);
        let mut ours = of_run(&recording, &token);
        let extras = Extras::new(&recording.url, &token);
        match looked {
            Looked::Hit(hit) => {
                ours.insert(CACHE, HeaderValue::from_static("hit"));
                ours.insert(CACHE_REASON, value(&format!("answered by {}", hit.answer.run)));
                let recorded = recording.given(Arc::clone(&hit.answer)).await;
                Ok(cached::respond(&ask, &hit, &extras, ours, recorded.room))
            }
            Looked::Ask { outcome, reason, keep } => {
                ours.insert(CACHE, HeaderValue::from_static(outcome));
                ours.insert(CACHE_REASON, HeaderValue::from_static(reason));
                recording.keep(keep);
                self.ask(ask, query, headers, recording, extras, ours).await
            }
        }
    }

    async fn ask(
        self,
        ask: Arc<Ask>,
        query: Option<&str>,
        headers: &HeaderMap,
        mut recording: Recording,
        extras: Extras,
        ours: HeaderMap,
    ) -> Result<Response, ProxyError> {
        let (api, wants_usage) = (ask.api, ask.wants_usage);
        let attempts = Attempts { state: self.state, provider: self.provider, others: self.others };
        let (provider, forwarded) = attempts.make(&ask, query, headers, &mut recording).await;
        drop(ask);
        let host = provider.host();
        let forwarded = match forwarded {
            Ok(forwarded) => forwarded,
            Err(error) => return Err(failed(&mut recording, &error, ours).await),
        };
        let Forwarded { status, headers, body: answer } = forwarded;
        let is_stream = is_event_stream(&headers);
        recording.answering(status.as_u16(), is_stream);
        let mut to_client = headers::to_client(&headers);
        to_client.extend(ours.clone());
        let passed = if is_stream {
            let passing = Passing { api, recording, answer, extras, wants_usage, host };
            Ok(passing.into_body())
        } else {
            Whole { api, status, answer, recording, extras, host }.into_body().await
        };
        match passed {
            Ok(body) => {
                let mut response = Response::new(body);
                *response.status_mut() = status;
                *response.headers_mut() = to_client;
                Ok(response)
            }
            Err((mut recording, error)) => Err(failed(&mut recording, &error, ours).await),
        }
    }
}

async fn failed(recording: &mut Recording, error: &UpstreamError, ours: HeaderMap) -> ProxyError {
    recording.finish(Some(error.to_run_error())).await;
    let mut told = ProxyError::from(error);
    told.headers = Some(Box::new(ours));
    told
}

fn of_run(recording: &Recording, token: &str) -> HeaderMap {
    let pairs: [(HeaderName, HeaderValue); 3] = [
        (RUN_ID, value(&recording.id.to_string())),
        (RUN_URL, value(&recording.url)),
        (FEEDBACK_TOKEN, value(token)),
    ];
    pairs.into_iter().collect()
}

fn is_event_stream(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    kind.is_some_and(|kind| kind.trim_start().to_ascii_lowercase().starts_with("text/event-stream"))
}
