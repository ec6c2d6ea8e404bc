//! How far a spool is drained, remembered across a process that was killed.
//!
//! The mark is written without waiting for the disk: a killed process leaves it
//! behind, a machine that lost power may not. So it counts only within one boot
//! of the machine; after another one all that the segments hold is drained again,
//! and the store recognises what it has.
//!
//! It also says which frames were being written to the store last, since a
//! database elsewhere may still store them: only the very same insert is then
//! recognised as one that is repeated.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::segment::Place;

const FILE: &str = "drained";
const BOOT_ID: &str = "/proc/sys/kernel/random/boot_id";
/// Two marks are kept, so that one that was cut off leaves the one before it.
const SLOTS: u64 = 2;
const SLOT_BYTES: usize = 256 * 1024;
/// Bytes of a mark's length and checksum.
const PREFIX: usize = 8;

/// How far a spool is drained.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Mark {
    /// Frames from here on were not there yet.
    pub(crate) end: Place,
    /// The organizations that have undrained frames. All of the others is drained.
    pub(crate) lanes: Vec<LaneMark>,
}

/// How far an organization is drained.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LaneMark {
    /// The organization's number.
    pub(crate) org: u64,
    /// All before this place is drained.
    pub(crate) drained: Place,
    /// From there up to this place frames are on their way to the store together.
    pub(crate) planned: Place,
}

/// A mark as it is written.
#[derive(Serialize, Deserialize)]
struct Written {
    boot: String,
    /// The larger is the newer.
    number: u64,
    mark: Mark,
}

impl Mark {
    /// All before this place is drained, whosever it is.
    pub(crate) fn floor(&self) -> Place {
        self.lanes.iter().map(|lane| lane.drained).min().unwrap_or(self.end)
    }

    /// Whether the frame of an organization at a place is drained.
    pub(crate) fn has_drained(&self, org: u64, place: Place) -> bool {
        place < self.lane(org).map_or(self.end, |lane| lane.drained)
    }

    /// Whether the frame of an organization at a place was being written.
    pub(crate) fn has_planned(&self, org: u64, place: Place) -> bool {
        self.lane(org).is_some_and(|lane| lane.drained <= place && place < lane.planned)
    }

    fn lane(&self, org: u64) -> Option<&LaneMark> {
        self.lanes.iter().find(|lane| lane.org == org)
    }
}

/// The file with the mark.
#[derive(Debug)]
pub(crate) struct Checkpoint {
    file: File,
    boot: String,
    /// The number of the newest mark.
    number: u64,
}

impl Checkpoint {
    /// Opens the file, and gives the mark that it holds for this boot.
    pub(crate) fn open(dir: &Path) -> io::Result<(Self, Option<Mark>)> {
        Self::open_for(dir, &fs::read_to_string(BOOT_ID).unwrap_or_default())
    }

    fn open_for(dir: &Path, boot_id: &str) -> io::Result<(Self, Option<Mark>)> {
        let path = dir.join(FILE);
        let file =
            File::options().create(true).truncate(false).read(true).write(true).open(path)?;
        let mut checkpoint = Self { file, boot: boot_id.trim().to_owned(), number: 0 };
        let newest = (0..SLOTS).filter_map(|slot| checkpoint.read(slot)).max_by_key(|it| it.number);
        checkpoint.number = newest.as_ref().map_or(0, |written| written.number);
        // A machine that does not tell its boots apart has none to trust.
        let is_of_this_boot =
            |written: &Written| written.boot == checkpoint.boot && !written.boot.is_empty();
        let mark = newest.filter(is_of_this_boot).map(|written| written.mark);
        Ok((checkpoint, mark))
    }

    fn read(&self, slot: u64) -> Option<Written> {
        let offset = slot * SLOT_BYTES as u64;
        let mut prefix = [0; PREFIX];
        self.file.read_exact_at(&mut prefix, offset).ok()?;
        let [a, b, c, d, checksum @ ..] = prefix;
        let length = u32::from_le_bytes([a, b, c, d]) as usize;
        if length > SLOT_BYTES - PREFIX {
            return None;
        }
        let mut body = vec![0; length];
        self.file.read_exact_at(&mut body, offset + PREFIX as u64).ok()?;
        let is_whole = crc32fast::hash(&body) == u32::from_le_bytes(checksum);
        postcard::from_bytes(&body).ok().filter(|_| is_whole)
    }

    /// Sets the mark.
    pub(crate) fn set(&mut self, mark: Mark) -> io::Result<()> {
        let number = self.number + 1;
        let floor = mark.floor();
        let mut bytes = self.written(number, mark)?;
        if bytes.len() > SLOT_BYTES {
            // What was drained beyond is drained again, and recognised.
            bytes = self.written(number, Mark { end: floor, lanes: Vec::new() })?;
        }
        let body = bytes.split_off(PREFIX);
        let length = u32::try_from(body.len()).map_err(io::Error::other)?;
        bytes[..4].copy_from_slice(&length.to_le_bytes());
        bytes[4..].copy_from_slice(&crc32fast::hash(&body).to_le_bytes());
        bytes.extend(body);
        self.file.write_all_at(&bytes, number % SLOTS * SLOT_BYTES as u64)?;
        self.number = number;
        Ok(())
    }

    fn written(&self, number: u64, mark: Mark) -> io::Result<Vec<u8>> {
        let written = Written { boot: self.boot.clone(), number, mark };
        postcard::to_extend(&written, vec![0; PREFIX]).map_err(io::Error::other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(segment: u64, offset: u64) -> Place {
        Place { segment, offset }
    }

    fn mark() -> Mark {
        let lane = LaneMark { org: 7, drained: place(3, 70_000), planned: place(4, 80_000) };
        Mark { end: place(5, 90_000), lanes: vec![lane] }
    }

    #[test]
    fn a_mark_tells_each_organizations_frames_apart() {
        let mark = mark();
        assert_eq!(mark.floor(), place(3, 70_000));
        let of_7 = [place(3, 60_000), place(3, 70_000), place(4, 70_000), place(4, 80_000)];
        let told = of_7.map(|place| (mark.has_drained(7, place), mark.has_planned(7, place)));
        assert_eq!(told, [(true, false), (false, true), (false, true), (false, false)]);
        let others = [place(5, 80_000), place(5, 90_000)].map(|place| mark.has_drained(8, place));
        assert_eq!(others, [true, false]);
        assert_eq!(Mark::default().floor(), Place::default());
    }

    #[test]
    fn the_mark_counts_within_one_boot_only() {
        let dir = tempfile::tempdir().unwrap();
        let (mut checkpoint, found) = Checkpoint::open_for(dir.path(), "boot-1\n").unwrap();
        assert_eq!(found, None);
        for end in [10, 20] {
            checkpoint.set(Mark { end: place(1, end), ..Mark::default() }).unwrap();
        }
        checkpoint.set(mark()).unwrap();
        assert_eq!(Checkpoint::open_for(dir.path(), "boot-1\n").unwrap().1, Some(mark()));
        assert_eq!(Checkpoint::open_for(dir.path(), "boot-2\n").unwrap().1, None);
        assert_eq!(Checkpoint::open_for(dir.path(), "").unwrap().1, None);
        let (mut next, _) = Checkpoint::open_for(dir.path(), "boot-2\n").unwrap();
        next.set(Mark::default()).unwrap();
        assert_eq!(Checkpoint::open_for(dir.path(), "boot-2\n").unwrap().1, Some(Mark::default()));
    }

    #[test]
    fn a_spoiled_mark_leaves_the_one_before_it() {
        let dir = tempfile::tempdir().unwrap();
        let (mut checkpoint, _) = Checkpoint::open_for(dir.path(), "boot").unwrap();
        checkpoint.set(mark()).unwrap();
        checkpoint.set(Mark::default()).unwrap();
        let path = dir.path().join(FILE);
        let mut bytes = fs::read(&path).unwrap();
        bytes[PREFIX + 2] ^= 1;
        fs::write(&path, &bytes).unwrap();
        assert_eq!(Checkpoint::open_for(dir.path(), "boot").unwrap().1, Some(mark()));
        bytes[SLOT_BYTES + PREFIX + 2] ^= 1;
        fs::write(&path, bytes).unwrap();
        assert_eq!(Checkpoint::open_for(dir.path(), "boot").unwrap().1, None);
    }

    #[test]
    fn more_organizations_than_a_mark_holds_are_drained_again() {
        let dir = tempfile::tempdir().unwrap();
        let (mut checkpoint, _) = Checkpoint::open_for(dir.path(), "boot").unwrap();
        let lane = |n| LaneMark { org: u64::MAX - n, drained: place(2, n), planned: place(2, n) };
        let lanes = (5..30_000).map(lane).collect();
        checkpoint.set(Mark { end: place(9, 0), lanes }).unwrap();
        let floor = Mark { end: place(2, 5), lanes: Vec::new() };
        assert_eq!(Checkpoint::open_for(dir.path(), "boot").unwrap().1, Some(floor));
    }
}
