//! Lists of runs, filtered or not.
//!
//! The keys of a page come first, from the narrow columns that decide the filter
//! and the order; only then are the page's own rows read. An unfiltered list of
//! one agent is read at once.

use model::limits::COUNT_LIMIT;
use model::search::SearchQuery;
use model::{AgentSlug, RunList, Sort};

use crate::cards::{KeyRow, RunRow, card_columns, fetch_rows};
use crate::condition::Condition;
use crate::count::{capped, not_below};
use crate::sql::Value;
use crate::turn::{OrgQuery, Weight};
use crate::window_scan::{LIST_BUDGET, WindowScan};
use crate::{Cursor, OrgStore, SortedCursor, StoreError};

/// Which runs to list.
#[derive(Clone, Debug)]
pub struct ListRequest {
    /// The agent, or all agents of the organization.
    pub agent: Option<AgentSlug>,
    /// Only runs of this schema number.
    pub schema: Option<u32>,
    /// Only runs that match.
    pub query: SearchQuery,
    /// In which order.
    pub sort: Sort,
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
    /// What comes after a run, newest first.
    After(Cursor),
    /// What comes after a run in another order, which must be the request's.
    AfterSorted(SortedCursor),
}

impl OrgStore {
    /// A part of the runs that match, in their order, with their count. `None`
    /// when the agent asked for does not exist. A page past the end is empty.
    /// When time is up, the list says how far back it looked, and its cursor
    /// goes on from there.
    ///
    /// # Errors
    /// When the search cannot be answered, takes too long, or the engine fails.
    pub async fn list_runs(&self, request: &ListRequest) -> Result<Option<RunList>, StoreError> {
        let Some(condition) = self.condition(request).await? else {
            return Ok(None);
        };
        if !request.sort.is_newest_first() {
            return self.list_sorted(&condition, request).await.map(Some);
        }
        let (skipped, after) = match request.window {
            Window::Page(page) => (u64::from(page) * u64::from(request.limit), None),
            Window::After(cursor) => (0, Some(cursor)),
            Window::AfterSorted(sorted) => (0, Some(sorted.run)),
        };
        let limit = u64::from(request.limit);
        let is_deep = skipped + limit > COUNT_LIMIT;
        if !condition.is_filtered && condition.agents.len() == 1 && !is_deep {
            return self.unfiltered(&condition, request, skipped, after).await.map(Some);
        }
        let mut scan = if is_deep {
            WindowScan {
                keys: self.keys_at(&condition, skipped, limit + 1).await?,
                ..WindowScan::default()
            }
        } else {
            let mut scan =
                self.window_scan(&condition, after, skipped + limit + 1, LIST_BUDGET).await?;
            scan.keys.drain(..scan.keys.len().min(index(skipped)));
            scan
        };
        // A scan from a cursor has seen only a part of what is to be counted.
        let known = scan.count.filter(|_| after.is_none() && !request.exact_count);
        let more = scan.keys.len() > index(limit);
        scan.keys.truncate(index(limit));
        let (items, count) = tokio::try_join!(self.cards(&scan.keys), async {
            match known {
                Some(count) => Ok(capped(count)),
                None => self.count(&condition, request).await,
            }
        })?;
        let next = match (scan.keys.last(), scan.searched_back_to) {
            (Some(last), _) if more => Some(Cursor::from(last)),
            (_, Some(at)) => Some(Cursor::before(at)),
            _ => None,
        };
        let seen = skipped + scan.keys.len() as u64;
        let (count, count_is_exact) =
            if scan.keys.is_empty() { count } else { not_below(count, seen) };
        Ok(Some(RunList {
            items,
            count,
            count_is_exact,
            next_cursor: next.map(|cursor| cursor.to_string()),
            searched_back_to: scan.searched_back_to,
        }))
    }

    /// The newest runs of one agent, read in the order of the key.
    async fn unfiltered(
        &self,
        condition: &Condition,
        request: &ListRequest,
        skipped: u64,
        after: Option<Cursor>,
    ) -> Result<RunList, StoreError> {
        let limit = u64::from(request.limit);
        let time_histogram = self.time_histogram().await;
        let before = after.map_or(i64::MAX, Cursor::until_us);
        // Twice as many as needed, since the histogram is as of the last minute and rounded.
        let from =
            time_histogram.window_start(&condition.agents, before, 2 * (skipped + limit + 1));
        let near = async {
            let rows = self.rows_since(condition, request, skipped, after, from).await?;
            if rows.len() as u64 > limit || from.is_none() {
                return Ok(rows);
            }
            self.rows_since(condition, request, skipped, after, None).await
        };
        let (mut rows, count) = tokio::try_join!(near, self.count(condition, request))?;
        let more = rows.len() as u64 > limit;
        rows.truncate(index(limit));
        let last = rows.last().filter(|_| more).map(KeyRow::from);
        let last = last.as_ref().map(Cursor::from);
        let seen = skipped + rows.len() as u64;
        let (count, count_is_exact) = if rows.is_empty() { count } else { not_below(count, seen) };
        Ok(RunList {
            items: self.items(rows).await?,
            count,
            count_is_exact,
            next_cursor: last.map(|cursor| cursor.to_string()),
            searched_back_to: None,
        })
    }

    async fn rows_since(
        &self,
        condition: &Condition,
        request: &ListRequest,
        skipped: u64,
        after: Option<Cursor>,
        from: Option<i64>,
    ) -> Result<Vec<RunRow>, StoreError> {
        let (sql, condition) = rows_query(condition, request.limit, skipped, after, from);
        fetch_rows(self.search(&sql, &condition)).await
    }

    /// The keys of a page so deep that walking there would keep too many on the way.
    async fn keys_at(
        &self,
        condition: &Condition,
        skipped: u64,
        wanted: u64,
    ) -> Result<Vec<KeyRow>, StoreError> {
        let mut condition = condition.clone();
        let limit = condition.params.bind(Value::U64(wanted));
        let offset = condition.params.bind(Value::U64(skipped));
        let sql = format!(
            "SELECT agent, created_at, id FROM runs WHERE {} \
             ORDER BY created_at DESC, id DESC LIMIT {limit} OFFSET {offset}",
            condition.sql
        );
        self.search(&sql, &condition).fetch_all().await
    }

    /// A query over runs within the limits of a search.
    pub(crate) fn search(&self, sql: &str, condition: &Condition) -> OrgQuery {
        let weight = if condition.is_filtered { Weight::Heavy } else { Weight::Light };
        condition
            .params
            .apply(self.query(sql))
            .weighing(weight)
            .with_setting("max_execution_time", "20")
            .with_setting("max_memory_usage", "1000000000")
    }
}

/// The SQL that reads what an unfiltered list shows.
pub(crate) fn rows_query(
    condition: &Condition,
    limit: u32,
    skipped: u64,
    after: Option<Cursor>,
    from: Option<i64>,
) -> (String, Condition) {
    let mut condition = condition.clone();
    if let Some(cursor) = after {
        condition.and_older_than(cursor);
    }
    if let Some(from) = from {
        condition.and_since(from);
    }
    let limit = condition.params.bind(Value::U64(u64::from(limit) + 1));
    let offset = condition.params.bind(Value::U64(skipped));
    let sql = format!(
        concat!(
            "SELECT ",
            card_columns!(),
            " FROM cards WHERE {} ORDER BY created_at DESC, id DESC LIMIT {} OFFSET {}"
        ),
        condition.sql, limit, offset
    );
    (sql, condition)
}

fn index(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}
