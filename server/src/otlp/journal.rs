//! Keeps what waits on disk: one file for each request that left something.

use std::collections::HashMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::UNIX_EPOCH;

use model::{OrgSlug, Timestamp};
use otlp::{Part, Ticket};
use serde::{Deserialize, Serialize};
use store::Org;

/// Most bytes that may wait; beyond, senders are asked to come again.
const MAX_BYTES: u64 = 128 * 1024 * 1024;

/// How the name of a file ends that is to take another's place.
const UNFINISHED: &str = "new";

/// Files of parts that wait, by their ticket. By default nothing is kept beyond the process.
#[derive(Default)]
pub struct Journal {
    folder: Option<PathBuf>,
    files: Mutex<Files>,
}

#[derive(Default)]
struct Files {
    newest: Ticket,
    open: HashMap<Ticket, Entry>,
    bytes: u64,
}

struct Entry {
    parts_left: usize,
    bytes: u64,
}

/// Why something could not be kept.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// Too much waits already.
    #[error("too many spans and log records wait for others of their trace; try again later")]
    Full,
    /// The disk refuses.
    #[error("spans and log records that must wait cannot be written to {path}: {cause}")]
    Disk {
        /// The file.
        path: PathBuf,
        /// What the system says.
        cause: io::Error,
    },
}

/// The first line of a file.
#[derive(Serialize, Deserialize)]
struct Head {
    org: OrgSlug,
    org_id: u64,
}

/// A file as the last process left it.
pub struct Left {
    /// Its ticket.
    pub ticket: Ticket,
    /// The organization's name and number.
    pub org: (OrgSlug, u64),
    /// What waited, those lines that can be read.
    pub parts: Vec<Part>,
    /// When it was written.
    pub at: Timestamp,
}

impl Journal {
    /// Opens the folder; makes it when it is missing.
    ///
    /// # Errors
    /// When the folder cannot be made.
    pub fn open(folder: PathBuf, now: Timestamp) -> Result<Self, JournalError> {
        fs::create_dir_all(&folder).map_err(|cause| disk(&folder, cause))?;
        let newest = now.0.unsigned_abs();
        Ok(Self { folder: Some(folder), files: Mutex::new(Files { newest, ..Files::default() }) })
    }

    /// A ticket that no other request has.
    ///
    /// # Errors
    /// When too much waits already.
    pub fn ticket(&self) -> Result<Ticket, JournalError> {
        let mut files = self.lock();
        if files.bytes > MAX_BYTES {
            return Err(JournalError::Full);
        }
        files.newest += 1;
        Ok(files.newest)
    }

    /// Makes parts durable under a ticket.
    ///
    /// # Errors
    /// When the disk refuses; then nothing is kept.
    pub fn keep(&self, org: &Org, ticket: Ticket, parts: &[Part]) -> Result<(), JournalError> {
        if parts.is_empty() {
            return Ok(());
        }
        let bytes = match &self.folder {
            Some(folder) => {
                let path = file(folder, ticket);
                write(folder, &path, org, parts).map_err(|cause| {
                    // Half a file would be read by the next start.
                    let _ = fs::remove_file(&path);
                    disk(&path, cause)
                })?
            }
            None => 0,
        };
        let mut files = self.lock();
        files.bytes += bytes;
        files.open.insert(ticket, Entry { parts_left: parts.len(), bytes });
        Ok(())
    }

    /// Keeps these parts of a ticket alone: the others, which were released, are to leave
    /// the disk before these do. Does nothing when the ticket's file is gone.
    ///
    /// # Errors
    /// When the disk refuses; then the file is as it was.
    pub fn rewrite(&self, org: &Org, ticket: Ticket, parts: &[Part]) -> Result<(), JournalError> {
        if !self.lock().open.contains_key(&ticket) {
            return Ok(());
        }
        let bytes = match &self.folder {
            Some(folder) => {
                let (path, new) = (file(folder, ticket), unfinished(folder, ticket));
                // A process that was killed can have left one.
                let _ = fs::remove_file(&new);
                let written = write(folder, &new, org, parts)
                    .and_then(|bytes| fs::rename(&new, &path).map(|()| bytes));
                written
                    .inspect_err(|_| drop(fs::remove_file(&new)))
                    .map_err(|cause| disk(&path, cause))?
            }
            None => 0,
        };
        let mut files = self.lock();
        if let Some(entry) = files.open.get_mut(&ticket) {
            let before = std::mem::replace(&mut entry.bytes, bytes);
            files.bytes = files.bytes.saturating_sub(before) + bytes;
        }
        Ok(())
    }

    /// One part of each of these tickets waits no longer.
    pub fn release(&self, tickets: impl IntoIterator<Item = Ticket>) {
        for ticket in tickets {
            let mut files = self.lock();
            let Some(entry) = files.open.get_mut(&ticket) else { continue };
            entry.parts_left = entry.parts_left.saturating_sub(1);
            if entry.parts_left > 0 {
                continue;
            }
            let bytes = entry.bytes;
            files.open.remove(&ticket);
            files.bytes = files.bytes.saturating_sub(bytes);
            drop(files);
            if let Some(folder) = &self.folder
                && let Err(error) = fs::remove_file(file(folder, ticket))
            {
                tracing::warn!(%error, ticket, "cannot remove a file of spans that waited");
            }
        }
    }

    /// What the last process left, and takes it on.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn take_on(&self) -> Result<Vec<Left>, JournalError> {
        let Some(folder) = &self.folder else { return Ok(Vec::new()) };
        let entries = fs::read_dir(folder).map_err(|cause| disk(folder, cause))?;
        let mut found = Vec::new();
        for entry in entries.flatten() {
            let path = entry.path();
            if path.extension().is_some_and(|it| it == UNFINISHED) {
                let _ = fs::remove_file(&path);
            }
            let Some(ticket) = ticket_of(&path) else { continue };
            match read(&path, ticket) {
                // Its sender was not answered.
                Ok(left) if left.parts.is_empty() => {
                    let _ = fs::remove_file(&path);
                }
                Ok(left) => {
                    let bytes = entry.metadata().map(|data| data.len()).unwrap_or_default();
                    let mut files = self.lock();
                    files.newest = files.newest.max(ticket);
                    files.bytes += bytes;
                    files.open.insert(ticket, Entry { parts_left: left.parts.len(), bytes });
                    found.push(left);
                }
                Err(error) => tracing::warn!(
                    path = %path.display(), %error, "spans that waited cannot be read; left as they are"
                ),
            }
        }
        Ok(found)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Files> {
        self.files.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn file(folder: &Path, ticket: Ticket) -> PathBuf {
    folder.join(format!("{ticket:016x}.jsonl"))
}

fn unfinished(folder: &Path, ticket: Ticket) -> PathBuf {
    folder.join(format!("{ticket:016x}.{UNFINISHED}"))
}

fn ticket_of(path: &Path) -> Option<Ticket> {
    let name = path.file_name()?.to_str()?.strip_suffix(".jsonl")?;
    Ticket::from_str_radix(name, 16).ok()
}

fn disk(path: &Path, cause: io::Error) -> JournalError {
    JournalError::Disk { path: path.to_owned(), cause }
}

fn write(folder: &Path, path: &Path, org: &Org, parts: &[Part]) -> io::Result<u64> {
    let mut out = BufWriter::new(OpenOptions::new().write(true).create_new(true).open(path)?);
    serde_json::to_writer(&mut out, &Head { org: org.slug.clone(), org_id: org.id.0 })?;
    out.write_all(b"\n")?;
    for part in parts {
        serde_json::to_writer(&mut out, part)?;
        out.write_all(b"\n")?;
    }
    let written = out.into_inner().map_err(io::IntoInnerError::into_error)?;
    written.sync_all()?;
    // The name must outlive a crash as well.
    File::open(folder)?.sync_all()?;
    Ok(written.metadata()?.len())
}

fn read(path: &Path, ticket: Ticket) -> io::Result<Left> {
    let file = File::open(path)?;
    let since = file.metadata()?.modified()?.duration_since(UNIX_EPOCH).unwrap_or_default();
    let at = Timestamp(i64::try_from(since.as_micros()).unwrap_or(i64::MAX));
    let mut lines = BufReader::new(file).lines();
    let head = lines.next().unwrap_or_else(|| Ok(String::new()))?;
    let Head { org, org_id } = serde_json::from_str(&head)?;
    let mut parts = Vec::new();
    for line in lines {
        // A crash before the answer can cut the last line; its sender comes again.
        if let Ok(part) = serde_json::from_str(&line?) {
            parts.push(part);
        }
    }
    Ok(Left { ticket, org: (org, org_id), parts, at })
}
