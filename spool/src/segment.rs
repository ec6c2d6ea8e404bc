//! The files of a spool.

use std::fs::{self, File};
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::frame::{self, MAX_FRAME, PREFIX};

/// The first bytes of every segment; the digits are the version of its form.
const MAGIC: [u8; 8] = *b"RUNSPL01";
const SUFFIX: &str = "frames";

/// A position between two frames, or where a frame begins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Place {
    /// The segment's number.
    pub(crate) segment: u64,
    /// Bytes from its beginning.
    pub(crate) offset: u64,
}

/// The segment that is being written.
pub(crate) struct Segment {
    pub(crate) number: u64,
    file: Arc<File>,
    len: u64,
}

/// What was found in a segment.
pub(crate) struct Scan {
    /// Where each whole frame's payload lies in `bytes`.
    pub(crate) frames: Vec<Range<usize>>,
    pub(crate) bytes: Vec<u8>,
    /// What is no frame before the last good one.
    pub(crate) spoiled: Vec<Range<usize>>,
    /// Bytes after the last whole frame.
    pub(crate) torn: usize,
}

/// The path of a segment.
pub(crate) fn path(dir: &Path, number: u64) -> PathBuf {
    dir.join(format!("{number:020}.{SUFFIX}"))
}

/// The numbers of the segments in a folder, in order.
pub(crate) fn numbers(dir: &Path) -> io::Result<Vec<u64>> {
    let mut numbers = Vec::new();
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        if path.extension().is_some_and(|it| it == SUFFIX)
            && let Some(stem) = path.file_stem().and_then(|it| it.to_str())
            && let Ok(number) = stem.parse()
        {
            numbers.push(number);
        }
    }
    numbers.sort_unstable();
    Ok(numbers)
}

impl Segment {
    /// Makes a segment. Its name is on disk once its folder was told to be.
    pub(crate) fn create(dir: &Path, number: u64) -> io::Result<Self> {
        let file = File::options().create_new(true).write(true).open(path(dir, number))?;
        file.write_all_at(&MAGIC, 0)?;
        Ok(Self { number, file: Arc::new(file), len: MAGIC.len() as u64 })
    }

    /// For waiting until everything appended is on disk.
    pub(crate) fn file(&self) -> Arc<File> {
        Arc::clone(&self.file)
    }

    /// Where the next frame goes.
    pub(crate) fn end(&self) -> Place {
        Place { segment: self.number, offset: self.len }
    }

    /// Bytes so far.
    pub(crate) fn len(&self) -> u64 {
        self.len
    }

    /// Whether it holds no frame.
    pub(crate) fn is_empty(&self) -> bool {
        self.len == MAGIC.len() as u64
    }

    /// Appends frames. When that fails, nothing of them stays behind.
    pub(crate) fn append(&mut self, frames: &[u8]) -> io::Result<()> {
        match self.file.write_all_at(frames, self.len) {
            Ok(()) => {
                self.len += frames.len() as u64;
                Ok(())
            }
            Err(error) => {
                // Half a frame would be cut at the next start anyway.
                let _ = self.file.set_len(self.len);
                Err(error)
            }
        }
    }
}

/// Reads a segment. What is damaged is passed over up to the next whole frame:
/// a crash tears the end alone, a disk that forgets any place.
pub(crate) fn scan(path: &Path) -> io::Result<Scan> {
    let bytes = fs::read(path)?;
    let mut scan = Scan { frames: Vec::new(), spoiled: Vec::new(), torn: 0, bytes };
    let mut at = if scan.bytes.starts_with(&MAGIC) { MAGIC.len() } else { 0 };
    while at < scan.bytes.len() {
        if let Some(payload) = frame_at(&scan.bytes, at) {
            at = payload.end;
            scan.frames.push(payload);
        } else if let Some(next) = next_frame(&scan.bytes, at + 1) {
            scan.spoiled.push(at..next);
            at = next;
        } else {
            break;
        }
    }
    scan.torn = scan.bytes.len() - at;
    Ok(scan)
}

/// The payload of the frame that begins here, if its checksum is right.
fn frame_at(bytes: &[u8], at: usize) -> Option<Range<usize>> {
    let (range, checksum) = claimed_at(bytes, at)?;
    (crc32fast::hash(bytes.get(range.clone())?) == checksum).then_some(range)
}

/// Where the next whole frame begins, from here on. The head is looked at first,
/// since the checksum of all that seems to have a length would take hours.
fn next_frame(bytes: &[u8], from: usize) -> Option<usize> {
    (from..bytes.len().saturating_sub(PREFIX)).find(|at| {
        let claimed = claimed_at(bytes, *at).and_then(|(range, _)| bytes.get(range));
        claimed.is_some_and(|payload| frame::contents(payload).is_ok())
            && frame_at(bytes, *at).is_some()
    })
}

/// Where the payload of a frame that begins here would lie, and its checksum.
fn claimed_at(bytes: &[u8], at: usize) -> Option<(Range<usize>, u32)> {
    let prefix = bytes.get(at..at + PREFIX)?;
    let (length, checksum) = prefix.split_at(4);
    let length = u32::from_le_bytes(length.try_into().ok()?) as usize;
    let checksum = u32::from_le_bytes(checksum.try_into().ok()?);
    let range = at + PREFIX..at + PREFIX + length;
    let is_possible = length > 0 && length <= MAX_FRAME && range.end <= bytes.len();
    is_possible.then_some((range, checksum))
}

/// Reads the payload of the frame at a place.
pub(crate) fn read_frame(dir: &Path, place: Place) -> io::Result<Vec<u8>> {
    let file = File::open(path(dir, place.segment))?;
    let mut prefix = [0; PREFIX];
    file.read_exact_at(&mut prefix, place.offset)?;
    let [a, b, c, d, checksum @ ..] = prefix;
    let length = u32::from_le_bytes([a, b, c, d]) as usize;
    let spoiled = || io::Error::new(io::ErrorKind::InvalidData, "the frame's checksum is wrong");
    if length > MAX_FRAME {
        return Err(spoiled());
    }
    let mut payload = vec![0; length];
    file.read_exact_at(&mut payload, place.offset + PREFIX as u64)?;
    if crc32fast::hash(&payload) != u32::from_le_bytes(checksum) {
        return Err(spoiled());
    }
    Ok(payload)
}

/// Cuts a segment behind its last whole frame.
pub(crate) fn cut(path: &Path, len: u64) -> io::Result<()> {
    let file = File::options().write(true).open(path)?;
    file.set_len(len)?;
    file.sync_all()
}

/// Makes sure that the names in a folder outlive a crash.
pub(crate) fn sync_dir(dir: &Path) -> io::Result<()> {
    File::open(dir)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(payload: &[u8]) -> Vec<u8> {
        let mut bytes = (payload.len() as u32).to_le_bytes().to_vec();
        bytes.extend(crc32fast::hash(payload).to_le_bytes());
        bytes.extend(payload);
        bytes
    }

    fn written(frames: &[u8]) -> (tempfile::TempDir, PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        let mut segment = Segment::create(dir.path(), 7).unwrap();
        segment.append(frames).unwrap();
        let path = path(dir.path(), 7);
        (dir, path)
    }

    fn payloads(path: &Path) -> (Vec<Vec<u8>>, usize, usize) {
        let scan = scan(path).unwrap();
        let frames = scan.frames.iter().map(|range| scan.bytes[range.clone()].to_vec()).collect();
        (frames, scan.spoiled.len(), scan.torn)
    }

    #[test]
    fn frames_come_back_and_a_torn_tail_is_seen_wherever_it_tore() {
        let whole = [frame(b"one"), frame(b"two")].concat();
        for kept in 0..whole.len() {
            let (_dir, path) = written(&whole[..kept]);
            let (frames, spoiled, torn) = payloads(&path);
            let (count, rest) = if kept < 11 { (0, kept) } else { (1, kept - 11) };
            assert_eq!((frames.len(), spoiled, torn), (count, 0, rest), "{kept}");
        }
        let (dir, path) = written(&whole);
        assert_eq!(payloads(&path), (vec![b"one".to_vec(), b"two".to_vec()], 0, 0));
        assert_eq!(numbers(dir.path()).unwrap(), [7]);
        let second = Place { segment: 7, offset: 8 + 11 };
        assert_eq!(read_frame(dir.path(), second).unwrap(), b"two");
    }

    /// A frame as the spool writes it: what is looked for behind damage.
    fn real_frame(agent: &str) -> Vec<u8> {
        let org = store::Org {
            id: store::OrgId(1),
            slug: model::OrgSlug::new("acme").unwrap(),
            name: "Acme".to_owned(),
            created_at: model::Timestamp(0),
        };
        let agent = model::AgentSlug::new(agent).unwrap();
        frame::Encoded::deletion(&org, &agent, None).unwrap().bytes
    }

    #[test]
    fn damage_does_not_hide_the_frames_behind_it() {
        let frames: Vec<Vec<u8>> =
            ["one", "two", "three", "four"].into_iter().map(real_frame).collect();
        let starts = [0, frames[0].len(), frames[0].len() + frames[1].len()];
        let whole = frames.concat();
        let damages: [(&str, &[usize]); 4] = [
            ("a payload", &[starts[1] + PREFIX + 2]),
            ("two in a row", &[starts[1] + PREFIX, starts[2] + PREFIX]),
            ("a length", &[starts[1]]),
            ("a huge length", &[starts[1] + 3]),
        ];
        for (what, damaged) in damages {
            let mut bytes = whole.clone();
            damaged.iter().for_each(|at| bytes[*at] ^= 0x41);
            let (_dir, path) = written(&bytes);
            let (found, spoiled, torn) = payloads(&path);
            assert_eq!((spoiled, torn), (1, 0), "{what}");
            assert_eq!(found.len(), if damaged.len() == 2 { 2 } else { 3 }, "{what}");
            assert_eq!(found.last().unwrap(), &frames[3][PREFIX..], "{what}");
        }
        // The same at the end is a write that a crash cut off.
        let mut bytes = whole[..starts[2]].to_vec();
        bytes[starts[1] + PREFIX] ^= 0x41;
        let (_dir, path) = written(&bytes);
        assert_eq!(payloads(&path), (vec![frames[0][PREFIX..].to_vec()], 0, frames[1].len()));
        // Nor does a file that lost its first bytes.
        let (_dir, path) = written(&whole);
        let mut bytes = fs::read(&path).unwrap();
        bytes[0] ^= 0x41;
        fs::write(&path, bytes).unwrap();
        let (found, spoiled, torn) = payloads(&path);
        assert_eq!((found.len(), spoiled, torn), (4, 1, 0));
    }

    #[test]
    fn zeros_behind_the_last_frame_are_no_frame() {
        let mut bytes = frame(b"one");
        bytes.extend([0; 64]);
        let (_dir, path) = written(&bytes);
        assert_eq!(payloads(&path), (vec![b"one".to_vec()], 0, 64));
        cut(&path, 8 + 11).unwrap();
        assert_eq!(payloads(&path), (vec![b"one".to_vec()], 0, 0));
    }
}
