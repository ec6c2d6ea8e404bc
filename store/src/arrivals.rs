//! Runs in the order in which they became visible.
//!
//! `created_at` says when a run began; runs arrive late and out of that order.
//! Here the order is that of [`crate::ingest`]'s stamps, one sequence for each
//! process that writes, so that a reader who goes on from a cursor misses none
//! and gets none twice.

mod cursor;

use std::collections::HashMap;

use clickhouse::Row;
use model::{AgentSlug, RunId, RunItem};
use serde::Deserialize;
use tokio::sync::watch;

pub use cursor::{ArrivalCursor, InvalidArrivalCursor};

use crate::cards::KeyRow;
use crate::clock::now;
use crate::condition::Condition;
use crate::sql::Value;
use crate::{ListRequest, OrgStore, Store, StoreError};

/// An insert into several partitions is not visible all at once. Other
/// processes' rows are read only when they are as old as this.
pub const FOREIGN_DELAY_US: i64 = 1_000_000;
/// How far back a new cursor looks for other processes' rows that it cannot know of.
const FOREIGN_LOOKBACK_US: i64 = 3_000_000;

/// A run that became visible.
#[derive(Clone, Debug, PartialEq)]
pub struct Arrival {
    /// The process that wrote it.
    pub writer: u64,
    /// Its place among that process's runs.
    pub stamp: i64,
    /// The run.
    pub item: RunItem,
}

/// A part of what arrived.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Arrivals {
    /// The runs, in order.
    pub items: Vec<Arrival>,
    /// Whether more have arrived already.
    pub has_more: bool,
}

#[derive(Row, Deserialize)]
struct ArrivalRow {
    agent: u64,
    created_at: i64,
    id: u128,
    writer: u64,
    ingested_at: i64,
}

const NEWEST_BLOCK: &str = "SELECT max(max_block_number) FROM system.parts
WHERE database = currentDatabase() AND table = 'runs' AND active";

impl Store {
    /// A number that changes when any process writes runs. Cheap enough to ask
    /// every second.
    ///
    /// # Errors
    /// When the engine fails.
    pub async fn newest_block(&self) -> Result<i64, StoreError> {
        Ok(self.client.query(NEWEST_BLOCK).fetch_one().await?)
    }
}

impl OrgStore {
    /// Whether there is an agent of this name.
    ///
    /// # Errors
    /// When the engine fails.
    pub async fn has_agent(&self, slug: &AgentSlug) -> Result<bool, StoreError> {
        Ok(self.known_agent(slug).await?.is_some())
    }

    /// The present end of what has arrived: a stream from here gives what comes after.
    #[must_use]
    pub fn arrivals_end(&self) -> ArrivalCursor {
        let stamps = &self.store.registry.stamps;
        ArrivalCursor {
            base: now().0.saturating_sub(FOREIGN_LOOKBACK_US),
            writers: vec![(stamps.writer, stamps.settled())],
        }
    }

    /// Changes whenever this process has written runs of this organization.
    #[must_use]
    pub fn arrivals_signal(&self) -> watch::Receiver<u64> {
        self.store.registry.stamps.subscribe(self.org().id.0)
    }

    /// The runs that match and arrived after a cursor, in order, at most `limit`.
    /// `None` when the agent asked for does not exist (any more). The request's
    /// window, limit and count play no part.
    ///
    /// # Errors
    /// When the search cannot be answered or the engine fails.
    pub async fn arrivals(
        &self,
        request: &ListRequest,
        after: &ArrivalCursor,
        limit: u32,
    ) -> Result<Option<Arrivals>, StoreError> {
        // Before the condition, which holds the words and names that there are now: a
        // run that brings a new one must not count as looked at.
        let settled = self.store.registry.stamps.settled();
        let Some(condition) = self.condition(request).await? else {
            return Ok(None);
        };
        let (sql, arrived) = self.arrivals_query(&condition, after, settled, limit);
        let mut rows = self.search(&sql, &arrived).fetch_all::<ArrivalRow>().await?;
        let has_more = rows.len() > limit as usize;
        rows.truncate(limit as usize);
        let keys: Vec<KeyRow> = rows
            .iter()
            .map(|row| KeyRow { agent: row.agent, created_at: row.created_at, id: row.id })
            .collect();
        let items = self.cards(&keys).await?;
        let mut items: HashMap<RunId, RunItem> =
            items.into_iter().map(|item| (item.id, item)).collect();
        let items = rows.into_iter().filter_map(|row| {
            let item = items.remove(&RunId::from_u128(row.id))?;
            Some(Arrival { writer: row.writer, stamp: row.ingested_at, item })
        });
        Ok(Some(Arrivals { items: items.collect(), has_more }))
    }

    /// The SQL for what arrived after a cursor, with its values.
    fn arrivals_query(
        &self,
        condition: &Condition,
        after: &ArrivalCursor,
        settled: i64,
        limit: u32,
    ) -> (String, Condition) {
        let own = self.store.registry.stamps.writer;
        let mut condition = condition.clone().of_new_runs();
        let params = &mut condition.params;
        let mut at = |us: i64| {
            let placeholder = params.bind(Value::I64(us));
            format!("fromUnixTimestamp64Micro({placeholder}, 'UTC')")
        };
        let earliest = at(after.earliest());
        let base = at(after.base);
        let settled = at(settled);
        let foreign = at(now().0.saturating_sub(FOREIGN_DELAY_US));
        let seen: Vec<(u64, String)> =
            after.writers.iter().map(|(writer, stamp)| (*writer, at(*stamp))).collect();
        let writers: Vec<u64> = seen.iter().map(|(writer, _)| *writer).collect();
        let own = params.bind(Value::U64(own));
        let until = format!("if(writer = {own}, {settled}, {foreign})");
        let mut after_own = vec![format!(
            "(writer NOT IN {} AND ingested_at > {base})",
            params.bind(Value::U64s(writers))
        )];
        for (writer, stamp) in seen {
            let writer = params.bind(Value::U64(writer));
            after_own.push(format!("(writer = {writer} AND ingested_at > {stamp})"));
        }
        let limit = params.bind(Value::U64(u64::from(limit) + 1));
        let sql = format!(
            "SELECT agent, created_at, id, writer, ingested_at FROM runs WHERE {} \
             AND ingested_at > {earliest} AND ingested_at <= {until} AND ({}) \
             ORDER BY ingested_at, writer, id LIMIT {limit}",
            condition.sql,
            after_own.join(" OR ")
        );
        (sql, condition)
    }
}
