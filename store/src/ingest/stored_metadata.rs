//! The places inside of metadata, of runs that were stored when `runs` had no
//! entries for them. They are read from the cards once, in the background, and
//! written to a table of their own that searches look at too.

use std::sync::atomic::Ordering;

use clickhouse::Row;
use model::run::Metadata;
use serde::{Deserialize, Serialize};

use super::searchable::Searchable;
use crate::{OrgStore, Store, StoreError, migrations};

/// The name under which it is remembered that all were read.
const STEP: &str = "nested_metadata_of_stored_runs";
/// Cards that are read at a time, while nothing else is written.
const AT_ONCE: u64 = 2_000;

const AGENTS: &str = "SELECT org, id FROM agents FINAL WHERE deleted = 0 ORDER BY org, id";

const IS_LIVE: &str = "SELECT count() FROM agents FINAL
    WHERE org = {org:UInt64} AND id = {agent:UInt64} AND deleted = 0";

/// Where an earlier process came to.
const REACHED: &str = "SELECT created_at, id FROM nested_metadata
    WHERE org = {org:UInt64} AND agent = {agent:UInt64}
    ORDER BY created_at DESC, id DESC LIMIT 1";

/// Objects and lists among the values of metadata, or what looks like them. The
/// whole of a card holds integers that the engine's reader of JSON refuses.
const CARDS: &str = "SELECT created_at, id, simpleJSONExtractString(card, 'metadata') AS metadata
    FROM cards
    WHERE org = {org:UInt64} AND agent = {agent:UInt64}
      AND created_at >= fromUnixTimestamp64Micro({at:Int64}, 'UTC')
      AND (created_at > fromUnixTimestamp64Micro({at:Int64}, 'UTC') OR id > {id:UInt128})
      AND match(substring(metadata, 2), '[{[]')
    ORDER BY created_at, id LIMIT {limit:UInt64}";

const HAS_ANY: &str = "SELECT count() FROM (SELECT 1 FROM nested_metadata LIMIT 1)";

#[derive(Row, Deserialize)]
struct AgentRow {
    org: u64,
    id: u64,
}

#[derive(Row, Deserialize)]
struct KeyRow {
    created_at: i64,
    id: u128,
}

#[derive(Row, Deserialize)]
struct MetadataRow {
    created_at: i64,
    id: u128,
    metadata: String,
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
        if migrations::is_taken(&self.client, STEP).await? {
            return Ok(0);
        }
        let mut runs = 0;
        for agent in self.client.query(AGENTS).fetch_all::<AgentRow>().await? {
            runs += self.index_metadata_of(&agent).await?;
        }
        migrations::take(&self.client, STEP).await?;
        Ok(runs)
    }

    async fn index_metadata_of(&self, agent: &AgentRow) -> Result<u64, StoreError> {
        let of_agent =
            |sql| self.client.query(sql).param("org", agent.org).param("agent", agent.id);
        let mut reached = of_agent(REACHED)
            .fetch_optional::<KeyRow>()
            .await?
            .unwrap_or(KeyRow { created_at: 0, id: 0 });
        let mut runs = 0;
        loop {
            // What an agent's deletion removes must not be written behind it.
            let _held = self.registry.ingest.lock().await;
            if of_agent(IS_LIVE).fetch_one::<u64>().await? == 0 {
                return Ok(runs);
            }
            let cards = of_agent(CARDS)
                .param("at", reached.created_at)
                .param("id", reached.id)
                .param("limit", AT_ONCE)
                .fetch_all::<MetadataRow>()
                .await?;
            let Some(last) = cards.last() else { return Ok(runs) };
            reached = KeyRow { created_at: last.created_at, id: last.id };
            let is_last = (cards.len() as u64) < AT_ONCE;
            let mut insert = self.client.insert::<NestedRow>("nested_metadata").await?;
            for card in cards {
                if let Some(row) = nested(agent, card) {
                    insert.write(&row).await?;
                    runs += 1;
                }
            }
            insert.end().await?;
            self.registry.has_stored_metadata.store(0, Ordering::Relaxed);
            if is_last {
                return Ok(runs);
            }
        }
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
