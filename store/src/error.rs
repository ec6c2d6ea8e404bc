//! What can go wrong in the store, by what the caller can do about it.

/// An error of the store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The engine cannot be reached; trying again later can help.
    #[error("the database does not answer; try again in a moment")]
    Unavailable(#[source] clickhouse::error::Error),
    /// The query took longer than it may; a narrower one can help.
    #[error("the search took too long; narrow it, for example with time:24h")]
    TooSlow,
    /// The query needed more memory than it may; a narrower one can help.
    #[error("the search needs too much memory; narrow it, for example with time:24h")]
    TooBroad,
    /// The name is taken.
    #[error("{what} {name:?} exists already; choose another name")]
    AlreadyExists {
        /// What kind of thing.
        what: &'static str,
        /// Its name.
        name: String,
    },
    /// A search asks for something that cannot be answered.
    #[error("{0}")]
    InvalidSearch(String),
    /// The schema in the database is not the one that this program knows.
    #[error(
        "migration {name} was changed after it had been applied; start with the program that created this database, or restore its migrations"
    )]
    MigrationChanged {
        /// The migration's file name.
        name: String,
    },
    /// What the database holds cannot be read.
    #[error("stored data cannot be read: {0}")]
    Corrupt(String),
    /// Anything else that the engine reported.
    #[error("the database reported an error")]
    Engine(#[source] clickhouse::error::Error),
}

/// ClickHouse's numbers for the errors that callers can act on.
mod code {
    pub(super) const TIMEOUT_EXCEEDED: &str = "Code: 159";
    pub(super) const TOO_SLOW: &str = "Code: 160";
    pub(super) const MEMORY_LIMIT_EXCEEDED: &str = "Code: 241";
    pub(super) const TOO_MANY_ROWS_OR_BYTES: &str = "Code: 396";
    pub(super) const TOO_MANY_SIMULTANEOUS_QUERIES: &str = "Code: 202";
}

impl From<clickhouse::error::Error> for StoreError {
    fn from(error: clickhouse::error::Error) -> Self {
        use clickhouse::error::Error;
        match &error {
            Error::Network(_) | Error::TimedOut => Self::Unavailable(error),
            Error::BadResponse(text) => {
                let has = |code: &str| text.contains(code);
                if has(code::TIMEOUT_EXCEEDED) || has(code::TOO_SLOW) {
                    Self::TooSlow
                } else if has(code::MEMORY_LIMIT_EXCEEDED) || has(code::TOO_MANY_ROWS_OR_BYTES) {
                    Self::TooBroad
                } else if has(code::TOO_MANY_SIMULTANEOUS_QUERIES) {
                    Self::Unavailable(error)
                } else {
                    Self::Engine(error)
                }
            }
            _ => Self::Engine(error),
        }
    }
}
