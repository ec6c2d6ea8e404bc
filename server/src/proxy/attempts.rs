//! Asks the provider, and the next one where the request gives others for the
//! case that it cannot answer now.

use std::sync::Arc;

use bytes::Bytes;
use futures::StreamExt;
use http::{HeaderMap, Method, StatusCode};
use model::edit::{self, Change};
use model::{Json, RunError};
use serde_json::Value;
use tokio_util::sync::CancellationToken;
use upstream::{AnswerBytes, Forward, Forwarded, Provider, UpstreamError};

use super::ask::Ask;
use super::recording::Recording;
use super::{echo, headers};
use crate::state::AppState;

/// Most bytes of an answer. A run keeps fewer; the client gets them all.
const MAX_ANSWER_BYTES: usize = 64 * 1024 * 1024;
/// How much is kept of what a provider says that cannot answer now.
const MAX_REFUSAL_BYTES: usize = 256 * 1024;

/// Whom to ask, in this order.
pub struct Attempts<'a> {
    /// What every handler works with.
    pub state: &'a AppState,
    /// The provider that the request is for.
    pub provider: Provider,
    /// Other models, with their providers.
    pub others: Vec<(Provider, String)>,
}

impl Attempts<'_> {
    /// The answer of the first that can answer, else that of the last; and who
    /// gives it.
    pub async fn make(
        self,
        ask: &Arc<Ask>,
        query: Option<&str>,
        headers: &HeaderMap,
        recording: &mut Recording,
    ) -> (Provider, Result<Forwarded, UpstreamError>) {
        let Self { state, mut provider, others } = self;
        let cutting = &state.ending.cutting;
        let mut others = others.into_iter();
        let mut body: Option<Json> = None;
        loop {
            recording.asked();
            let forwarded = tokio::select! {
                forwarded = forward(state, &provider, ask, body.as_ref(), query, headers) => forwarded,
                () = cutting.cancelled() => Err(UpstreamError::Ending),
            };
            let next = if may_pass(&forwarded) { others.next() } else { None };
            let Some((other, next_body)) =
                next.and_then(|(other, model)| Some((other, with_model(&ask.sent.body, &model)?)))
            else {
                let ended =
                    |it: Forwarded| Forwarded { body: until(cutting.clone(), it.body), ..it };
                return (provider, forwarded.map(ended));
            };
            let failure = refusal(forwarded, cutting, recording).await;
            recording.next_attempt(failure, other.name(), next_body.clone());
            (provider, body) = (other, Some(next_body));
        }
    }
}

async fn forward(
    state: &AppState,
    provider: &Provider,
    ask: &Arc<Ask>,
    other: Option<&Json>,
    query: Option<&str>,
    headers: &HeaderMap,
) -> Result<Forwarded, UpstreamError> {
    let body = other.unwrap_or(&ask.sent.body);
    if let Some(events) = state.upstream.echo(provider, body) {
        return echo::forwarded(events, ask.wants_stream).await;
    }
    let body = match other {
        Some(other) => Bytes::copy_from_slice(other.as_str().as_bytes()),
        None => Bytes::from_owner(SentBody(Arc::clone(ask))),
    };
    let forward = Forward {
        method: Method::POST,
        path: ask.api.path(),
        query,
        headers: headers::to_provider(headers),
        body: Some(body),
        max_answer_bytes: MAX_ANSWER_BYTES,
    };
    state.upstream.forward(provider, forward).await
}

/// Whether another model may answer where this one did not: too many requests, a
/// failure of the provider, or no word of it.
fn may_pass(forwarded: &Result<Forwarded, UpstreamError>) -> bool {
    match forwarded {
        Ok(Forwarded { status, .. }) => {
            *status == StatusCode::TOO_MANY_REQUESTS || status.is_server_error()
        }
        Err(error) => matches!(
            error,
            UpstreamError::Timeout { .. }
                | UpstreamError::Unreachable { .. }
                | UpstreamError::Closed { .. }
        ),
    }
}

/// Takes down what a provider says that cannot answer now.
async fn refusal(
    forwarded: Result<Forwarded, UpstreamError>,
    cutting: &CancellationToken,
    recording: &mut Recording,
) -> Option<RunError> {
    let Forwarded { status, body, .. } = match forwarded {
        Ok(forwarded) => forwarded,
        Err(error) => return Some(error.to_run_error()),
    };
    recording.answering(status.as_u16(), false);
    let mut body = until(cutting.clone(), body);
    let mut taken = 0;
    while let Some(chunk) = body.next().await {
        match chunk {
            Ok(chunk) if taken + chunk.len() <= MAX_REFUSAL_BYTES => {
                taken += chunk.len();
                recording.received(&chunk);
            }
            Ok(_) => return None,
            Err(error) => return Some(error.to_run_error()),
        }
    }
    None
}

fn with_model(body: &Json, model: &str) -> Option<Json> {
    let changed = edit::rewrite(body.as_str(), |key, _| {
        Ok::<_, std::convert::Infallible>(match key {
            "model" => Change::Replace(Value::from(model).to_string()),
            _ => Change::Keep,
        })
    });
    Json::from_text(&changed.ok()?).ok()
}

/// The body that is sent, shared with the run that will keep it.
struct SentBody(Arc<Ask>);

impl AsRef<[u8]> for SentBody {
    fn as_ref(&self) -> &[u8] {
        self.0.sent.body.as_str().as_bytes()
    }
}

/// An answer that ends when the server does.
fn until(cutting: CancellationToken, mut answer: AnswerBytes) -> AnswerBytes {
    async_stream::stream! {
        loop {
            let next = tokio::select! {
                biased;
                () = cutting.cancelled() => Some(Err(UpstreamError::Ending)),
                next = answer.next() => next,
            };
            let Some(chunk) = next else { break };
            let is_over = chunk.is_err();
            yield chunk;
            if is_over {
                break;
            }
        }
    }
    .boxed()
}
