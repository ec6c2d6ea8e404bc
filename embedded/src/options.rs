//! What the engine is started with.

use crate::error::EngineError;
use rand::distr::{Alphanumeric, SampleString};
use serde::{Deserialize, Serialize};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

/// How to run an engine in this process. [`EngineOptions::new`] fills in what
/// is right for most.
#[derive(Clone, Serialize, Deserialize)]
pub struct EngineOptions {
    /// The folder that holds all that the engine keeps; made if absent. One
    /// process owns it at a time.
    pub data_dir: PathBuf,
    /// The engine library; found by [`find_libchdb`](crate::find_libchdb) if
    /// `None`.
    pub libchdb: Option<PathBuf>,
    /// The loopback address to listen on; port 0 takes a free one.
    pub listen: SocketAddr,
    /// The user that clients must name.
    pub user: String,
    /// The password that clients must give.
    pub password: String,
    /// Most memory that the engine may use, in bytes; half of the machine's
    /// if `None`.
    pub memory_limit: Option<u64>,
    /// The folder that BACKUP and RESTORE may use; they are refused if `None`.
    pub backups_dir: Option<PathBuf>,
    /// Queries that run at the same time; 16 for each processor if `None`. Whoever
    /// wants fewer at once lets them wait where it is known who asks: the queue
    /// before the engine is first in, first out.
    pub workers: Option<usize>,
    /// Queries that wait for a worker; beyond it the answer is 503.
    pub queue: usize,
    /// How long a query waits for a client that does not read on, before it
    /// is cancelled.
    pub write_timeout: Duration,
    /// How long an insert waits for a client that sends nothing, before it is
    /// cancelled.
    pub read_timeout: Duration,
    /// How long to wait for a dying predecessor to leave the folder.
    pub lock_timeout: Duration,
}

impl EngineOptions {
    /// Options for a folder: loopback, a free port, a random password.
    pub fn new(data_dir: impl Into<PathBuf>) -> Self {
        Self {
            data_dir: data_dir.into(),
            libchdb: None,
            listen: (Ipv4Addr::LOCALHOST, 0).into(),
            user: DEFAULT_USER.to_owned(),
            password: random_password(),
            memory_limit: None,
            backups_dir: None,
            workers: None,
            queue: 256,
            write_timeout: Duration::from_secs(60),
            read_timeout: Duration::from_secs(300),
            lock_timeout: Duration::from_secs(10),
        }
    }

    /// Checks what can be checked before anything is touched.
    pub(crate) fn check(&self) -> Result<(), EngineError> {
        if !self.listen.ip().is_loopback() {
            return Err(EngineError::NotLoopback(self.listen));
        }
        let problem = if self.password.is_empty() {
            "the engine needs a password; leave it out to get a random one"
        } else if self.queue == 0 || self.workers == Some(0) {
            "the engine needs at least one worker and one place in its queue"
        } else if self.memory_limit.is_some_and(|bytes| bytes < LEAST_MEMORY) {
            "the engine needs a memory limit of at least 256 MiB"
        } else {
            return Ok(());
        };
        Err(EngineError::Options(problem.to_owned()))
    }

    /// Queries that run at the same time.
    pub(crate) fn worker_count(&self) -> usize {
        self.workers.unwrap_or_else(|| (16 * processors()).max(32))
    }
}

/// The user when none is named.
pub(crate) const DEFAULT_USER: &str = "default";

/// Below this the engine cannot even start its caches.
const LEAST_MEMORY: u64 = 256 << 20;

/// Processors that this process may use.
pub(crate) fn processors() -> usize {
    std::thread::available_parallelism().map_or(2, usize::from)
}

/// A password of about 190 bits.
pub(crate) fn random_password() -> String {
    Alphanumeric.sample_string(&mut rand::rng(), 32)
}
