//! What is drained next: the organizations in turn, each in the order of its frames.

use std::time::{Duration, Instant};

use super::{Ledger, State};
use crate::checkpoint::{LaneMark, Mark};
use crate::frame::{Contents, Deletion, Unpacked};
use crate::segment::Place;

/// What a batch costs that is full by its runs or by its bytes alone.
const WHOLE: u64 = 1 << 20;
/// Turns of each organization in a full batch.
const ROUNDS: u64 = 8;
/// Organizations in one batch: each takes some queries of its own.
const ORGS: usize = 32;
/// Organizations that sent something within this time share the drainer.
const SHARING: Duration = Duration::from_secs(60);

/// How much is drained together.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Batch {
    /// At most so many runs.
    pub(crate) runs: u64,
    /// At most about so many bytes of them, unpacked.
    pub(crate) bytes: u64,
}

impl Batch {
    /// What runs cost of which this is the room.
    fn cost(self, runs: u64, bytes: u64) -> u64 {
        let part = |of: u64, all: u64| u128::from(of) * u128::from(WHOLE) / u128::from(all.max(1));
        u64::try_from(part(runs, self.runs) + part(bytes, self.bytes)).unwrap_or(u64::MAX)
    }
}

/// What is to be drained next.
#[derive(Debug)]
pub(crate) enum Plan {
    /// Frames of runs, in the order of the files, and whether there would be more.
    Runs(Vec<PlannedFrame>, bool),
    /// A deleted agent, and the sequence number of the frame that says so.
    Deletion(u64, Deletion),
}

/// A frame of a plan.
#[derive(Debug)]
pub(crate) struct PlannedFrame {
    pub(crate) sequence: u64,
    pub(crate) place: Place,
    pub(crate) kept: Option<Unpacked>,
    /// It may have been written before, by this process or another.
    pub(crate) again: bool,
    /// There is nothing to be written of it.
    pub(crate) withdrawn: bool,
}

/// What a lane offers next.
enum Offer {
    Runs { sequence: u64, runs: u64, bytes: u64 },
    Deletion { sequence: u64, deletion: Deletion },
    Nothing,
}

impl Ledger {
    /// What is drained next. The organizations have turns, so that one that sends
    /// much holds up itself; what was kept of the frames in memory is given away.
    pub(crate) fn plan(&mut self, batch: Batch) -> Option<Plan> {
        let orgs: Vec<u64> = self.lanes.serving(Instant::now()).take(ORGS).collect();
        let first = orgs.iter().map(|org| (*org, self.offer(*org, 0)));
        let mut offers = first.filter(|(_, offer)| !matches!(offer, Offer::Nothing));
        if let Some((org, Offer::Deletion { sequence, deletion })) = offers.next() {
            self.lanes.serve_last(org);
            return Some(Plan::Deletion(sequence, deletion));
        }
        let deletions: Vec<u64> = offers
            .filter(|(_, offer)| matches!(offer, Offer::Deletion { .. }))
            .map(|(org, _)| org)
            .collect();
        let turn = WHOLE / ROUNDS / (orgs.len() as u64).max(1);
        let (mut runs, mut bytes, mut is_full) = (0, 0, false);
        let mut taken: Vec<(u64, usize)> = orgs.into_iter().map(|org| (org, 0)).collect();
        let mut chosen = Vec::new();
        let mut offers = true;
        while offers && !is_full {
            offers = false;
            for (org, frames) in &mut taken {
                if let Some(lane) = self.lanes.get_mut(*org) {
                    lane.credit = lane.credit.saturating_add(turn);
                }
                while let Offer::Runs { sequence, runs: more, bytes: larger } =
                    self.offer(*org, *frames)
                {
                    offers = true;
                    let is_first = chosen.is_empty();
                    is_full |= runs + more > batch.runs || bytes + larger > batch.bytes;
                    if is_full && !is_first {
                        break;
                    }
                    let cost = batch.cost(more, larger);
                    let Some(lane) = self.lanes.get_mut(*org) else { break };
                    if lane.credit < cost && !is_first {
                        break;
                    }
                    lane.credit = lane.credit.saturating_sub(cost);
                    (runs, bytes) = (runs + more, bytes + larger);
                    *frames += 1;
                    chosen.push(sequence);
                }
                if is_full {
                    break;
                }
            }
        }
        // Whoever was served last is served last next time as well, unless it was cut short.
        if let Some((served, _)) = taken.iter().rev().find(|(_, frames)| *frames > 0)
            && let Some(at) = self.lanes.order.iter().position(|org| org == served)
        {
            self.lanes.order.rotate_left(at + 1);
        }
        self.lanes.serve_first(&deletions);
        for (org, frames) in taken {
            let has_more = matches!(self.offer(org, frames), Offer::Runs { .. });
            if let Some(lane) = self.lanes.get_mut(org)
                && !has_more
            {
                lane.credit = 0;
            }
        }
        chosen.sort_unstable();
        self.again(&chosen).map(|plan| match plan {
            Plan::Runs(frames, _) => Plan::Runs(frames, is_full),
            deletion => deletion,
        })
    }

    /// Exactly these frames, as an earlier plan had them.
    pub(crate) fn again(&mut self, sequences: &[u64]) -> Option<Plan> {
        let mut frames = Vec::with_capacity(sequences.len());
        for sequence in sequences {
            let Some(at) = self.position(*sequence) else { continue };
            let Some(entry) = self.queue.get_mut(at) else { continue };
            if matches!(entry.state, State::Drained | State::Entered) {
                continue;
            }
            frames.push(PlannedFrame {
                sequence: *sequence,
                place: entry.place,
                kept: entry.kept.take().map(|(unpacked, _)| unpacked),
                again: entry.recovered || entry.tried,
                withdrawn: entry.state == State::Withdrawn,
            });
            entry.tried = true;
        }
        (!frames.is_empty()).then_some(Plan::Runs(frames, false))
    }

    /// What an organization offers behind its first frames.
    fn offer(&self, org: u64, behind: usize) -> Offer {
        let sequence = self.lanes.get(org).and_then(|lane| lane.frames.get(behind));
        let entry = sequence.and_then(|sequence| self.entry(*sequence));
        let (Some(sequence), Some(entry)) = (sequence, entry) else { return Offer::Nothing };
        if entry.state == State::Entered {
            return Offer::Nothing;
        }
        match &entry.contents {
            Contents::Runs(runs) => Offer::Runs {
                sequence: *sequence,
                runs: runs.ids.len() as u64,
                bytes: runs.unpacked_bytes as u64,
            },
            // All before it must be out of the way.
            Contents::Deletion(deletion) if behind == 0 => {
                Offer::Deletion { sequence: *sequence, deletion: deletion.clone() }
            }
            Contents::Deletion(_) => Offer::Nothing,
        }
    }

    /// Where a frame is that is not drained.
    pub(crate) fn place_of(&self, sequence: u64) -> Option<Place> {
        self.entry(sequence).map(|entry| entry.place)
    }

    /// Serves an organization whose deletion cannot be carried out now a while later; gives
    /// how often that was so.
    pub(crate) fn set_back(&mut self, org: u64, pause: impl Fn(u32) -> Duration) -> u32 {
        let Some(lane) = self.lanes.get_mut(org) else { return 0 };
        lane.failures = lane.failures.saturating_add(1);
        lane.rests_until = Instant::now().checked_add(pause(lane.failures));
        lane.failures
    }

    /// An organization's deletion was carried out.
    pub(crate) fn go_on(&mut self, org: u64) {
        if let Some(lane) = self.lanes.get_mut(org) {
            (lane.failures, lane.rests_until) = (0, None);
        }
    }

    /// When an organization that was set back is served again.
    pub(crate) fn next_served(&self) -> Option<Instant> {
        self.lanes.iter().filter_map(|(_, lane)| lane.rests_until).min()
    }

    /// Whether more than one organization uses the drainer these days.
    pub(crate) fn is_shared(&self) -> bool {
        self.lanes.is_shared(SHARING)
    }

    /// How far each organization is drained, with frames that are being written.
    pub(crate) fn mark(&self, planned: &[u64]) -> Mark {
        let place_of = |sequence: u64| self.entry(sequence).map(|entry| (entry.place, entry.end));
        let lanes = self.lanes.iter().filter_map(|(org, lane)| {
            let (drained, _) = place_of(*lane.frames.front()?)?;
            let is_planned = |sequence: &&u64| planned.binary_search(sequence).is_ok();
            let last = lane.frames.iter().take_while(is_planned).last();
            let planned = last.and_then(|last| place_of(*last)).map_or(drained, |(_, end)| end);
            Some(LaneMark { org, drained, planned })
        });
        Mark { end: self.end, lanes: lanes.collect() }
    }
}
