//! Empties the spool into the store, in large batches, each run once.

mod bury;
mod load;
mod salvage;

use std::path::PathBuf;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

use model::AgentSlug;
use store::{OrgBatch, Store, StoreError, WriteOptions, WriteOutcome};
use tokio::task::spawn_blocking;
use tokio_util::sync::CancellationToken;

use self::load::{Batch, load};
use crate::checkpoint::{Checkpoint, Mark};
use crate::core::Core;
use crate::disk::sync_file_system;
use crate::ledger::{self, Plan, PlannedFrame};
use crate::quarantine::Quarantined;
use crate::recover::now;
use crate::segment::{self, Place};
use crate::shared::Shared;

/// Unpacked bytes of the runs in one batch.
const BATCH_BYTES: u64 = 64 * 1024 * 1024;
/// How long a batch shall take, since who comes meanwhile waits for its end: while
/// one organization alone sends, and while several do.
const ALONE: Duration = Duration::from_millis(1_000);
const TOGETHER: Duration = Duration::from_millis(500);
/// The smallest part of a full batch: what a batch costs however small it is would
/// else be most of the work.
const LEAST_PART: f64 = 1.0 / 4.0;
/// The least time from one batch to the next while there is little to do, so
/// that single runs do not become a part each.
const PACE: Duration = Duration::from_millis(100);
/// The first and the longest pause after a failure.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_millis(500);
/// How often drained segments are removed, and an idle one is closed.
const HOUSEKEEPING: Duration = Duration::from_secs(5);

/// The task that empties a spool.
pub(crate) struct Drainer {
    core: Weak<Core>,
    shared: Arc<Shared>,
    store: Store,
    checkpoint: Checkpoint,
    engine_dir: Option<PathBuf>,
    /// Frames whose writing failed, and may yet succeed in a database elsewhere.
    /// They are tried again exactly as they were, so that the insert is the same.
    under_way: Option<Vec<u64>>,
    /// Runs of a full batch.
    batch_runs: u64,
    /// The part of a full batch that takes as long as a batch shall.
    part: f64,
    failures: u32,
    cleaned: Instant,
}

impl Drainer {
    pub(crate) fn new(
        core: Weak<Core>,
        shared: Arc<Shared>,
        store: Store,
        checkpoint: Checkpoint,
        engine_dir: Option<PathBuf>,
        batch_runs: u64,
    ) -> Self {
        let cleaned = Instant::now();
        Self {
            core,
            shared,
            store,
            checkpoint,
            engine_dir,
            under_way: None,
            batch_runs,
            part: 1.0,
            failures: 0,
            cleaned,
        }
    }

    /// Tries these frames first and together, as the last process did.
    pub(crate) fn beginning_with(self, under_way: Option<Vec<u64>>) -> Self {
        Self { under_way, ..self }
    }

    /// Drains until told to end.
    pub(crate) async fn run(mut self, closing: CancellationToken) {
        while !closing.is_cancelled() && self.core.strong_count() > 0 {
            let began = Instant::now();
            let plan = match &self.under_way {
                Some(frames) => self.shared.ledger().again(frames),
                None => self.shared.ledger().plan(self.batch()),
            };
            let is_full = matches!(plan, Some(Plan::Runs(_, true)));
            let pause = match plan {
                Some(Plan::Runs(frames, _)) => match self.drain(frames).await {
                    Ok(()) => {
                        self.adapt(began.elapsed(), is_full);
                        self.after_success(began)
                    }
                    Err(error) => self.after_failure(&error),
                },
                Some(Plan::Deletion(sequence, deletion)) => {
                    let is_done = self.carry_out(sequence, &deletion).await;
                    if is_done { self.after_success(began) } else { Duration::ZERO }
                }
                // All of it was withdrawn or drained meanwhile.
                None if self.under_way.take().is_some() => continue,
                None => {
                    self.wait_for_work(&closing).await;
                    continue;
                }
            };
            closing.run_until_cancelled(tokio::time::sleep(pause)).await;
            self.clean().await;
        }
        self.cleaned = began_long_ago(self.cleaned);
        self.clean().await;
    }

    fn batch(&self) -> ledger::Batch {
        let part = |whole: u64| (whole as f64 * self.part) as u64;
        ledger::Batch { runs: part(self.batch_runs), bytes: part(BATCH_BYTES) }
    }

    /// Makes the next batch smaller when this one took too long, and larger when
    /// there was time left.
    fn adapt(&mut self, took: Duration, is_full: bool) {
        let wanted = if self.shared.ledger().is_shared() { TOGETHER } else { ALONE };
        let ratio = wanted.as_secs_f64() / took.as_secs_f64().max(0.001);
        if is_full || ratio < 1.0 {
            self.part = (self.part * ratio.clamp(0.25, 2.0)).clamp(LEAST_PART, 1.0);
        }
    }

    async fn wait_for_work(&mut self, closing: &CancellationToken) {
        let next = self.shared.ledger().next_served();
        let rest = next.map(|at| at.saturating_duration_since(Instant::now()));
        let patience = rest.map_or(HOUSEKEEPING, |rest| rest.min(HOUSEKEEPING));
        let work = tokio::time::timeout(patience, self.shared.arrived.notified());
        if let Some(Err(_idle)) = closing.run_until_cancelled(work).await
            && let Some(core) = self.core.upgrade()
            && let Err(error) = core.rotate().await
        {
            tracing::debug!(%error, "an idle segment of the spool stays open");
        }
        self.clean().await;
    }

    fn after_success(&mut self, began: Instant) -> Duration {
        if self.failures > 0 {
            tracing::info!("the spool is being drained again");
        }
        self.failures = 0;
        self.under_way = None;
        self.shared.set_trouble(None);
        let is_behind = self.shared.ledger().undrained_runs() >= self.batch_runs / 2;
        if is_behind { Duration::ZERO } else { PACE.saturating_sub(began.elapsed()) }
    }

    fn after_failure(&mut self, error: &StoreError) -> Duration {
        if self.failures == 0 {
            let cause = std::error::Error::source(error).map(ToString::to_string);
            tracing::warn!(%error, cause, "the spool cannot be drained now; it is tried again");
        }
        self.shared.set_trouble(Some(error.to_string()));
        self.failures = self.failures.saturating_add(1);
        pause_after(self.failures)
    }

    async fn drain(&mut self, frames: Vec<PlannedFrame>) -> Result<(), StoreError> {
        let first = frames.first().map(|frame| frame.place).unwrap_or_default();
        let label = label_of(first);
        let planned: Vec<u64> = frames.iter().map(|frame| frame.sequence).collect();
        self.under_way = Some(planned.clone());
        let mark = self.shared.ledger().mark(&planned);
        self.mark(mark);
        let again = frames.iter().any(|frame| frame.again);
        let shared = Arc::clone(&self.shared);
        let batch = spawn_blocking(move || load(&shared, frames))
            .await
            .map_err(|error| StoreError::Corrupt(error.to_string()))?
            .map_err(StoreError::Spool)?;
        let Batch { mut orgs, sequences } = batch;
        let finished = Mutex::new(None);
        let written = |orgs: &[OrgBatch], landed: &[Vec<WriteOutcome>]| {
            self.put_conflicts_aside(orgs, landed)?;
            *finished.lock().unwrap_or_else(PoisonError::into_inner) =
                Some(self.shared.finish(&planned));
            Ok(())
        };
        let names: Vec<u64> = orgs.iter().map(|batch| batch.org.id.0).collect();
        let wanted = |org: usize, run: usize, agent: &AgentSlug| {
            self.is_wanted(&names, &sequences, (org, run), agent)
        };
        let terms = WriteOptions {
            label: Some(label),
            again,
            ids_are_known: true,
            wanted: Some(&wanted),
            written: Some(&written),
        };
        let outcome = self.store.write_batches(&mut orgs, &terms).await;
        if let Some(mark) = finished.into_inner().unwrap_or_else(PoisonError::into_inner) {
            self.mark(mark);
        }
        match outcome {
            Ok(_) => Ok(()),
            Err(error) if salvage::can_be_a_run(&error, self.failures) => {
                tracing::warn!(%error, "a run of this batch may be at fault; looking for it");
                self.salvage(&planned, label).await
            }
            Err(error) => Err(error),
        }
    }

    /// Whether the run at a place (organization, run) is of an agent that is still there.
    fn is_wanted(
        &self,
        orgs: &[u64],
        sequences: &[Vec<u64>],
        (org, run): (usize, usize),
        agent: &AgentSlug,
    ) -> bool {
        let sequence = sequences.get(org).and_then(|of| of.get(run));
        let frame = orgs.get(org).zip(sequence);
        frame.is_none_or(|(org, sequence)| self.shared.ledger().is_wanted(*org, agent, *sequence))
    }

    fn finish(&mut self, sequences: &[u64]) {
        let mark = self.shared.finish(sequences);
        self.mark(mark);
    }

    fn mark(&mut self, mark: Mark) {
        if let Err(error) = self.checkpoint.set(mark) {
            tracing::warn!(%error, "cannot mark how far the spool is drained; the next start looks again");
        }
    }

    /// Keeps runs whose ids belong to runs with other content.
    fn put_conflicts_aside(
        &self,
        orgs: &[OrgBatch],
        landed: &[Vec<WriteOutcome>],
    ) -> Result<(), StoreError> {
        for (batch, landed) in orgs.iter().zip(landed) {
            for (new, _) in
                batch.runs.iter().zip(landed).filter(|(_, it)| **it == WriteOutcome::IdTaken)
            {
                let reason = "its id belongs to a run with other content".to_owned();
                let run = Quarantined::new(&batch.org, new, "id_taken", reason, now());
                self.put_aside(&run)?;
            }
        }
        Ok(())
    }

    fn put_aside(&self, run: &Quarantined) -> Result<(), StoreError> {
        tracing::warn!(
            org = %run.org_slug, agent = %run.agent, run = %run.id, code = run.code,
            reason = run.reason, "a run cannot be stored and is put aside; see `runs spool list`"
        );
        self.shared.quarantine.keep(run).map_err(StoreError::Spool)
    }

    /// Removes segments that are drained, once the engine's files are safe.
    async fn clean(&mut self) {
        let in_a_hurry = self.shared.hurry.swap(false, Ordering::Relaxed);
        if !in_a_hurry && self.cleaned.elapsed() < HOUSEKEEPING {
            return;
        }
        self.cleaned = Instant::now();
        let finished = self.shared.ledger().finished_segments();
        if finished.is_empty() {
            return;
        }
        let (dir, engine_dir) = (self.shared.dir.clone(), self.engine_dir.clone());
        let removed = spawn_blocking(move || {
            if let Some(engine_dir) = engine_dir {
                sync_file_system(&engine_dir)?;
            }
            for number in &finished {
                std::fs::remove_file(segment::path(&dir, *number))?;
            }
            segment::sync_dir(&dir)?;
            Ok::<_, std::io::Error>(finished)
        });
        match removed.await.map_err(std::io::Error::other).flatten() {
            Ok(finished) => {
                let mut ledger = self.shared.ledger();
                finished.into_iter().for_each(|number| ledger.remove_segment(number));
            }
            Err(error) => tracing::warn!(%error, "drained segments of the spool cannot be removed"),
        }
    }
}

/// Names what begins at a place, for every attempt to write it.
fn label_of(place: Place) -> u128 {
    u128::from(place.segment) << 64 | u128::from(place.offset)
}

fn pause_after(failures: u32) -> Duration {
    FIRST_PAUSE.saturating_mul(1 << failures.min(4)).min(LONGEST_PAUSE)
}

fn began_long_ago(fallback: Instant) -> Instant {
    Instant::now().checked_sub(HOUSEKEEPING).unwrap_or(fallback)
}
