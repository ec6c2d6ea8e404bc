//! An engine that answers HTTP, in this process.

use crate::cancel::Killer;
use crate::endpoint::EngineEndpoint;
use crate::engine::Engine;
#[cfg(feature = "test-util")]
use crate::engine::{Session, run};
use crate::error::EngineError;
use crate::http::{Gate, HttpCredentials, router};
use crate::lock::DirLock;
use crate::options::EngineOptions;
use crate::pool::Pool;
use axum::serve::ListenerExt as _;
use std::future::IntoFuture as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::task;
use tokio_util::sync::CancellationToken;

/// A running engine. One process can run one at a time, and not another one
/// after it: the library is closed for business once it was stopped.
pub struct Server {
    endpoint: EngineEndpoint,
    data_dir: PathBuf,
    gate: Arc<Gate>,
    killer: JoinHandle<()>,
    serving: task::JoinHandle<std::io::Result<()>>,
    lock: DirLock,
}

/// How long clients get to read their errors once the engine is asked to stop.
const DRAIN: Duration = Duration::from_millis(500);

impl Server {
    /// Opens the data directory and answers on loopback.
    ///
    /// # Errors
    ///
    /// When another process has the directory, the library is missing or
    /// unfit, or the address is taken.
    pub async fn start(options: EngineOptions) -> Result<Self, EngineError> {
        options.check()?;
        let lock = DirLock::take(&options.data_dir, options.lock_timeout).await?;
        let listener = TcpListener::bind(options.listen)
            .await
            .map_err(EngineError::doing(&format!("listen on {}", options.listen)))?;
        let address = listener.local_addr().map_err(EngineError::doing("read the address"))?;
        let opening = options.clone();
        // Loading blocks SIGPIPE in its thread: not in one of ours.
        let engine = task::spawn_blocking(move || Engine::open(&opening))
            .await
            .map_err(|error| EngineError::Unusable(error.to_string()))??;
        let engine = Arc::new(engine);
        let (killer, thread) =
            Killer::start(Arc::clone(&engine)).map_err(EngineError::doing("start a thread"))?;
        let workers = options.worker_count();
        let pool = |name| Pool::start(name, workers, options.queue);
        let gate = Arc::new(Gate {
            engine,
            queries: pool("engine-query").map_err(EngineError::doing("start threads"))?,
            inserts: pool("engine-insert").map_err(EngineError::doing("start threads"))?,
            probes: Pool::start("engine-probe", 1, options.queue)
                .map_err(EngineError::doing("start threads"))?,
            killer,
            credentials: HttpCredentials::new(options.user.clone(), options.password.clone()),
            backups: options.backups_dir.is_some(),
            write_timeout: options.write_timeout,
            read_timeout: options.read_timeout,
            closing: CancellationToken::new(),
        });
        let endpoint = EngineEndpoint {
            url: format!("http://{address}"),
            user: options.user,
            password: options.password,
        };
        endpoint.publish(&options.data_dir)?;
        // Small answers must not wait for the client's acknowledgement.
        let listener = listener.tap_io(|socket| {
            if let Err(error) = socket.set_nodelay(true) {
                tracing::debug!("cannot set TCP_NODELAY: {error}");
            }
        });
        let serving = task::spawn(
            axum::serve(listener, router(Arc::clone(&gate)))
                .with_graceful_shutdown(gate.closing.clone().cancelled_owned())
                .into_future(),
        );
        let data_dir = options.data_dir;
        Ok(Self { endpoint, data_dir, gate, killer: thread, serving, lock })
    }

    /// Where it answers.
    pub fn endpoint(&self) -> &EngineEndpoint {
        &self.endpoint
    }

    /// Runs a statement past HTTP, as for tests that make databases. Blocks.
    #[cfg(feature = "test-util")]
    pub(crate) fn runner(&self) -> impl Fn(&str) -> Result<(), String> + Send + Sync + use<> {
        let engine = Arc::clone(&self.gate.engine);
        move |sql| {
            engine
                .session(&Session::default(), "runner")
                .and_then(|mut connection| run(&mut connection, sql))
                .map_err(|exception| exception.render(engine.version()))
        }
    }

    /// Stops it: refuses new requests, kills running queries, closes the data.
    pub async fn stop(self) {
        let Self { data_dir, gate, killer, mut serving, lock, .. } = self;
        // Requests end with an error, and their queries are killed with them.
        gate.closing.cancel();
        EngineEndpoint::withdraw(&data_dir);
        if tokio::time::timeout(DRAIN, &mut serving).await.is_err() {
            serving.abort();
        }
        let closed = task::spawn_blocking(move || {
            gate.queries.close();
            gate.inserts.close();
            gate.probes.close();
            gate.killer.stop();
            // It ran statements only; there is nothing to learn from a panic.
            let _ = killer.join();
            gate.engine.close();
        });
        if let Err(error) = closed.await {
            tracing::error!("the engine did not stop cleanly: {error}");
        }
        drop(lock);
    }
}
