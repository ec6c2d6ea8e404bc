//! The order in which this process makes runs visible.
//!
//! Rows get a stamp that rises by at least one from row to row, whatever the
//! clock does, and batches are written one after another under the lock of
//! ingestion. So once a batch is settled, everything of this process up to its
//! last stamp can be seen, and nothing before it is still to come. Streams of
//! new runs resume by these stamps.

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicI64, Ordering};

use tokio::sync::watch;

use crate::clock::{now, random_id};

/// Stamps of this process, and who waits for new runs.
pub(crate) struct Stamps {
    /// Tells this process from all others on the same database.
    pub(crate) writer: u64,
    last: AtomicI64,
    settled: AtomicI64,
    waiting: Mutex<HashMap<u64, watch::Sender<u64>>>,
}

/// A batch on its way: when it is dropped its stamps are settled, whether it
/// was written or failed, since nothing more of it will come.
pub(crate) struct Batch<'a> {
    stamps: &'a Stamps,
    org: u64,
    first: i64,
    last: i64,
}

impl Default for Stamps {
    fn default() -> Self {
        Self {
            writer: random_id(),
            last: AtomicI64::new(0),
            settled: AtomicI64::new(0),
            waiting: Mutex::default(),
        }
    }
}

impl Stamps {
    /// Stamps for a batch of so many rows. To be called under the lock of ingestion.
    pub(crate) fn begin(&self, org: u64, rows: usize) -> Batch<'_> {
        let first = now().0.max(self.last.load(Ordering::Acquire).saturating_add(1));
        let last = first.saturating_add(i64::try_from(rows).unwrap_or(i64::MAX)).saturating_sub(1);
        self.last.store(last, Ordering::Release);
        Batch { stamps: self, org, first, last }
    }

    /// The stamp up to which all rows of this process can be seen.
    pub(crate) fn settled(&self) -> i64 {
        self.settled.load(Ordering::Acquire)
    }

    /// Changes whenever runs of this organization have been written here.
    pub(crate) fn subscribe(&self, org: u64) -> watch::Receiver<u64> {
        let mut waiting = self.waiting();
        // Those that nobody waits on any more leave with the next one who comes.
        waiting.retain(|_, sender| sender.receiver_count() > 0);
        waiting.entry(org).or_insert_with(|| watch::Sender::new(0)).subscribe()
    }

    fn announce(&self, org: u64) {
        if let Some(sender) = self.waiting().get(&org) {
            sender.send_modify(|count| *count = count.wrapping_add(1));
        }
    }

    fn waiting(&self) -> std::sync::MutexGuard<'_, HashMap<u64, watch::Sender<u64>>> {
        self.waiting.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl Batch<'_> {
    /// The stamp of the row at this place of the batch.
    pub(crate) fn stamp(&self, row: usize) -> i64 {
        self.first.saturating_add(i64::try_from(row).unwrap_or(i64::MAX)).min(self.last)
    }
}

impl Drop for Batch<'_> {
    fn drop(&mut self) {
        self.stamps.settled.fetch_max(self.last, Ordering::AcqRel);
        self.stamps.announce(self.org);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stamps_rise_and_are_settled_with_their_batch() {
        let stamps = Stamps::default();
        let first = stamps.begin(1, 3);
        let last = first.stamp(2);
        assert_eq!(last, first.stamp(0) + 2);
        assert!(stamps.settled() < first.stamp(0));
        drop(first);
        assert_eq!(stamps.settled(), last);
        let second = stamps.begin(1, 1);
        assert!(second.stamp(0) > last);
        assert_eq!(stamps.settled(), last);
    }

    #[test]
    fn only_those_of_the_organization_are_woken() {
        let stamps = Stamps::default();
        let (mut own, mut other) = (stamps.subscribe(1), stamps.subscribe(2));
        own.mark_unchanged();
        other.mark_unchanged();
        drop(stamps.begin(1, 1));
        assert!(own.has_changed().unwrap());
        assert!(!other.has_changed().unwrap());
    }
}
