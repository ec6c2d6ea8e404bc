//! `POST /v1/runs`: one run, an array or lines of them.

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header::CONTENT_TYPE;
use http::{HeaderMap, StatusCode};
use mime::Mime;
use model::{AgentSlug, CompleteContext, IncomingRun, InvalidRun, NewRun, RunId, Source};
use serde::Serialize;
use serde_json::{Value, json};
use store::{OrgStore, RejectedRun};

use super::access::Writer;
use super::body::{Room, WholeBody};
use super::items::{Item, Layout, Text};
use super::links::Links;
use crate::clock::now;
use crate::error::{ApiError, ErrorBody};
use crate::prices;
use crate::state::AppState;

/// A body of this size waits for its turn to be taken apart.
const LARGE_BYTES: usize = 256 * 1024;

/// The answer to runs that were sent.
#[derive(Serialize)]
pub struct Receipt {
    accepted: usize,
    rejected: Vec<Rejected>,
    runs: Vec<Accepted>,
    /// Only when nothing was accepted.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<ErrorBody>,
}

#[derive(Serialize)]
struct Accepted {
    index: usize,
    id: RunId,
    url: String,
    agent: AgentSlug,
}

#[derive(Serialize)]
struct Rejected {
    index: usize,
    error: ErrorBody,
}

/// What became of a body's items before the store has seen them.
#[derive(Default)]
struct Checked {
    runs: Vec<NewRun>,
    /// Where each of `runs` stood in the body.
    indexes: Vec<usize>,
    rejected: Vec<Rejected>,
}

/// `POST /v1/runs`.
pub async fn ingest(
    Writer(store): Writer,
    State(state): State<AppState>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, ApiError> {
    let layout = layout(&headers)?;
    let holder = store.holder();
    let WholeBody { bytes, room } = state.intake.read(holder, &headers, body).await?;
    // Reading and completing thousands of runs takes seconds of one core, and memory.
    let turn = match bytes.len() {
        0..LARGE_BYTES => None,
        _ => Some(state.parsing_turn(holder).await?),
    };
    // What goes on when the client leaves takes its room with it.
    let work = move || {
        let checked = check(&bytes, layout);
        drop((turn, bytes));
        (checked, room)
    };
    let (checked, room) =
        tokio::task::spawn_blocking(work).await.map_err(|error| ApiError::internal(&error))?;
    let receipt = keep(&state, store, checked?, room).await?;
    state.metrics.accepted_runs.inc_by(receipt.accepted as u64);
    state.metrics.rejected_runs.inc_by(receipt.rejected.len() as u64);
    let status = if receipt.accepted > 0 { StatusCode::OK } else { StatusCode::BAD_REQUEST };
    Ok((status, Json(receipt)).into_response())
}

fn layout(headers: &HeaderMap) -> Result<Layout, ApiError> {
    let Some(value) = headers.get(CONTENT_TYPE) else { return Ok(Layout::Json) };
    let mime: Option<Mime> = value.to_str().ok().and_then(|text| text.parse().ok());
    match mime.as_ref().map(Mime::essence_str) {
        Some("application/json") => Ok(Layout::Json),
        Some("application/x-ndjson" | "application/ndjson" | "application/jsonl") => {
            Ok(Layout::Lines)
        }
        _ => Err(ApiError::unsupported_media_type(
            "content-type must be application/json or application/x-ndjson",
        )),
    }
}

fn check(bytes: &[u8], layout: Layout) -> Result<Checked, ApiError> {
    let text = Text::new(bytes);
    let mut checked = Checked::default();
    for (index, item) in text.items(layout)?.into_iter().enumerate() {
        match check_item(item) {
            Ok(run) => {
                checked.runs.push(run);
                checked.indexes.push(index);
            }
            Err(error) => checked.rejected.push(Rejected { index, error }),
        }
    }
    Ok(checked)
}

fn check_item(item: Item<'_>) -> Result<NewRun, ErrorBody> {
    if !item.is_utf8 {
        return Err(ErrorBody {
            code: "invalid_utf8",
            message: "the run is not UTF-8; send text as UTF-8 and bytes as base64".to_owned(),
            details: Value::Null,
        });
    }
    let context = CompleteContext {
        now: now(),
        random: rand::random(),
        default_source: Source::Api,
        price: &prices::cost,
    };
    IncomingRun::parse(item.text).and_then(|run| run.complete(&context)).map_err(describe)
}

fn describe(error: InvalidRun) -> ErrorBody {
    let details = match (&error.field, error.limit) {
        (None, None) => Value::Null,
        (Some(field), None) => json!({ "field": field }),
        (None, Some(limit)) => json!({ "limit": limit }),
        (Some(field), Some(limit)) => json!({ "field": field, "limit": limit }),
    };
    ErrorBody { code: error.code, message: error.message, details }
}

/// Hands the runs in, which take this room until then.
async fn keep(
    state: &AppState,
    store: OrgStore,
    checked: Checked,
    room: Room,
) -> Result<Receipt, ApiError> {
    let Checked { runs, indexes, mut rejected } = checked;
    let org = store.org().slug.clone();
    let links = Links { origin: &state.public_url, org: &org };
    // A client that leaves must not stop a write half-way.
    let door = state.door.clone();
    let accepting = tokio::spawn(async move {
        let outcomes = door.accept(&store, runs).await;
        drop(room);
        outcomes
    });
    let outcomes = accepting.await.map_err(|error| ApiError::internal(&error))??;
    let mut accepted = Vec::with_capacity(outcomes.len());
    for (index, outcome) in indexes.into_iter().zip(outcomes) {
        match outcome {
            Ok(run) => {
                let url = links.run(&run.agent, run.id);
                accepted.push(Accepted { index, id: run.id, url, agent: run.agent });
            }
            Err(error) => rejected.push(Rejected { index, error: describe_rejected(&error) }),
        }
    }
    rejected.sort_by_key(|item| item.index);
    let error = accepted.is_empty().then(|| nothing_accepted(rejected.len()));
    Ok(Receipt { accepted: accepted.len(), rejected, runs: accepted, error })
}

fn describe_rejected(error: &RejectedRun) -> ErrorBody {
    ErrorBody { code: error.code(), message: error.to_string(), details: Value::Null }
}

fn nothing_accepted(rejected: usize) -> ErrorBody {
    let message = match rejected {
        0 => "the request holds no run",
        _ => "no run was accepted; `rejected` has the reason for each",
    };
    ErrorBody { code: "nothing_accepted", message: message.to_owned(), details: Value::Null }
}
