//! The engine as a process: the other side of the [supervisor](crate::Supervisor).
//!
//! A supervised child reads its options as one line of JSON from standard
//! input and answers with one line on standard output. Standard input then
//! stays open for as long as the parent lives: its end, which no crash of the
//! parent can prevent, ends the child.

use crate::error::EngineError;
use crate::options::EngineOptions;
use crate::server::Server;
use serde::{Deserialize, Serialize};
use std::env;
use std::io::{BufRead as _, Write as _, stdin, stdout};
use std::thread;
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

/// Set by the supervisor; says that the options come through standard input.
pub(crate) const SUPERVISED: &str = "RUNS_ENGINE_SUPERVISED";

/// How long a child may take to stop after its parent is gone.
const LAST_MOMENT: Duration = Duration::from_secs(10);

/// What the child tells the supervisor, once.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Report {
    /// It answers at this address.
    Ready(String),
    /// It could not start.
    Failed(String),
}

/// Whether a [`Supervisor`](crate::Supervisor) started this process, which then gets its
/// options from there and none from its environment.
#[must_use]
pub fn is_supervised() -> bool {
    env::var_os(SUPERVISED).is_some()
}

/// Runs an engine until it is asked to stop: what `runs clickhouse` does.
///
/// Started by a [`Supervisor`](crate::Supervisor), it takes its options from
/// there and ends with the parent process. Started by hand, it takes
/// `by_hand` and ends on SIGTERM or SIGINT. Call it on a multi-thread runtime.
///
/// # Errors
///
/// When the engine cannot be started; see [`Server::start`].
pub async fn serve(by_hand: EngineOptions) -> Result<(), EngineError> {
    let ended = CancellationToken::new();
    if !is_supervised() {
        let server = Server::start(by_hand).await?;
        tracing::info!(url = server.endpoint().url, "the engine answers");
        return run(server, &ended).await;
    }
    let options = listen_to_parent(ended.clone()).await?;
    let starting = ended.run_until_cancelled(Server::start(options)).await;
    let Some(started) = starting else { return Ok(()) };
    let report = match &started {
        Ok(server) => Report::Ready(server.endpoint().url.clone()),
        Err(error) => Report::Failed(error.to_string()),
    };
    match (started, tell_parent(&report)) {
        (Ok(server), Ok(())) => run(server, &ended).await,
        (Ok(server), Err(error)) => {
            server.stop().await;
            Err(error)
        }
        (Err(error), _) => Err(error),
    }
}

async fn run(server: Server, ended: &CancellationToken) -> Result<(), EngineError> {
    let listen = |kind| signal(kind).map_err(EngineError::doing("listen to signals"));
    let (mut terminate, mut interrupt) =
        (listen(SignalKind::terminate())?, listen(SignalKind::interrupt())?);
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
        () = ended.cancelled() => {}
    }
    server.stop().await;
    Ok(())
}

fn tell_parent(report: &Report) -> Result<(), EngineError> {
    let told = || {
        let mut line = serde_json::to_vec(report)?;
        line.push(b'\n');
        let mut out = stdout().lock();
        out.write_all(&line)?;
        out.flush()
    };
    told().map_err(EngineError::doing("report to the supervisor"))
}

/// Reads the options, and from then on watches for the end of the parent on a
/// thread of its own, which works whatever the rest of the process does.
async fn listen_to_parent(ended: CancellationToken) -> Result<EngineOptions, EngineError> {
    let (send, orders) = oneshot::channel();
    let watch = move || {
        let mut parent = stdin().lock();
        let mut line = String::new();
        let read = parent.read_line(&mut line).map(|_| line);
        // Without a receiver the process is on its way out.
        let _ = send.send(read);
        let mut sink = Vec::new();
        while parent.read_until(b'\n', &mut sink).is_ok_and(|read| read > 0) {
            sink.clear();
        }
        ended.cancel();
        thread::park_timeout(LAST_MOMENT);
        // Still here: nobody is left to see it hang.
        std::process::abort();
    };
    thread::Builder::new()
        .name("parent-watch".to_owned())
        .spawn(watch)
        .map_err(EngineError::doing("start a thread"))?;
    let line = orders
        .await
        .map_err(|_| EngineError::Options("the supervisor sent no options".to_owned()))?
        .map_err(EngineError::doing("read from the supervisor"))?;
    serde_json::from_str(&line)
        .map_err(|error| EngineError::Options(format!("the supervisor sent bad options: {error}")))
}
