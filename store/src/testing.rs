//! An organization in a fresh database, for the tests of what no caller sees.

use embedded::testing::{TestDatabase, TestEngineError, fresh_database};
use model::incoming::{CompleteContext, IncomingRun};
use model::search::SearchQuery;
use model::slug::InvalidSlug;
use model::{AgentSlug, InvalidRun, OrgSlug, SearchError, Source, Timestamp};

use crate::condition::Condition;
use crate::{ListRequest, OrgStore, RejectedRun, Store, StoreConfig, StoreError, Window};

/// When the runs of a test come in: 2026-11-22T10:00:00Z.
pub(crate) const NOW: Timestamp = Timestamp(1_795_341_600_000_000);

/// Why a test has nothing to look at.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unusable {
    #[error(transparent)]
    Engine(#[from] TestEngineError),
    #[error(transparent)]
    Starting(#[from] tokio::task::JoinError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Query(#[from] clickhouse::error::Error),
    #[error(transparent)]
    Run(#[from] InvalidRun),
    #[error(transparent)]
    Rejected(#[from] RejectedRun),
    #[error(transparent)]
    Slug(#[from] InvalidSlug),
    #[error(transparent)]
    Search(#[from] SearchError),
    #[error("there is no such agent")]
    NoAgent,
}

pub(crate) type Checked = Result<(), Unusable>;

/// An organization without runs.
pub(crate) async fn org() -> Result<(OrgStore, TestDatabase), Unusable> {
    let database = tokio::task::spawn_blocking(fresh_database).await??;
    let config = StoreConfig {
        url: database.endpoint.url.clone(),
        user: database.endpoint.user.clone(),
        password: database.endpoint.password.clone(),
        database: database.name.clone(),
    };
    let store = Store::connect(config).await?;
    store.migrate().await?;
    let org = store.create_org(&OrgSlug::new("acme")?).await?;
    Ok((store.org(&org), database))
}

/// Stores runs, given as JSON, in one batch.
pub(crate) async fn put(org: &OrgStore, texts: &[String]) -> Checked {
    let complete = |(n, text): (usize, &String)| {
        let context = CompleteContext {
            now: NOW,
            random: n as u128,
            default_source: Source::Api,
            price: &|_| None,
        };
        IncomingRun::parse(text)?.complete(&context)
    };
    let runs = texts.iter().enumerate().map(complete).collect::<Result<_, _>>()?;
    for result in org.ingest(runs).await? {
        result?;
    }
    Ok(())
}

/// The first page of a search.
pub(crate) fn request(query: &str, agent: Option<&str>) -> Result<ListRequest, Unusable> {
    Ok(ListRequest {
        agent: agent.map(AgentSlug::new).transpose()?,
        schema: None,
        query: SearchQuery::parse(query)?,
        sort: model::Sort::NEWEST,
        window: Window::Page(0),
        limit: 50,
        exact_count: false,
    })
}

/// What a search asks for in SQL.
pub(crate) async fn condition(
    org: &OrgStore,
    request: &ListRequest,
) -> Result<Condition, Unusable> {
    org.condition(request).await?.ok_or(Unusable::NoAgent)
}
