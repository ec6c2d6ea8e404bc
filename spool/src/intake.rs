//! How runs become frames on disk.

use std::collections::HashMap;
use std::io;
use std::sync::atomic::Ordering;
use std::time::Duration;

use model::{Json, NewRun, RunId};
use shares::{Held, Holder, Usage, limits};
use store::{IngestedRun, Org, OrgId, OrgStore, Store, content_hash};
use tokio::task::spawn_blocking;
use uuid::Uuid;

use crate::core::Core;
use crate::disk::{NoRoom, Own};
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
/// Who sent nothing for so long is no longer counted among those who share.
const SHARING: Duration = Duration::from_secs(600);
/// How long a client's own ids are looked for in the store.
const NAMES_PATIENCE: Duration = Duration::from_secs(1);
/// Most quarantined runs that one call takes in again.
const MAX_RETRIED: usize = 100_000;

impl Core {
    /// Puts runs on disk; with `soon` returns once the system has them. Those that room
    /// was `reserved` for are not refused for want of it, whatever they have grown to.
    pub(crate) async fn take_in(
        &self,
        org: &OrgStore,
        mut runs: Vec<NewRun>,
        soon: bool,
        reserved: Option<Held>,
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
        let (named, holder) = (org.org().clone(), org.holder());
        let pieces = if bytes <= SMALL_BYTES {
            pack(&named, holder.key, runs)
        } else {
            spawn_blocking(move || pack(&named, holder.key, runs))
                .await
                .map_err(|error| DoorError::Disk(io::Error::other(error)))?
        }
        .map_err(|error| DoorError::Disk(io::Error::other(error)))?;
        let bytes = pieces.iter().map(|piece| piece.frame.bytes.len() as u64).sum();
        let _reserved = match reserved {
            Some(reserved) => reserved,
            None => self.reserve(holder, bytes)?,
        };
        self.append(pieces, soon).await.map_err(DoorError::Disk)?;
        Ok(answers)
    }

    /// Finds room for so many more bytes, until they are in the ledger.
    pub(crate) fn reserve(&self, holder: Holder, bytes: u64) -> Result<Held, NoRoom> {
        // Before the look at what there is: of several at the same moment none may miss
        // the others.
        let reserved = self.shared.reserved.take_anyway(holder, bytes);
        let coming = self.shared.reserved.usage(holder.org).all.saturating_sub(bytes);
        let (org, key) = self.shared.reserved.held_by(holder);
        let ledger = self.shared.ledger();
        let held = ledger.bytes() + coming;
        let (stored_of_org, stored_of_key) = ledger.bytes_of(holder);
        let is_shared = ledger.others_came(holder.org, SHARING);
        drop(ledger);
        let own = Own {
            org: stored_of_org + org.saturating_sub(bytes),
            key: stored_of_key + key.saturating_sub(bytes),
        };
        self.shared.disk.check_share(held, own, bytes, is_shared)?;
        Ok(reserved)
    }

    /// How much of the spool an organization and all use.
    pub(crate) fn usage(&self, org: OrgId) -> Usage {
        let ledger = self.shared.ledger();
        let (own, _) = ledger.bytes_of(Holder::of_org(org.0));
        let all = ledger.bytes();
        drop(ledger);
        let total = self.shared.disk.max_bytes();
        let (limit, _) = limits(total, all, own, 0);
        Usage { own, limit, all, total }
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

    /// False when the run's organization is not there, where the run stays, or when the
    /// run's agent was deleted.
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
        let org = store.org(&org);
        let underway = org.underway(&run.agent);
        let passage = underway.passage().await;
        let name = run.name.clone();
        if passage.is_none() || !self.shared.quarantine.has(&name) {
            tracing::info!(run = %run.id, agent = %run.agent, "a quarantined run was deleted meanwhile");
            return Ok(false);
        }
        let mut new = run.into_new();
        if with_new_id {
            new.run.id = RunId::mint(new.run.created_at, random()?);
            new.client_key = None;
        }
        self.take_in(&org, vec![new], false, None).await?;
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
fn pack(org: &Org, key: u64, runs: Vec<NewRun>) -> Result<Vec<Piece>, FrameError> {
    let at = now();
    let mut pieces = Vec::with_capacity(runs.len() / FRAME_RUNS + 1);
    let mut frame = Vec::with_capacity(runs.len().min(FRAME_RUNS));
    let mut bytes = 0;
    let mut close = |runs: Vec<Hashed>| {
        let packed = Encoded::runs(org, &runs, at)?;
        let runs = Some(Unpacked { org: org.clone(), runs });
        pieces.push(Piece { frame: packed, runs, key });
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

#[cfg(test)]
mod tests {
    use embedded::testing::fresh_database;
    use model::{CompleteContext, IncomingRun, OrgSlug, Source};
    use store::StoreConfig;

    use super::*;
    use crate::SpoolOptions;

    #[tokio::test(flavor = "multi_thread")]
    async fn a_quarantined_run_does_not_bring_back_an_agent_that_was_deleted_meanwhile() {
        let database = spawn_blocking(fresh_database).await.unwrap().unwrap();
        let config = StoreConfig {
            url: database.endpoint.url.clone(),
            user: database.endpoint.user.clone(),
            password: database.endpoint.password.clone(),
            database: database.name.clone(),
        };
        let store = Store::connect(config).await.unwrap();
        store.migrate().await.unwrap();
        let org = store.create_org(&OrgSlug::new("acme").unwrap()).await.unwrap();
        let dir = tempfile::tempdir().unwrap();
        let core = Core::open(SpoolOptions::new(dir.path()), store.clone()).await.unwrap();
        let aside = |random| {
            let context = CompleteContext {
                now: now(),
                random,
                default_source: Source::Api,
                price: &|_| None,
            };
            let run = IncomingRun::parse(r#"{"agent":"a","output":1}"#).unwrap();
            let run = run.complete(&context).unwrap();
            Quarantined::new(&org, &run, "unstorable", String::new(), now())
        };
        core.shared.quarantine.keep(&aside(1)).unwrap();
        let listed = core.quarantined(None, 10).await.unwrap();
        assert_eq!(listed.len(), 1);
        let agent = listed[0].agent.clone();
        let org = store.org(&org);
        org.delete_agent(&agent).await.unwrap();
        for run in listed {
            assert!(!core.retry_one(&store, run, true).await.unwrap());
        }
        assert!(core.quarantined(None, 10).await.unwrap().is_empty());
        assert!(core.settle(Duration::from_secs(30)).await);
        assert!(org.agent(&agent).await.unwrap().is_none());
        // One that is put aside later belongs to a new agent.
        core.shared.quarantine.keep(&aside(2)).unwrap();
        assert_eq!(core.retry(&store, None, false).await.unwrap(), 1);
        assert!(core.settle(Duration::from_secs(30)).await);
        assert_eq!(org.agent(&agent).await.unwrap().unwrap().run_count, 1);
        core.close(Duration::from_secs(30)).await;
    }
}
