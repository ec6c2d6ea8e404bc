//! The table of environment variables that `runs serve --help` shows.

/// One variable: name, default, meaning.
pub struct Variable {
    /// Its name.
    pub name: &'static str,
    /// What holds when it is unset.
    pub default: &'static str,
    /// What it says.
    pub meaning: &'static str,
}

const fn variable(name: &'static str, default: &'static str, meaning: &'static str) -> Variable {
    Variable { name, default, meaning }
}

/// Every variable that the program reads.
pub const VARIABLES: [Variable; 22] = [
    variable("RUNS_ADDR", "127.0.0.1:3000", "where the web app and the API listen"),
    variable("RUNS_DATA_DIR", "./data", "engine data, spool, secrets"),
    variable("RUNS_SPOOL_MAX_MB", "8192", "most that waits on disk while the database is away"),
    variable("RUNS_CLICKHOUSE_URL", "unset", "use this ClickHouse instead of the embedded one"),
    variable("RUNS_CLICKHOUSE_USER", "default", "its user"),
    variable("RUNS_CLICKHOUSE_PASSWORD", "unset", "its password"),
    variable("RUNS_CLICKHOUSE_DATABASE", "runs", "its database"),
    variable("RUNS_CLICKHOUSE_CLUSTER", "unset", "not supported yet: refused at start"),
    variable("RUNS_PUBLIC_URL", "from RUNS_ADDR", "origin in the run URLs that the API returns"),
    variable("RUNS_ADMIN_EMAIL", "unset", "unattended start: the owner's address"),
    variable("RUNS_ADMIN_PASSWORD", "unset", "unattended start: the owner's password"),
    variable("RUNS_API_KEY", "unset", "unattended start: a key with all scopes (rk_…)"),
    variable("RUNS_ORG", "default", "unattended start: the organization"),
    variable("RUNS_SECRET_KEY", "in the data dir", "encrypts provider keys and signs tokens"),
    variable("RUNS_UPSTREAM_URL", "unset", "default OpenAI-compatible provider, with /v1"),
    variable("RUNS_UPSTREAM_KEY", "unset", "its key"),
    variable("RUNS_ALLOW_PRIVATE_UPSTREAMS", "off", "1 or true allows private provider addresses"),
    variable("RUNS_TRUSTED_PROXIES", "unset", "CIDRs of proxies that tell clients' addresses"),
    variable("RUNS_PRICES", "unset", "file with your own prices, which take precedence"),
    variable("RUNS_LIBCHDB", "found", "path of libchdb.so"),
    variable("RUNS_LOG_FORMAT", "text", "json logs one object a line; RUST_LOG filters"),
    variable("LEPTOS_SITE_ROOT", "found", "folder of the built web app"),
];

/// The table as text, for the end of a help page.
#[must_use]
pub fn help() -> String {
    let rows: String = VARIABLES
        .iter()
        .map(|v| format!("  {:<29} {} [default: {}]\n", v.name, v.meaning, v.default))
        .collect();
    format!("Environment:\n{}", rows.trim_end())
}
