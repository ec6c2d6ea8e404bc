//! What a spool holds, in memory: the frames that are not drained, in the order
//! of the files, and where each run of theirs is.

mod lanes;
mod plan;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::ops::Range;
use std::time::{Duration, Instant};

use model::{AgentSlug, RunId};
use shares::{Budget, Held, Holder};
use uuid::Uuid;

use self::lanes::Lanes;
use crate::frame::{Contents, Deletion, RunsContents, Unpacked};
use crate::segment::Place;

pub(crate) use self::plan::{Batch, Plan, PlannedFrame};

/// Bytes of runs, unpacked, that are kept in memory until they are drained, shared
/// by the organizations; what comes beyond is read from its segment again.
const MAX_KEPT_BYTES: u64 = 192 * 1024 * 1024;

/// A frame that is not drained.
#[derive(Debug)]
struct Entry {
    place: Place,
    end: Place,
    holder: Holder,
    contents: Contents,
    state: State,
    /// The runs themselves, if there was room for them.
    kept: Option<(Unpacked, Held)>,
    /// When it was accepted, on a clock that does not jump.
    since: Instant,
    /// It was there when this process began.
    recovered: bool,
    /// An attempt to write it was begun.
    tried: bool,
}

/// Whether a frame counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Nobody knows yet whether the disk has it; what follows waits for it.
    Entered,
    Published,
    /// Its sender was told that it is not kept.
    Withdrawn,
    /// The store has it; it is here for those before it.
    Drained,
}

/// A frame to append to the ledger.
pub(crate) struct NewEntry {
    pub(crate) place: Place,
    pub(crate) end: Place,
    /// The key that sent it; 0 when nobody knows.
    pub(crate) key: u64,
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

/// The undrained part of a spool.
#[derive(Debug)]
pub(crate) struct Ledger {
    /// The first of them is not drained; those behind it may be.
    queue: VecDeque<Entry>,
    /// The sequence number of the first entry of `queue`.
    first: u64,
    /// Where the last frame ends that was ever entered.
    end: Place,
    lanes: Lanes,
    index: HashMap<(u64, RunId), Spot>,
    client_keys: HashMap<(u64, Uuid), RunId>,
    /// Agents whose frames before a sequence number are unwanted.
    deleted: HashMap<(u64, AgentSlug), u64>,
    segments: BTreeMap<u64, SegmentState>,
    undrained_runs: u64,
    kept: Budget,
}

impl Default for Ledger {
    fn default() -> Self {
        Self {
            queue: VecDeque::new(),
            first: 0,
            end: Place::default(),
            lanes: Lanes::default(),
            index: HashMap::new(),
            client_keys: HashMap::new(),
            deleted: HashMap::new(),
            segments: BTreeMap::new(),
            undrained_runs: 0,
            kept: Budget::new(MAX_KEPT_BYTES),
        }
    }
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
        let NewEntry { place, end, key, contents, kept, since, recovered } = new;
        if let Some(segment) = self.segments.get_mut(&place.segment) {
            segment.undrained += 1;
            segment.bytes = end.offset;
        }
        let holder = Holder { org: contents.org(), key };
        // Whoever sends little finds room, however much others wait to be drained.
        let room = self.kept.take(Holder::of_org(holder.org), contents.unpacked_bytes() as u64);
        let kept = kept.zip(room.ok());
        self.lanes.enter(holder, self.next_sequence(), end.offset - place.offset, since);
        self.end = end;
        self.queue.push_back(Entry {
            place,
            end,
            holder,
            contents,
            state: State::Entered,
            kept,
            since,
            recovered,
            tried: false,
        });
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
            entry.kept = None;
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

    /// Whether a run of this agent in this frame is still wanted.
    pub(crate) fn is_wanted(&self, org: u64, agent: &AgentSlug, sequence: u64) -> bool {
        if self.deleted.is_empty() {
            return true;
        }
        self.deleted.get(&(org, agent.clone())).is_none_or(|deleted| sequence > *deleted)
    }

    /// Whether runs of this agent wait here.
    pub(crate) fn holds_agent(&self, org: u64, agent: &AgentSlug) -> bool {
        (self.first..).zip(&self.queue).any(|(sequence, entry)| match &entry.contents {
            Contents::Runs(runs) => {
                let is_there = runs.org == org && runs.agents.contains(agent);
                is_there && self.is_wanted(org, agent, sequence)
            }
            Contents::Deletion(_) => false,
        })
    }

    /// Lets go of frames: they are drained.
    pub(crate) fn drained(&mut self, sequences: &[u64]) {
        for sequence in sequences {
            let Some(at) = self.position(*sequence) else { continue };
            let Some(entry) = self.queue.get_mut(at) else { continue };
            if entry.state == State::Drained {
                continue;
            }
            entry.state = State::Drained;
            entry.kept = None;
            let nothing = Contents::Runs(RunsContents::default());
            let contents = std::mem::replace(&mut entry.contents, nothing);
            let bytes = entry.end.offset - entry.place.offset;
            self.lanes.leave(entry.holder, *sequence, bytes);
            if let Some(segment) = self.segments.get_mut(&entry.place.segment) {
                segment.undrained = segment.undrained.saturating_sub(1);
            }
            match &contents {
                Contents::Runs(runs) => self.drop_runs(*sequence, runs),
                Contents::Deletion(deletion) => {
                    if let Ok(agent) = deletion.agent() {
                        let key = (deletion.org.id, agent);
                        if self.deleted.get(&key) == Some(sequence) {
                            self.deleted.remove(&key);
                        }
                    }
                }
            }
        }
        while self.queue.front().is_some_and(|entry| entry.state == State::Drained) {
            self.queue.pop_front();
            self.first += 1;
        }
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

    /// The first segments that hold nothing undrained and get nothing more. One
    /// behind another that is wanted stays: after a crash of the machine that one is
    /// read again whole, and what of it was deleted is told by those behind it.
    pub(crate) fn finished_segments(&self) -> Vec<u64> {
        let finished = |state: &SegmentState| state.sealed && state.undrained == 0;
        self.segments.iter().take_while(|(_, state)| finished(state)).map(|(n, _)| *n).collect()
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

    /// Bytes of undrained frames of an organization and of one of its keys.
    pub(crate) fn bytes_of(&self, holder: Holder) -> (u64, u64) {
        self.lanes.bytes_of(holder)
    }

    /// Bytes of undrained frames by organization.
    pub(crate) fn bytes_by_org(&self) -> Vec<(u64, u64)> {
        self.lanes.bytes_by_org()
    }

    /// Whether any other organization sent something within this time.
    pub(crate) fn others_came(&self, org: u64, within: Duration) -> bool {
        self.lanes.others_came(org, within)
    }

    /// Figures for people and programs.
    pub(crate) fn figures(&self) -> Figures {
        Figures {
            runs: self.undrained_runs,
            frames: self.lanes.frames(),
            segments: self.segments.len() as u64,
            bytes: self.bytes(),
            oldest: self.queue.front().map(|entry| entry.since.elapsed()),
        }
    }
}

impl Contents {
    /// The organization's number.
    pub(crate) fn org(&self) -> u64 {
        match self {
            Self::Runs(runs) => runs.org,
            Self::Deletion(deletion) => deletion.org.id,
        }
    }

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
