//! The one key from which all others follow.
//!
//! It is given in `RUNS_SECRET_KEY`, which several servers share, or made at the
//! first start and kept in the data directory, readable by its owner alone.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use secrecy::{ExposeSecret, SecretString};

use crate::auth::token::{NoRandomness, random_token};

const FILE: &str = "secret.key";
/// Only its owner may read it.
const MODE: u32 = 0o600;
const CONTEXT: &str = "runs 2026-11 secret key";

/// The one key. Its `Debug` form hides it.
#[derive(Clone)]
pub struct Secrets([u8; 32]);

/// Why there is no key.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// The file cannot be read or written.
    #[error("cannot keep the secret key in {}: {cause}; or set RUNS_SECRET_KEY", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        cause: std::io::Error,
    },
    /// The file holds no key.
    #[error("{} holds no secret key; restore it, or remove it to make a new one", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
    },
    /// No key can be made.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
}

impl Secrets {
    /// The key given, else the one in the data directory, made if it is not there.
    ///
    /// # Errors
    /// When the file cannot be read or written, or holds no key.
    pub fn open(given: Option<&SecretString>, data_dir: &Path) -> Result<Self, SecretError> {
        if let Some(given) = given {
            return Ok(Self::from_text(given.expose_secret()));
        }
        let path = data_dir.join(FILE);
        let failed = |cause| SecretError::File { path: path.clone(), cause };
        match std::fs::read_to_string(&path) {
            Ok(text) => Self::of_file(&path, &text),
            Err(error) if error.kind() == ErrorKind::NotFound => {
                std::fs::create_dir_all(data_dir).map_err(failed)?;
                let text = random_token()?;
                match write_new(&path, &text) {
                    Ok(()) => Ok(Self::from_text(&text)),
                    // Another process was quicker.
                    Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                        Self::of_file(&path, &std::fs::read_to_string(&path).map_err(failed)?)
                    }
                    Err(error) => Err(failed(error)),
                }
            }
            Err(error) => Err(failed(error)),
        }
    }

    /// The key that a text stands for.
    #[must_use]
    pub fn from_text(text: &str) -> Self {
        Self(blake3::derive_key(CONTEXT, text.as_bytes()))
    }

    /// A key for one purpose, from which no other can be told.
    #[must_use]
    pub fn derived(&self, purpose: &str) -> [u8; 32] {
        blake3::derive_key(purpose, &self.0)
    }

    fn of_file(path: &Path, text: &str) -> Result<Self, SecretError> {
        let text = text.trim();
        if text.len() < 32 {
            return Err(SecretError::Damaged { path: path.to_owned() });
        }
        Ok(Self::from_text(text))
    }
}

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secrets(…)")
    }
}

/// Appears whole or not at all: a crash must not leave half a key.
fn write_new(path: &Path, text: &str) -> std::io::Result<()> {
    let temporary = path.with_extension(format!("{}.tmp", std::process::id()));
    let mut file =
        OpenOptions::new().write(true).create(true).truncate(true).mode(MODE).open(&temporary)?;
    writeln!(file, "{text}")?;
    file.sync_all()?;
    let linked = std::fs::hard_link(&temporary, path);
    std::fs::remove_file(&temporary)?;
    linked
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn the_key_is_made_once_and_for_its_owner() {
        let dir = tempfile::tempdir().unwrap();
        let data = dir.path().join("data");
        let first = Secrets::open(None, &data).unwrap();
        let again = Secrets::open(None, &data).unwrap();
        assert_eq!(first.derived("a"), again.derived("a"));
        assert_ne!(first.derived("a"), first.derived("b"));
        let mode = std::fs::metadata(data.join(FILE)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, MODE);
        assert_eq!(std::fs::read_dir(&data).unwrap().count(), 1);
    }

    #[test]
    fn a_given_key_needs_no_file() {
        let dir = tempfile::tempdir().unwrap();
        let given = SecretString::from("0123456789abcdef");
        let one = Secrets::open(Some(&given), dir.path()).unwrap();
        assert_eq!(one.derived("a"), Secrets::from_text("0123456789abcdef").derived("a"));
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
        assert!(!format!("{one:?}").contains("0123"));
    }

    #[test]
    fn half_a_key_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join(FILE), "abc\n").unwrap();
        let error = Secrets::open(None, dir.path()).unwrap_err();
        assert!(matches!(error, SecretError::Damaged { .. }), "{error}");
    }
}
