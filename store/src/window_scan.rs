//! Walks back through the runs that match, from the newest, in windows of time.
//!
//! The first window is small, so that what matches often is found at once; the
//! next ones grow, so that what matches seldom costs little more than one look
//! at everything; and when time is up, what was found so far is an answer that
//! says how far back it goes.

use std::time::{Duration, Instant};

use clickhouse::{RowOwned, RowRead};
use model::Timestamp;
use model::limits::COUNT_LIMIT;

use crate::cards::KeyRow;
use crate::condition::Condition;
use crate::sql::Value;
use crate::time_histogram::TimeHistogram;
use crate::turn::OrgQuery;
use crate::{Cursor, OrgStore, StoreError};

/// How a scan proceeds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ScanBudget {
    /// Runs that the first window holds.
    pub(crate) first_window: u64,
    /// A scan ends with what it has once it took so long.
    pub(crate) patience: Duration,
}

/// The budget of lists.
pub(crate) const LIST_BUDGET: ScanBudget =
    ScanBudget { first_window: 16_384, patience: Duration::from_secs(3) };

/// So few matches are worth no windows.
const FEW: u64 = 8_192;
/// How much larger a window is than the one before, at most.
const GROWTH: f64 = 16.0;
/// A window that has begun may take so long, so that a slow machine sees an end.
const WINDOW_PATIENCE: Duration = Duration::from_secs(10);

/// What a scan found.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct WindowScan {
    /// The keys, newest first.
    pub(crate) keys: Vec<KeyRow>,
    /// How many runs match in the part that was scanned, if the scan came to its
    /// end; past [`COUNT_LIMIT`] at least so many.
    pub(crate) count: Option<u64>,
    /// When time was up: everything since then was looked at.
    pub(crate) searched_back_to: Option<Timestamp>,
}

/// A part of time that one query looks at.
struct Window {
    /// The oldest time in it; `None` for the beginning of time.
    from: Option<i64>,
    /// The first time that is too new; `None` for no bound.
    until: Option<i64>,
    /// About how many runs it holds.
    runs: u64,
    /// Whether it is read in the order of the key and left early, which pays
    /// where much matches; else by all threads at once.
    in_order: bool,
}

impl OrgStore {
    /// The newest `wanted` keys that match, those after a cursor if one is given.
    ///
    /// # Errors
    /// When even the first window is too much, or the engine fails.
    pub(crate) async fn window_scan(
        &self,
        condition: &Condition,
        after: Option<Cursor>,
        wanted: u64,
        budget: ScanBudget,
    ) -> Result<WindowScan, StoreError> {
        let time_histogram = self.time_histogram().await;
        let mut condition = condition.clone();
        if let Some(cursor) = after {
            condition.and_older_than(cursor);
        }
        let started = Instant::now();
        let mut scan = WindowScan::default();
        let mut until = after.map(Cursor::until_us);
        // What an index tells to be seldom is looked for everywhere at once.
        let mut at_once = condition.max_matches.is_some_and(|runs| runs <= FEW);
        let mut size = if at_once { u64::MAX } else { first_size(&condition, wanted, budget) };
        let mut in_order = !at_once;
        loop {
            let missing = wanted.saturating_sub(scan.keys.len() as u64);
            let window = next_window(&time_histogram, &condition.agents, until, size, in_order);
            let begun = Instant::now();
            let found = match self.keys_in(&condition, &window, missing).await {
                Err(StoreError::TooSlow | StoreError::TooBroad) if at_once => {
                    (at_once, in_order) = (false, true);
                    size = first_size(&condition, wanted, budget);
                    continue;
                }
                // What was found in newer windows is worth more than the error.
                Err(StoreError::TooSlow | StoreError::TooBroad) if !in_order => return Ok(scan),
                found => found?,
            };
            let matches = scan.keys.len() as u64 + found.len() as u64;
            scan.keys.extend(found);
            scan.keys.truncate(usize::try_from(wanted).unwrap_or(usize::MAX));
            let filled = matches >= wanted;
            let Some(from) = window.from else {
                scan.count = (!filled || !window.in_order).then_some(matches);
                scan.searched_back_to = None;
                return Ok(scan);
            };
            scan.searched_back_to = (!filled).then_some(Timestamp(from));
            let left = budget.patience.saturating_sub(started.elapsed());
            if filled || left.is_zero() {
                return Ok(scan);
            }
            size = affordable(window.runs, begun.elapsed(), left);
            until = Some(from);
            in_order = false;
        }
    }

    async fn keys_in(
        &self,
        condition: &Condition,
        window: &Window,
        missing: u64,
    ) -> Result<Vec<KeyRow>, StoreError> {
        let (sql, condition) = window_query(condition, window, missing);
        let query = self.search(&sql, &condition);
        fetch_within(query, WINDOW_PATIENCE).await
    }
}

/// The rows of a query that ends in time. What took longer is not believed to be
/// all, even if the engine ended it without a word.
pub(crate) async fn fetch_within<T: RowOwned + RowRead>(
    query: OrgQuery,
    patience: Duration,
) -> Result<Vec<T>, StoreError> {
    let query = within(query, patience).begin().await?;
    let begun = Instant::now();
    let rows = query.fetch_all().await?;
    // The engine's clock started after this one.
    if begun.elapsed() >= patience { Err(StoreError::TooSlow) } else { Ok(rows) }
}

/// A query that ends with an error when it takes longer.
pub(crate) fn within(query: OrgQuery, patience: Duration) -> OrgQuery {
    query.with_setting("max_execution_time", patience.as_secs_f64().to_string())
}

fn first_size(condition: &Condition, wanted: u64, budget: ScanBudget) -> u64 {
    // Without a filter every run counts; a margin makes up for what the histogram rounds.
    let least = if condition.is_filtered { budget.first_window } else { budget.first_window / 8 };
    least.max(wanted.saturating_mul(2))
}

fn next_window(
    time_histogram: &TimeHistogram,
    agents: &[u64],
    until: Option<i64>,
    size: u64,
    in_order: bool,
) -> Window {
    let before = until.unwrap_or(i64::MAX);
    let left = time_histogram.runs_before(agents, before);
    // A rest that is hardly larger than the window is looked at along with it.
    let from = time_histogram.window_start(agents, before, size).filter(|_| left / 2 > size);
    Window { from, until, runs: if from.is_some() { size } else { left }, in_order }
}

/// How many runs the next window may hold so that it likely ends in the time
/// that is left, judged by the window before.
fn affordable(runs: u64, took: Duration, left: Duration) -> u64 {
    let growth = (left.as_secs_f64() / took.as_secs_f64().max(1e-6)).clamp(0.25, GROWTH);
    (runs as f64 * growth) as u64
}

/// The SQL for the newest keys of a window.
fn window_query(condition: &Condition, window: &Window, missing: u64) -> (String, Condition) {
    let mut condition = condition.clone();
    if let Some(from) = window.from {
        condition.and_since(from);
    }
    if let Some(until) = window.until {
        condition.and_before(until);
    }
    // Where little matches, everything is looked at anyway: then the count comes along.
    let limit = match (window.from, window.in_order) {
        (None, false) => missing.max(COUNT_LIMIT + 1),
        _ => missing,
    };
    let limit = condition.params.bind(Value::U64(limit));
    let settings = if window.in_order { "" } else { " SETTINGS optimize_read_in_order = 0" };
    let sql = format!(
        "SELECT agent, created_at, id FROM runs WHERE {} \
         ORDER BY created_at DESC, id DESC LIMIT {limit}{settings}",
        condition.sql
    );
    (sql, condition)
}

/// The SQL for the newest keys of all time, as of the first window or of a later one.
#[cfg(test)]
pub(crate) fn keys_query(condition: &Condition, in_order: bool) -> (String, Condition) {
    window_query(condition, &Window { from: None, until: None, runs: 0, in_order }, 51)
}

#[cfg(test)]
mod tests;
