//! The engine's configuration files, written anew at each start.

use crate::error::EngineError;
use crate::options::{EngineOptions, processors};
use std::ffi::CString;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

/// Table engines that may be created. Those that read or write files, or talk
/// to other servers, are not among them.
const TABLE_ENGINES: &[&str] = &[
    "MergeTree",
    "ReplacingMergeTree",
    "SummingMergeTree",
    "AggregatingMergeTree",
    "CollapsingMergeTree",
    "VersionedCollapsingMergeTree",
    "CoalescingMergeTree",
    "Memory",
    "Null",
    "Set",
    "Join",
    "Buffer",
    "Merge",
];

/// What statements may do. Reading files and URLs, users, functions and
/// dictionaries are left out.
const GRANTS: &[&str] = &[
    "SHOW, SELECT, INSERT, ALTER, CREATE DATABASE, CREATE TABLE, CREATE VIEW, \
     CREATE TEMPORARY TABLE, DROP, UNDROP TABLE, TRUNCATE, OPTIMIZE, CHECK, BACKUP, KILL QUERY",
    "SYSTEM MERGES, SYSTEM TTL MERGES, SYSTEM MOVES, SYSTEM FLUSH LOGS, SYSTEM DROP CACHE",
];

/// Where the engine keeps its data, below the data directory.
pub(crate) fn data_path(data_dir: &Path) -> PathBuf {
    data_dir.join("clickhouse")
}

/// Writes the files and returns the arguments that every connection is opened
/// with.
pub(crate) fn prepare(options: &EngineOptions) -> Result<Vec<CString>, EngineError> {
    let folder = options.data_dir.join("engine");
    fs::create_dir_all(&folder).map_err(EngineError::io("create", &folder))?;
    let (server, users) = (folder.join("config.xml"), folder.join("users.xml"));
    write(&server, &server_file(options, &users))?;
    write(&users, &users_file())?;
    [
        "clickhouse".to_owned(),
        format!("--path={}", data_path(&options.data_dir).display()),
        // Without it the engine reads a `config.xml` of the working directory.
        format!("--config-file={}", server.display()),
    ]
    .into_iter()
    .map(argument)
    .collect()
}

/// An argument as the library takes it.
pub(crate) fn argument(text: String) -> Result<CString, EngineError> {
    CString::new(text)
        .map_err(|_| EngineError::Options("a path must not hold a NUL byte".to_owned()))
}

fn write(path: &Path, text: &str) -> Result<(), EngineError> {
    fs::write(path, text).map_err(EngineError::io("write", path))
}

fn server_file(options: &EngineOptions, users: &Path) -> String {
    let memory = match options.memory_limit {
        Some(bytes) => format!("<max_server_memory_usage>{bytes}</max_server_memory_usage>"),
        None => "<max_server_memory_usage_to_ram_ratio>0.5</max_server_memory_usage_to_ram_ratio>"
            .to_owned(),
    };
    let backups = options.backups_dir.as_deref().map_or_else(String::new, |folder| {
        format!("<backups><allowed_path>{}/</allowed_path></backups>", escape(folder))
    });
    let merges = processors().clamp(2, 8);
    format!(
        "<clickhouse>
<users_config>{users}</users_config>
<timezone>UTC</timezone>
{memory}
<mark_cache_size>268435456</mark_cache_size>
<background_pool_size>{merges}</background_pool_size>
<background_schedule_pool_size>{schedule}</background_schedule_pool_size>
<max_thread_pool_size>1000</max_thread_pool_size>
<access_control_improvements>
<table_engines_require_grant>true</table_engines_require_grant>
</access_control_improvements>
{backups}
</clickhouse>
",
        users = escape(users),
        schedule = 2 * merges,
    )
}

fn users_file() -> String {
    let mut grants = String::new();
    let all = GRANTS.iter().map(|grant| format!("{grant} ON *.*"));
    let engines = TABLE_ENGINES.iter().map(|engine| format!("TABLE ENGINE ON {engine}"));
    for grant in all.chain(engines) {
        // Writing to a string cannot fail.
        let _ = writeln!(grants, "<query>GRANT {grant}</query>");
    }
    format!(
        "<clickhouse>
<profiles><default>
<implicit_select>0</implicit_select>
<session_timezone>UTC</session_timezone>
<max_threads>{threads}</max_threads>
<min_insert_block_size_bytes>67108864</min_insert_block_size_bytes>
<log_queries>0</log_queries>
<constraints>
<max_parser_depth><const/></max_parser_depth>
<max_parser_backtracks><const/></max_parser_backtracks>
</constraints>
</default></profiles>
<users><default>
<password></password>
<networks><ip>::/0</ip></networks>
<profile>default</profile>
<quota>default</quota>
<grants>
{grants}</grants>
</default></users>
<quotas><default/></quotas>
</clickhouse>
",
        threads = processors().clamp(2, 8),
    )
}

fn escape(path: &Path) -> String {
    path.display().to_string().replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
