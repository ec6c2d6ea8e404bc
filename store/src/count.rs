//! How many runs match: up to a limit, in a limited time.

use std::time::{Duration, Instant};

use model::limits::COUNT_LIMIT;

use crate::condition::Condition;
use crate::window_scan::within;
use crate::{ListRequest, OrgStore, StoreError};

/// Beside a page, counting may take so long; what was counted by then is a lower bound.
const PATIENCE: Duration = Duration::from_millis(400);
/// Who asks for all waits longer.
const EXACT_PATIENCE: Duration = Duration::from_secs(20);

/// A number of runs, and whether there are no more.
pub(crate) type Count = (u64, bool);

/// A number that was counted up to the limit.
pub(crate) fn capped(count: u64) -> Count {
    (count.min(COUNT_LIMIT), count <= COUNT_LIMIT)
}

/// Not less than what was seen: runs arrive while others are counted, and a count
/// may have been cut short.
pub(crate) fn not_below((count, is_exact): Count, seen: u64) -> Count {
    (count.max(seen), is_exact)
}

impl OrgStore {
    /// How many runs match; beyond the limit only when all are asked for. The
    /// window of the request is ignored.
    ///
    /// # Errors
    /// When the engine fails. Too little time or memory is no failure: the number
    /// is then a lower bound.
    pub(crate) async fn count(
        &self,
        condition: &Condition,
        request: &ListRequest,
    ) -> Result<Count, StoreError> {
        let directory = &self.store.directory;
        let key = condition.fingerprint();
        if !request.exact_count && directory.is_beyond_limit(key) {
            return Ok((COUNT_LIMIT, false));
        }
        if request.exact_count {
            let sql = format!("SELECT count() FROM runs WHERE {}", condition.sql);
            return self.counted(&sql, condition, EXACT_PATIENCE).await;
        }
        // What is common is mostly shown to be by the index, without a look at texts.
        let ways = condition.sufficient_sql.iter().chain([&condition.sql]);
        let mut counted: Count = (0, false);
        let begun = Instant::now();
        for condition_sql in ways {
            let left = PATIENCE.saturating_sub(begun.elapsed());
            // No time at all would be no bound for the engine.
            if left.is_zero() {
                return Ok((counted.0, false));
            }
            let sql = format!(
                "SELECT count() FROM (SELECT 1 FROM runs WHERE {condition_sql} LIMIT {})",
                COUNT_LIMIT + 1
            );
            let (count, is_whole) = self.counted(&sql, condition, left).await?;
            counted = (count.max(counted.0), is_whole);
            if counted.0 > COUNT_LIMIT {
                if condition.is_monotonic {
                    directory.remember_beyond_limit(key);
                }
                return Ok(capped(counted.0));
            }
        }
        Ok(counted)
    }

    /// What a query counts, and whether it came to its end.
    async fn counted(
        &self,
        sql: &str,
        condition: &Condition,
        patience: Duration,
    ) -> Result<Count, StoreError> {
        let query = within(self.search(sql, condition), patience)
            .with_setting("timeout_overflow_mode", "break")
            .begin()
            .await?;
        let begun = Instant::now();
        let counted = query.fetch_optional::<u64>().await;
        // The engine's clock started after this one: what it cut took longer here.
        let was_cut = begun.elapsed() >= patience;
        match counted {
            Ok(Some(count)) => Ok((count, !was_cut)),
            Ok(None) | Err(StoreError::TooSlow | StoreError::TooBroad) => Ok((0, false)),
            Err(error) => Err(error),
        }
    }
}
