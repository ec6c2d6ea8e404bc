//! Keeps an engine running in a child process.

mod launch;
mod probe;

use crate::endpoint::EngineEndpoint;
use crate::error::EngineError;
use crate::options::EngineOptions;
use launch::{Launched, launch};
use probe::hangs;
use std::env;
use std::ffi::OsString;
use std::path::PathBuf;
use std::time::{Duration, Instant};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// How to run the child.
#[derive(Clone)]
pub struct SupervisorOptions {
    /// The program to start. It must call [`serve`](crate::serve).
    pub executable: PathBuf,
    /// Its arguments.
    pub args: Vec<OsString>,
    /// What the engine is started with. The password is handed over by pipe.
    pub engine: EngineOptions,
    /// How long a child may take until it answers. It waits up to
    /// [`EngineOptions::lock_timeout`] for a predecessor, so leave more.
    pub ready_timeout: Duration,
    /// How long a child may leave `SELECT 1` without an answer before it is taken to
    /// hang, killed and replaced.
    pub hung_after: Duration,
}

impl SupervisorOptions {
    /// This very program with the argument `clickhouse`, on a data directory.
    ///
    /// # Errors
    ///
    /// When the path of the running program cannot be told.
    pub fn new(data_dir: impl Into<PathBuf>) -> Result<Self, EngineError> {
        let executable =
            env::current_exe().map_err(EngineError::doing("find the running program"))?;
        Ok(Self {
            executable,
            args: vec!["clickhouse".into()],
            engine: EngineOptions::new(data_dir),
            ready_timeout: Duration::from_secs(60),
            hung_after: HUNG_AFTER,
        })
    }
}

/// How the engine is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Health {
    /// The process id of the engine that answers, `None` while there is none.
    pub pid: Option<u32>,
    /// How often a child had to be replaced.
    pub restarts: u64,
}

/// A running engine in a child process, replaced when it dies or hangs.
///
/// Dropping it without [`Supervisor::stop`] ends the child too, less gently.
pub struct Supervisor {
    endpoint: EngineEndpoint,
    health: watch::Receiver<Health>,
    stopping: CancellationToken,
    keeping: JoinHandle<()>,
}

/// An engine that computes and merges as hard as it can still answers `SELECT 1`, for
/// which it keeps a thread, within a second or two.
const HUNG_AFTER: Duration = Duration::from_secs(20);

/// The first pause before a dead child is replaced; it doubles each time.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// A child that lived this long did not die of its start.
const HEALTHY_AFTER: Duration = Duration::from_secs(60);

impl Supervisor {
    /// Starts the engine and returns when it answers.
    ///
    /// # Errors
    ///
    /// What the child says, or that it said nothing in time.
    pub async fn start(mut options: SupervisorOptions) -> Result<Self, EngineError> {
        options.engine.check()?;
        let child = launch(&options).await?;
        // A replacement takes the same port, so that clients need not know.
        options.engine.listen = child.address;
        let endpoint = EngineEndpoint {
            url: format!("http://{}", child.address),
            user: options.engine.user.clone(),
            password: options.engine.password.clone(),
        };
        let (report, health) = watch::channel(Health { pid: child.pid(), restarts: 0 });
        let stopping = CancellationToken::new();
        let keeping =
            tokio::spawn(keep(options, endpoint.clone(), child, report, stopping.clone()));
        Ok(Self { endpoint, health, stopping, keeping })
    }

    /// Where the engine answers, now and after restarts.
    pub fn endpoint(&self) -> &EngineEndpoint {
        &self.endpoint
    }

    /// How the engine is doing; await changes on the receiver.
    pub fn health(&self) -> watch::Receiver<Health> {
        self.health.clone()
    }

    /// Stops the engine and waits until its process has ended.
    pub async fn stop(mut self) {
        self.stopping.cancel();
        if let Err(error) = (&mut self.keeping).await {
            tracing::error!("the engine was not stopped cleanly: {error}");
        }
    }
}

impl Drop for Supervisor {
    fn drop(&mut self) {
        self.stopping.cancel();
    }
}

/// Replaces the child whenever it dies or hangs, until it is told to stop.
async fn keep(
    options: SupervisorOptions,
    endpoint: EngineEndpoint,
    mut child: Launched,
    report: watch::Sender<Health>,
    stopping: CancellationToken,
) {
    let mut pause = FIRST_PAUSE;
    loop {
        let born = Instant::now();
        let ended = async {
            tokio::select! {
                status = child.wait() => Some(status),
                () = hangs(&endpoint, options.hung_after) => None,
            }
        };
        match stopping.run_until_cancelled(ended).await {
            None => return child.stop().await,
            Some(Some(status)) => {
                tracing::error!(%status, "the engine process ended; starting another one");
            }
            Some(None) => {
                tracing::error!(
                    unanswered_s = options.hung_after.as_secs(),
                    "the engine does not answer; killing it and starting another one"
                );
                child.kill().await;
            }
        }
        report.send_modify(|health| health.pid = None);
        if born.elapsed() > HEALTHY_AFTER {
            pause = FIRST_PAUSE;
        }
        child = loop {
            if stopping.run_until_cancelled(tokio::time::sleep(pause)).await.is_none() {
                return;
            }
            pause = (pause * 2).min(LONGEST_PAUSE);
            match stopping.run_until_cancelled(launch(&options)).await {
                Some(Ok(child)) => break child,
                Some(Err(error)) => tracing::error!("the engine does not start: {error}"),
                None => return,
            }
        };
        report.send_modify(|health| {
            health.pid = child.pid();
            health.restarts += 1;
        });
    }
}
