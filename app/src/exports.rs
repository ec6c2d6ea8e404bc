//! Exports that are under way in this process: how far they are, and the way
//! to stop one.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::time::Duration;

use model::finetune::LeftOut;
use moka::sync::Cache;
use store::OrgId;
use tokio::sync::Notify;

use crate::data::export::{ExportDoc, ExportState, LeftOutDoc};

/// How long an export that nobody asks about is remembered.
const REMEMBER: Duration = Duration::from_secs(600);
const MAX_REMEMBERED: u64 = 1_000;
/// Most characters of an id that a client gives its export.
const MAX_ID_CHARS: usize = 64;

/// The exports of this process, by organization and the id that their client gave.
#[derive(Clone)]
pub struct Exports(Cache<(u64, String), Arc<Progress>>);

/// How far an export is.
#[derive(Debug, Default)]
pub struct Progress {
    count: AtomicU64,
    exported: AtomicU64,
    left_out: [AtomicU64; LeftOut::ALL.len()],
    state: AtomicU8,
    stop: Notify,
}

/// Whether a text can be the id of an export.
#[must_use]
pub fn is_id(text: &str) -> bool {
    (1..=MAX_ID_CHARS).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

impl Default for Exports {
    fn default() -> Self {
        Self(Cache::builder().max_capacity(MAX_REMEMBERED).time_to_idle(REMEMBER).build())
    }
}

impl Exports {
    /// Notes an export that begins.
    #[must_use]
    pub fn begin(&self, org: OrgId, id: &str, count: u64) -> Arc<Progress> {
        let progress = Arc::new(Progress { count: AtomicU64::new(count), ..Progress::default() });
        self.0.insert((org.0, id.to_owned()), Arc::clone(&progress));
        progress
    }

    /// The export of this id in this organization.
    #[must_use]
    pub fn get(&self, org: OrgId, id: &str) -> Option<Arc<Progress>> {
        self.0.get(&(org.0, id.to_owned()))
    }
}

const STATES: [ExportState; 4] =
    [ExportState::Running, ExportState::Done, ExportState::Stopped, ExportState::Failed];

impl Progress {
    /// So many more runs are written.
    pub fn add(&self, runs: u64) {
        self.exported.fetch_add(runs, Ordering::Relaxed);
    }

    /// One more run is left out.
    pub fn leave_out(&self, reason: LeftOut) {
        let place = LeftOut::ALL.iter().position(|other| *other == reason);
        if let Some(counter) = place.and_then(|place| self.left_out.get(place)) {
            counter.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// It ended so, unless it has ended already.
    pub fn end(&self, state: ExportState) {
        let place = STATES.iter().position(|other| *other == state).unwrap_or_default();
        let place = u8::try_from(place).unwrap_or_default();
        // The first end is the true one: a stream that was stopped is dropped later.
        let _ = self.state.compare_exchange(0, place, Ordering::Relaxed, Ordering::Relaxed);
    }

    /// Stops it.
    pub fn stop(&self) {
        self.end(ExportState::Stopped);
        self.stop.notify_one();
    }

    /// Waits until somebody stops it.
    pub async fn stopped(&self) {
        self.stop.notified().await;
    }

    /// How far it is.
    #[must_use]
    pub fn doc(&self) -> ExportDoc {
        let left_out = LeftOut::ALL.iter().zip(&self.left_out).filter_map(|(reason, count)| {
            let count = count.load(Ordering::Relaxed);
            (count > 0).then(|| LeftOutDoc {
                reason: reason.as_str().to_owned(),
                help: reason.help().to_owned(),
                count,
            })
        });
        let state = usize::from(self.state.load(Ordering::Relaxed));
        ExportDoc {
            state: STATES.get(state).copied().unwrap_or_default(),
            count: self.count.load(Ordering::Relaxed),
            exported: self.exported.load(Ordering::Relaxed),
            left_out: left_out.collect(),
        }
    }
}
