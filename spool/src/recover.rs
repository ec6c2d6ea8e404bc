//! Finds out what the last process left behind.

use std::fs;
use std::io;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use model::Timestamp;

use crate::checkpoint::Mark;
use crate::frame;
use crate::ledger::NewEntry;
use crate::segment::{self, Place};
use crate::shared::Shared;

/// What was found.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// The number for the next segment.
    pub(crate) next_segment: u64,
    pub(crate) frames: u64,
    pub(crate) torn_bytes: u64,
    /// Frames that the last process was writing to the store, if any, by their
    /// sequence numbers.
    pub(crate) under_way: Option<Vec<u64>>,
}

/// The present in UTC microseconds.
pub(crate) fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
}

/// Reads every segment into the ledger, from the mark on. What cannot be read is
/// put aside or cut off, and said.
pub(crate) fn recover(shared: &Shared, mark: Option<Mark>) -> io::Result<Found> {
    let mark = mark.unwrap_or_default();
    let floor = mark.floor();
    let mut found = Found { next_segment: mark.end.segment + 1, ..Found::default() };
    let mut under_way = Vec::new();
    let began = Instant::now();
    for number in segment::numbers(&shared.dir)? {
        found.next_segment = found.next_segment.max(number + 1);
        let path = segment::path(&shared.dir, number);
        let bytes = fs::metadata(&path)?.len();
        shared.ledger().open_segment(number, bytes, true);
        if number < floor.segment {
            continue;
        }
        let scan = segment::scan(&path)?;
        for spoiled in scan.spoiled {
            let place = Place { segment: number, offset: spoiled.start as u64 };
            tracing::error!(?place, "a part of the spool is damaged; it is put aside");
            shared.quarantine.keep_frame(place, scan.bytes.get(spoiled).unwrap_or_default())?;
        }
        for payload in scan.frames {
            let place = Place { segment: number, offset: (payload.start - frame::PREFIX) as u64 };
            if place < floor {
                continue;
            }
            let end = Place { segment: number, offset: payload.end as u64 };
            let payload = scan.bytes.get(payload).unwrap_or_default();
            match frame::contents(payload) {
                Ok((contents, _)) if mark.has_drained(contents.org(), place) => {}
                Ok((contents, accepted_at)) => {
                    found.frames += 1;
                    let mut ledger = shared.ledger();
                    let sequence = ledger.next_sequence();
                    if mark.has_planned(contents.org(), place) {
                        under_way.push(sequence);
                    }
                    ledger.enter(NewEntry {
                        place,
                        end,
                        key: 0,
                        contents,
                        kept: None,
                        since: since(began, accepted_at),
                        recovered: true,
                    });
                    ledger.publish(sequence..sequence + 1);
                }
                Err(error) => {
                    tracing::error!(?place, %error, "a frame of the spool is put aside");
                    shared.quarantine.keep_frame(place, payload)?;
                }
            }
        }
        if scan.torn > 0 {
            tracing::warn!(
                segment = number,
                bytes = scan.torn,
                "the end of a segment of the spool is no whole frame and is cut off; unless the disk is at fault it was never acknowledged"
            );
            found.torn_bytes += scan.torn as u64;
            let whole = scan.bytes.len() - scan.torn;
            let place = Place { segment: number, offset: whole as u64 };
            let torn = scan.bytes.get(whole..).unwrap_or_default();
            if torn.iter().any(|byte| *byte != 0) {
                shared.quarantine.keep_torn(place, torn)?;
            }
            segment::cut(&path, whole as u64)?;
        }
    }
    found.under_way = Some(under_way).filter(|frames| !frames.is_empty());
    Ok(found)
}

/// When a frame was accepted, on a clock that does not jump; a wall clock that
/// was set back in between makes it now.
fn since(now: Instant, accepted_at: Option<Timestamp>) -> Instant {
    let age = accepted_at.map_or(0, |at| self::now().0.saturating_sub(at.0));
    let age = Duration::from_micros(u64::try_from(age).unwrap_or(0));
    now.checked_sub(age).unwrap_or(now)
}
