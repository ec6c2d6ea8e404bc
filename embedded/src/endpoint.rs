//! Where a running engine answers, for programs beside it.

use crate::error::EngineError;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::fs;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

/// Address, user and password of a running engine.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EngineEndpoint {
    /// The base of its URL, as in `http://127.0.0.1:34567`.
    pub url: String,
    /// The user to name.
    pub user: String,
    /// The password of this start.
    pub password: String,
}

impl fmt::Debug for EngineEndpoint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { url, user, .. } = self;
        formatter
            .debug_struct("EngineEndpoint")
            .field("url", url)
            .field("user", user)
            .finish_non_exhaustive()
    }
}

/// The file as it is written: the endpoint, and whose it is.
#[derive(Serialize, Deserialize)]
struct File {
    #[serde(flatten)]
    endpoint: EngineEndpoint,
    pid: u32,
}

impl EngineEndpoint {
    /// Reads the endpoint of the engine that runs on a data directory.
    ///
    /// The file is there while an engine runs; after a crash it may be there
    /// without one, and a connection is refused then.
    ///
    /// # Errors
    ///
    /// [`EngineError::NoEndpoint`] when no engine runs, [`EngineError::Io`]
    /// when the file cannot be read, as by another user than its owner.
    pub fn read(data_dir: &Path) -> Result<Self, EngineError> {
        let path = path(data_dir);
        let text = match fs::read(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                return Err(EngineError::NoEndpoint { dir: data_dir.to_owned() });
            }
            Err(error) => return Err(EngineError::io("read", &path)(error)),
        };
        let file: File = serde_json::from_slice(&text)
            .map_err(|error| EngineError::io("understand", &path)(error.into()))?;
        Ok(file.endpoint)
    }

    /// Writes the file, readable by its owner alone.
    pub(crate) fn publish(&self, data_dir: &Path) -> Result<(), EngineError> {
        let path = path(data_dir);
        let fresh = path.with_extension("json.new");
        let written = || {
            let text =
                serde_json::to_vec(&File { endpoint: self.clone(), pid: std::process::id() })?;
            // A left-over of a crash may have other permissions.
            match fs::remove_file(&fresh) {
                Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
                _ => {}
            }
            private_file(&fresh)?.write_all(&text)?;
            fs::rename(&fresh, &path)
        };
        written().map_err(EngineError::io("write", &path))
    }

    /// Removes the file of an engine that has stopped.
    pub(crate) fn withdraw(data_dir: &Path) {
        let path = path(data_dir);
        if let Err(error) = fs::remove_file(&path) {
            tracing::debug!("cannot remove {}: {error}", path.display());
        }
    }
}

fn path(data_dir: &Path) -> PathBuf {
    data_dir.join("engine.json")
}

fn private_file(path: &Path) -> std::io::Result<fs::File> {
    use std::os::unix::fs::OpenOptionsExt as _;
    fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
}
