//! The thread that appends frames and waits for the disk, for many callers at
//! once: while one write is on its way to the disk, the next group gathers.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::Instant;

use model::RunId;
use tokio::sync::oneshot;

use crate::frame::{Encoded, Unpacked};
use crate::ledger::NewEntry;
use crate::segment::{Place, Segment};
use crate::shared::Shared;

/// A segment that has grown to this many bytes gets no more frames.
const SEGMENT_BYTES: u64 = 64 * 1024 * 1024;
/// Bytes that go to the disk together.
const GROUP_BYTES: usize = 16 * 1024 * 1024;

type Reply = oneshot::Sender<io::Result<Vec<RunId>>>;

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

/// The way to the thread.
pub(crate) struct Writer {
    orders: Sender<Order>,
}

/// The thread ended.
pub(crate) fn ended() -> io::Error {
    io::Error::other("the spool is closed")
}

impl Writer {
    /// Starts the thread on a new segment.
    pub(crate) fn start(
        dir: PathBuf,
        number: u64,
        shared: Arc<Shared>,
    ) -> io::Result<(Self, JoinHandle<()>)> {
        let segment = Segment::create(&dir, number)?;
        shared.ledger().open_segment(number, segment.len(), false);
        let (orders, inbox) = channel();
        let desk = Desk { dir, segment, shared };
        let thread =
            thread::Builder::new().name("spool".to_owned()).spawn(move || desk.serve(&inbox))?;
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
fn refuse(waiting: impl Iterator<Item = Reply>, error: &io::Error) {
    tracing::error!(%error, "the spool cannot be written");
    for reply in waiting {
        let _ = reply.send(Err(io::Error::new(error.kind(), error.to_string())));
    }
}

struct Desk {
    dir: PathBuf,
    segment: Segment,
    shared: Arc<Shared>,
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

    /// Appends frames, answers those in a hurry, waits for the disk, answers the rest.
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
        for (append, mut place) in group.into_iter().zip(places) {
            let Append { pieces, soon, reply } = append;
            let mut dropped = Vec::new();
            for Piece { frame, runs } in pieces {
                let end = Place { offset: place.offset + frame.bytes.len() as u64, ..place };
                dropped.extend(self.shared.publish(NewEntry {
                    place,
                    end,
                    contents: frame.contents,
                    kept: runs,
                    since: started,
                    recovered: false,
                }));
                place = end;
            }
            if soon {
                let _ = reply.send(Ok(dropped));
            } else {
                waiting.push((reply, dropped));
            }
        }
        if let Err(error) = self.sync() {
            return refuse(waiting.into_iter().map(|(reply, _)| reply), &error);
        }
        for (reply, dropped) in waiting {
            let _ = reply.send(Ok(dropped));
        }
    }

    /// Appends frames and gives where those of each caller begin.
    fn append(&mut self, group: &[Append]) -> io::Result<Vec<Place>> {
        if self.segment.len() >= SEGMENT_BYTES {
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

    /// After a failed wait nobody knows what the disk has, so what follows goes
    /// to another file.
    fn sync(&mut self) -> io::Result<()> {
        self.segment.sync().inspect_err(|_| drop(self.rotate()))
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
