//! One process per data directory.

use crate::error::EngineError;
use std::fs::{self, File, TryLockError};
use std::path::Path;
use std::time::{Duration, Instant};

/// Holds a data directory until it is dropped or the process ends.
pub(crate) struct DirLock {
    _file: File,
}

/// Pause between two attempts.
const PAUSE: Duration = Duration::from_millis(50);

impl DirLock {
    /// Takes the directory, waiting for a predecessor that is about to end.
    ///
    /// # Errors
    ///
    /// [`EngineError::DirectoryInUse`] when it stays taken.
    pub(crate) async fn take(dir: &Path, patience: Duration) -> Result<Self, EngineError> {
        fs::create_dir_all(dir).map_err(EngineError::io("create", dir))?;
        let path = dir.join("engine.lock");
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(EngineError::io("open", &path))?;
        let deadline = Instant::now() + patience;
        let mut told = false;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Self { _file: file }),
                Err(TryLockError::Error(error)) => {
                    return Err(EngineError::io("lock", &path)(error));
                }
                Err(TryLockError::WouldBlock) if Instant::now() >= deadline => {
                    return Err(EngineError::DirectoryInUse { dir: dir.to_owned() });
                }
                Err(TryLockError::WouldBlock) => {}
            }
            if !told {
                tracing::info!(dir = %dir.display(), "waiting for another engine to leave the data directory");
                told = true;
            }
            tokio::time::sleep(PAUSE).await;
        }
    }
}
