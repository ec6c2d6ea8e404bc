//! How a spool is doing, in figures.

use std::sync::atomic::Ordering;
use std::time::Duration;

use crate::disk::Room;
use crate::shared::Shared;

/// How a spool is doing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpoolStatus {
    /// Runs that were accepted and are not in the store yet.
    pub undrained_runs: u64,
    /// Frames that hold them.
    pub undrained_frames: u64,
    /// How long the oldest of them has been waiting.
    pub oldest: Option<Duration>,
    /// Files that hold frames, drained ones included until they are removed.
    pub segments: u64,
    /// Bytes of these files.
    pub bytes: u64,
    /// The most bytes that they may have.
    pub max_bytes: u64,
    /// Bytes free on the spool's file system.
    pub free_bytes: u64,
    /// Bytes of the spool's file system.
    pub disk_bytes: u64,
    /// Whether one more run would be taken in.
    pub has_room: bool,
    /// Runs and frames that could not be stored.
    pub quarantined: u64,
    /// Runs drained since the start.
    pub drained_runs: u64,
    /// Bytes behind the last whole frame that the start cut off.
    pub torn_bytes: u64,
    /// Why draining is held up, and for how long.
    pub trouble: Option<(Duration, String)>,
}

impl SpoolStatus {
    pub(crate) fn of(shared: &Shared) -> Self {
        let figures = shared.ledger().figures();
        let Room { free, total } = shared.disk.room();
        Self {
            undrained_runs: figures.runs,
            undrained_frames: figures.frames,
            oldest: figures.oldest,
            segments: figures.segments,
            bytes: figures.bytes,
            max_bytes: shared.disk.max_bytes(),
            free_bytes: free,
            disk_bytes: total,
            has_room: shared.disk.check(figures.bytes, 1).is_ok(),
            quarantined: shared.quarantine.count(),
            drained_runs: shared.drained_runs.load(Ordering::Relaxed),
            torn_bytes: shared.torn_bytes.load(Ordering::Relaxed),
            trouble: shared.trouble().map(|(since, reason)| (since.elapsed(), reason)),
        }
    }
}
