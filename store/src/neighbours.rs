//! Where a run stands in a list, and the runs beside it.

use model::RunId;
use model::limits::COUNT_LIMIT;

use crate::cards::KeyRow;
use crate::condition::Condition;
use crate::sql::Value;
use crate::window_scan::LIST_BUDGET;
use crate::{Cursor, ListRequest, OrgStore, StoreError};

/// The runs beside a run in a list that is ordered newest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Neighbours {
    /// The run just before it in the list, which is newer.
    pub newer: Option<RunId>,
    /// The run just after it in the list, which is older.
    pub older: Option<RunId>,
    /// Its place in the list, from 1; `None` beyond the first 10,000.
    pub position: Option<u64>,
    /// How many runs the list has; at least so many when not exact.
    pub count: u64,
    /// Whether `count` is the whole number.
    pub count_is_exact: bool,
}

impl OrgStore {
    /// Where the run at `cursor` stands in the list of `request`, whose window
    /// is ignored. `None` when the agent does not exist.
    ///
    /// # Errors
    /// When the search cannot be answered, takes too long, or the engine fails.
    pub async fn neighbours(
        &self,
        request: &ListRequest,
        cursor: Cursor,
    ) -> Result<Option<Neighbours>, StoreError> {
        let Some(condition) = self.condition(request).await? else {
            return Ok(None);
        };
        let mut newer = condition.clone();
        newer.and_newer_than(cursor);
        let (older, newer, (count, count_is_exact)) = tokio::try_join!(
            self.window_scan(&condition, Some(cursor), 1, LIST_BUDGET),
            self.newer_keys(&newer),
            self.count(&condition, request)
        )?;
        let before = newer.len() as u64;
        let id = |key: &KeyRow| RunId::from_u128(key.id);
        Ok(Some(Neighbours {
            newer: newer.first().map(id),
            older: older.keys.first().map(id),
            position: (before < COUNT_LIMIT).then_some(before + 1),
            count,
            count_is_exact,
        }))
    }

    /// The keys of newer runs, the nearest first: their number is the place of the run.
    async fn newer_keys(&self, condition: &Condition) -> Result<Vec<KeyRow>, StoreError> {
        let mut condition = condition.clone();
        let limit = condition.params.bind(Value::U64(COUNT_LIMIT));
        let sql = format!(
            "SELECT agent, created_at, id FROM runs WHERE {} \
             ORDER BY created_at ASC, id ASC LIMIT {limit}",
            condition.sql
        );
        self.search(&sql, &condition).fetch_all().await
    }
}
