//! What lists show of runs, read by key.

use clickhouse::Row;
use model::{RunItem, Timestamp};
use serde::Deserialize;

use crate::rows::{RunRow, run_columns};
use crate::{Cursor, OrgStore, StoreError};

/// What names a run in every table, and orders it.
#[derive(Row, Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub(crate) struct KeyRow {
    pub(crate) agent: u64,
    pub(crate) created_at: i64,
    pub(crate) id: u128,
}

impl From<&KeyRow> for Cursor {
    fn from(key: &KeyRow) -> Self {
        Self { created_at: Timestamp(key.created_at), id: model::RunId::from_u128(key.id) }
    }
}

/// The set of whole keys opens one granule a run. The time bounds, which it
/// implies, let the engine drop partitions before it looks at the set.
const CARDS: &str = concat!(
    "SELECT ",
    run_columns!(),
    " FROM run_cards
     WHERE org = {org:UInt64}
       AND created_at >= fromUnixTimestamp64Micro({from:Int64}, 'UTC')
       AND created_at <= fromUnixTimestamp64Micro({until:Int64}, 'UTC')
       AND (agent, created_at, id) IN
       (
           SELECT key.1, fromUnixTimestamp64Micro(key.2, 'UTC'), key.3 FROM
           (
               SELECT arrayJoin(arrayZip(
                   {agents:Array(UInt64)}, {times:Array(Int64)}, {ids:Array(UInt128)})) AS key
           )
       )
     ORDER BY created_at DESC, id DESC LIMIT {limit:UInt64}"
);

impl OrgStore {
    /// The runs of these keys, newest first; those that are gone are left out.
    pub(crate) async fn cards(&self, keys: &[KeyRow]) -> Result<Vec<RunItem>, StoreError> {
        self.items(self.card_rows(keys).await?).await
    }

    /// The same as they are stored, those of deleted agents included.
    pub(crate) async fn card_rows(&self, keys: &[KeyRow]) -> Result<Vec<RunRow>, StoreError> {
        let (Some(from), Some(until)) = (
            keys.iter().map(|key| key.created_at).min(),
            keys.iter().map(|key| key.created_at).max(),
        ) else {
            return Ok(Vec::new());
        };
        Ok(self
            .query(CARDS)
            .param("from", from)
            .param("until", until)
            .param("agents", keys.iter().map(|key| key.agent).collect::<Vec<_>>())
            .param("times", keys.iter().map(|key| key.created_at).collect::<Vec<_>>())
            .param("ids", keys.iter().map(|key| key.id).collect::<Vec<_>>())
            .param("limit", keys.len() as u64)
            .fetch_all::<RunRow>()
            .await?)
    }

    /// The runs of these rows, in their order.
    pub(crate) async fn items(&self, rows: Vec<RunRow>) -> Result<Vec<RunItem>, StoreError> {
        let lookup = self.lookup(&rows).await?;
        rows.into_iter()
            // An agent that was deleted a moment ago takes its runs out of sight.
            .filter(|row| lookup.agents.slug(row.agent).is_some())
            .map(|row| row.into_item(&lookup))
            .collect()
    }
}
