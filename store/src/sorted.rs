//! Lists in another order than newest first.
//!
//! The engine sorts the keys of all matches by one narrow column, so a cursor
//! carries the value at which its page ended beside the run.

use std::collections::HashMap;
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use clickhouse::Row;
use model::{RunId, RunList, Sort, SortKey, Timestamp};
use serde::Deserialize;

use crate::cards::KeyRow;
use crate::condition::{Condition, TOTAL_TOKENS};
use crate::sql::Value;
use crate::{Cursor, InvalidCursor, ListRequest, OrgStore, StoreError, Window};

/// The last run of a page of a sorted list, with the value that it is sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SortedCursor {
    /// The order of the list.
    pub sort: Sort,
    /// The run's value; `None` where it is unknown or is its time.
    pub value: Option<u64>,
    /// The run.
    pub run: Cursor,
}

#[derive(Row, Deserialize)]
struct SortedKeyRow {
    agent: u64,
    created_at: i64,
    id: u128,
    value: Option<u64>,
}

impl Window {
    /// What comes after the run of a cursor's text in a list of this order.
    ///
    /// # Errors
    /// When the text is no cursor, or one of another order.
    pub fn after(sort: Sort, text: &str) -> Result<Self, InvalidCursor> {
        if sort.is_newest_first() {
            return text.parse().map(Self::After);
        }
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| InvalidCursor)?;
        let (run, rest) = bytes.split_first_chunk::<24>().ok_or(InvalidCursor)?;
        let (tag, value) = rest.split_first().ok_or(InvalidCursor)?;
        if *tag != tag_of(sort) {
            return Err(InvalidCursor);
        }
        let value = match value {
            [] => None,
            bytes => Some(u64::from_be_bytes(bytes.try_into().map_err(|_| InvalidCursor)?)),
        };
        let run = URL_SAFE_NO_PAD.encode(run).parse()?;
        Ok(Self::AfterSorted(SortedCursor { sort, value, run }))
    }
}

impl fmt::Display for SortedCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = Vec::with_capacity(33);
        bytes.extend(self.run.created_at.0.to_be_bytes());
        bytes.extend(self.run.id.as_u128().to_be_bytes());
        bytes.push(tag_of(self.sort));
        if let Some(value) = self.value {
            bytes.extend(value.to_be_bytes());
        }
        f.write_str(&URL_SAFE_NO_PAD.encode(bytes))
    }
}

fn tag_of(sort: Sort) -> u8 {
    let key = match sort.key {
        SortKey::Time => 0,
        SortKey::Latency => 2,
        SortKey::Cost => 4,
        SortKey::Tokens => 6,
    };
    key + u8::from(sort.descending)
}

/// What is sorted by; `None` for the time.
fn column_of(key: SortKey) -> Option<&'static str> {
    match key {
        SortKey::Time => None,
        SortKey::Latency => Some("latency_us"),
        SortKey::Cost => Some("cost_nano_usd"),
        SortKey::Tokens => Some(TOTAL_TOKENS),
    }
}

impl OrgStore {
    /// A part of a list in the request's order.
    pub(crate) async fn list_sorted(
        &self,
        condition: &Condition,
        request: &ListRequest,
    ) -> Result<RunList, StoreError> {
        let ((keys, next), (count, count_is_exact)) =
            tokio::try_join!(self.sorted_keys(condition, request), self.count(condition, request))?;
        let places: HashMap<RunId, usize> =
            keys.iter().enumerate().map(|(place, key)| (RunId::from_u128(key.id), place)).collect();
        let mut items = self.cards(&keys).await?;
        items.sort_by_key(|item| places.get(&item.id).copied());
        Ok(RunList {
            items,
            count,
            count_is_exact,
            next_cursor: next.map(|cursor| cursor.to_string()),
            searched_back_to: None,
        })
    }

    /// The keys of the part asked for, and where the next part begins.
    pub(crate) async fn sorted_keys(
        &self,
        condition: &Condition,
        request: &ListRequest,
    ) -> Result<(Vec<KeyRow>, Option<SortedCursor>), StoreError> {
        let (sql, condition) = sorted_query(condition, request);
        let mut rows = self.search(&sql, &condition).fetch_all::<SortedKeyRow>().await?;
        let more = rows.len() > request.limit as usize;
        rows.truncate(request.limit as usize);
        let next = rows.last().filter(|_| more).map(|row| SortedCursor {
            sort: request.sort,
            value: row.value,
            run: Cursor { created_at: Timestamp(row.created_at), id: RunId::from_u128(row.id) },
        });
        let keys = rows.into_iter().map(|row| KeyRow {
            agent: row.agent,
            created_at: row.created_at,
            id: row.id,
        });
        Ok((keys.collect(), next))
    }
}

/// The SQL that finds the keys of a part of a sorted list, with its values.
pub(crate) fn sorted_query(condition: &Condition, request: &ListRequest) -> (String, Condition) {
    let mut condition = condition.clone();
    let column = column_of(request.sort.key);
    let direction = if request.sort.descending { "DESC" } else { "ASC" };
    let offset = match request.window {
        Window::Page(page) => u64::from(page) * u64::from(request.limit),
        Window::After(cursor) => {
            condition.and_older_than(cursor);
            0
        }
        Window::AfterSorted(cursor) => {
            match column {
                None => condition.and_newer_than(cursor.run),
                Some(column) => and_after(&mut condition, column, &cursor),
            }
            0
        }
    };
    let limit = condition.params.bind(Value::U64(u64::from(request.limit) + 1));
    let offset = condition.params.bind(Value::U64(offset));
    let (value, order) = match column {
        None => {
            ("CAST(NULL, 'Nullable(UInt64)')", format!("created_at {direction}, id {direction}"))
        }
        Some(column) => (column, format!("value {direction} NULLS LAST, created_at DESC, id DESC")),
    };
    let sql = format!(
        "SELECT agent, created_at, id, {value} AS value FROM runs WHERE {} \
         ORDER BY {order} LIMIT {limit} OFFSET {offset}",
        condition.sql
    );
    (sql, condition)
}

fn and_after(condition: &mut Condition, column: &'static str, cursor: &SortedCursor) {
    let at = condition.params.bind(Value::I64(cursor.run.created_at.0));
    let id = condition.params.bind(Value::U128(cursor.run.id.as_u128()));
    let older = format!(
        "(created_at < fromUnixTimestamp64Micro({at}, 'UTC') \
         OR (created_at = fromUnixTimestamp64Micro({at}, 'UTC') AND id < {id}))"
    );
    let after = match cursor.value {
        // Unknown values come after every known one, whatever the direction.
        Some(value) => {
            let value = condition.params.bind(Value::U64(value));
            let beyond = if cursor.sort.descending { "<" } else { ">" };
            format!(
                "(ifNull({column} {beyond} {value}, 1) \
                 OR (ifNull({column} = {value}, 0) AND {older}))"
            )
        }
        None => format!("({column} IS NULL AND {older})"),
    };
    condition.sql.push_str(&format!(" AND {after}"));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cursors_belong_to_their_order() {
        let run = Cursor { created_at: Timestamp(1_795_341_600_000_001), id: RunId::from_u128(7) };
        for value in [None, Some(0), Some(u64::MAX)] {
            let sort = Sort { key: SortKey::Cost, descending: true };
            let cursor = SortedCursor { sort, value, run };
            let text = cursor.to_string();
            assert_eq!(Window::after(sort, &text), Ok(Window::AfterSorted(cursor)));
            let other = Sort { key: SortKey::Cost, descending: false };
            assert_eq!(Window::after(other, &text), Err(InvalidCursor));
            assert_eq!(Window::after(Sort::NEWEST, &text), Err(InvalidCursor));
        }
        let newest = Window::after(Sort::NEWEST, &run.to_string());
        assert_eq!(newest, Ok(Window::After(run)));
    }
}
