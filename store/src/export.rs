//! All runs that a search finds, part by part, with bounded memory.
//!
//! Each part is a query of its own that goes on where the last one ended, so a
//! slow reader holds nothing open in the engine, and one that leaves stops it.

use std::collections::HashMap;

use async_stream::try_stream;
use futures::Stream;
use model::{Run, RunItem};

use crate::cards::{KeyRow, RunRow, keys_param};
use crate::condition::Condition;
use crate::rows::{BodyRow, Lookup};
use crate::sql::Value;
use crate::turn::Weight;
use crate::{Cursor, ListRequest, OrgStore, StoreError, Window};

/// Runs whose narrow columns are read at once.
const PART: u32 = 500;
/// Runs whose bodies are read at once, unless they are large.
const MOST_BODIES: usize = 64;
/// Most bytes of bodies that are read at once; above, fewer bodies are.
const MAX_BODY_BYTES: u64 = 64 * 1024 * 1024;

/// Runs that the first window of a part holds, and how much larger the next ones are.
const FIRST_WINDOW: u64 = 65_536;
const GROWTH: u64 = 16;

const BODIES: &str = "SELECT org, agent, created_at, id, body
    FROM run_bodies
    WHERE org = {org:UInt64}
      AND (agent, created_at, id) IN {keys:Array(Tuple(UInt64, DateTime64(6, 'UTC'), UInt128))}
    LIMIT 1000";

/// The runs that a search finds, from the first to the last.
#[derive(Debug)]
pub struct Export {
    store: OrgStore,
    condition: Condition,
    request: ListRequest,
    window: Option<Window>,
}

impl OrgStore {
    /// All runs that match, in the request's order, whose window and limit are
    /// ignored. `None` when the agent does not exist.
    ///
    /// # Errors
    /// When the search cannot be answered or the engine fails.
    pub async fn export(&self, request: &ListRequest) -> Result<Option<Export>, StoreError> {
        let request = ListRequest {
            window: Window::Page(0),
            limit: PART,
            exact_count: true,
            ..request.clone()
        };
        let condition = self.condition(&request).await?;
        Ok(condition.map(|condition| Export {
            store: self.clone(),
            condition,
            window: Some(request.window),
            request,
        }))
    }
}

impl Export {
    /// How many runs there are now.
    ///
    /// # Errors
    /// When the count takes too long or the engine fails.
    pub async fn count(&self) -> Result<u64, StoreError> {
        Ok(self.store.count(&self.condition, &self.request).await?.0)
    }

    /// The runs as lists show them, part by part.
    pub fn items(mut self) -> impl Stream<Item = Result<Vec<RunItem>, StoreError>> + Send {
        try_stream! {
            while let Some((rows, lookup)) = self.next_rows().await? {
                let items: Result<Vec<_>, _> =
                    rows.into_iter().map(|row| row.into_item(&lookup)).collect();
                yield items?;
            }
        }
    }

    /// The runs whole, one by one.
    pub fn runs(mut self) -> impl Stream<Item = Result<Run, StoreError>> + Send {
        try_stream! {
            let mut at_once = MOST_BODIES;
            while let Some((rows, lookup)) = self.next_rows().await? {
                let mut rest = rows;
                while !rest.is_empty() {
                    let take = at_once.min(rest.len());
                    match self.bodies(&rest[..take]).await {
                        Ok(mut bodies) => {
                            for row in rest.drain(..take) {
                                // A run without a body belongs to an agent that was just deleted.
                                if let Some(body) = bodies.remove(&row.id) {
                                    yield row.into_whole(&lookup, body)?;
                                }
                            }
                            at_once = (at_once * 2).min(MOST_BODIES);
                        }
                        Err(StoreError::TooBroad) if take > 1 => at_once = take / 2,
                        Err(error) => Err(error)?,
                    }
                }
            }
        }
    }

    /// The next rows in order, without those of agents deleted meanwhile.
    async fn next_rows(&mut self) -> Result<Option<(Vec<RunRow>, Lookup)>, StoreError> {
        let Some(window) = self.window else { return Ok(None) };
        self.request.window = window;
        let (keys, next) = self.next_keys().await?;
        self.window = next;
        if keys.is_empty() {
            return Ok(None);
        }
        let places: HashMap<u128, usize> =
            keys.iter().enumerate().map(|(place, key)| (key.id, place)).collect();
        let mut rows = self.store.card_rows(&keys).await?;
        let lookup = self.store.lookup(&rows).await?;
        // An agent that was deleted a moment ago takes its runs out of sight.
        rows.retain(|row| lookup.agents.slug(row.agent).is_some());
        rows.sort_by_key(|row| places.get(&row.id).copied());
        Ok(Some((rows, lookup)))
    }

    async fn next_keys(&self) -> Result<(Vec<KeyRow>, Option<Window>), StoreError> {
        if !self.request.sort.is_newest_first() {
            let (keys, next) = self.store.sorted_keys(&self.condition, &self.request).await?;
            return Ok((keys, next.map(Window::AfterSorted)));
        }
        let mut keys = self.keys_in_windows(FIRST_WINDOW).await?;
        let more = keys.len() > PART as usize;
        keys.truncate(PART as usize);
        let next = keys.last().filter(|_| more).map(|key| Window::After(Cursor::from(key)));
        Ok((keys, next))
    }

    /// The keys of a part, and one more where there is. What the search looks up in other
    /// tables is bounded by a window, which grows until it holds the part: else each part
    /// would look at everything.
    async fn keys_in_windows(&self, first_window: u64) -> Result<Vec<KeyRow>, StoreError> {
        let mut condition = self.condition.clone();
        let mut before = i64::MAX;
        if let Window::After(cursor) = self.request.window {
            condition.and_older_than(cursor);
            before = cursor.until_us();
        }
        let limit = condition.params.bind(Value::U64(u64::from(PART) + 1));
        let time_histogram = self.store.time_histogram().await;
        let mut runs = first_window;
        loop {
            let mut window = condition.clone();
            let from = time_histogram.window_start(&window.agents, before, runs);
            let from = from.filter(|_| window.looks_elsewhere());
            if let Some(from) = from {
                window.and_since(from);
            }
            let sql = format!(
                "SELECT agent, created_at, id FROM runs WHERE {} \
                 ORDER BY created_at DESC, id DESC LIMIT {limit}",
                window.sql
            );
            let query = self.store.search(&sql, &window).weighing(Weight::Bulk);
            let keys = query.fetch_all::<KeyRow>().await?;
            if from.is_none() || keys.len() > PART as usize {
                return Ok(keys);
            }
            runs = runs.saturating_mul(GROWTH);
        }
    }

    async fn bodies(&self, rows: &[RunRow]) -> Result<HashMap<u128, BodyRow>, StoreError> {
        let mut query = self
            .store
            .query(BODIES)
            .weighing(Weight::Bulk)
            .param("keys", keys_param(rows.iter().map(KeyRow::from)))
            .with_setting("max_execution_time", "60")
            .with_setting("max_memory_usage", "1500000000")
            // Small blocks: bodies are large.
            .with_setting("max_block_size", "64");
        if rows.len() > 1 {
            query = query
                .with_setting("max_result_bytes", MAX_BODY_BYTES.to_string())
                .with_setting("result_overflow_mode", "throw");
        }
        let bodies = query.fetch_all::<BodyRow>().await?;
        Ok(bodies.into_iter().map(|body| (body.id, body)).collect())
    }
}

#[cfg(test)]
mod tests {
    use model::Timestamp;

    use super::PART;
    use crate::testing::{self, Checked, NOW, Unusable, put, request};

    #[tokio::test]
    async fn windows_of_any_size_hold_the_part() -> Checked {
        let (org, _database) = testing::org().await?;
        let run = |n: i64| {
            let at = Timestamp(NOW.0 + n * 1_000_000);
            let metadata = if n < 20 { r#"{"t":{"n":1}}"# } else { "{}" };
            format!(r#"{{"agent":"a","created_at":"{at}","input":"x","metadata":{metadata}}}"#)
        };
        put(&org, &(0..600).map(run).collect::<Vec<_>>()).await?;
        // As in a store that an earlier release wrote.
        let earlier = "INSERT INTO nested_metadata (org, agent, created_at, id, leaves)
            SELECT org, agent, created_at, id, leaves FROM runs WHERE has(leaves, 'metadata.t.n')";
        org.client().query(earlier).execute().await?;
        let count = async |query: &str, window| -> Result<(usize, bool), Unusable> {
            let export = org.export(&request(query, Some("a"))?).await?.ok_or(Unusable::NoAgent)?;
            let looks_elsewhere = export.condition.looks_elsewhere();
            Ok((export.keys_in_windows(window).await?.len(), looks_elsewhere))
        };
        assert!(
            org.time_histogram()
                .await
                .window_start(&org.known_agents().await?.ids(), i64::MAX, 64)
                .is_some()
        );
        for window in [1, 64, 1_000_000] {
            assert_eq!(count("metadata.t.n:1", window).await?, (20, true), "{window}");
            assert_eq!(
                count("status:success", window).await?,
                (PART as usize + 1, false),
                "{window}"
            );
        }
        Ok(())
    }
}
