//! An engine for tests, inside the test process.
//!
//! The library allows one data directory per process, so all tests of a
//! process share one engine, started by the first that asks, on a temporary
//! folder that is removed when the process exits. Each test takes a database
//! of its own:
//!
//! ```no_run
//! # fn main() -> Result<(), embedded::testing::TestEngineError> {
//! let database = embedded::testing::fresh_database()?;
//! let endpoint = &database.endpoint;
//! // A client for `endpoint.url`, `endpoint.user`, `endpoint.password` and
//! // `database.name`; the database goes when `database` is dropped.
//! # Ok(())
//! # }
//! ```
//!
//! The engine runs on threads of its own and needs no other binary. The
//! library is found as [`find_libchdb`](crate::find_libchdb) finds it, or
//! named by the variable `RUNS_LIBCHDB`.

use crate::endpoint::EngineEndpoint;
use crate::ffi::run_last;
use crate::options::EngineOptions;
use crate::server::Server;
use std::env;
use std::fs;
use std::path::PathBuf;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::channel;
use std::thread;

/// A database that no other test uses. Dropping it drops the database.
#[derive(Debug)]
pub struct TestDatabase {
    /// Where the engine answers.
    pub endpoint: EngineEndpoint,
    /// The database's name.
    pub name: String,
}

type Runner = Box<dyn Fn(&str) -> Result<(), String> + Send + Sync>;

struct Shared {
    endpoint: EngineEndpoint,
    run: Runner,
    folder: PathBuf,
}

/// Why a test has no database.
#[derive(Debug, thiserror::Error)]
pub enum TestEngineError {
    /// Whoever asks next fails alike: the engine is started once a process.
    #[error("cannot start the engine for tests: {0}")]
    Start(String),
    /// The engine runs and refuses.
    #[error("cannot make a database for the test: {0}")]
    CreateDatabase(String),
}

/// A failure is kept too: it would only repeat.
static SHARED: OnceLock<Result<Shared, String>> = OnceLock::new();

/// Makes an empty database. Blocks for a moment.
///
/// # Errors
///
/// When the engine cannot be started or makes no database.
pub fn fresh_database() -> Result<TestDatabase, TestEngineError> {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let shared = shared()?;
    let name = format!("test_{}", NEXT.fetch_add(1, Ordering::Relaxed));
    (shared.run)(&format!("CREATE DATABASE `{name}`")).map_err(TestEngineError::CreateDatabase)?;
    Ok(TestDatabase { endpoint: shared.endpoint.clone(), name })
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        // The folder goes with the process, so a failure costs nothing.
        let _ = shared().map(|it| (it.run)(&format!("DROP DATABASE IF EXISTS `{}`", self.name)));
    }
}

fn shared() -> Result<&'static Shared, TestEngineError> {
    SHARED.get_or_init(start).as_ref().map_err(|error| TestEngineError::Start(error.clone()))
}

fn start() -> Result<Shared, String> {
    let folder = tempfile::Builder::new()
        .prefix("runs-engine-test-")
        .tempdir()
        .map_err(|error| error.to_string())?
        .keep();
    let mut options = EngineOptions::new(&folder);
    options.libchdb = env::var_os("RUNS_LIBCHDB").map(PathBuf::from);
    let (started, ready) = channel();
    let body = move || {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("test-engine")
            .enable_all()
            .build();
        let runtime = match runtime {
            Ok(runtime) => runtime,
            Err(error) => return drop(started.send(Err(error.to_string()))),
        };
        match runtime.block_on(Server::start(options)) {
            Err(error) => drop(started.send(Err(error.to_string()))),
            Ok(server) => {
                let run: Runner = Box::new(server.runner());
                drop(started.send(Ok((server.endpoint().clone(), run))));
                // The runtime must outlive the tests; the process ends it.
                runtime.block_on(std::future::pending::<()>());
            }
        }
    };
    thread::Builder::new()
        .name("test-engine".to_owned())
        .spawn(body)
        .map_err(|it| it.to_string())?;
    let started = ready.recv().map_err(|it| it.to_string()).flatten();
    // The engine is left running: closing its last connection can crash once
    // databases were dropped, and nothing of it is needed any more.
    run_last(remove_folder);
    let (endpoint, run) = started.inspect_err(|_| drop(fs::remove_dir_all(&folder)))?;
    Ok(Shared { endpoint, run, folder })
}

fn remove_folder() {
    if let Some(Ok(shared)) = SHARED.get() {
        let _ = fs::remove_dir_all(&shared.folder);
    }
}
