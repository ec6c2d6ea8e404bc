//! What the tests share: a store of their own and runs that say only what matters.

use embedded::testing::{TestDatabase, fresh_database};
use model::incoming::SchemaHint;
use model::run::Metadata;
use model::search::SearchQuery;
use model::{
    AgentSlug, Json, NewRun, OrgSlug, Run, RunError, RunId, RunStatus, RunVersion, Source,
    Timestamp, Usage, Version,
};
use store::{ListRequest, OrgStore, Store, StoreConfig, Window};

/// 2026-11-22T10:00:00Z
pub const NOW: Timestamp = Timestamp(1_795_341_600_000_000);

pub struct TestStore {
    pub store: Store,
    pub org: OrgStore,
    // Dropped last, with the database.
    database: TestDatabase,
}

pub async fn store() -> TestStore {
    let database = tokio::task::spawn_blocking(fresh_database).await.unwrap().unwrap();
    let store = connect(&database).await;
    store.migrate().await.unwrap();
    let org = store.create_org(&OrgSlug::new("acme").unwrap()).await.unwrap();
    TestStore { org: store.org(&org), store, database }
}

async fn connect(database: &TestDatabase) -> Store {
    let config = StoreConfig {
        url: database.endpoint.url.clone(),
        user: database.endpoint.user.clone(),
        password: database.endpoint.password.clone(),
        database: database.name.clone(),
    };
    Store::connect(config).await.unwrap()
}

impl TestStore {
    /// The same organization as another process sees it, which shares no memory with this one.
    pub async fn second_process(&self) -> OrgStore {
        connect(&self.database).await.org(self.org.org())
    }

    /// Runs SQL of the test's own.
    pub async fn sql(&self, sql: &str) {
        self.client().query(sql).execute().await.unwrap();
    }

    /// A number that SQL of the test's own gives.
    pub async fn number(&self, sql: &str) -> u64 {
        self.client().query(sql).fetch_one().await.unwrap()
    }

    /// Names that SQL of the test's own gives.
    pub async fn strings(&self, sql: &str) -> Vec<String> {
        self.client().query(sql).fetch_all().await.unwrap()
    }

    /// Changes rows, and waits until it is done.
    pub async fn change(&self, sql: &str) {
        let query = self.client().query_raw(sql).with_setting("mutations_sync", "2");
        query.execute().await.unwrap();
    }

    fn client(&self) -> clickhouse::Client {
        let endpoint = &self.database.endpoint;
        clickhouse::Client::default()
            .with_url(&endpoint.url)
            .with_user(&endpoint.user)
            .with_password(&endpoint.password)
            .with_database(&self.database.name)
    }

    /// What a deletion does first, as if the process had ended right after.
    pub async fn mark_deleted(&self, agent: &AgentSlug) {
        self.client()
            .query(
                "INSERT INTO agents SELECT org, slug, id, name, first_seen, 1, now64(6)
                 FROM agents FINAL WHERE slug = {slug:String}",
            )
            .param("slug", agent.as_str())
            .execute()
            .await
            .unwrap();
    }

    /// How many searches for keys run in the engine now.
    pub async fn running_searches(&self) -> u64 {
        self.client()
            .query(
                "SELECT count() FROM system.processes
                 WHERE current_database = {database:String}
                   AND query LIKE 'SELECT agent, created_at, id FROM runs%'",
            )
            .param("database", &self.database.name)
            .fetch_one()
            .await
            .unwrap()
    }

    /// Stores runs, all of which must be accepted.
    pub async fn put(&self, runs: impl IntoIterator<Item = NewRun>) -> Vec<RunId> {
        let runs: Vec<NewRun> = runs.into_iter().collect();
        let results = self.org.ingest(runs).await.unwrap();
        results.into_iter().map(|result| result.unwrap().id).collect()
    }

    /// The numbers of the runs of agent `a` that a search finds, newest first.
    pub async fn find(&self, query: &str) -> Vec<u32> {
        let list = self.org.list_runs(&request(query)).await.unwrap().unwrap();
        assert_eq!(list.count, list.items.len() as u64, "count and list of {query:?} differ");
        list.items.iter().map(|item| number(item.id)).collect()
    }
}

pub fn request(query: &str) -> ListRequest {
    ListRequest {
        agent: Some(agent("a")),
        schema: None,
        query: SearchQuery::parse(query).unwrap(),
        sort: model::Sort::NEWEST,
        window: Window::Page(0),
        limit: 50,
        exact_count: false,
    }
}

pub fn agent(name: &str) -> AgentSlug {
    AgentSlug::new(name).unwrap()
}

pub fn json(text: &str) -> Json {
    Json::from_text(text).unwrap()
}

/// The id of the `n`th run of a test; a larger number is a newer run.
pub fn id(n: u32) -> RunId {
    RunId::mint(at(n), u128::from(n))
}

pub fn number(id: RunId) -> u32 {
    u32::try_from(id.as_u128() & 0xFFFF_FFFF).unwrap()
}

pub fn at(n: u32) -> Timestamp {
    Timestamp(NOW.0 + i64::from(n) * 1_000_000)
}

/// The `n`th run of agent `a`, with this input and an empty output.
pub fn run(n: u32, input: &str) -> NewRun {
    let snapshot = Version { model: Some("gpt-4o-mini".to_owned()), ..Version::default() };
    NewRun {
        run: Run {
            id: id(n),
            url: String::new(),
            agent: agent("a"),
            schema: 1,
            created_at: at(n),
            status: RunStatus::Success,
            input: Some(json(input)),
            output: Some(json("{}")),
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
            input_preview: input.chars().take(20).collect(),
            output_preview: String::new(),
        },
        client_key: None,
        schema: SchemaHint::Number(1),
    }
}

pub fn with(mut new: NewRun, change: impl FnOnce(&mut Run)) -> NewRun {
    change(&mut new.run);
    new.run.version.id = new.run.version.snapshot.id();
    new
}

pub fn with_metadata(n: u32, key: &str, value: &str) -> NewRun {
    with(run(n, "{}"), |run| {
        run.metadata.insert(key.to_owned(), json(value));
    })
}

pub fn failed(n: u32, code: &str, message: &str) -> NewRun {
    with(run(n, "{}"), |run| {
        run.status = RunStatus::Failure;
        run.output = None;
        run.error =
            Some(RunError { code: code.to_owned(), message: message.to_owned(), details: None });
    })
}
