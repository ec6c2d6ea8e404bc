//! The threads that put frames on disk, for many callers at once. One appends,
//! so that nobody who only needs the system to have a frame waits for a disk; the
//! other waits for the disk, and while it does the next group gathers.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::Instant;

use model::RunId;
use tokio::sync::oneshot;

use crate::frame::{Encoded, Unpacked};
use crate::ledger::NewEntry;
use crate::segment::{Place, Segment};
use crate::shared::Shared;
use crate::sync::{Group, Syncer, Waiting};

/// A segment that has grown to this many bytes gets no more frames.
const SEGMENT_BYTES: u64 = 64 * 1024 * 1024;
/// Bytes that are appended together.
const GROUP_BYTES: usize = 16 * 1024 * 1024;

pub(crate) type Reply = oneshot::Sender<io::Result<Vec<RunId>>>;

/// What the thread is asked to do.
enum Order {
    Append(Append),
    /// Begins a new segment, so that the others can go once they are drained.
    Rotate(oneshot::Sender<io::Result<()>>),
}

/// A frame to append.
pub(crate) struct Piece {
    pub(crate) frame: Encoded,
    /// The runs of the frame, for draining without reading them again.
    pub(crate) runs: Option<Unpacked>,
    /// The key that sends it; 0 for none.
    pub(crate) key: u64,
}

/// Frames to append, all or none.
pub(crate) struct Append {
    pub(crate) pieces: Vec<Piece>,
    /// Answer before the disk has it.
    pub(crate) soon: bool,
    /// Told the runs that a deletion dropped, or what went wrong.
    pub(crate) reply: Reply,
}

impl Append {
    fn len(&self) -> usize {
        self.pieces.iter().map(|piece| piece.frame.bytes.len()).sum()
    }
}

/// The way to the threads.
pub(crate) struct Writer {
    orders: Sender<Order>,
}

/// The threads ended.
pub(crate) fn ended() -> io::Error {
    io::Error::other("the spool is closed")
}

impl Writer {
    /// Starts the threads on a new segment.
    pub(crate) fn start(
        dir: PathBuf,
        number: u64,
        shared: Arc<Shared>,
    ) -> io::Result<(Self, JoinHandle<()>)> {
        Self::start_with(dir, number, shared, File::sync_data)
    }

    fn start_with(
        dir: PathBuf,
        number: u64,
        shared: Arc<Shared>,
        wait_for_disk: impl FnMut(&File) -> io::Result<()> + Send + 'static,
    ) -> io::Result<(Self, JoinHandle<()>)> {
        let segment = Segment::create(&dir, number)?;
        shared.ledger().open_segment(number, segment.len(), false);
        let (orders, inbox) = channel();
        let (groups, written) = channel();
        let failed = Arc::new(AtomicU64::new(0));
        let syncer = Syncer::new(
            dir.clone(),
            Arc::clone(&shared),
            Arc::clone(&failed),
            Box::new(wait_for_disk),
        );
        let syncing = thread::Builder::new()
            .name("spool-sync".to_owned())
            .spawn(move || syncer.serve(&written))?;
        let desk = Desk { dir, segment, shared, groups, failed };
        let thread = thread::Builder::new().name("spool".to_owned()).spawn(move || {
            desk.serve(&inbox);
            if syncing.join().is_err() {
                tracing::error!("the thread that waits for the disk did not end well");
            }
        })?;
        Ok((Self { orders }, thread))
    }

    pub(crate) fn append(&self, append: Append) -> io::Result<()> {
        self.orders.send(Order::Append(append)).map_err(|_| ended())
    }

    /// Begins a new segment unless the current one is empty.
    pub(crate) fn rotate(&self) -> io::Result<oneshot::Receiver<io::Result<()>>> {
        let (reply, answer) = oneshot::channel();
        self.orders.send(Order::Rotate(reply)).map_err(|_| ended())?;
        Ok(answer)
    }
}

/// Tells all who wait that their frames are not kept.
pub(crate) fn refuse(waiting: impl Iterator<Item = Reply>, error: &io::Error) {
    tracing::error!(%error, "the spool cannot be written");
    for reply in waiting {
        let _ = reply.send(Err(io::Error::new(error.kind(), error.to_string())));
    }
}

struct Desk {
    dir: PathBuf,
    segment: Segment,
    shared: Arc<Shared>,
    /// To the thread that waits for the disk.
    groups: Sender<Group>,
    /// The last segment for which that failed; 0 is none.
    failed: Arc<AtomicU64>,
}

impl Desk {
    fn serve(mut self, inbox: &Receiver<Order>) {
        while let Ok(order) = inbox.recv() {
            let mut group = Vec::new();
            let mut next = Some(order);
            let mut bytes = 0;
            while let Some(order) = next {
                match order {
                    Order::Append(append) => {
                        bytes += append.len();
                        group.push(append);
                    }
                    Order::Rotate(reply) => {
                        self.write(std::mem::take(&mut group));
                        // Whoever asked may be gone.
                        let _ = reply.send(self.rotate());
                    }
                }
                next = if bytes < GROUP_BYTES { inbox.try_recv().ok() } else { None };
            }
            self.write(group);
        }
    }

    /// Appends frames, answers those in a hurry, and hands the rest on.
    fn write(&mut self, group: Vec<Append>) {
        if group.is_empty() {
            return;
        }
        let started = Instant::now();
        let places = match self.append(&group) {
            Ok(places) => places,
            Err(error) => return refuse(group.into_iter().map(|append| append.reply), &error),
        };
        let mut waiting = Vec::new();
        for (append, place) in group.into_iter().zip(places) {
            let Append { pieces, soon, reply } = append;
            let frames = self.enter(pieces, place, started);
            if soon {
                let _ = reply.send(Ok(self.shared.publish(frames)));
            } else {
                waiting.push(Waiting { frames, reply });
            }
        }
        let (number, file) = (self.segment.number, self.segment.file());
        // The other thread ends after this one.
        let _ = self.groups.send(Group { number, file, waiting });
    }

    /// Gives frames their place in the order in which they are drained.
    fn enter(&self, pieces: Vec<Piece>, mut place: Place, since: Instant) -> Range<u64> {
        let mut ledger = self.shared.ledger();
        let first = ledger.next_sequence();
        for Piece { frame, runs, key } in pieces {
            let end = Place { offset: place.offset + frame.bytes.len() as u64, ..place };
            let contents = frame.contents;
            let recovered = false;
            ledger.enter(NewEntry { place, end, key, contents, kept: runs, since, recovered });
            place = end;
        }
        first..ledger.next_sequence()
    }

    /// Appends frames and gives where those of each caller begin.
    fn append(&mut self, group: &[Append]) -> io::Result<Vec<Place>> {
        // After a failed wait nobody knows what the disk has of a file, so what
        // follows goes to another one.
        let is_failed = self.failed.load(Ordering::Acquire) == self.segment.number;
        if self.segment.len() >= SEGMENT_BYTES || is_failed {
            self.rotate()?;
        }
        let mut at = self.segment.end();
        let mut places = Vec::with_capacity(group.len());
        let mut bytes = Vec::with_capacity(group.iter().map(Append::len).sum());
        for append in group {
            places.push(at);
            at.offset += append.len() as u64;
            append.pieces.iter().for_each(|piece| bytes.extend_from_slice(&piece.frame.bytes));
        }
        self.segment.append(&bytes)?;
        Ok(places)
    }

    fn rotate(&mut self) -> io::Result<()> {
        if self.segment.is_empty() {
            return Ok(());
        }
        let next = Segment::create(&self.dir, self.segment.number + 1)?;
        let mut ledger = self.shared.ledger();
        ledger.seal_segment(self.segment.number);
        ledger.open_segment(next.number, next.len(), false);
        self.segment = next;
        Ok(())
    }
}

#[cfg(test)]
mod tests;
