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
    /// So many queries of the organization are under way that no other finds a place.
    #[error(
        "this organization has too many queries running, at most {limit} now; try again when they are done"
    )]
    TooManyQueries {
        /// How many there may be.
        limit: u64,
    },
    /// So many agents of the organization are being deleted that no other finds a place.
    #[error(
        "this organization is deleting too many agents at once, at most {limit}; try again when some are done"
    )]
    TooManyDeletions {
        /// How many there may be.
        limit: u64,
    },
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
    /// Rows that an insert left out did not arrive when they were written again.
    #[error("the database left out {rows} rows of {table}; they are written again")]
    Incomplete {
        /// The table.
        table: &'static str,
        /// How many rows are missing.
        rows: usize,
    },
    /// Rows of deleted agents came again and again while they were erased.
    #[error("rows of {agents} deleted agents are still being written; they are erased later")]
    Unerased {
        /// How many agents.
        agents: usize,
    },
    /// Runs on their way to the tables cannot be reached.
    #[error("the spool cannot be read or written: {0}")]
    Spool(#[source] std::io::Error),
    /// Anything else that the engine reported.
    #[error("the database reported an error")]
    Engine(#[source] clickhouse::error::Error),
}

/// ClickHouse's numbers for the errors that callers can act on.
mod code {
    pub(super) const TIMEOUT_EXCEEDED: u32 = 159;
    pub(super) const TOO_SLOW: u32 = 160;
    pub(super) const TOO_MANY_SIMULTANEOUS_QUERIES: u32 = 202;
    pub(super) const MEMORY_LIMIT_EXCEEDED: u32 = 241;
    pub(super) const TOO_MANY_ROWS_OR_BYTES: u32 = 396;
    pub(super) const ABOUT_DATA: [u32; 12] = [
        6,   // CANNOT_PARSE_TEXT
        33,  // CANNOT_READ_ALL_DATA
        53,  // TYPE_MISMATCH
        69,  // ARGUMENT_OUT_OF_BOUND
        70,  // CANNOT_CONVERT_TYPE
        117, // INCORRECT_DATA
        128, // TOO_LARGE_ARRAY_SIZE
        131, // TOO_LARGE_STRING_SIZE
        321, // VALUE_IS_OUT_OF_RANGE_OF_DATA_TYPE
        349, // CANNOT_INSERT_NULL_IN_ORDINARY_COLUMN
        407, // DECIMAL_OVERFLOW
        469, // VIOLATED_CONSTRAINT
    ];
    /// The engine is full, overloaded, read-only, being changed or without its disk.
    pub(super) const PASSING: [u32; 27] = [
        60,  // UNKNOWN_TABLE
        74,  // CANNOT_READ_FROM_FILE_DESCRIPTOR
        75,  // CANNOT_WRITE_TO_FILE_DESCRIPTOR
        76,  // CANNOT_OPEN_FILE
        81,  // UNKNOWN_DATABASE
        164, // READONLY
        173, // CANNOT_ALLOCATE_MEMORY
        201, // QUOTA_EXCEEDED
        209, // SOCKET_TIMEOUT
        210, // NETWORK_ERROR
        225, // NO_ZOOKEEPER
        236, // ABORTED
        242, // TABLE_IS_READ_ONLY
        243, // NOT_ENOUGH_SPACE
        252, // TOO_MANY_PARTS
        285, // TOO_FEW_LIVE_REPLICAS
        286, // UNSATISFIED_QUORUM_FOR_PREVIOUS_WRITE
        298, // CANNOT_PIPE
        319, // UNKNOWN_STATUS_OF_INSERT
        364, // LIMIT_EXCEEDED
        394, // QUERY_WAS_CANCELLED
        425, // SYSTEM_ERROR
        439, // CANNOT_SCHEDULE_TASK
        473, // DEADLOCK_AVOIDED
        497, // ACCESS_DENIED
        516, // AUTHENTICATION_FAILED
        999, // KEEPER_EXCEPTION
    ];

    /// The number in what the engine reported. Texts quoted behind it are others' words.
    pub(super) fn of(report: &str) -> Option<u32> {
        let (_, rest) = report.split_once("Code: ")?;
        rest.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
    }
}

impl StoreError {
    /// Whether the engine refused what was to be written, rather than being away,
    /// full or overloaded.
    #[must_use]
    pub fn is_about_data(&self) -> bool {
        match self {
            Self::Corrupt(_) => true,
            Self::Engine(clickhouse::error::Error::BadResponse(text)) => {
                code::of(text).is_some_and(|code| code::ABOUT_DATA.contains(&code))
            }
            _ => false,
        }
    }

    /// Whether the engine is away, full or overloaded, so that the same can succeed
    /// later.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Unavailable(_)
            | Self::TooSlow
            | Self::TooBroad
            | Self::Incomplete { .. }
            | Self::Spool(_) => true,
            Self::Engine(clickhouse::error::Error::BadResponse(text)) => {
                code::of(text).is_some_and(|code| code::PASSING.contains(&code))
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
            Error::BadResponse(text) => match code::of(text) {
                Some(code::TIMEOUT_EXCEEDED | code::TOO_SLOW) => Self::TooSlow,
                Some(code::MEMORY_LIMIT_EXCEEDED | code::TOO_MANY_ROWS_OR_BYTES) => Self::TooBroad,
                Some(code::TOO_MANY_SIMULTANEOUS_QUERIES) => Self::Unavailable(error),
                _ => Self::Engine(error),
            },
            _ => Self::Engine(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use clickhouse::error::Error;

    use super::*;

    #[test]
    fn an_error_is_told_by_its_number_and_not_by_what_it_quotes() {
        let kind = |report: &str| {
            let error = StoreError::from(Error::BadResponse(report.to_owned()));
            (error.is_about_data(), error.is_passing())
        };
        for passing in [
            "Code: 241. DB::Exception: (total) memory limit exceeded (MEMORY_LIMIT_EXCEEDED)",
            "Code: 252. DB::Exception: Too many parts (TOO_MANY_PARTS)",
            "Code: 243. DB::Exception: Cannot reserve 1.00 MiB, not enough space. Code: 117.",
            "Code: 159. DB::Exception: Timeout exceeded (TIMEOUT_EXCEEDED)",
            "Code: 209. DB::NetException: Timeout exceeded while reading from socket",
        ] {
            assert_eq!(kind(passing), (false, true), "{passing}");
        }
        let constraint = "Code: 469. DB::Exception: Constraint is violated: 'Code: 252.'";
        assert_eq!(kind(constraint), (true, false));
        assert_eq!(kind("Code: 49. DB::Exception: Logical error"), (false, false));
        assert_eq!(kind("bad gateway"), (false, false));
    }
}
