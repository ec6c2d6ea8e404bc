//! How runs become frames on disk.

use std::collections::HashMap;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use model::{Json, NewRun, RunId};
use store::{IngestedRun, Org, OrgStore, Store, content_hash};
use tokio::task::spawn_blocking;
use uuid::Uuid;

use crate::core::Core;
use crate::door::DoorError;
use crate::frame::{Encoded, FrameError, Hashed, Unpacked};
use crate::quarantine::Quarantined;
use crate::recover::now;
use crate::writer::Piece;

/// Runs and bytes of one frame. A run is read back by reading its frame.
const FRAME_RUNS: usize = 256;
const FRAME_BYTES: usize = 1024 * 1024;
/// Bytes of runs that are packed right here; more would hold up other requests.
const SMALL_BYTES: usize = 48 * 1024;
/// How long a client's own ids are looked for in the store.
const NAMES_PATIENCE: Duration = Duration::from_secs(1);
/// Most quarantined runs that one call takes in again.
const MAX_RETRIED: usize = 100_000;

/// Bytes that were found room for and are not in the ledger yet.
struct Reserved<'a> {
    all: &'a AtomicU64,
    bytes: u64,
}

impl Drop for Reserved<'_> {
    fn drop(&mut self) {
        self.all.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

impl Core {
    /// Puts runs on disk; with `soon` returns once the system has them.
    pub(crate) async fn take_in(
        &self,
        org: &OrgStore,
        mut runs: Vec<NewRun>,
        soon: bool,
    ) -> Result<Vec<IngestedRun>, DoorError> {
        if runs.is_empty() {
            return Ok(Vec::new());
        }
        if self.shared.is_closed.load(Ordering::Relaxed) {
            return Err(DoorError::Closed);
        }
        self.adopt_names(org, &mut runs).await;
        let answers = runs
            .iter()
            .map(|new| IngestedRun { id: new.run.id, agent: new.run.agent.clone() })
            .collect();
        let bytes: usize = runs.iter().map(weight).sum();
        let named = org.org().clone();
        let pieces = if bytes <= SMALL_BYTES {
            pack(&named, runs)
        } else {
            spawn_blocking(move || pack(&named, runs))
                .await
                .map_err(|error| DoorError::Disk(io::Error::other(error)))?
        }
        .map_err(|error| DoorError::Disk(io::Error::other(error)))?;
        let _reserved = self.reserve(&pieces)?;
        self.append(pieces, soon).await.map_err(DoorError::Disk)?;
        Ok(answers)
    }

    fn reserve(&self, pieces: &[Piece]) -> Result<Reserved<'_>, DoorError> {
        let bytes = pieces.iter().map(|piece| piece.frame.bytes.len() as u64).sum();
        let all = &self.shared.reserved_bytes;
        let before = all.fetch_add(bytes, Ordering::Relaxed);
        let reserved = Reserved { all, bytes };
        self.shared.disk.check(self.shared.ledger().bytes() + before, bytes)?;
        Ok(reserved)
    }

    /// Gives runs that were sent before under the client's own id the id they got
    /// then. What the store cannot tell now is found when the run is drained: the
    /// id given meanwhile then leads to the same run.
    async fn adopt_names(&self, org: &OrgStore, runs: &mut [NewRun]) {
        let key = org.org().id.0;
        let mut known: HashMap<Uuid, RunId> = HashMap::new();
        let mut unknown = Vec::new();
        {
            let ledger = self.shared.ledger();
            for name in runs.iter().filter_map(|new| new.client_key) {
                match ledger.named(key, name) {
                    Some(id) => drop(known.insert(name, id)),
                    None => unknown.push(name),
                }
            }
        }
        if !unknown.is_empty() && self.shared.trouble().is_none() {
            let found = tokio::time::timeout(NAMES_PATIENCE, org.runs_named(&unknown));
            if let Ok(Ok(found)) = found.await {
                known.extend(found);
            }
        }
        for new in runs {
            if let Some(name) = new.client_key {
                new.run.id = *known.entry(name).or_insert(new.run.id);
            }
        }
    }

    /// Takes quarantined runs in again and out of the quarantine.
    pub(crate) async fn retry(
        &self,
        store: &Store,
        wanted: Option<&[RunId]>,
        with_new_ids: bool,
    ) -> Result<u64, DoorError> {
        let mut retried = 0;
        for run in self.quarantined(None, MAX_RETRIED).await? {
            if wanted.is_some_and(|wanted| !wanted.contains(&run.id)) {
                continue;
            }
            retried += u64::from(self.retry_one(store, run, with_new_ids).await?);
        }
        Ok(retried)
    }

    /// False when the run's organization is not there; the run stays then.
    async fn retry_one(
        &self,
        store: &Store,
        run: Quarantined,
        with_new_id: bool,
    ) -> Result<bool, DoorError> {
        let org = store.org_by_slug(&run.org_slug).await?;
        // Another one may have taken its name.
        let Some(org) = org.filter(|org| org.id == run.org_id()) else {
            tracing::warn!(org = %run.org_slug, run = %run.id, "a quarantined run has no organization any more");
            return Ok(false);
        };
        let name = run.name.clone();
        let mut new = run.into_new();
        if with_new_id {
            new.run.id = RunId::mint(new.run.created_at, random()?);
            new.client_key = None;
        }
        self.take_in(&store.org(&org), vec![new], false).await?;
        self.shared.quarantine.remove(&name).map_err(DoorError::Disk)?;
        Ok(true)
    }
}

fn random() -> Result<u128, DoorError> {
    let failed = |error| DoorError::Disk(io::Error::other(error));
    let half = || getrandom::u64().map_err(failed);
    Ok(u128::from(half()?) << 64 | u128::from(half()?))
}

/// Hashes runs and packs them into frames.
fn pack(org: &Org, runs: Vec<NewRun>) -> Result<Vec<Piece>, FrameError> {
    let at = now();
    let mut pieces = Vec::with_capacity(runs.len() / FRAME_RUNS + 1);
    let mut frame = Vec::with_capacity(runs.len().min(FRAME_RUNS));
    let mut bytes = 0;
    let mut close = |runs: Vec<Hashed>| {
        let packed = Encoded::runs(org, &runs, at)?;
        pieces.push(Piece { frame: packed, runs: Some(Unpacked { org: org.clone(), runs }) });
        Ok::<_, FrameError>(())
    };
    for new in runs {
        let more = weight(&new);
        if !frame.is_empty() && (frame.len() >= FRAME_RUNS || bytes + more > FRAME_BYTES) {
            close(std::mem::take(&mut frame))?;
            bytes = 0;
        }
        bytes += more;
        frame.push(Hashed { hash: content_hash(&new), new });
    }
    if !frame.is_empty() {
        close(frame)?;
    }
    Ok(pieces)
}

/// About how many bytes a run has as JSON.
fn weight(new: &NewRun) -> usize {
    let run = &new.run;
    let of = |json: &Option<Json>| json.as_ref().map_or(0, |json| json.as_str().len());
    let completions: usize =
        run.completions.iter().map(|it| of(&it.request) + of(&it.response)).sum();
    let tools: usize = run.tool_calls.iter().map(|it| of(&it.input) + of(&it.output)).sum();
    512 + of(&run.input) + of(&run.output) + completions + tools
}
