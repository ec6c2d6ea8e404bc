//! What a spool holds, in memory: the frames that are not drained, in order,
//! and where each run of theirs is.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::time::{Duration, Instant};

use model::{AgentSlug, RunId};
use uuid::Uuid;

use crate::frame::{Contents, Deletion, RunsContents, Unpacked};
use crate::segment::Place;

/// Bytes of runs that are kept in memory until they are drained; what comes
/// beyond is read from its segment again.
const MAX_KEPT_BYTES: usize = 192 * 1024 * 1024;

/// A frame that is not drained.
#[derive(Debug)]
struct Entry {
    place: Place,
    end: Place,
    bytes: usize,
    contents: Contents,
    /// The runs themselves, if there was room for them.
    kept: Option<Unpacked>,
    /// When it was accepted, on a clock that does not jump.
    since: Instant,
    /// It was there when this process began.
    recovered: bool,
}

/// A frame to append to the ledger.
pub(crate) struct NewEntry {
    pub(crate) place: Place,
    pub(crate) end: Place,
    pub(crate) contents: Contents,
    pub(crate) kept: Option<Unpacked>,
    pub(crate) since: Instant,
    pub(crate) recovered: bool,
}

#[derive(Debug, Default)]
struct SegmentState {
    bytes: u64,
    undrained: usize,
    sealed: bool,
}

#[derive(Clone, Copy, Debug)]
struct Spot {
    sequence: u64,
    nth: u32,
}

/// What is to be drained next.
#[derive(Debug)]
pub(crate) enum Plan {
    /// Frames of runs, in order.
    Runs(Vec<PlannedFrame>),
    /// A deleted agent.
    Deletion(Deletion),
}

/// A frame of a plan.
#[derive(Debug)]
pub(crate) struct PlannedFrame {
    pub(crate) sequence: u64,
    pub(crate) place: Place,
    pub(crate) kept: Option<Unpacked>,
    pub(crate) recovered: bool,
}

/// The undrained part of a spool.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    queue: VecDeque<Entry>,
    /// The sequence number of the first entry of `queue`.
    first: u64,
    index: HashMap<(u64, RunId), Spot>,
    client_keys: HashMap<(u64, Uuid), RunId>,
    /// Agents whose frames before a sequence number are unwanted.
    deleted: HashMap<(u64, AgentSlug), u64>,
    segments: BTreeMap<u64, SegmentState>,
    undrained_runs: u64,
    kept_bytes: usize,
}

/// Figures of a ledger.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Figures {
    pub(crate) runs: u64,
    pub(crate) frames: u64,
    pub(crate) segments: u64,
    pub(crate) bytes: u64,
    pub(crate) oldest: Option<Duration>,
}

impl Ledger {
    /// Knows of a segment from now on.
    pub(crate) fn open_segment(&mut self, number: u64, bytes: u64, sealed: bool) {
        self.segments.insert(number, SegmentState { bytes, undrained: 0, sealed });
    }

    /// No more frames will come to this segment.
    pub(crate) fn seal_segment(&mut self, number: u64) {
        if let Some(segment) = self.segments.get_mut(&number) {
            segment.sealed = true;
        }
    }

    /// Takes a frame in, and gives the ids of runs that a deletion drops.
    pub(crate) fn push(&mut self, new: NewEntry) -> Vec<RunId> {
        let NewEntry { place, end, contents, mut kept, since, recovered } = new;
        let sequence = self.first + self.queue.len() as u64;
        let bytes = usize::try_from(end.offset.saturating_sub(place.offset)).unwrap_or(usize::MAX);
        if let Some(segment) = self.segments.get_mut(&place.segment) {
            segment.undrained += 1;
            segment.bytes = end.offset;
        }
        let dropped = match &contents {
            Contents::Runs(runs) => {
                self.remember(sequence, runs);
                Vec::new()
            }
            Contents::Deletion(deletion) => self.forget(sequence, deletion),
        };
        // What a frame unpacks to is a few times its own size.
        if self.kept_bytes.saturating_add(bytes * 4) > MAX_KEPT_BYTES {
            kept = None;
        }
        if kept.is_some() {
            self.kept_bytes += bytes * 4;
        }
        self.queue.push_back(Entry { place, end, bytes, contents, kept, since, recovered });
        dropped
    }

    fn remember(&mut self, sequence: u64, runs: &RunsContents) {
        self.undrained_runs += runs.ids.len() as u64;
        for (nth, id) in (0..).zip(&runs.ids) {
            self.index.entry((runs.org, *id)).or_insert(Spot { sequence, nth });
        }
        for (key, id) in &runs.client_keys {
            self.client_keys.entry((runs.org, *key)).or_insert(*id);
        }
    }

    fn forget(&mut self, sequence: u64, deletion: &Deletion) -> Vec<RunId> {
        let Ok(agent) = deletion.agent() else { return Vec::new() };
        let org = deletion.org.id;
        let mut dropped = HashSet::new();
        for (at, entry) in (self.first..).zip(&self.queue) {
            let Contents::Runs(runs) = &entry.contents else { continue };
            for (nth, id) in (0..).zip(&runs.ids) {
                let key = (org, *id);
                let spot = self.index.get(&key).map(|spot| (spot.sequence, spot.nth));
                let is_here = runs.org == org && spot == Some((at, nth));
                if is_here && runs.agent(nth) == Some(&agent) {
                    self.index.remove(&key);
                    dropped.insert(*id);
                }
            }
        }
        self.client_keys.retain(|(of, _), id| *of != org || !dropped.contains(id));
        self.deleted.insert((org, agent), sequence);
        dropped.into_iter().collect()
    }

    /// Where a run is: its frame, and which of the frame's runs it is.
    pub(crate) fn find(&self, org: u64, id: RunId) -> Option<(Place, usize)> {
        let spot = self.index.get(&(org, id)).or_else(|| {
            let named = self.client_keys.get(&(org, Uuid::from_u128(id.as_u128())))?;
            self.index.get(&(org, *named))
        })?;
        let entry = self.entry(spot.sequence)?;
        Some((entry.place, spot.nth as usize))
    }

    /// The id of the undrained run that a client named so.
    pub(crate) fn named(&self, org: u64, key: Uuid) -> Option<RunId> {
        self.client_keys.get(&(org, key)).copied()
    }

    fn entry(&self, sequence: u64) -> Option<&Entry> {
        self.queue.get(usize::try_from(sequence.checked_sub(self.first)?).ok()?)
    }

    /// The frames to drain next, up to so many and about so many runs and bytes. What was
    /// kept of them in memory is given away.
    pub(crate) fn plan(
        &mut self,
        max_frames: usize,
        max_runs: usize,
        max_bytes: usize,
    ) -> Option<Plan> {
        if let Some(Entry { contents: Contents::Deletion(deletion), .. }) = self.queue.front() {
            return Some(Plan::Deletion(deletion.clone()));
        }
        let (mut runs, mut bytes) = (0, 0);
        let mut frames = Vec::new();
        for (sequence, entry) in (self.first..).zip(&mut self.queue).take(max_frames) {
            let Contents::Runs(contents) = &entry.contents else { break };
            let is_first = frames.is_empty();
            runs += contents.ids.len();
            bytes += entry.bytes;
            if !is_first && (runs > max_runs || bytes > max_bytes) {
                break;
            }
            let kept = entry.kept.take();
            if kept.is_some() {
                self.kept_bytes = self.kept_bytes.saturating_sub(entry.bytes * 4);
            }
            let recovered = entry.recovered;
            frames.push(PlannedFrame { sequence, place: entry.place, kept, recovered });
        }
        (!frames.is_empty()).then_some(Plan::Runs(frames))
    }

    /// Whether a run of this agent in this frame is still wanted.
    pub(crate) fn is_wanted(&self, org: u64, agent: &AgentSlug, sequence: u64) -> bool {
        if self.deleted.is_empty() {
            return true;
        }
        self.deleted.get(&(org, agent.clone())).is_none_or(|deleted| sequence > *deleted)
    }

    /// Drops the first frames: they are drained. Gives where the rest begins.
    pub(crate) fn drained(&mut self, frames: usize) -> Option<Place> {
        let mut end = None;
        for _ in 0..frames {
            let Some(entry) = self.queue.pop_front() else { break };
            let sequence = self.first;
            self.first += 1;
            end = Some(entry.end);
            if entry.kept.is_some() {
                self.kept_bytes = self.kept_bytes.saturating_sub(entry.bytes * 4);
            }
            if let Some(segment) = self.segments.get_mut(&entry.place.segment) {
                segment.undrained = segment.undrained.saturating_sub(1);
            }
            match &entry.contents {
                Contents::Runs(runs) => self.drop_runs(sequence, runs),
                Contents::Deletion(deletion) => {
                    if let Ok(agent) = deletion.agent() {
                        let key = (deletion.org.id, agent);
                        if self.deleted.get(&key) == Some(&sequence) {
                            self.deleted.remove(&key);
                        }
                    }
                }
            }
        }
        end
    }

    fn drop_runs(&mut self, sequence: u64, runs: &RunsContents) {
        self.undrained_runs = self.undrained_runs.saturating_sub(runs.ids.len() as u64);
        for id in &runs.ids {
            let key = (runs.org, *id);
            if self.index.get(&key).is_some_and(|spot| spot.sequence == sequence) {
                self.index.remove(&key);
            }
        }
        for (key, id) in &runs.client_keys {
            let key = (runs.org, *key);
            if self.client_keys.get(&key) == Some(id) {
                self.client_keys.remove(&key);
            }
        }
    }

    /// Segments that hold nothing undrained and get nothing more.
    pub(crate) fn finished_segments(&self) -> Vec<u64> {
        let finished = |state: &SegmentState| state.sealed && state.undrained == 0;
        self.segments.iter().filter(|(_, state)| finished(state)).map(|(n, _)| *n).collect()
    }

    /// A segment's file is gone.
    pub(crate) fn remove_segment(&mut self, number: u64) {
        self.segments.remove(&number);
    }

    /// The number of the newest segment that gets no more frames.
    pub(crate) fn last_sealed_segment(&self) -> Option<u64> {
        self.segments.iter().rev().find(|(_, state)| state.sealed).map(|(number, _)| *number)
    }

    /// The number of the oldest segment that is there.
    pub(crate) fn oldest_segment(&self) -> Option<u64> {
        self.segments.keys().next().copied()
    }

    /// The sequence number that the next frame will get.
    pub(crate) fn next_sequence(&self) -> u64 {
        self.first + self.queue.len() as u64
    }

    /// The sequence number of the first frame that is not drained.
    pub(crate) fn first_undrained(&self) -> u64 {
        self.first
    }

    /// Runs that are not drained.
    pub(crate) fn undrained_runs(&self) -> u64 {
        self.undrained_runs
    }

    /// Bytes of all segments.
    pub(crate) fn bytes(&self) -> u64 {
        self.segments.values().map(|segment| segment.bytes).sum()
    }

    /// Figures for people and programs.
    pub(crate) fn figures(&self) -> Figures {
        Figures {
            runs: self.undrained_runs,
            frames: self.queue.len() as u64,
            segments: self.segments.len() as u64,
            bytes: self.bytes(),
            oldest: self.queue.front().map(|entry| entry.since.elapsed()),
        }
    }
}

impl RunsContents {
    fn agent(&self, nth: u32) -> Option<&AgentSlug> {
        self.agents.get(*self.agent_of.get(nth as usize)? as usize)
    }
}
