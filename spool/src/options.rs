//! How a spool is opened.

use std::path::PathBuf;
use std::time::Duration;

/// How a spool is opened.
#[derive(Clone, Debug)]
pub struct SpoolOptions {
    /// Its folder; made if it is missing.
    pub dir: PathBuf,
    /// The most bytes that it may hold.
    pub max_bytes: u64,
    /// The folder of an engine on this machine. A segment is removed only after
    /// the file system of this folder was told to put everything on disk.
    pub engine_dir: Option<PathBuf>,
    /// Most runs that are drained together. Larger batches make fewer, larger parts,
    /// and take more memory here and in the engine.
    pub batch_runs: u64,
    /// How long to wait for another process to leave the folder.
    pub lock_patience: Duration,
}

impl SpoolOptions {
    /// A spool in this folder with the usual limits.
    #[must_use]
    pub fn new(dir: impl Into<PathBuf>) -> Self {
        Self {
            dir: dir.into(),
            max_bytes: 8 * 1024 * 1024 * 1024,
            engine_dir: None,
            batch_runs: 10_000,
            lock_patience: Duration::from_secs(10),
        }
    }
}

/// Why a spool cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process has it.
    #[error(
        "the spool in {} is in use by another process; stop it, or choose another RUNS_DATA_DIR",
        dir.display()
    )]
    InUse {
        /// Its folder.
        dir: PathBuf,
    },
    /// The disk does not work.
    #[error("the spool in {} cannot be opened: {cause}; check that its folder can be written", dir.display())]
    Io {
        /// Its folder.
        dir: PathBuf,
        /// Why.
        cause: std::io::Error,
    },
}
