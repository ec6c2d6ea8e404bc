//! What the spool's thread, its drainer and its doors share.

use std::ops::Range;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use model::RunId;
use shares::Budget;
use tokio::sync::{Notify, watch};

use crate::checkpoint::Mark;
use crate::disk::Disk;
use crate::ledger::Ledger;
use crate::quarantine::Quarantine;

/// The state of an open spool.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) dir: PathBuf,
    pub(crate) disk: Disk,
    pub(crate) quarantine: Quarantine,
    ledger: Mutex<Ledger>,
    /// Wakes the drainer.
    pub(crate) arrived: Notify,
    /// The sequence number of the first frame that is not drained.
    pub(crate) progress: watch::Sender<u64>,
    pub(crate) is_closed: AtomicBool,
    /// Bytes that were found room for and are not in the ledger yet.
    pub(crate) reserved: Budget,
    /// Drained segments are to go at once.
    pub(crate) hurry: AtomicBool,
    /// Why draining is held up, since when.
    trouble: Mutex<Option<(Instant, String)>>,
    pub(crate) drained_runs: AtomicU64,
    /// Bytes behind the last whole frames of a crash.
    pub(crate) torn_bytes: AtomicU64,
}

impl Shared {
    pub(crate) fn new(dir: PathBuf, disk: Disk, quarantine: Quarantine) -> Self {
        Self {
            dir,
            disk,
            quarantine,
            ledger: Mutex::default(),
            arrived: Notify::new(),
            progress: watch::Sender::new(0),
            is_closed: AtomicBool::new(false),
            reserved: Budget::new(u64::MAX),
            hurry: AtomicBool::new(false),
            trouble: Mutex::default(),
            drained_runs: AtomicU64::new(0),
            torn_bytes: AtomicU64::new(0),
        }
    }

    /// The ledger; hold it briefly and never across an await.
    pub(crate) fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets the drainer and readers know of frames.
    pub(crate) fn publish(&self, frames: Range<u64>) -> Vec<RunId> {
        let dropped = self.ledger().publish(frames);
        self.arrived.notify_one();
        dropped
    }

    /// Frames are not kept after all; those behind them need not wait.
    pub(crate) fn withdraw(&self, frames: Range<u64>) {
        self.ledger().withdraw(frames);
        self.arrived.notify_one();
    }

    /// Frames are drained; gives how far all are.
    pub(crate) fn finish(&self, sequences: &[u64]) -> Mark {
        let mut ledger = self.ledger();
        let before = ledger.undrained_runs();
        ledger.drained(sequences);
        let drained = before.saturating_sub(ledger.undrained_runs());
        let first = ledger.first_undrained();
        let mark = ledger.mark(&[]);
        drop(ledger);
        self.drained_runs.fetch_add(drained, Ordering::Relaxed);
        self.progress.send_replace(first);
        mark
    }

    /// Says why draining is held up; `None` when it goes on.
    pub(crate) fn set_trouble(&self, reason: Option<String>) {
        let mut trouble = self.trouble.lock().unwrap_or_else(PoisonError::into_inner);
        *trouble = reason.map(|reason| {
            let since = trouble.as_ref().map_or_else(Instant::now, |(since, _)| *since);
            (since, reason)
        });
    }

    /// Why draining is held up, and since when.
    pub(crate) fn trouble(&self) -> Option<(Instant, String)> {
        self.trouble.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
