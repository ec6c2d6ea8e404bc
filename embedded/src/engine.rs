//! The open engine, and sessions on it.

use crate::config;
use crate::error::EngineError;
use crate::exception::{Exception, code};
use crate::ffi::{Api, Connection};
use crate::library::find_libchdb;
use crate::options::EngineOptions;
use std::ffi::CString;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// The engine of this process. It stays up while this value holds its first
/// connection.
pub(crate) struct Engine {
    api: &'static Api,
    args: Vec<CString>,
    version: String,
    keeper: Mutex<Option<Connection>>,
}

/// What a request asks of the connection it runs on.
#[derive(Debug, Clone, Default)]
pub(crate) struct Session {
    /// The database that names without one mean.
    pub(crate) database: Option<String>,
    /// Settings, in the order in which the client gave them.
    pub(crate) settings: Vec<(String, String)>,
}

/// How long the lock of the engine itself may outlast our own: both go when a
/// process dies, but not in the same instant.
const OPEN_PATIENCE: Duration = Duration::from_secs(2);

impl Engine {
    /// Loads the library and opens the data directory. Blocks.
    ///
    /// # Errors
    ///
    /// When the library is missing or unfit, or the directory cannot be opened.
    pub(crate) fn open(options: &EngineOptions) -> Result<Self, EngineError> {
        let library = find_libchdb(options.libchdb.as_deref())?;
        let args = config::prepare(options)?;
        let api = Api::load(&library)?;
        let mut keeper = open_patiently(api, &args, &options.data_dir)?;
        let version = ask(&mut keeper, "SELECT version()").map_err(EngineError::Unusable)?;
        tracing::debug!(%version, library = %library.display(), "engine open");
        Ok(Self { api, args, version, keeper: Mutex::new(Some(keeper)) })
    }

    /// The engine's version, as in `26.7.2.1`.
    pub(crate) fn version(&self) -> &str {
        &self.version
    }

    /// Opens a connection of its own for one request: whatever a statement
    /// sets goes with it. `mark` is what the killer finds the request by.
    pub(crate) fn session(&self, session: &Session, mark: &str) -> Result<Connection, Exception> {
        let mut args = self.args.clone();
        let marked = CString::new(format!("--log_comment={mark}"));
        args.extend(marked.ok());
        let mut connection = Connection::open(self.api, &args).ok_or_else(|| {
            Exception::new(code::ABORTED, "ABORTED", "The engine is shutting down")
        })?;
        if let Some(database) = &session.database {
            run(&mut connection, &format!("USE {}", quote(database, '`')))?;
        }
        if !session.settings.is_empty() {
            // Not connection arguments, which take unknown names in silence
            // and go round the constraints.
            run(&mut connection, &set_statement(&session.settings)?)?;
        }
        Ok(connection)
    }

    /// Closes the last connection and stops the engine's threads. Blocks.
    pub(crate) fn close(&self) {
        let keeper = self.keeper.lock().unwrap_or_else(PoisonError::into_inner).take();
        drop(keeper);
        self.api.shutdown();
    }
}

fn open_patiently(
    api: &'static Api,
    args: &[CString],
    data_dir: &Path,
) -> Result<Connection, EngineError> {
    let deadline = Instant::now() + OPEN_PATIENCE;
    loop {
        if let Some(connection) = Connection::open(api, args) {
            return Ok(connection);
        }
        if Instant::now() >= deadline {
            return Err(EngineError::Open { dir: data_dir.to_owned() });
        }
        thread::park_timeout(Duration::from_millis(200));
    }
}

/// Runs a statement whose result does not matter.
pub(crate) fn run(connection: &mut Connection, sql: &str) -> Result<(), Exception> {
    match connection.query(sql, "TSV", &[]).error() {
        Some(message) => Err(Exception::from_engine(&message)),
        None => Ok(()),
    }
}

fn ask(connection: &mut Connection, sql: &str) -> Result<String, String> {
    let output = connection.query(sql, "TSVRaw", &[]);
    match output.error() {
        Some(message) => Err(message),
        None => Ok(String::from_utf8_lossy(output.data()).trim_end().to_owned()),
    }
}

fn set_statement(settings: &[(String, String)]) -> Result<String, Exception> {
    let mut assignments = Vec::with_capacity(settings.len());
    for (name, value) in settings {
        let plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        if !plain || name.is_empty() || name.as_bytes()[0].is_ascii_digit() {
            let text = format!("Unknown setting '{name}'");
            return Err(Exception::new(code::UNKNOWN_SETTING, "UNKNOWN_SETTING", text));
        }
        assignments.push(format!("{name} = {}", quote(value, '\'')));
    }
    Ok(format!("SET {}", assignments.join(", ")))
}

/// Quotes a name or a string for the engine's parser.
fn quote(text: &str, mark: char) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push(mark);
    for character in text.chars() {
        if character == mark || character == '\\' {
            quoted.push('\\');
        }
        quoted.push(character);
    }
    quoted.push(mark);
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_strings_cannot_leave_their_quotes() {
        assert_eq!(quote(r"a`b\", '`'), r"`a\`b\\`");
        assert_eq!(quote("it's", '\''), r"'it\'s'");
    }

    #[test]
    fn setting_names_are_names_only() {
        let set = |name: &str| set_statement(&[(name.to_owned(), "1".to_owned())]);
        assert_eq!(set("max_threads").unwrap(), "SET max_threads = '1'");
        for name in ["", "a b", "a;", "1a", "a=2, b", "a`"] {
            assert_eq!(set(name).unwrap_err().code(), code::UNKNOWN_SETTING, "{name}");
        }
    }
}
