//! Which ClickHouse to use.

use std::path::PathBuf;

use secrecy::SecretString;
use url::Url;

use super::reader::Reader;

const DETAILS: [&str; 3] =
    ["RUNS_CLICKHOUSE_USER", "RUNS_CLICKHOUSE_PASSWORD", "RUNS_CLICKHOUSE_DATABASE"];

/// The engine behind the store.
#[derive(Clone, Debug)]
pub enum Engine {
    /// A child process of this program on the data directory.
    Embedded {
        /// Path of `libchdb.so`; unset, it is searched for.
        library: Option<PathBuf>,
    },
    /// A ClickHouse server or cluster that runs by itself.
    External {
        /// Its HTTP interface.
        url: Url,
        /// User name.
        user: String,
        /// Password; may be empty.
        password: SecretString,
        /// Database, made when it is missing.
        database: String,
    },
}

impl Engine {
    pub(super) fn read(reader: &mut Reader<'_>) -> Self {
        let library = reader.text("RUNS_LIBCHDB").map(PathBuf::from);
        if library.as_ref().is_some_and(|path| !path.is_file()) {
            reader.problem("RUNS_LIBCHDB", "must be the path of the file libchdb.so");
        }
        if reader.is_set("RUNS_CLICKHOUSE_CLUSTER") {
            reader.problem(
                "RUNS_CLICKHOUSE_CLUSTER",
                "is not supported by this version; leave it out",
            );
        }
        let Some(url) = reader.url("RUNS_CLICKHOUSE_URL") else {
            if !reader.is_set("RUNS_CLICKHOUSE_URL") {
                for name in
                    DETAILS.into_iter().filter(|name| reader.is_set(name)).collect::<Vec<_>>()
                {
                    reader.problem(
                        name,
                        "needs RUNS_CLICKHOUSE_URL; without it the engine is embedded",
                    );
                }
            }
            return Self::Embedded { library };
        };
        Self::External {
            url,
            user: reader.text("RUNS_CLICKHOUSE_USER").unwrap_or("default").to_owned(),
            password: SecretString::from(
                reader.text("RUNS_CLICKHOUSE_PASSWORD").unwrap_or_default(),
            ),
            database: reader.text("RUNS_CLICKHOUSE_DATABASE").unwrap_or("runs").to_owned(),
        }
    }
}
