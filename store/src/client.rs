//! The connection to the engine.

use std::fmt;
use std::sync::{Arc, RwLock, Weak};
use std::time::Duration;

use clickhouse::Client;
use hyper_util::client::legacy::Client as HttpClient;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use shares::Usage;

use crate::breaker::{self, Breaker, GuardedConnector};
use crate::change_watcher::ChangeWatcher;
use crate::directory::Directory;
use crate::ingest::Registry;
use crate::migrations::{self, MigrationReport};
use crate::org_store::OrgStore;
use crate::organizations::Org;
use crate::turn::Gate;
use crate::{Elsewhere, OrgId, StoreError, Undrained};

/// Where the engine is.
#[derive(Clone)]
pub struct StoreConfig {
    /// Address of ClickHouse's HTTP interface.
    pub url: String,
    /// User name.
    pub user: String,
    /// Password; empty when there is none.
    pub password: String,
    /// The database that holds Runs' tables.
    pub database: String,
}

impl fmt::Debug for StoreConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoreConfig")
            .field("url", &self.url)
            .field("user", &self.user)
            .field("database", &self.database)
            .finish_non_exhaustive()
    }
}

/// The store, not bound to an organization. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    pub(crate) client: Client,
    pub(crate) database: Arc<str>,
    pub(crate) registry: Arc<Registry>,
    pub(crate) directory: Arc<Directory>,
    pub(crate) change_watcher: Arc<ChangeWatcher>,
    pub(crate) gate: Arc<Gate>,
    pub(crate) undrained: Arc<RwLock<Option<Arc<dyn Undrained>>>>,
    pub(crate) elsewhere: Arc<RwLock<Vec<Weak<dyn Elsewhere>>>>,
    pub(crate) breaker: Arc<Breaker>,
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").field("database", &self.database).finish_non_exhaustive()
    }
}

impl Store {
    /// Connects and makes the database if it is not there.
    ///
    /// # Errors
    /// When the engine does not answer or refuses the user.
    pub async fn connect(config: StoreConfig) -> Result<Self, StoreError> {
        let breaker = Breaker::new();
        let prober = of_server(Client::default(), &config);
        let ask = move || prober.query("SELECT 1").execute();
        tokio::spawn(breaker::watch(Arc::downgrade(&breaker), ask));
        let server = of_server(guarded(&breaker), &config);
        server
            .query("CREATE DATABASE IF NOT EXISTS ?")
            .bind(clickhouse::sql::Identifier(&config.database))
            .execute()
            .await?;
        // A browser that has moved on must not keep the engine busy.
        let client = server
            .with_database(&config.database)
            .with_setting("cancel_http_readonly_queries_on_client_close", "1")
            // Both keep a search from its text index: the first puts a filter of its
            // own before it, the second looks at each granule's index while reading.
            .with_setting("use_top_k_dynamic_filtering", "0")
            .with_setting("use_skip_indexes_on_data_read", "0");
        Ok(Self {
            client,
            database: Arc::from(config.database),
            registry: Arc::new(Registry::default()),
            directory: Arc::new(Directory::default()),
            change_watcher: Arc::default(),
            gate: Arc::default(),
            undrained: Arc::default(),
            elsewhere: Arc::default(),
            breaker,
        })
    }

    /// Brings the tables to the form that this program knows.
    ///
    /// # Errors
    /// When a migration that was applied differs from the one known here, or fails.
    pub async fn migrate(&self) -> Result<MigrationReport, StoreError> {
        migrations::migrate(&self.client).await
    }

    /// Whether every migration known here has been applied.
    ///
    /// # Errors
    /// When the engine does not answer.
    pub async fn is_migrated(&self) -> Result<bool, StoreError> {
        migrations::is_complete(&self.client).await
    }

    /// Whether the engine answers.
    ///
    /// # Errors
    /// When it does not.
    pub async fn ping(&self) -> Result<(), StoreError> {
        self.client.query("SELECT 1").fetch_one::<u8>().await?;
        Ok(())
    }

    /// Whether the engine is known to hang, so that it is not asked at all.
    #[must_use]
    pub fn is_hung(&self) -> bool {
        self.breaker.is_open()
    }

    /// How many queries of each kind and deletions an organization and all have running.
    #[must_use]
    pub fn queries(&self, org: OrgId) -> Vec<(&'static str, Usage)> {
        self.gate.usage(org.0)
    }

    /// How many queries of each kind and deletions each organization has running.
    #[must_use]
    pub fn queries_by_org(&self) -> Vec<(&'static str, Vec<(u64, u64)>)> {
        self.gate.by_org()
    }

    /// The store bound to one organization.
    #[must_use]
    pub fn org(&self, org: &Org) -> OrgStore {
        OrgStore::new(self.clone(), org.clone())
    }
}

/// Connections that rest are closed before ClickHouse closes them, after 3 s.
const REST: Duration = Duration::from_secs(2);

/// A client whose connections fail once the engine is known to hang.
fn guarded(breaker: &Arc<Breaker>) -> Client {
    let connector = GuardedConnector::new(HttpConnector::new(), Arc::clone(breaker));
    let mut http = HttpClient::builder(TokioExecutor::new());
    Client::with_http_client(
        http.pool_idle_timeout(REST).pool_timer(TokioTimer::new()).build(connector),
    )
}

fn of_server(client: Client, config: &StoreConfig) -> Client {
    client
        .with_url(&config.url)
        .with_user(&config.user)
        .with_password(&config.password)
        .with_compression(clickhouse::Compression::None)
}
