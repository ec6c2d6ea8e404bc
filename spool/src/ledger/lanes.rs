//! The organizations' lanes: the undrained frames of each, in the order of the files.

use std::collections::{HashMap, VecDeque};
use std::time::{Duration, Instant};

use shares::Holder;

/// Organizations are remembered for so long after they sent something.
const MEMORY: Duration = Duration::from_secs(3_600);
/// Most organizations that are remembered without a frame that waits.
const MAX_REMEMBERED: usize = 10_000;

/// All lanes, and whose turn is next.
#[derive(Debug, Default)]
pub(super) struct Lanes {
    lanes: HashMap<u64, Lane>,
    /// Organizations with a lane; the first is served first.
    pub(super) order: VecDeque<u64>,
    /// When each organization last sent something.
    came: HashMap<u64, Instant>,
    frames: u64,
}

/// The undrained frames of an organization.
#[derive(Debug, Default)]
pub(super) struct Lane {
    /// Their sequence numbers.
    pub(super) frames: VecDeque<u64>,
    /// What it may have drained beyond its turn, since its turn was cut short.
    pub(super) credit: u64,
    /// It is passed over until then.
    pub(super) rests_until: Option<Instant>,
    /// How often in a row its next deletion could not be carried out.
    pub(super) failures: u32,
    /// Bytes of them on disk, by the key that sent them.
    keys: HashMap<u64, u64>,
    bytes: u64,
}

impl Lanes {
    pub(super) fn enter(&mut self, holder: Holder, sequence: u64, bytes: u64, since: Instant) {
        if self.came.len() >= MAX_REMEMBERED {
            self.came.retain(|_, came| came.elapsed() < MEMORY);
        }
        if self.came.len() < MAX_REMEMBERED || self.came.contains_key(&holder.org) {
            self.came.insert(holder.org, since);
        }
        let lane = self.lanes.entry(holder.org).or_default();
        if lane.frames.is_empty() {
            self.order.push_back(holder.org);
        }
        lane.frames.push_back(sequence);
        lane.bytes += bytes;
        *lane.keys.entry(holder.key).or_default() += bytes;
        self.frames += 1;
    }

    /// A frame is drained; of a lane it is mostly the first.
    pub(super) fn leave(&mut self, holder: Holder, sequence: u64, bytes: u64) {
        let Some(lane) = self.lanes.get_mut(&holder.org) else { return };
        if let Ok(at) = lane.frames.binary_search(&sequence) {
            lane.frames.remove(at);
            self.frames = self.frames.saturating_sub(1);
        }
        lane.bytes = lane.bytes.saturating_sub(bytes);
        if let Some(held) = lane.keys.get_mut(&holder.key) {
            *held = held.saturating_sub(bytes);
        }
        lane.keys.retain(|_, held| *held > 0);
        if lane.frames.is_empty() {
            self.lanes.remove(&holder.org);
            self.order.retain(|org| *org != holder.org);
        }
    }

    /// Organizations in the order in which they are served, but for those set back.
    pub(super) fn serving(&self, now: Instant) -> impl Iterator<Item = u64> {
        let rests = move |lane: &Lane| lane.rests_until.is_some_and(|until| until > now);
        self.order.iter().copied().filter(move |org| !self.get(*org).is_some_and(rests))
    }

    pub(super) fn serve_last(&mut self, org: u64) {
        self.order.retain(|other| *other != org);
        self.order.push_back(org);
    }

    /// Serves these before all others, in this order.
    pub(super) fn serve_first(&mut self, orgs: &[u64]) {
        self.order.retain(|org| !orgs.contains(org));
        orgs.iter().rev().for_each(|org| self.order.push_front(*org));
    }

    pub(super) fn get(&self, org: u64) -> Option<&Lane> {
        self.lanes.get(&org)
    }

    pub(super) fn get_mut(&mut self, org: u64) -> Option<&mut Lane> {
        self.lanes.get_mut(&org)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (u64, &Lane)> {
        self.lanes.iter().map(|(org, lane)| (*org, lane))
    }

    /// Frames of all lanes.
    pub(super) fn frames(&self) -> u64 {
        self.frames
    }

    pub(super) fn bytes_of(&self, holder: Holder) -> (u64, u64) {
        let lane = self.lanes.get(&holder.org);
        let of_key = lane.and_then(|lane| lane.keys.get(&holder.key));
        (lane.map_or(0, |lane| lane.bytes), of_key.copied().unwrap_or(0))
    }

    pub(super) fn bytes_by_org(&self) -> Vec<(u64, u64)> {
        self.lanes.iter().map(|(org, lane)| (*org, lane.bytes)).collect()
    }

    /// Whether several organizations sent something within this time.
    pub(super) fn is_shared(&self, within: Duration) -> bool {
        self.came.values().filter(|came| came.elapsed() < within).nth(1).is_some()
    }

    pub(super) fn others_came(&self, org: u64, within: Duration) -> bool {
        self.came.iter().any(|(of, came)| *of != org && came.elapsed() < within)
    }
}
