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
    /// There are as many as there may be.
    #[error("there are {limit} {what} already; delete one first")]
    TooMany {
        /// What kind of thing, several of it.
        what: &'static str,
        /// How many there may be.
        limit: usize,
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
    /// Runs on their way to the tables cannot be reached.
    #[error("the spool cannot be read or written: {0}")]
    Spool(#[source] std::io::Error),
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
    /// Numbers that end at the comma or dot after them.
    pub(super) const ABOUT_DATA: [&str; 12] = [
        "Code: 6.",   // CANNOT_PARSE_TEXT
        "Code: 33.",  // CANNOT_READ_ALL_DATA
        "Code: 53.",  // TYPE_MISMATCH
        "Code: 69.",  // ARGUMENT_OUT_OF_BOUND
        "Code: 70.",  // CANNOT_CONVERT_TYPE
        "Code: 117.", // INCORRECT_DATA
        "Code: 128.", // TOO_LARGE_ARRAY_SIZE
        "Code: 131.", // TOO_LARGE_STRING_SIZE
        "Code: 321.", // VALUE_IS_OUT_OF_RANGE_OF_DATA_TYPE
        "Code: 349.", // CANNOT_INSERT_NULL_IN_ORDINARY_COLUMN
        "Code: 407.", // DECIMAL_OVERFLOW
        "Code: 469.", // VIOLATED_CONSTRAINT
    ];
}

impl StoreError {
    /// Whether the engine refused what was to be written, rather than being away,
    /// full or overloaded.
    #[must_use]
    pub fn is_about_data(&self) -> bool {
        match self {
            Self::Corrupt(_) => true,
            Self::Engine(clickhouse::error::Error::BadResponse(text)) => {
                code::ABOUT_DATA.iter().any(|code| text.contains(code))
            }
            _ => false,
        }
    }
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
