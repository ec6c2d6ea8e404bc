//! A spool and a store whose engine can be taken away.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use embedded::testing::{TestDatabase, fresh_database};
use model::incoming::SchemaHint;
use model::run::Metadata;
use model::search::SearchQuery;
use model::{
    AgentSlug, Json, NewRun, OrgSlug, Run, RunId, RunStatus, RunVersion, Source, Timestamp, Usage,
    Version,
};
use spool::{Door, SpoolOptions};
use store::{ListRequest, OrgStore, Store, StoreConfig, Window};
use tempfile::TempDir;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// 2026-11-22T10:00:00Z
const NOW: i64 = 1_795_341_600_000_000;
/// Long enough for any machine; nothing waits this long unless the test fails.
pub const PATIENCE: Duration = Duration::from_secs(30);

pub struct Test {
    pub store: Store,
    pub org: OrgStore,
    pub dir: TempDir,
    /// Whether the engine can be reached through `store`.
    reachable: watch::Sender<bool>,
    database: TestDatabase,
}

impl Test {
    pub async fn new() -> Self {
        let database = tokio::task::spawn_blocking(fresh_database).await.unwrap().unwrap();
        let (reachable, gate) = watch::channel(true);
        let url = forward(database.endpoint.url.trim_start_matches("http://"), gate).await;
        let store = connect(&database, url).await;
        store.migrate().await.unwrap();
        let org = store.create_org(&OrgSlug::new("acme").unwrap()).await.unwrap();
        let dir = tempfile::tempdir().unwrap();
        Self { org: store.org(&org), store, dir, reachable, database }
    }

    pub fn engine_is_away(&self, away: bool) {
        self.reachable.send_replace(!away);
    }

    pub fn options(&self) -> SpoolOptions {
        options(self.dir.path())
    }

    pub async fn open(&self) -> Door {
        Door::open(self.options(), self.store.clone()).await.unwrap()
    }

    /// The same database as another process sees it, always reachable.
    pub async fn second_process(&self) -> Store {
        connect(&self.database, self.database.endpoint.url.clone()).await
    }

    /// Runs SQL of the test's own.
    pub async fn sql(&self, sql: &str) {
        self.client().query(sql).execute().await.unwrap();
    }

    fn client(&self) -> clickhouse::Client {
        let endpoint = &self.database.endpoint;
        clickhouse::Client::default()
            .with_url(&endpoint.url)
            .with_user(&endpoint.user)
            .with_password(&endpoint.password)
            .with_database(&self.database.name)
    }

    /// A number that SQL of the test's own gives.
    pub async fn number(&self, sql: &str) -> i64 {
        self.client().query(sql).fetch_one().await.unwrap()
    }

    /// Stores a run, then has the engine refuse more rows of this table for now,
    /// as one that is overloaded does.
    pub async fn overload(&self, door: &Door, table: &str) {
        accept(door, &self.org, vec![run("a", 0, "{}")]).await;
        assert!(door.settle(PATIENCE).await);
        self.sql(&format!("ALTER TABLE {table} MODIFY SETTING parts_to_throw_insert = 1")).await;
    }

    pub async fn relieve(&self, table: &str) {
        self.sql(&format!("ALTER TABLE {table} RESET SETTING parts_to_throw_insert")).await;
    }

    /// The numbers of the stored runs of an agent, newest first.
    pub async fn listed(&self, agent: &str) -> Vec<u32> {
        let request = request(agent);
        let list = self.org.list_runs(&request).await.unwrap();
        list.map(|list| list.items.iter().map(|item| number(item.id)).collect()).unwrap_or_default()
    }
}

pub fn options(dir: &Path) -> SpoolOptions {
    let mut options = SpoolOptions::new(dir);
    options.lock_patience = Duration::ZERO;
    options
}

/// Waits until draining has failed.
pub async fn held_up(door: &Door) {
    let deadline = tokio::time::Instant::now() + PATIENCE;
    while door.status().unwrap().trouble.is_none() {
        assert!(tokio::time::Instant::now() < deadline, "draining goes on");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

pub async fn accept(door: &Door, org: &OrgStore, runs: Vec<NewRun>) -> Vec<RunId> {
    let taken = door.accept(org, runs).await.unwrap();
    taken.into_iter().map(|run| run.unwrap().id).collect()
}

async fn connect(database: &TestDatabase, url: String) -> Store {
    let config = StoreConfig {
        url,
        user: database.endpoint.user.clone(),
        password: database.endpoint.password.clone(),
        database: database.name.clone(),
    };
    Store::connect(config).await.unwrap()
}

/// Passes connections on while the gate is open, and breaks them when it shuts.
async fn forward(to: &str, gate: watch::Receiver<bool>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let to: Arc<str> = to.into();
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            let (to, mut gate) = (Arc::clone(&to), gate.clone());
            tokio::spawn(async move {
                if !*gate.borrow() {
                    return;
                }
                let Ok(mut engine) = TcpStream::connect(&*to).await else { return };
                tokio::select! {
                    _ = tokio::io::copy_bidirectional(&mut client, &mut engine) => {}
                    _ = gate.wait_for(|open| !open) => {}
                }
            });
        }
    });
    format!("http://{address}")
}

/// All runs of an agent.
pub fn request(agent: &str) -> ListRequest {
    ListRequest {
        agent: Some(slug(agent)),
        schema: None,
        query: SearchQuery::parse("").unwrap(),
        sort: model::Sort::NEWEST,
        window: Window::Page(0),
        limit: 1000,
        exact_count: true,
    }
}

pub fn slug(name: &str) -> AgentSlug {
    AgentSlug::new(name).unwrap()
}

pub fn id(n: u32) -> RunId {
    RunId::mint(Timestamp(NOW + i64::from(n) * 1_000_000), u128::from(n))
}

pub fn number(id: RunId) -> u32 {
    u32::try_from(id.as_u128() & 0xFFFF_FFFF).unwrap()
}

/// The `n`th run of an agent, with this input.
pub fn run(agent: &str, n: u32, input: &str) -> NewRun {
    let snapshot = Version { model: Some("gpt-4o-mini".to_owned()), ..Version::default() };
    NewRun {
        run: Run {
            id: id(n),
            url: String::new(),
            agent: slug(agent),
            schema: 1,
            created_at: id(n).timestamp(),
            status: RunStatus::Success,
            input: Some(Json::from_text(input).unwrap()),
            output: Some(Json::from_text("{}").unwrap()),
            error: None,
            version: RunVersion { id: snapshot.id(), number: None, snapshot },
            completions: Vec::new(),
            tool_calls: Vec::new(),
            reasoning: Vec::new(),
            latency: None,
            time_to_first_token: None,
            cost: None,
            usage: Usage::default(),
            conversation_id: None,
            metadata: Metadata::new(),
            environment: None,
            source: Source::Api,
            cached_from: None,
            trace_id: None,
            span_id: None,
            parent_run_id: None,
            input_preview: input.to_owned(),
            output_preview: String::new(),
        },
        client_key: None,
        schema: SchemaHint::Number(1),
    }
}
