//! Writes runs to their three tables, each row once.

use std::collections::{HashMap, HashSet};

use clickhouse::{Client, RowOwned, RowWrite};
use model::{NewRun, RunId};

use super::duplicates::{KeyRow, is_far};
use super::numbering::Numbered;
use super::row::{body_row, card_row, new_row};
use crate::{OrgId, Store, StoreError};

/// How often rows that an insert left out are inserted anew.
const MAX_REPAIRS: u32 = 3;

/// Runs of one organization that have their numbers.
pub(super) struct Prepared<'a> {
    pub(super) org: u64,
    pub(super) runs: &'a [NewRun],
    pub(super) hashes: &'a [u128],
    pub(super) numbered: Numbered,
}

/// A run to write.
#[derive(Clone, Copy)]
pub(super) struct Fresh<'a> {
    pub(super) org: u64,
    pub(super) agent: u64,
    pub(super) hash: u128,
    /// Its place among those that are written together.
    pub(super) place: usize,
    pub(super) new: &'a NewRun,
}

impl<'a> Prepared<'a> {
    fn fresh(&self) -> impl Iterator<Item = Fresh<'a>> + use<'a, '_> {
        let (org, runs, hashes) = (self.org, self.runs, self.hashes);
        self.numbered.runs.iter().filter_map(move |&(i, agent)| {
            Some(Fresh { org, agent, hash: *hashes.get(i)?, place: 0, new: runs.get(i)? })
        })
    }
}

/// One of the attempts to write some runs.
#[derive(Clone, Copy)]
pub(super) struct Attempt {
    /// The same in each attempt to write the same runs, whatever was stored of them
    /// meanwhile: an insert that a failed attempt left under way in the engine is
    /// then known to be the same.
    pub(super) token: u128,
    /// Some of the runs may be there from an attempt that failed.
    pub(super) again: bool,
}

/// A table with a row for each run.
#[derive(Clone, Copy)]
struct Table {
    name: &'static str,
    /// Which of some runs have a row.
    stored: &'static str,
}

macro_rules! stored {
    ($table:literal) => {
        Table {
            name: $table,
            stored: concat!(
                "SELECT org, id FROM ",
                $table,
                " WHERE org IN {orgs:Array(UInt64)} AND agent IN {agents:Array(UInt64)}
                    AND id IN {ids:Array(UInt128)}
                    AND created_at >= fromUnixTimestamp64Micro({from:Int64}, 'UTC')
                    AND created_at <= fromUnixTimestamp64Micro({until:Int64}, 'UTC')"
            ),
        }
    };
}

const BODIES: Table = stored!("run_bodies");
const CARDS: Table = stored!("cards");
const RUNS: Table = stored!("runs");

const UNFINISHED: [&str; 3] = [
    "ALTER TABLE cards DELETE WHERE org = {org:UInt64} AND id IN {ids:Array(UInt128)}
       AND id NOT IN
       (SELECT id FROM runs WHERE org = {org:UInt64} AND id IN {ids:Array(UInt128)})",
    "ALTER TABLE chat_states DELETE WHERE org = {org:UInt64} AND run IN {ids:Array(UInt128)}
       AND run NOT IN
       (SELECT id FROM runs WHERE org = {org:UInt64} AND id IN {ids:Array(UInt128)})",
    "ALTER TABLE run_bodies DELETE WHERE org = {org:UInt64} AND id IN {ids:Array(UInt128)}
       AND id NOT IN
       (SELECT id FROM runs WHERE org = {org:UInt64} AND id IN {ids:Array(UInt128)})",
];

impl Store {
    /// Writes what is read with a run before the row by which it is found.
    pub(super) async fn write(
        &self,
        prepared: &[Prepared<'_>],
        attempt: Attempt,
    ) -> Result<(), StoreError> {
        let fresh: Vec<Fresh<'_>> = prepared
            .iter()
            .flat_map(Prepared::fresh)
            .enumerate()
            .map(|(place, fresh)| Fresh { place, ..fresh })
            .collect();
        if fresh.is_empty() {
            return self.write_keys(prepared).await;
        }
        // Each comes to its end before any failure is told: an insert that was let go could
        // land after its runs were looked for, and written, in other company.
        let (bodies, cards, keys) = tokio::join!(
            self.put(BODIES, &fresh, attempt, body_row),
            self.put(CARDS, &fresh, attempt, card_row),
            self.write_keys(prepared)
        );
        bodies.and(cards).and(keys)?;
        let stamps = &self.registry.stamps;
        let batch = stamps.begin(prepared.iter().map(|part| part.org).collect(), fresh.len());
        let row = |fresh: Fresh<'_>| new_row(fresh, batch.stamp(fresh.place), stamps.writer);
        self.put(RUNS, &fresh, attempt, row).await
    }

    /// Writes a row for each run. An engine that was killed can remember an
    /// insert's token without having its rows, and takes the repeated insert for a
    /// duplicate; so after a failure rows are looked for until all are there.
    async fn put<R: RowOwned + RowWrite>(
        &self,
        table: Table,
        fresh: &[Fresh<'_>],
        Attempt { token, again }: Attempt,
        row: impl Fn(Fresh<'_>) -> Result<R, StoreError>,
    ) -> Result<(), StoreError> {
        let mut missing = fresh.to_vec();
        if again {
            self.retain_missing(table, fresh, &mut missing).await?;
        }
        for repair in 0..=MAX_REPAIRS {
            if missing.is_empty() {
                return Ok(());
            }
            if repair > 0 {
                tracing::warn!(
                    table = table.name,
                    rows = missing.len(),
                    "writing rows that an insert left out"
                );
            }
            let mut insert = self.once(token, repair).insert::<R>(table.name).await?;
            for fresh in &missing {
                insert.write(&row(*fresh)?).await?;
            }
            insert.end().await?;
            if !again {
                return Ok(());
            }
            self.retain_missing(table, fresh, &mut missing).await?;
        }
        match missing.len() {
            0 => Ok(()),
            rows => Err(StoreError::Incomplete { table: table.name, rows }),
        }
    }

    async fn retain_missing(
        &self,
        table: Table,
        fresh: &[Fresh<'_>],
        missing: &mut Vec<Fresh<'_>>,
    ) -> Result<(), StoreError> {
        let stored = self.stored(table, fresh).await?;
        missing.retain(|fresh| !stored.contains(&(fresh.org, fresh.new.run.id.as_u128())));
        Ok(())
    }

    /// A client whose insert is taken once in each partition, however often it is sent.
    fn once(&self, token: u128, repair: u32) -> Client {
        self.client
            .clone()
            .with_setting("max_partitions_per_insert_block", "0")
            .with_setting("insert_deduplication_token", format!("{repair}-{token:032x}"))
    }

    async fn stored(
        &self,
        table: Table,
        fresh: &[Fresh<'_>],
    ) -> Result<HashSet<(u64, u128)>, StoreError> {
        let times = || fresh.iter().map(|fresh| fresh.new.run.created_at.0);
        let ids: Vec<u128> = fresh.iter().map(|fresh| fresh.new.run.id.as_u128()).collect();
        if ids.is_empty() {
            return Ok(HashSet::new());
        }
        let mut orgs: Vec<u64> = fresh.iter().map(|fresh| fresh.org).collect();
        let mut agents: Vec<u64> = fresh.iter().map(|fresh| fresh.agent).collect();
        for keys in [&mut orgs, &mut agents] {
            keys.sort_unstable();
            keys.dedup();
        }
        let found = self
            .client
            .query(table.stored)
            .param("orgs", orgs)
            .param("agents", agents)
            .param("ids", ids)
            .param("from", times().min().unwrap_or_default())
            .param("until", times().max().unwrap_or_default())
            .fetch_all::<(u64, u128)>()
            .await?;
        Ok(found.into_iter().collect())
    }

    /// Removes what was written of runs that could not be written whole. Runs that
    /// can be found stay.
    ///
    /// # Errors
    /// When the engine fails.
    pub async fn remove_unfinished(&self, org: OrgId, runs: &[RunId]) -> Result<(), StoreError> {
        let ids: Vec<u128> = runs.iter().map(|id| id.as_u128()).collect();
        for sql in UNFINISHED {
            self.client
                .query(sql)
                .param("org", org.0)
                .param("ids", &ids)
                .with_setting("mutations_sync", "2")
                .execute()
                .await?;
        }
        Ok(())
    }

    async fn write_keys(&self, prepared: &[Prepared<'_>]) -> Result<(), StoreError> {
        let mut rows: HashMap<(u64, u128), KeyRow> = HashMap::new();
        for prepared in prepared {
            let org = prepared.org;
            let mut agents = HashMap::new();
            for fresh in prepared.fresh() {
                let (agent, run) = (fresh.agent, fresh.new.run.id.as_u128());
                if let Some(key) = fresh.new.client_key {
                    let client_key = key.as_u128();
                    rows.insert((org, client_key), KeyRow { org, client_key, agent, run });
                    agents.insert(run, agent);
                }
                // The time in its id does not lead to such a run.
                if is_far(&fresh.new.run) {
                    rows.insert((org, run), KeyRow { org, client_key: run, agent, run });
                }
            }
            for alias in &prepared.numbered.aliases {
                let (client_key, run) = (alias.given.as_u128(), alias.run.as_u128());
                let agent = alias.agent.or_else(|| agents.get(&run).copied());
                if let Some(agent) = agent {
                    rows.insert((org, client_key), KeyRow { org, client_key, agent, run });
                }
            }
        }
        if rows.is_empty() {
            return Ok(());
        }
        let mut insert = self.client.insert::<KeyRow>("run_keys").await?;
        for row in rows.values() {
            insert.write(row).await?;
        }
        insert.end().await?;
        Ok(())
    }
}
