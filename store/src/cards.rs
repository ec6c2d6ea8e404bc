//! What lists show of runs, read by key.

use clickhouse::Row;
use model::{RunId, RunItem, Timestamp};
use serde::{Deserialize, Serialize};

use crate::turn::OrgQuery;
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
        Self { created_at: Timestamp(key.created_at), id: RunId::from_u128(key.id) }
    }
}

/// Keys as `Array(Tuple(UInt64, DateTime64(6, 'UTC'), UInt128))`. As one value
/// the set costs the engine no subquery.
pub(crate) fn keys_param(keys: impl Iterator<Item = KeyRow>) -> Vec<(u64, String, u128)> {
    keys.map(|key| {
        let (seconds, micros) =
            (key.created_at.div_euclid(1_000_000), key.created_at.rem_euclid(1_000_000));
        (key.agent, format!("{seconds}.{micros:06}"), key.id)
    })
    .collect()
}

/// A row of `cards`.
#[derive(Row, Clone, Debug, Serialize, Deserialize)]
pub(crate) struct CardRow {
    pub(crate) org: u64,
    pub(crate) agent: u64,
    pub(crate) created_at: i64,
    pub(crate) id: u128,
    /// A [`Card`] as JSON.
    pub(crate) card: String,
}

/// What lists show of a run. What a run lacks is an empty text, 0 for another
/// run's id, or null.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Card {
    pub(crate) schema: u32,
    pub(crate) failed: u8,
    pub(crate) error_code: String,
    pub(crate) error_message: String,
    pub(crate) error_details: String,
    pub(crate) version_id: u128,
    pub(crate) model: String,
    pub(crate) provider: String,
    pub(crate) temperature: Option<f64>,
    pub(crate) latency_us: Option<u64>,
    pub(crate) time_to_first_token_us: Option<u64>,
    pub(crate) cost_nano_usd: Option<u64>,
    pub(crate) input_tokens: Option<u64>,
    pub(crate) cached_input_tokens: Option<u64>,
    pub(crate) output_tokens: Option<u64>,
    pub(crate) reasoning_tokens: Option<u64>,
    pub(crate) conversation_id: String,
    pub(crate) environment: String,
    pub(crate) source: String,
    pub(crate) cached_from: u128,
    pub(crate) trace_id: String,
    pub(crate) span_id: String,
    pub(crate) parent_run_id: u128,
    pub(crate) metadata: String,
    pub(crate) input_preview: String,
    pub(crate) output_preview: String,
}

/// The narrow part of a run: its key and its card.
#[derive(Clone, Debug)]
pub(crate) struct RunRow {
    pub(crate) agent: u64,
    pub(crate) created_at: i64,
    pub(crate) id: u128,
    pub(crate) card: Card,
}

impl From<&RunRow> for KeyRow {
    fn from(row: &RunRow) -> Self {
        Self { agent: row.agent, created_at: row.created_at, id: row.id }
    }
}

impl TryFrom<CardRow> for RunRow {
    type Error = StoreError;

    fn try_from(row: CardRow) -> Result<Self, StoreError> {
        let CardRow { agent, created_at, id, card, .. } = row;
        let card = serde_json::from_str(&card).map_err(|error| {
            StoreError::Corrupt(format!("card of run {}: {error}", RunId::from_u128(id)))
        })?;
        Ok(Self { agent, created_at, id, card })
    }
}

/// The names of [`CardRow`]'s columns, in its order.
macro_rules! card_columns {
    () => {
        "org, agent, created_at, id, card"
    };
}
pub(crate) use card_columns;

/// The set of whole keys opens one granule a run.
const CARDS: &str = concat!(
    "SELECT ",
    card_columns!(),
    " FROM cards
     WHERE org = {org:UInt64}
       AND (agent, created_at, id) IN {keys:Array(Tuple(UInt64, DateTime64(6, 'UTC'), UInt128))}
     ORDER BY created_at DESC, id DESC LIMIT {limit:UInt64}"
);

/// The rows that a query on `cards` finds.
pub(crate) async fn fetch_rows(query: OrgQuery) -> Result<Vec<RunRow>, StoreError> {
    query.fetch_all::<CardRow>().await?.into_iter().map(RunRow::try_from).collect()
}

impl OrgStore {
    /// The runs of these keys, newest first; those that are gone are left out.
    pub(crate) async fn cards(&self, keys: &[KeyRow]) -> Result<Vec<RunItem>, StoreError> {
        self.items(self.card_rows(keys).await?).await
    }

    /// The same as they are stored, those of deleted agents included.
    pub(crate) async fn card_rows(&self, keys: &[KeyRow]) -> Result<Vec<RunRow>, StoreError> {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let query = self
            .query(CARDS)
            .param("keys", keys_param(keys.iter().copied()))
            .param("limit", keys.len() as u64);
        fetch_rows(query).await
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
