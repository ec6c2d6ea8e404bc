//! What can go wrong when the engine is started, found or supervised.

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Why the engine could not be started, found or kept running.
///
/// Errors of single queries are not among them: those travel over HTTP as
/// ClickHouse's own exceptions.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// No engine library at any of the places that were tried.
    #[error(
        "no {} found (looked at {}); run `make setup`, or set RUNS_LIBCHDB to its path",
        crate::library::FILE_NAME,
        list(looked)
    )]
    LibraryNotFound {
        /// Every path that was tried, in order.
        looked: Vec<PathBuf>,
    },

    /// The library is there but cannot be used.
    #[error(
        "cannot load the engine library {}: {reason}; run `make setup` for the version that fits, or set RUNS_LIBCHDB",
        path.display()
    )]
    Load {
        /// The library that was tried.
        path: PathBuf,
        /// What the dynamic linker said.
        reason: String,
    },

    /// Another process works on the directory, and did not leave in time.
    #[error(
        "the data directory {} is in use by another process; stop that one, or set RUNS_DATA_DIR to another directory",
        dir.display()
    )]
    DirectoryInUse {
        /// The data directory.
        dir: PathBuf,
    },

    /// The engine refused the directory; the reason is on standard error.
    #[error(
        "the engine cannot open the data directory {}; its reason is in the log just above",
        dir.display()
    )]
    Open {
        /// The data directory.
        dir: PathBuf,
    },

    /// The engine opened but a query that it needs at start failed.
    #[error("the engine opened but does not answer: {0}")]
    Unusable(String),

    /// The engine would have been reachable from other machines.
    #[error("the engine listens on loopback addresses only, not on {0}; use 127.0.0.1 or [::1]")]
    NotLoopback(SocketAddr),

    /// A setting of the engine cannot be used.
    #[error("{0}")]
    Options(String),

    /// The child process ended before it was ready.
    #[error(
        "the engine process ended before it was ready ({status}); its reason is in the log just above"
    )]
    ChildExited {
        /// How it ended, as the operating system puts it.
        status: String,
    },

    /// The child process said why it could not start.
    #[error("{0}")]
    Child(String),

    /// The child process did not become ready in time.
    #[error("the engine was not ready after {} s; look for its reason in the log above", .0.as_secs())]
    NotReady(Duration),

    /// No engine runs on the directory, or it left no address.
    #[error("no engine is running on {}; start `runs serve` with the same RUNS_DATA_DIR", dir.display())]
    NoEndpoint {
        /// The data directory.
        dir: PathBuf,
    },

    /// A file or socket operation failed.
    #[error("cannot {what}: {source}")]
    Io {
        /// What was attempted, as in "create /data/engine".
        what: String,
        /// The operating system's reason.
        source: io::Error,
    },
}

impl EngineError {
    /// Says which file an input or output error is about.
    pub(crate) fn io(verb: &str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let what = format!("{verb} {}", path.display());
        move |source| Self::Io { what, source }
    }

    /// Says what an input or output error without a file is about.
    pub(crate) fn doing(what: &str) -> impl FnOnce(io::Error) -> Self {
        let what = what.to_owned();
        move |source| Self::Io { what, source }
    }
}

fn list(paths: &[PathBuf]) -> String {
    let shown: Vec<_> = paths.iter().map(|path| path.display().to_string()).collect();
    shown.join(", ")
}
