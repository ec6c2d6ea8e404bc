//! Lists of runs, filtered or not.
//!
//! The ids of a page come first, from the narrow columns that decide the filter
//! and the order; only then are the page's own rows read.

use clickhouse::Row;
use model::limits::COUNT_LIMIT;
use model::search::SearchQuery;
use model::{AgentSlug, RunItem, RunList};
use serde::Deserialize;

use crate::condition::Condition;
use crate::rows::{RunRow, run_columns};
use crate::sql::Value;
use crate::{Cursor, OrgStore, StoreError};

/// Which runs to list.
#[derive(Clone, Debug)]
pub struct ListRequest {
    /// The agent, or all agents of the organization.
    pub agent: Option<AgentSlug>,
    /// Only runs of this schema number.
    pub schema: Option<u32>,
    /// Only runs that match.
    pub query: SearchQuery,
    /// Which part of them.
    pub window: Window,
    /// At most so many.
    pub limit: u32,
    /// Whether to count all matches, however many.
    pub exact_count: bool,
}

/// A part of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Window {
    /// A page, from 0.
    Page(u32),
    /// What comes after a run.
    After(Cursor),
}

#[derive(Row, Deserialize)]
pub(crate) struct KeyRow {
    pub(crate) created_at: i64,
    pub(crate) id: u128,
}

const ROWS: &str = concat!(
    "SELECT ",
    run_columns!(),
    " FROM runs
     WHERE org = {org:UInt64} AND agent IN {agents:Array(UInt64)} AND id IN {ids:Array(UInt128)}
       AND created_at IN
           (SELECT fromUnixTimestamp64Micro(arrayJoin({times:Array(Int64)}), 'UTC'))
     ORDER BY created_at DESC, id DESC"
);

impl OrgStore {
    /// A part of the runs that match, newest first, with their count. `None`
    /// when the agent asked for does not exist. A page past the end is empty.
    ///
    /// # Errors
    /// When the search cannot be answered, takes too long, or the engine fails.
    pub async fn list_runs(&self, request: &ListRequest) -> Result<Option<RunList>, StoreError> {
        let Some(condition) = self.condition(request).await? else {
            return Ok(None);
        };
        let (mut keys, (count, count_is_exact)) =
            tokio::try_join!(self.keys(&condition, request), self.count(&condition, request))?;
        let more = keys.len() > request.limit as usize;
        keys.truncate(request.limit as usize);
        let items = self.items(&condition, &keys).await?;
        let last = keys.last().filter(|_| more);
        Ok(Some(RunList {
            items,
            count,
            count_is_exact,
            next_cursor: last.map(|key| Cursor::from(key).to_string()),
        }))
    }

    /// The keys of the part asked for, and one more if there is more.
    async fn keys(
        &self,
        condition: &Condition,
        request: &ListRequest,
    ) -> Result<Vec<KeyRow>, StoreError> {
        let (sql, condition) = keys_query(condition, request);
        Ok(self.search(&sql, &condition).fetch_all::<KeyRow>().await?)
    }

    pub(crate) async fn count(
        &self,
        condition: &Condition,
        request: &ListRequest,
    ) -> Result<(u64, bool), StoreError> {
        let sql = if request.exact_count {
            format!("SELECT count() FROM runs WHERE {}", condition.sql)
        } else {
            format!(
                "SELECT count() FROM (SELECT 1 FROM runs WHERE {} LIMIT {})",
                condition.sql,
                COUNT_LIMIT + 1
            )
        };
        let count: u64 = self.search(&sql, condition).fetch_one().await?;
        let is_exact = request.exact_count || count <= COUNT_LIMIT;
        Ok((if is_exact { count } else { COUNT_LIMIT }, is_exact))
    }

    async fn items(
        &self,
        condition: &Condition,
        keys: &[KeyRow],
    ) -> Result<Vec<RunItem>, StoreError> {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let times: Vec<i64> = keys.iter().map(|key| key.created_at).collect();
        let ids: Vec<u128> = keys.iter().map(|key| key.id).collect();
        let rows = self
            .query(ROWS)
            .param("agents", &condition.agents)
            .param("ids", ids)
            .param("times", times)
            .fetch_all::<RunRow>()
            .await?;
        let lookup = self.lookup(&rows).await?;
        rows.into_iter()
            // An agent that was deleted a moment ago takes its runs out of sight.
            .filter(|row| lookup.agents.contains_key(&row.agent))
            .map(|row| row.into_item(&lookup))
            .collect()
    }

    /// A query over runs within the limits of a search.
    pub(crate) fn search(&self, sql: &str, condition: &Condition) -> clickhouse::query::Query {
        condition
            .params
            .apply(self.query(sql))
            .with_setting("max_execution_time", "20")
            .with_setting("max_memory_usage", "1500000000")
    }
}

/// The SQL that finds the keys of a part of a list, with its values.
pub(crate) fn keys_query(condition: &Condition, request: &ListRequest) -> (String, Condition) {
    let mut condition = condition.clone();
    let offset = match request.window {
        Window::Page(page) => u64::from(page) * u64::from(request.limit),
        Window::After(cursor) => {
            condition.and_older_than(cursor);
            0
        }
    };
    let limit = condition.params.bind(Value::U64(u64::from(request.limit) + 1));
    let offset = condition.params.bind(Value::U64(offset));
    let sql = format!(
        "SELECT created_at, id FROM runs WHERE {} ORDER BY created_at DESC, id DESC \
         LIMIT {limit} OFFSET {offset}",
        condition.sql
    );
    (sql, condition)
}

impl From<&KeyRow> for Cursor {
    fn from(key: &KeyRow) -> Self {
        Self { created_at: model::Timestamp(key.created_at), id: model::RunId::from_u128(key.id) }
    }
}
