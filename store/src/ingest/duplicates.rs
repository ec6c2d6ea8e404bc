//! Recognises runs that are stored already: one id is one run.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use clickhouse::Row;
use model::{NewRun, Run, RunId};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::content::{first_content_hash, hash_without_conversation};
use crate::{OrgStore, StoreError};

/// What is to be done with a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It is not stored yet.
    New,
    /// The very same run is stored, or comes earlier in this batch.
    Stored,
    /// Its id belongs to a run with other content.
    IdTaken,
    /// Nobody wants it any more.
    Unwanted,
}

/// An id that was given away for a run that has another one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Alias {
    pub(super) given: RunId,
    pub(super) run: RunId,
    /// The run's agent, if the run is stored already.
    pub(super) agent: Option<u64>,
}

#[derive(Row, Deserialize)]
struct StoredRow {
    id: u128,
    content_hash: u128,
}

#[derive(Row, Deserialize)]
struct ConversationRow {
    id: u128,
    conversation_id: String,
}

#[derive(Row, Serialize, Deserialize)]
pub(super) struct KeyRow {
    pub(super) org: u64,
    pub(super) client_key: u128,
    pub(super) agent: u64,
    pub(super) run: u128,
}

#[derive(Row, Deserialize)]
struct KeyedRunRow {
    client_key: u128,
    agent: u64,
    run: u128,
}

/// Whether a run's time is another than the one in its id. `run_keys` then has a row
/// that leads from the id to itself.
pub(super) fn is_far(run: &Run) -> bool {
    run.created_at.as_unix_millis() != run.id.timestamp().as_unix_millis()
}

/// Nearly every id carries its run's time, so the bound keeps old parts shut.
/// Rows of a deleted agent that are still being removed hold no id.
const STORED_NEAR: &str = "SELECT id, content_hash FROM runs
    WHERE org = {org:UInt64} AND agent IN {agents:Array(UInt64)}
      AND id IN {ids:Array(UInt128)}
      AND created_at >= fromUnixTimestamp64Micro({from:Int64}, 'UTC')
      AND created_at < fromUnixTimestamp64Micro({until:Int64}, 'UTC')";

/// Those of some ids whose runs have another time than the id.
const FAR: &str = "SELECT run FROM run_keys FINAL
    WHERE org = {org:UInt64} AND client_key IN {ids:Array(UInt128)} AND run = client_key
      AND agent IN {agents:Array(UInt64)}";

/// `runs` has an index over ids, which is quick for a few of them.
const STORED_FAR: &str = "SELECT id, content_hash FROM runs
    WHERE org = {org:UInt64} AND agent IN {agents:Array(UInt64)}
      AND id IN {ids:Array(UInt128)}";

/// An export has the run's own time.
const CONVERSATIONS: &str = "SELECT id, conversation_id FROM runs
    WHERE org = {org:UInt64} AND agent IN {agents:Array(UInt64)}
      AND id IN {ids:Array(UInt128)}
      AND created_at >= fromUnixTimestamp64Micro({from:Int64}, 'UTC')
      AND created_at <= fromUnixTimestamp64Micro({until:Int64}, 'UTC')";

const KEYED: &str = "SELECT client_key, agent, run FROM run_keys FINAL
    WHERE org = {org:UInt64} AND client_key IN {keys:Array(UInt128)}
      AND agent IN {agents:Array(UInt64)}";

impl OrgStore {
    /// Gives runs that were sent before under the same key the id they got then;
    /// gives the ids that this takes from them.
    pub(super) async fn adopt_client_keys(
        &self,
        runs: &mut [NewRun],
        wanted: &[bool],
        agents: &[u64],
    ) -> Result<Vec<Alias>, StoreError> {
        let keys: Vec<u128> =
            runs.iter().filter_map(|new| new.client_key).map(|key| key.as_u128()).collect();
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let rows = self
            .query(KEYED)
            .param("keys", keys)
            .param("agents", agents)
            .fetch_all::<KeyedRunRow>()
            .await?;
        let mut ids: HashMap<u128, (RunId, Option<u64>)> = rows
            .into_iter()
            .map(|row| (row.client_key, (RunId::from_u128(row.run), Some(row.agent))))
            .collect();
        let mut aliases = Vec::new();
        for (new, _) in runs.iter_mut().zip(wanted).filter(|(_, wanted)| **wanted) {
            let Some(key) = new.client_key else { continue };
            let (run, agent) = *ids.entry(key.as_u128()).or_insert((new.run.id, None));
            if run != new.run.id {
                aliases.push(Alias { given: new.run.id, run, agent });
                new.run.id = run;
            }
        }
        Ok(aliases)
    }

    /// The id of the run that a client's own id, or an id that was given away for
    /// a run sent before, leads to.
    ///
    /// # Errors
    /// When the engine fails.
    pub(crate) async fn run_named(
        &self,
        name: RunId,
        agents: &[u64],
    ) -> Result<Option<RunId>, StoreError> {
        let row = self
            .query(KEYED)
            .param("keys", vec![name.as_u128()])
            .param("agents", agents)
            .fetch_optional::<KeyedRunRow>()
            .await?;
        Ok(row.map(|row| RunId::from_u128(row.run)))
    }

    /// The runs that were stored under these ids of the client's own.
    ///
    /// # Errors
    /// When the engine fails.
    pub async fn runs_named(&self, names: &[Uuid]) -> Result<HashMap<Uuid, RunId>, StoreError> {
        let agents: Vec<u64> = self.live_agents().await?.iter().map(|agent| agent.id).collect();
        let keys: Vec<u128> = names.iter().map(Uuid::as_u128).collect();
        let rows = self
            .query(KEYED)
            .param("keys", keys)
            .param("agents", agents)
            .fetch_all::<KeyedRunRow>()
            .await?;
        let named = |row: KeyedRunRow| (Uuid::from_u128(row.client_key), RunId::from_u128(row.run));
        Ok(rows.into_iter().map(named).collect())
    }

    /// Holds runs against those stored and against one another.
    pub(super) async fn find_duplicates(
        &self,
        runs: &[NewRun],
        hashes: &[u128],
        wanted: &[bool],
        agents: &[u64],
    ) -> Result<Vec<Verdict>, StoreError> {
        let mut seen = self.stored_hashes(runs.iter(), agents).await?;
        let verdict = |((new, hash), wanted): ((&NewRun, &u128), &bool)| {
            if !*wanted {
                return Verdict::Unwanted;
            }
            match seen.entry(new.run.id.as_u128()) {
                Entry::Vacant(vacant) => {
                    vacant.insert(*hash);
                    Verdict::New
                }
                Entry::Occupied(stored) if stored.get() == hash => Verdict::Stored,
                Entry::Occupied(stored) if *stored.get() == first_content_hash(new) => {
                    Verdict::Stored
                }
                Entry::Occupied(_) => Verdict::IdTaken,
            }
        };
        let mut verdicts: Vec<Verdict> = runs.iter().zip(hashes).zip(wanted).map(verdict).collect();
        self.recognise_exports(runs, &seen, agents, &mut verdicts).await?;
        Ok(verdicts)
    }

    /// A run that was sent without its conversation and comes back with the one that
    /// was found here is the same run.
    async fn recognise_exports(
        &self,
        runs: &[NewRun],
        stored: &HashMap<u128, u128>,
        agents: &[u64],
        verdicts: &mut [Verdict],
    ) -> Result<(), StoreError> {
        let mut candidates = Vec::new();
        for (i, new) in runs.iter().enumerate() {
            let is_likely = verdicts[i] == Verdict::IdTaken
                && new.run.conversation_id.is_some()
                && stored.get(&new.run.id.as_u128()) == Some(&hash_without_conversation(new));
            if is_likely {
                candidates.push(i);
            }
        }
        if candidates.is_empty() {
            return Ok(());
        }
        let ids: Vec<u128> = candidates.iter().map(|&i| runs[i].run.id.as_u128()).collect();
        let times: Vec<i64> = candidates.iter().map(|&i| runs[i].run.created_at.0).collect();
        let found: HashMap<u128, String> = self
            .query(CONVERSATIONS)
            .param("ids", ids)
            .param("agents", agents)
            .param("from", times.iter().min().copied().unwrap_or_default())
            .param("until", times.iter().max().copied().unwrap_or_default())
            .fetch_all::<ConversationRow>()
            .await?
            .into_iter()
            .map(|row| (row.id, row.conversation_id))
            .collect();
        for i in candidates {
            let run = &runs[i].run;
            if found.get(&run.id.as_u128()) == run.conversation_id.as_ref() {
                verdicts[i] = Verdict::Stored;
            }
        }
        Ok(())
    }

    /// The content hashes of those of these runs that are stored.
    pub(super) async fn stored_hashes<'r>(
        &self,
        runs: impl Iterator<Item = &'r NewRun> + Clone,
        agents: &[u64],
    ) -> Result<HashMap<u128, u128>, StoreError> {
        let ids: Vec<u128> = runs.clone().map(|new| new.run.id.as_u128()).collect();
        if ids.is_empty() || agents.is_empty() {
            return Ok(HashMap::new());
        }
        // A run's own time and its id's can differ when the client gave both.
        let times = runs.flat_map(|new| [new.run.created_at.0, new.run.id.timestamp().0]);
        let from = times.clone().min().unwrap_or_default();
        let until = times.max().unwrap_or_default().saturating_add(1_000);
        let rows = self
            .query(STORED_NEAR)
            .param("ids", &ids)
            .param("agents", agents)
            .param("from", from)
            .param("until", until)
            .fetch_all::<StoredRow>()
            .await?;
        let mut stored: HashMap<u128, u128> =
            rows.into_iter().map(|row| (row.id, row.content_hash)).collect();
        let unknown: Vec<u128> = ids.into_iter().filter(|id| !stored.contains_key(id)).collect();
        for row in self.stored_far(&unknown, agents).await? {
            stored.insert(row.id, row.content_hash);
        }
        Ok(stored)
    }

    /// Those of these ids that were stored under another time than the id's.
    async fn stored_far(&self, ids: &[u128], agents: &[u64]) -> Result<Vec<StoredRow>, StoreError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let far =
            self.query(FAR).param("ids", ids).param("agents", agents).fetch_all::<u128>().await?;
        if far.is_empty() {
            return Ok(Vec::new());
        }
        let stored = self.query(STORED_FAR).param("ids", far).param("agents", agents);
        stored.fetch_all::<StoredRow>().await
    }
}
