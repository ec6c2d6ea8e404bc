//! Everything that the environment can say: read in one place, checked at once.
//!
//! [`Config::from_env`] reads every variable of [`variables::VARIABLES`] and
//! gives either a configuration or the list of all that is wrong with it.

pub mod bootstrap;
pub mod clickhouse;
pub mod environment;
pub mod reader;
pub mod site;
pub mod spool;
pub mod upstream;
pub mod variables;

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;

use model::OrgSlug;
use secrecy::SecretString;

pub use bootstrap::Bootstrap;
pub use clickhouse::Engine;
pub use environment::Environment;
pub use site::Site;
pub use upstream::Upstream;

use reader::Reader;

use crate::auth::proxies::{InvalidNetwork, TrustedProxies};

const DEFAULT_DATA_DIR: &str = "./data";

/// What the program was told to do.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where the web app and the API listen.
    pub listen: SocketAddr,
    /// Engine data, spool and secrets.
    pub data_dir: PathBuf,
    /// Whether the data directory was named; else it is `data` in the working directory.
    pub has_named_data_dir: bool,
    /// The organization of an unattended start, and of commands that name none.
    pub org: Option<OrgSlug>,
    /// Which ClickHouse to use.
    pub engine: Engine,
    /// The most bytes that the spool may hold.
    pub spool_max_bytes: u64,
    /// Proxies whose forwarding headers tell a client's address.
    pub trusted_proxies: TrustedProxies,
    /// Origin in the run URLs that the API returns; unset, it follows the address listened on.
    pub public_url: Option<url::Url>,
    /// Organization, owner and key of an unattended start.
    pub bootstrap: Option<Bootstrap>,
    /// Key that encrypts provider keys and signs tokens; unset, the data directory holds one.
    pub secret_key: Option<SecretString>,
    /// The default model provider.
    pub upstream: Upstream,
    /// The operator's own prices, in a file that was checked.
    pub prices: Option<PathBuf>,
    /// The built web app.
    pub site: Site,
    /// Whether the log is JSON, one object a line.
    pub log_json: bool,
}

/// All that is wrong with the configuration.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct ConfigError {
    /// One sentence a problem, naming the variable.
    pub problems: Vec<String>,
}

impl Config {
    /// Reads the environment of this process.
    ///
    /// # Errors
    /// Every problem found, not only the first.
    pub fn from_env() -> Result<Self, ConfigError> {
        Self::read(&Environment::of_process())
    }

    /// Reads a given environment.
    ///
    /// # Errors
    /// Every problem found, not only the first.
    pub fn read(environment: &Environment) -> Result<Self, ConfigError> {
        let mut reader = Reader::new(environment);
        let listen = reader
            .parse("RUNS_ADDR", "an address with a port, like 127.0.0.1:3000")
            .unwrap_or(SocketAddr::from(([127, 0, 0, 1], 3000)));
        let org = bootstrap::read_org(&mut reader);
        let config = Self {
            listen,
            data_dir: reader.text("RUNS_DATA_DIR").unwrap_or(DEFAULT_DATA_DIR).into(),
            has_named_data_dir: reader.is_set("RUNS_DATA_DIR"),
            org: org.clone(),
            engine: Engine::read(&mut reader),
            spool_max_bytes: spool::read(&mut reader),
            trusted_proxies: trusted_proxies(&mut reader),
            public_url: reader.origin("RUNS_PUBLIC_URL"),
            bootstrap: Bootstrap::read(&mut reader, org),
            secret_key: reader.secret("RUNS_SECRET_KEY", 16),
            upstream: Upstream::read(&mut reader),
            prices: prices(&mut reader),
            site: Site::read(&mut reader),
            log_json: reader.choice("RUNS_LOG_FORMAT", ["text", "json"]) == Some("json"),
        };
        reader.finish(config)
    }
}

fn trusted_proxies(reader: &mut Reader<'_>) -> TrustedProxies {
    const NAME: &str = "RUNS_TRUSTED_PROXIES";
    let parsed = reader.text(NAME).unwrap_or_default().parse();
    parsed.unwrap_or_else(|error: InvalidNetwork| {
        reader.problem(NAME, &error.to_string());
        TrustedProxies::default()
    })
}

fn prices(reader: &mut Reader<'_>) -> Option<PathBuf> {
    let path = PathBuf::from(reader.text("RUNS_PRICES")?);
    if let Err(error) = crate::prices::check(&path) {
        reader.problem("RUNS_PRICES", &error.to_string());
    }
    Some(path)
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "invalid configuration:")?;
        for problem in &self.problems {
            write!(f, "\n  {problem}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> Result<Config, ConfigError> {
        Config::read(&Environment::from_pairs(variables.iter().copied()))
    }

    #[test]
    fn nothing_needs_to_be_set() {
        let config = read(&[]).unwrap();
        assert_eq!(config.listen.to_string(), "127.0.0.1:3000");
        assert_eq!(config.data_dir, PathBuf::from("./data"));
        assert!(matches!(config.engine, Engine::Embedded { library: None }));
        assert!(!config.log_json);
    }

    #[test]
    fn every_problem_is_listed_at_once() {
        let error = read(&[
            ("RUNS_ADDR", "here"),
            ("RUNS_PUBLIC_URL", "ftp://runs.example"),
            ("RUNS_CLICKHOUSE_USER", "u"),
            ("RUNS_CLICKHOUSE_CLUSTER", "c"),
            ("RUNS_ADMIN_EMAIL", "nobody"),
            ("RUNS_API_KEY", "rk_short"),
            ("RUNS_ORG", "v1"),
            ("RUNS_LIBCHDB", "/nowhere/libchdb.so"),
            ("LEPTOS_SITE_ROOT", "/nowhere/site"),
            ("RUNS_SECRET_KEY", "short"),
            ("RUNS_UPSTREAM_KEY", "sk-1"),
            ("RUNS_ALLOW_PRIVATE_UPSTREAMS", "perhaps"),
            ("RUNS_PRICES", "/nowhere/prices.json"),
            ("RUNS_LOG_FORMAT", "xml"),
            ("RUNS_SPOOL_MAX_MB", "much"),
            ("RUNS_TRUSTED_PROXIES", "10.0.0.0/8, the proxy"),
        ])
        .unwrap_err();
        for name in [
            "RUNS_ADDR",
            "RUNS_PUBLIC_URL",
            "RUNS_CLICKHOUSE_URL",
            "RUNS_CLICKHOUSE_CLUSTER",
            "RUNS_ADMIN_EMAIL",
            "RUNS_ADMIN_PASSWORD",
            "RUNS_API_KEY",
            "RUNS_ORG",
            "RUNS_LIBCHDB",
            "LEPTOS_SITE_ROOT",
            "RUNS_SECRET_KEY",
            "RUNS_UPSTREAM_URL",
            "RUNS_ALLOW_PRIVATE_UPSTREAMS",
            "RUNS_PRICES",
            "RUNS_LOG_FORMAT",
            "RUNS_SPOOL_MAX_MB",
            "RUNS_TRUSTED_PROXIES",
        ] {
            assert!(error.problems.iter().any(|p| p.contains(name)), "{name}: {error}");
        }
    }

    #[test]
    fn secrets_stay_out_of_debug_output_and_errors() {
        let config = read(&[
            ("RUNS_SECRET_KEY", "0123456789abcdef-very-secret"),
            ("RUNS_ADMIN_EMAIL", "a@b.example"),
            ("RUNS_ADMIN_PASSWORD", "hunter2hunter2"),
            ("RUNS_API_KEY", "rk_0123456789abcdefXYZ"),
            ("RUNS_UPSTREAM_URL", "https://api.example/v1"),
            ("RUNS_UPSTREAM_KEY", "sk-upstream"),
        ])
        .unwrap();
        let shown = format!("{config:?}");
        for secret in ["very-secret", "hunter2", "XYZ", "sk-upstream"] {
            assert!(!shown.contains(secret), "{secret} in {shown}");
        }
        let error = read(&[("RUNS_API_KEY", "rk_bad key")]).unwrap_err();
        assert!(!error.to_string().contains("bad key"));
    }

    #[test]
    fn an_organization_is_named_without_a_start_that_makes_it() {
        let config = read(&[("RUNS_ORG", "Acme")]).unwrap();
        assert_eq!(config.org.unwrap().as_str(), "acme");
        assert!(config.bootstrap.is_none());
        let error = read(&[("RUNS_ORG", "Ä b")]).unwrap_err();
        assert_eq!(error.problems, ["RUNS_ORG must have only letters a-z, digits, - and _"]);
    }

    #[test]
    fn empty_values_count_as_unset() {
        assert!(read(&[("RUNS_CLICKHOUSE_URL", ""), ("RUNS_ADMIN_PASSWORD", " ")]).is_ok());
    }
}
