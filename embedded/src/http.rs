//! ClickHouse's HTTP interface in front of the engine.

mod auth;
mod body;
mod intake;
mod request;
mod respond;

use crate::cancel::{CancelOnDrop, Killer, Task};
use crate::engine::Engine;
use crate::exception::{Exception, code};
use crate::insert::{Insert, Piece};
use crate::pool::{Pool, Refused};
use crate::query::{Counts, Query, Reader};
use auth::Credentials;
use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::Response;
use bytes::Bytes;
use http::Method;
use intake::Work;
use request::Given;
use respond::Frame;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::runtime::Handle;
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

/// Everything that a request needs.
pub(crate) struct Gate {
    pub(crate) engine: Arc<Engine>,
    pub(crate) queries: Pool,
    pub(crate) inserts: Pool,
    /// Answers `SELECT 1` however many queries wait.
    pub(crate) probes: Pool,
    pub(crate) killer: Killer,
    pub(crate) credentials: Credentials,
    pub(crate) backups: bool,
    pub(crate) write_timeout: Duration,
    pub(crate) read_timeout: Duration,
    /// Cancelled when the engine is about to stop.
    pub(crate) closing: CancellationToken,
}

pub(crate) use auth::Credentials as HttpCredentials;

/// Pieces of an answer that wait for the client, and pieces of an insert that
/// wait for the engine. Together with their size this bounds the memory.
const PIECES: usize = 4;

/// The router that answers every path.
pub(crate) fn router(gate: Arc<Gate>) -> Router {
    Router::new().fallback(answer).with_state(gate)
}

async fn answer(State(gate): State<Arc<Gate>>, request: Request) -> Response {
    let path = request.uri().path();
    let is_get = request.method() == Method::GET || request.method() == Method::HEAD;
    if is_get && (path == "/ping" || path == "/replicas_status") {
        return respond::ok_text();
    }
    if is_get && path == "/" && request.uri().query().is_none() {
        return respond::ok_text();
    }
    if path != "/" {
        return respond::no_such_path();
    }
    let started = Instant::now();
    let (parts, body) = request.into_parts();
    let mut frame = Frame::new(gate.engine.version(), started);
    // Dropping the request on the way cancels what it runs.
    let outcome = gate.closing.run_until_cancelled(serve(&gate, &mut frame, parts, body)).await;
    match outcome {
        Some(Ok(response)) => response,
        Some(Err(exception)) => frame.failure(&exception),
        None => frame.failure(&stopping()),
    }
}

async fn serve(
    gate: &Arc<Gate>,
    frame: &mut Frame,
    parts: http::request::Parts,
    body: Body,
) -> Result<Response, Exception> {
    let mut given = Given::read(&parts)?;
    frame.query_id(given.query_id.as_deref());
    gate.credentials.check(&parts.headers, &given)?;
    let readonly = match parts.method {
        Method::GET | Method::HEAD => true,
        Method::POST | Method::PUT => false,
        ref other => {
            let text = format!("The engine answers GET and POST, not {other}");
            return Err(Exception::new(code::NOT_IMPLEMENTED, "NOT_IMPLEMENTED", text));
        }
    };
    let work = intake::read(gate, &parts.headers, &mut given, body, readonly).await?;
    frame.encoding(given.encoding);
    match work {
        Work::Query(query) => {
            frame.format(&query.format);
            run_query(gate, frame, query).await
        }
        Work::Insert(insert, data) => {
            let counts = run_insert(gate, insert, data).await?;
            Ok(frame.complete(Bytes::new(), counts))
        }
    }
}

async fn run_query(gate: &Arc<Gate>, frame: &Frame, query: Query) -> Result<Response, Exception> {
    let task = Task::new();
    let guard = gate.killer.guard(&task);
    let (sender, parts) = mpsc::channel(PIECES);
    let reader = Reader { parts: sender, runtime: Handle::current(), patience: gate.write_timeout };
    let engine = Arc::clone(&gate.engine);
    let pool = if query.outline.is_probe { &gate.probes } else { &gate.queries };
    pool.run(move || query.run(&engine, &task, &reader)).map_err(too_many)?;
    frame.answer(parts, guard, gate.closing.clone()).await
}

async fn run_insert(
    gate: &Arc<Gate>,
    insert: Insert,
    mut data: body::Data,
) -> Result<Counts, Exception> {
    // A worker is taken only once there is something to do, so that clients
    // that send slowly do not hold one each.
    let first = data.gather(FIRST_GATHER).await?;
    let task = Task::new();
    let guard = gate.killer.guard(&task);
    let (sender, pieces) = mpsc::channel(PIECES);
    let (report, outcome) = oneshot::channel();
    let engine = Arc::clone(&gate.engine);
    let worker = Arc::clone(&task);
    gate.inserts
        .run(move || {
            // A client that is gone by now needs no answer.
            let _ = report.send(insert.run(&engine, &worker, pieces));
        })
        .map_err(too_many)?;
    let fed = feed(sender, first, data).await;
    let outcome = outcome.await.unwrap_or_else(|_| Err(lost()));
    settle(fed, outcome, guard)
}

/// Bytes that are read of an insert before a worker is asked for.
const FIRST_GATHER: usize = 1 << 20;

/// Sends the data on. Ends early, without an error, when the worker gave up.
async fn feed(
    pieces: mpsc::Sender<Piece>,
    first: Bytes,
    mut data: body::Data,
) -> Result<(), Exception> {
    if !first.is_empty() && pieces.send(Piece::Data(first)).await.is_err() {
        return Ok(());
    }
    while let Some(piece) = data.next().await {
        if pieces.send(Piece::Data(piece?)).await.is_err() {
            return Ok(());
        }
    }
    // The worker reports its own failure.
    let _ = pieces.send(Piece::End).await;
    Ok(())
}

fn settle(
    fed: Result<(), Exception>,
    outcome: Result<Counts, Exception>,
    guard: CancelOnDrop,
) -> Result<Counts, Exception> {
    drop(guard);
    // A body that broke off is the cause, the worker's failure its effect.
    fed.and(outcome)
}

fn too_many(_: Refused) -> Exception {
    Exception::new(
        code::TOO_MANY_SIMULTANEOUS_QUERIES,
        "TOO_MANY_SIMULTANEOUS_QUERIES",
        "Too many queries wait for the engine; send it again later",
    )
}

fn stopping() -> Exception {
    Exception::new(code::ABORTED, "ABORTED", "The engine is stopping; send it again later")
}

/// A worker that vanished without a report.
fn lost() -> Exception {
    Exception::new(code::ABORTED, "ABORTED", "The engine gave the request up")
}
