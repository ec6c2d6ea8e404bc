//! The files of a spool.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use std::sync::Arc;
use crate::frame::{MAX_FRAME, PREFIX};

/// The first bytes of every segment; the digits are the version of its form.
const MAGIC: [u8; 8] = *b"RUNSPL01";
const SUFFIX: &str = "frames";

/// A position between two frames, or where a frame begins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
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
    pub(crate) frames: Vec<std::ops::Range<usize>>,
    pub(crate) bytes: Vec<u8>,
    /// Frames with a wrong checksum between good ones.
    pub(crate) spoiled: Vec<std::ops::Range<usize>>,
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

/// Reads a segment as far as it is whole.
pub(crate) fn scan(path: &Path) -> io::Result<Scan> {
    let bytes = fs::read(path)?;
    let mut scan = Scan { frames: Vec::new(), spoiled: Vec::new(), torn: 0, bytes };
    if !scan.bytes.starts_with(&MAGIC) {
        // A crash between making the file and writing its first bytes.
        scan.torn = scan.bytes.len();
        return Ok(scan);
    }
    let mut at = MAGIC.len();
    while at < scan.bytes.len() {
        match frame_at(&scan.bytes, at) {
            Some((payload, true)) => {
                at = payload.end;
                scan.frames.push(payload);
            }
            // Wrong in the middle: a disk that forgets, not a crash.
            Some((payload, false)) if followed_by_a_frame(&scan.bytes, payload.end) => {
                at = payload.end;
                scan.spoiled.push(payload);
            }
            _ => break,
        }
    }
    scan.torn = scan.bytes.len() - at;
    Ok(scan)
}

/// The payload of the frame that begins here, and whether its checksum is right.
fn frame_at(bytes: &[u8], at: usize) -> Option<(std::ops::Range<usize>, bool)> {
    let prefix = bytes.get(at..at + PREFIX)?;
    let (length, checksum) = prefix.split_at(4);
    let length = u32::from_le_bytes(length.try_into().ok()?) as usize;
    let checksum = u32::from_le_bytes(checksum.try_into().ok()?);
    if length == 0 || length > MAX_FRAME {
        return None;
    }
    let range = at + PREFIX..at + PREFIX + length;
    let payload = bytes.get(range.clone())?;
    Some((range, crc32fast::hash(payload) == checksum))
}

fn followed_by_a_frame(bytes: &[u8], at: usize) -> bool {
    matches!(frame_at(bytes, at), Some((_, true)))
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

    #[test]
    fn one_spoiled_frame_does_not_hide_those_behind_it() {
        let mut bytes = [frame(b"one"), frame(b"two"), frame(b"three")].concat();
        bytes[11 + PREFIX] ^= 1;
        let (_dir, path) = written(&bytes);
        assert_eq!(payloads(&path), (vec![b"one".to_vec(), b"three".to_vec()], 1, 0));
        // The same at the end is a write that a crash cut off.
        let (_dir, path) = written(&bytes[..22]);
        assert_eq!(payloads(&path), (vec![b"one".to_vec()], 0, 11));
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
