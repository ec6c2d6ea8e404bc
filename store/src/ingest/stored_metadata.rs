//! The places inside of metadata, of runs that were stored when `runs` had no
//! entries for them. They are read from the cards once, in the background, and
//! written to a table of their own that searches look at too.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::Ordering;
use std::sync::{MutexGuard, PoisonError};

use clickhouse::Row;
use clickhouse::query::Query;
use model::run::Metadata;
use serde::{Deserialize, Serialize};

use super::searchable::Searchable;
use crate::{OrgStore, Store, StoreError, migrations};

/// The name under which it is remembered that all were read.
const STEP: &str = "nested_metadata_of_stored_runs";
/// Cards that are looked at in one step.
const AT_ONCE: u64 = 1_000;
/// Seconds that a look at them may take, on a machine that is busy with searches.
const PATIENCE: &str = "30";

const AGENTS: &str = "SELECT org, id FROM agents FINAL WHERE deleted = 0 ORDER BY org, id";

const IS_LIVE: &str = "SELECT count() FROM agents FINAL
    WHERE org = {org:UInt64} AND id = {agent:UInt64} AND deleted = 0";

/// Where an earlier process came to.
const REACHED: &str = "SELECT created_at, id FROM nested_metadata
    WHERE org = {org:UInt64} AND agent = {agent:UInt64}
    ORDER BY created_at DESC, id DESC LIMIT 1";

/// The last card of a step. The keys alone are read, in their order.
const STEP_END: &str = "SELECT created_at, id FROM
    (
        SELECT created_at, id FROM cards
        WHERE org = {org:UInt64} AND agent = {agent:UInt64}
          AND created_at >= fromUnixTimestamp64Micro({at:Int64}, 'UTC')
          AND (created_at > fromUnixTimestamp64Micro({at:Int64}, 'UTC') OR id > {id:UInt128})
        ORDER BY created_at, id LIMIT {limit:UInt64}
    )
    ORDER BY created_at DESC, id DESC LIMIT 1";

/// Objects and lists among the values of metadata, or what looks like them, of the cards
/// of a step, which bounds them. The whole of a card holds integers that the engine's
/// reader of JSON refuses.
const CARDS: &str = "SELECT created_at, id, simpleJSONExtractString(card, 'metadata') AS metadata
    FROM cards
    WHERE org = {org:UInt64} AND agent = {agent:UInt64}
      AND created_at >= fromUnixTimestamp64Micro({at:Int64}, 'UTC')
      AND (created_at > fromUnixTimestamp64Micro({at:Int64}, 'UTC') OR id > {id:UInt128})
      AND created_at <= fromUnixTimestamp64Micro({end_at:Int64}, 'UTC')
      AND (created_at < fromUnixTimestamp64Micro({end_at:Int64}, 'UTC') OR id <= {end_id:UInt128})
      AND match(substring(metadata, 2), '[{[]')
    ORDER BY created_at, id";

/// What runs themselves have of their metadata.
const KNOWN: &str = "SELECT id, arrayFilter(x -> startsWith(x, 'metadata.'), leaves) AS known
    FROM runs
    WHERE org = {org:UInt64} AND agent = {agent:UInt64} AND id IN {ids:Array(UInt128)}
      AND created_at >= fromUnixTimestamp64Micro({from:Int64}, 'UTC')
      AND created_at <= fromUnixTimestamp64Micro({until:Int64}, 'UTC')";

const HAS_ANY: &str = "SELECT count() FROM (SELECT 1 FROM nested_metadata LIMIT 1)";

#[derive(Row, Deserialize)]
struct AgentRow {
    org: u64,
    id: u64,
}

/// The last card that was read, in the order of cards.
#[derive(Row, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
pub(crate) struct ReachedCard {
    created_at: i64,
    id: u128,
}

#[derive(Row, Deserialize)]
struct MetadataRow {
    created_at: i64,
    id: u128,
    metadata: String,
}

#[derive(Row, Deserialize)]
struct KnownRow {
    id: u128,
    known: Vec<String>,
}

#[derive(Row, Serialize)]
struct NestedRow {
    org: u64,
    agent: u64,
    created_at: i64,
    id: u128,
    leaves: Vec<String>,
    number_paths: Vec<String>,
    number_doubles: Vec<f64>,
    number_integers: Vec<i128>,
}

impl Store {
    /// Makes what is inside of the metadata of stored runs known to searches, and
    /// gives the number of these runs. Goes on where an earlier call was cut off,
    /// and does nothing once all were read.
    ///
    /// # Errors
    /// When the engine fails.
    pub async fn index_stored_metadata(&self) -> Result<u64, StoreError> {
        self.index_stored_metadata_in_steps(AT_ONCE).await
    }

    async fn index_stored_metadata_in_steps(&self, cards: u64) -> Result<u64, StoreError> {
        if migrations::is_taken(&self.client, STEP).await? {
            return Ok(0);
        }
        let mut runs = 0;
        for agent in self.client.query(AGENTS).fetch_all::<AgentRow>().await? {
            runs += self.index_metadata_of(&agent, cards).await?;
        }
        migrations::take(&self.client, STEP).await?;
        Ok(runs)
    }

    async fn index_metadata_of(&self, agent: &AgentRow, cards: u64) -> Result<u64, StoreError> {
        let mut reached = self.reached(agent).await?;
        let mut runs = 0;
        while let Some(end) = self.step_end(agent, reached, cards).await? {
            let rows = self.nested_rows(agent, reached, end).await?;
            if !rows.is_empty() && !self.put_nested(agent, &rows).await? {
                break;
            }
            runs += rows.len() as u64;
            reached = end;
            self.lock_reached().insert((agent.org, agent.id), end);
        }
        Ok(runs)
    }

    /// The last card that was looked at, by this process or, as far as rows tell, by
    /// any. What failed here may have been written all the same.
    async fn reached(&self, agent: &AgentRow) -> Result<ReachedCard, StoreError> {
        let written = self.of(agent, REACHED).fetch_optional::<ReachedCard>().await?;
        let here = self.lock_reached().get(&(agent.org, agent.id)).copied();
        Ok(written.max(here).unwrap_or_default())
    }

    fn lock_reached(&self) -> MutexGuard<'_, HashMap<(u64, u64), ReachedCard>> {
        self.registry.reached_metadata.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn of(&self, agent: &AgentRow, sql: &str) -> Query {
        self.client
            .query(sql)
            .param("org", agent.org)
            .param("agent", agent.id)
            .with_setting("max_execution_time", PATIENCE)
    }

    async fn step_end(
        &self,
        agent: &AgentRow,
        reached: ReachedCard,
        cards: u64,
    ) -> Result<Option<ReachedCard>, StoreError> {
        let query = self.of(agent, STEP_END).param("at", reached.created_at);
        Ok(query.param("id", reached.id).param("limit", cards).fetch_optional().await?)
    }

    /// The rows of the cards of a step that have something inside of their metadata
    /// which `runs` does not tell.
    async fn nested_rows(
        &self,
        agent: &AgentRow,
        reached: ReachedCard,
        end: ReachedCard,
    ) -> Result<Vec<NestedRow>, StoreError> {
        let cards = self
            .of(agent, CARDS)
            .param("at", reached.created_at)
            .param("id", reached.id)
            .param("end_at", end.created_at)
            .param("end_id", end.id)
            .fetch_all::<MetadataRow>()
            .await?;
        let mut rows: Vec<NestedRow> =
            cards.into_iter().filter_map(|card| nested(agent, card)).collect();
        let known = self.known_of(agent, &rows).await?;
        // A run that is not there yet is being written now, by a release that knows.
        let lacks = |known: &HashSet<String>, row: &NestedRow| {
            row.leaves.iter().any(|leaf| !known.contains(leaf))
        };
        rows.retain(|row| known.get(&row.id).is_some_and(|known| lacks(known, row)));
        Ok(rows)
    }

    async fn known_of(
        &self,
        agent: &AgentRow,
        rows: &[NestedRow],
    ) -> Result<HashMap<u128, HashSet<String>>, StoreError> {
        let (Some(first), Some(last)) = (rows.first(), rows.last()) else {
            return Ok(HashMap::new());
        };
        let ids: Vec<u128> = rows.iter().map(|row| row.id).collect();
        let known = self
            .of(agent, KNOWN)
            .param("ids", ids)
            .param("from", first.created_at)
            .param("until", last.created_at)
            .fetch_all::<KnownRow>()
            .await?;
        Ok(known.into_iter().map(|row| (row.id, row.known.into_iter().collect())).collect())
    }

    /// Writes rows, unless their agent was deleted, which it says. Nothing else is
    /// written meanwhile: what a deletion removes must not be written behind it.
    async fn put_nested(&self, agent: &AgentRow, rows: &[NestedRow]) -> Result<bool, StoreError> {
        let _held = self.registry.ingest.lock().await;
        if self.of(agent, IS_LIVE).fetch_one::<u64>().await? == 0 {
            return Ok(false);
        }
        let mut insert = self.client.insert::<NestedRow>("nested_metadata").await?;
        for row in rows {
            insert.write(row).await?;
        }
        insert.end().await?;
        self.registry.has_stored_metadata.store(0, Ordering::Relaxed);
        Ok(true)
    }
}

fn nested(agent: &AgentRow, card: MetadataRow) -> Option<NestedRow> {
    let metadata: Metadata = serde_json::from_str(&card.metadata).ok()?;
    let inside = Searchable::inside_of(&metadata);
    (!inside.leaves.is_empty()).then_some(NestedRow {
        org: agent.org,
        agent: agent.id,
        created_at: card.created_at,
        id: card.id,
        leaves: inside.leaves,
        number_paths: inside.number_paths,
        number_doubles: inside.number_doubles,
        number_integers: inside.number_integers,
    })
}

/// What is known of the table of nested metadata: nothing yet, that it is empty
/// and stays so, or that it has rows.
const EMPTY: u8 = 1;
const HAS_ROWS: u8 = 2;

impl OrgStore {
    /// Whether searches in metadata must look at what was stored before it was in `runs`.
    pub(crate) async fn has_stored_metadata(&self) -> Result<bool, StoreError> {
        let known = &self.store.registry.has_stored_metadata;
        match known.load(Ordering::Relaxed) {
            EMPTY => return Ok(false),
            HAS_ROWS => return Ok(true),
            _ => {}
        }
        // In this order, since the step is taken after the last row.
        let is_taken = migrations::is_taken(self.client(), STEP).await?;
        let has_rows = self.client().query(HAS_ANY).fetch_one::<u64>().await? > 0;
        if has_rows {
            known.store(HAS_ROWS, Ordering::Relaxed);
        } else if is_taken {
            known.store(EMPTY, Ordering::Relaxed);
        }
        Ok(has_rows)
    }
}

#[cfg(test)]
mod tests;
