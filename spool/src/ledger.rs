//! What a spool holds, in memory: the frames that are not drained, in the order
//! of the files, and where each run of theirs is.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::ops::Range;
use std::time::{Duration, Instant};

use model::{AgentSlug, RunId};
use uuid::Uuid;

use crate::frame::{Contents, Deletion, RunsContents, Unpacked};
use crate::segment::Place;

/// Bytes of runs, unpacked, that are kept in memory until they are drained; what
/// comes beyond is read from its segment again.
const MAX_KEPT_BYTES: usize = 192 * 1024 * 1024;

/// A frame that is not drained.
#[derive(Debug)]
struct Entry {
    place: Place,
    end: Place,
    contents: Contents,
    state: State,
    /// The runs themselves, if there was room for them.
    kept: Option<Unpacked>,
    /// When it was accepted, on a clock that does not jump.
    since: Instant,
    /// It was there when this process began.
    recovered: bool,
}

/// Whether a frame counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Nobody knows yet whether the disk has it; what follows waits for it.
    Entered,
    Published,
    /// Its sender was told that it is not kept.
    Withdrawn,
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
    pub(crate) end: Place,
    pub(crate) kept: Option<Unpacked>,
    pub(crate) recovered: bool,
    /// There is nothing to be written of it.
    pub(crate) withdrawn: bool,
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

    /// Gives a frame its place; it counts once it is published.
    pub(crate) fn enter(&mut self, new: NewEntry) {
        let NewEntry { place, end, contents, mut kept, since, recovered } = new;
        if let Some(segment) = self.segments.get_mut(&place.segment) {
            segment.undrained += 1;
            segment.bytes = end.offset;
        }
        let bytes = contents.unpacked_bytes();
        if self.kept_bytes.saturating_add(bytes) > MAX_KEPT_BYTES {
            kept = None;
        }
        if kept.is_some() {
            self.kept_bytes += bytes;
        }
        let state = State::Entered;
        self.queue.push_back(Entry { place, end, contents, state, kept, since, recovered });
    }

    /// Frames can be read and drained from now on; gives the ids of runs that a
    /// deletion among them drops.
    pub(crate) fn publish(&mut self, frames: Range<u64>) -> Vec<RunId> {
        let mut dropped = Vec::new();
        for sequence in frames {
            let Some(at) = self.position(sequence) else { continue };
            let Self { queue, index, client_keys, undrained_runs, .. } = self;
            let Some(entry) = queue.get_mut(at) else { continue };
            entry.state = State::Published;
            match &entry.contents {
                Contents::Runs(runs) => {
                    *undrained_runs += runs.ids.len() as u64;
                    for (nth, id) in (0..).zip(&runs.ids) {
                        index.entry((runs.org, *id)).or_insert(Spot { sequence, nth });
                    }
                    for (key, id) in &runs.client_keys {
                        client_keys.entry((runs.org, *key)).or_insert(*id);
                    }
                }
                Contents::Deletion(deletion) => {
                    let deletion = deletion.clone();
                    dropped.extend(self.forget(sequence, &deletion));
                }
            }
        }
        dropped
    }

    /// Frames that were entered are not kept after all.
    pub(crate) fn withdraw(&mut self, frames: Range<u64>) {
        for sequence in frames {
            let Some(at) = self.position(sequence) else { continue };
            let Some(entry) = self.queue.get_mut(at) else { continue };
            if entry.kept.take().is_some() {
                let bytes = entry.contents.unpacked_bytes();
                self.kept_bytes = self.kept_bytes.saturating_sub(bytes);
            }
            entry.contents = Contents::Runs(RunsContents::default());
            entry.state = State::Withdrawn;
        }
    }

    fn forget(&mut self, sequence: u64, deletion: &Deletion) -> Vec<RunId> {
        let Ok(agent) = deletion.agent() else { return Vec::new() };
        let org = deletion.org.id;
        let mut dropped = HashSet::new();
        for (at, entry) in (self.first..sequence).zip(&self.queue) {
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
        self.queue.get(self.position(sequence)?)
    }

    fn position(&self, sequence: u64) -> Option<usize> {
        usize::try_from(sequence.checked_sub(self.first)?).ok()
    }

    /// How many of the first frames end at this place or before.
    pub(crate) fn frames_until(&self, place: Place) -> usize {
        self.queue.partition_point(|entry| entry.end <= place)
    }

    /// The frames to drain next, up to so many and about so many runs and unpacked
    /// bytes. What was kept of them in memory is given away.
    pub(crate) fn plan(
        &mut self,
        max_frames: usize,
        max_runs: usize,
        max_bytes: usize,
    ) -> Option<Plan> {
        let first = self.queue.front().filter(|entry| entry.state != State::Entered)?;
        if let Contents::Deletion(deletion) = &first.contents {
            return Some(Plan::Deletion(deletion.clone()));
        }
        let (mut runs, mut bytes) = (0, 0);
        let mut frames = Vec::new();
        for (sequence, entry) in (self.first..).zip(&mut self.queue).take(max_frames) {
            let Contents::Runs(contents) = &entry.contents else { break };
            if entry.state == State::Entered {
                break;
            }
            let is_first = frames.is_empty();
            runs += contents.ids.len();
            bytes += contents.unpacked_bytes;
            if !is_first && (runs > max_runs || bytes > max_bytes) {
                break;
            }
            let kept = entry.kept.take();
            if kept.is_some() {
                self.kept_bytes = self.kept_bytes.saturating_sub(contents.unpacked_bytes);
            }
            let Entry { place, end, recovered, .. } = *entry;
            let withdrawn = entry.state == State::Withdrawn;
            frames.push(PlannedFrame { sequence, place, end, kept, recovered, withdrawn });
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
                let bytes = entry.contents.unpacked_bytes();
                self.kept_bytes = self.kept_bytes.saturating_sub(bytes);
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

impl Contents {
    fn unpacked_bytes(&self) -> usize {
        match self {
            Self::Runs(runs) => runs.unpacked_bytes,
            Self::Deletion(_) => 0,
        }
    }
}

impl RunsContents {
    fn agent(&self, nth: u32) -> Option<&AgentSlug> {
        self.agents.get(*self.agent_of.get(nth as usize)? as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(n: u32, unpacked_bytes: usize) -> NewEntry {
        let place = |n: u32| Place { segment: 1, offset: u64::from(n) * 100 };
        let org = store::Org {
            id: store::OrgId(1),
            slug: model::OrgSlug::new("acme").unwrap(),
            name: String::new(),
            created_at: model::Timestamp(0),
        };
        NewEntry {
            place: place(n),
            end: place(n + 1),
            contents: Contents::Runs(RunsContents { unpacked_bytes, ..RunsContents::default() }),
            kept: Some(Unpacked { org, runs: Vec::new() }),
            since: Instant::now(),
            recovered: false,
        }
    }

    fn planned(ledger: &mut Ledger, max_bytes: usize) -> Vec<bool> {
        match ledger.plan(usize::MAX, usize::MAX, max_bytes) {
            Some(Plan::Runs(frames)) => frames.iter().map(|frame| frame.kept.is_some()).collect(),
            _ => Vec::new(),
        }
    }

    #[test]
    fn runs_weigh_what_they_weigh_in_memory_however_small_their_frames_are() {
        let mut ledger = Ledger::default();
        let large = MAX_KEPT_BYTES / 4;
        for n in 0..6 {
            ledger.enter(entry(n, large));
        }
        ledger.publish(0..6);
        assert_eq!(planned(&mut ledger, large * 2), [true, true]);
        assert_eq!(planned(&mut ledger, usize::MAX), [false, false, true, true, false, false]);
        // A frame larger than a batch is one alone.
        assert_eq!(planned(&mut ledger, 1), [false]);
        ledger.drained(6);
        ledger.enter(entry(6, MAX_KEPT_BYTES));
        ledger.publish(6..7);
        assert_eq!(planned(&mut ledger, usize::MAX), [true]);
        assert_eq!(ledger.kept_bytes, 0);
    }
}
