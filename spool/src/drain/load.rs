//! Gets the runs of planned frames together, by organization.

use std::collections::HashMap;
use std::io;

use store::OrgBatch;

use crate::frame::{self, Unpacked};
use crate::ledger::PlannedFrame;
use crate::segment::{self, Place};
use crate::shared::Shared;

/// Runs to write, and the frame that each of them is from.
#[derive(Debug, Default)]
pub(super) struct Batch {
    pub(super) orgs: Vec<OrgBatch>,
    /// The sequence number of the frame, for each organization and run.
    pub(super) sequences: Vec<Vec<u64>>,
}

/// Reads what is not in memory. A frame that cannot be read is put aside.
pub(super) fn load(shared: &Shared, frames: Vec<PlannedFrame>) -> io::Result<Batch> {
    let mut batch = Batch::default();
    let mut places: HashMap<u64, usize> = HashMap::new();
    for PlannedFrame { sequence, place, kept, withdrawn, .. } in frames {
        if withdrawn {
            continue;
        }
        let unpacked = match kept {
            Some(unpacked) => unpacked,
            None => match read(shared, place)? {
                Some(unpacked) => unpacked,
                None => continue,
            },
        };
        let Unpacked { org, runs } = unpacked;
        let at = *places.entry(org.id.0).or_insert_with(|| {
            batch.orgs.push(OrgBatch { org, runs: Vec::new(), hashes: Vec::new() });
            batch.sequences.push(Vec::new());
            batch.orgs.len() - 1
        });
        if let Some(of_org) = batch.sequences.get_mut(at) {
            of_org.extend(std::iter::repeat_n(sequence, runs.len()));
        }
        if let Some(of_org) = batch.orgs.get_mut(at) {
            of_org.hashes.extend(runs.iter().map(|run| run.hash));
            of_org.runs.extend(runs.into_iter().map(|run| run.new));
        }
    }
    Ok(batch)
}

fn read(shared: &Shared, place: Place) -> io::Result<Option<Unpacked>> {
    let payload = match segment::read_frame(&shared.dir, place) {
        Ok(payload) => payload,
        // Waiting brings back neither a file that somebody took away nor a spoiled one.
        Err(error) if is_final(error.kind()) => {
            tracing::error!(?place, %error, "a frame of the spool is lost");
            return Ok(None);
        }
        Err(error) => return Err(error),
    };
    match frame::unpack(&payload) {
        Ok(unpacked) => Ok(Some(unpacked)),
        Err(error) => {
            tracing::error!(?place, %error, "a frame of the spool cannot be read and is put aside");
            shared.quarantine.keep_frame(place, &payload)?;
            Ok(None)
        }
    }
}

fn is_final(kind: io::ErrorKind) -> bool {
    matches!(
        kind,
        io::ErrorKind::NotFound | io::ErrorKind::UnexpectedEof | io::ErrorKind::InvalidData
    )
}
