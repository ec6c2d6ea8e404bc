//! The thread that waits for the disk, and lets frames be drained and read once
//! it has them.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::Receiver;

use crate::segment::sync_dir;
use crate::shared::Shared;
use crate::writer::{Reply, refuse};

/// Frames that were appended together.
pub(crate) struct Group {
    /// Their segment.
    pub(crate) number: u64,
    pub(crate) file: Arc<File>,
    pub(crate) waiting: Vec<Waiting>,
}

/// A caller who waits for the disk.
pub(crate) struct Waiting {
    /// The sequence numbers of the frames.
    pub(crate) frames: Range<u64>,
    pub(crate) reply: Reply,
}

/// Waits for the data of a file to be on disk.
pub(crate) type WaitForDisk = Box<dyn FnMut(&File) -> io::Result<()> + Send>;

/// What the thread works with.
pub(crate) struct Syncer {
    dir: PathBuf,
    shared: Arc<Shared>,
    /// Tells which segment must not be trusted any more.
    failed: Arc<AtomicU64>,
    wait_for_disk: WaitForDisk,
    /// The last segment whose name is on disk.
    named: Option<u64>,
}

impl Syncer {
    pub(crate) fn new(
        dir: PathBuf,
        shared: Arc<Shared>,
        failed: Arc<AtomicU64>,
        wait_for_disk: WaitForDisk,
    ) -> Self {
        Self { dir, shared, failed, wait_for_disk, named: None }
    }

    /// Serves until no more groups can come.
    pub(crate) fn serve(mut self, written: &Receiver<Group>) {
        while let Ok(group) = written.recv() {
            let mut ready = vec![group];
            for group in written.try_iter() {
                match ready.last_mut().filter(|last| last.number == group.number) {
                    Some(last) => last.waiting.extend(group.waiting),
                    None => ready.push(group),
                }
            }
            ready.into_iter().for_each(|group| self.settle(group));
        }
    }

    fn settle(&mut self, group: Group) {
        let Group { number, file, waiting } = group;
        match self.sync(number, &file) {
            Ok(()) => {
                for Waiting { frames, reply } in waiting {
                    // Whoever asked may be gone.
                    let _ = reply.send(Ok(self.shared.publish(frames)));
                }
            }
            Err(error) => {
                self.failed.store(number, Ordering::Release);
                for Waiting { frames, .. } in &waiting {
                    self.shared.withdraw(frames.clone());
                }
                refuse(waiting.into_iter().map(|waiting| waiting.reply), &error);
            }
        }
    }

    fn sync(&mut self, number: u64, file: &File) -> io::Result<()> {
        // The system tells of lost writes once; a later wait would seem to succeed.
        if self.failed.load(Ordering::Acquire) == number {
            return Err(io::Error::other("an earlier write to this file was lost"));
        }
        (self.wait_for_disk)(file)?;
        if self.named != Some(number) {
            sync_dir(&self.dir)?;
            self.named = Some(number);
        }
        Ok(())
    }
}
