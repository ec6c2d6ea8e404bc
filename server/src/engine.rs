//! Gets hold of a ClickHouse: a server's own, that of a running server, or one
//! that runs by itself.

use std::path::{Path, PathBuf};

use embedded::{EngineEndpoint, EngineError, Supervisor, SupervisorOptions};
use secrecy::ExposeSecret;
use spool::{Door, OpenError, SpoolOptions};
use store::{Store, StoreConfig, StoreError};

use crate::config::{Config, Engine};
use crate::private::{self, NoDataDir};

/// The database that the embedded engine keeps Runs' tables in.
const EMBEDDED_DATABASE: &str = "runs";

/// A store and, where this process started it, the engine behind it.
pub struct Connected {
    /// The store, migrated.
    pub store: Store,
    supervisor: Option<Supervisor>,
}

/// Why there is no store.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The embedded engine does not start.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The spool cannot be used.
    #[error(transparent)]
    Spool(#[from] OpenError),
    /// The command was started in some other folder than the server.
    #[error("there is no data directory {} here; set RUNS_DATA_DIR to the one of the server", dir.display())]
    NotHere {
        /// Where it was looked for.
        dir: PathBuf,
    },
    /// There is no place for the data.
    #[error(transparent)]
    DataDir(#[from] NoDataDir),
    /// The engine is there but the store cannot work with it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Connected {
    /// For a server: its own engine, or the external one.
    ///
    /// # Errors
    /// When the engine does not start or the store cannot be opened.
    pub async fn start(config: &Config) -> Result<Self, ConnectError> {
        if let Some(external) = external(config) {
            return Self::open(external, None).await;
        }
        private::prepare(&config.data_dir)?;
        let supervisor = Supervisor::start(supervisor_options(config)?).await?;
        let endpoint = supervisor.endpoint().clone();
        Self::open(embedded_config(endpoint), Some(supervisor)).await
    }

    /// For a command: the engine of a server that runs on the same data
    /// directory, else as for a server.
    ///
    /// # Errors
    /// When the engine does not start or the store cannot be opened.
    pub async fn attach(config: &Config) -> Result<Self, ConnectError> {
        if external(config).is_none() {
            require_data_dir(config)?;
        }
        if external(config).is_none()
            && let Ok(endpoint) = EngineEndpoint::read(&config.data_dir)
        {
            match Self::open(embedded_config(endpoint), None).await {
                // A crash leaves the file behind.
                Err(ConnectError::Store(StoreError::Unavailable(_))) => {}
                opened => return opened,
            }
        }
        Self::start(config).await
    }

    /// Opens the spool of the data directory in front of the store.
    ///
    /// # Errors
    /// When another process has it, or its folder cannot be used.
    pub async fn open_door(&self, config: &Config) -> Result<Door, ConnectError> {
        private::prepare(&config.data_dir)?;
        let mut options = SpoolOptions::new(spool_dir(config));
        options.max_bytes = config.spool_max_bytes;
        options.engine_dir = match config.engine {
            Engine::Embedded { .. } => Some(config.data_dir.clone()),
            // Another machine's disk is its own business.
            Engine::External { .. } => None,
        };
        Ok(Door::open(options, self.store.clone()).await?)
    }

    /// For a command: the door of the server on this data directory, else its own.
    /// Own doors must be closed.
    ///
    /// # Errors
    /// As for [`Connected::open_door`].
    pub async fn attach_door(&self, config: &Config) -> Result<Door, ConnectError> {
        require_data_dir(config)?;
        match Door::of_server(&spool_dir(config)).await {
            Some(door) => Ok(door),
            None => self.open_door(config).await,
        }
    }

    async fn open(
        config: StoreConfig,
        supervisor: Option<Supervisor>,
    ) -> Result<Self, ConnectError> {
        let opened = async {
            let store = Store::connect(config).await?;
            let report = store.migrate().await?;
            tracing::debug!(?report, "migrations are applied");
            Ok(store)
        };
        match opened.await {
            Ok(store) => Ok(Self { store, supervisor }),
            Err(error) => {
                if let Some(supervisor) = supervisor {
                    supervisor.stop().await;
                }
                Err(ConnectError::Store(error))
            }
        }
    }

    /// Stops the engine if this process started it.
    pub async fn stop(self) {
        if let Some(supervisor) = self.supervisor {
            supervisor.stop().await;
        }
    }
}

/// A command that is started in another folder than the server, and is told no other, must
/// not begin a second data directory there.
fn require_data_dir(config: &Config) -> Result<(), ConnectError> {
    if config.has_named_data_dir || is_data_dir(&config.data_dir) {
        return Ok(());
    }
    Err(ConnectError::NotHere { dir: config.data_dir.clone() })
}

/// Whether a server or a command has used a folder as its data directory.
#[must_use]
pub fn is_data_dir(dir: &Path) -> bool {
    ["engine.lock", "spool"].iter().any(|name| dir.join(name).exists())
}

/// The folder of the spool.
#[must_use]
pub fn spool_dir(config: &Config) -> PathBuf {
    config.data_dir.join("spool")
}

fn external(config: &Config) -> Option<StoreConfig> {
    match &config.engine {
        Engine::Embedded { .. } => None,
        Engine::External { url, user, password, database } => Some(StoreConfig {
            url: url.to_string(),
            user: user.clone(),
            password: password.expose_secret().to_owned(),
            database: database.clone(),
        }),
    }
}

fn embedded_config(endpoint: EngineEndpoint) -> StoreConfig {
    StoreConfig {
        url: endpoint.url,
        user: endpoint.user,
        password: endpoint.password,
        database: EMBEDDED_DATABASE.to_owned(),
    }
}

fn supervisor_options(config: &Config) -> Result<SupervisorOptions, EngineError> {
    let mut options = SupervisorOptions::new(&config.data_dir)?;
    if let Engine::Embedded { library } = &config.engine {
        options.engine.libchdb = library.clone();
    }
    Ok(options)
}
