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

use crate::segment::Place;

const FILE: &str = "drained";
const BOOT_ID: &str = "/proc/sys/kernel/random/boot_id";
const BYTES: usize = 72;

/// How far a spool is drained.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Mark {
    /// All before this place is drained.
    pub(crate) drained: Place,
    /// From there up to this place frames are on their way to the store together.
    pub(crate) planned: Place,
}

/// The file with the mark.
#[derive(Debug)]
pub(crate) struct Checkpoint {
    file: File,
    boot: [u8; 36],
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
        let mut boot = [0; 36];
        for (to, from) in boot.iter_mut().zip(boot_id.trim().bytes()) {
            *to = from;
        }
        let checkpoint = Self { file, boot };
        let mark = checkpoint.read();
        Ok((checkpoint, mark))
    }

    fn read(&self) -> Option<Mark> {
        let mut bytes = [0; BYTES];
        self.file.read_exact_at(&mut bytes, 0).ok()?;
        let (body, checksum) = bytes.split_at(BYTES - 4);
        let (boot, numbers) = body.split_at(36);
        let mut numbers = numbers.chunks_exact(8).map(|number| {
            number.iter().rev().fold(0_u64, |number, byte| number << 8 | u64::from(*byte))
        });
        let mut place = || Some(Place { segment: numbers.next()?, offset: numbers.next()? });
        let mark = Mark { drained: place()?, planned: place()? };
        let is_whole = crc32fast::hash(body).to_le_bytes() == checksum;
        // A machine that does not tell its boots apart has none to trust.
        (is_whole && boot == self.boot && self.boot != [0; 36]).then_some(mark)
    }

    /// Sets the mark.
    pub(crate) fn set(&self, mark: Mark) -> io::Result<()> {
        let Mark { drained, planned } = mark;
        let numbers = [drained.segment, drained.offset, planned.segment, planned.offset];
        let mut bytes = [0; BYTES];
        bytes[..36].copy_from_slice(&self.boot);
        for (to, number) in bytes[36..BYTES - 4].chunks_exact_mut(8).zip(numbers) {
            to.copy_from_slice(&number.to_le_bytes());
        }
        let checksum = crc32fast::hash(&bytes[..BYTES - 4]);
        bytes[BYTES - 4..].copy_from_slice(&checksum.to_le_bytes());
        self.file.write_all_at(&bytes, 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mark_counts_within_one_boot_only() {
        let dir = tempfile::tempdir().unwrap();
        let mark = Mark {
            drained: Place { segment: 3, offset: 70_000 },
            planned: Place { segment: 4, offset: 80_000 },
        };
        let (checkpoint, found) = Checkpoint::open_for(dir.path(), "boot-1\n").unwrap();
        assert_eq!(found, None);
        checkpoint.set(mark).unwrap();
        assert_eq!(Checkpoint::open_for(dir.path(), "boot-1\n").unwrap().1, Some(mark));
        assert_eq!(Checkpoint::open_for(dir.path(), "boot-2\n").unwrap().1, None);
        assert_eq!(Checkpoint::open_for(dir.path(), "").unwrap().1, None);
    }

    #[test]
    fn a_spoiled_mark_is_none() {
        let dir = tempfile::tempdir().unwrap();
        let (checkpoint, _) = Checkpoint::open_for(dir.path(), "boot").unwrap();
        checkpoint.set(Mark::default()).unwrap();
        let path = dir.path().join(FILE);
        let mut bytes = fs::read(&path).unwrap();
        bytes[40] ^= 1;
        fs::write(&path, bytes).unwrap();
        assert_eq!(Checkpoint::open_for(dir.path(), "boot").unwrap().1, None);
    }
}
