//! Keeps what waits on disk: one file for each request that left something.

use std::collections::HashMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::UNIX_EPOCH;

use model::{OrgSlug, Timestamp};
use otlp::{Part, Ticket};
use serde::{Deserialize, Serialize};
use shares::{Budget, Held, Holder, Refused};
use store::Org;

/// Most bytes that may wait; beyond, senders are asked to come again.
const MAX_BYTES: u64 = 128 * 1024 * 1024;

/// How the name of a file ends that is to take another's place.
const UNFINISHED: &str = "new";

/// Files of parts that wait, by their ticket. By default nothing is kept beyond the process.
pub struct Journal {
    folder: Option<PathBuf>,
    files: Mutex<Files>,
    room: Budget,
}

#[derive(Default)]
struct Files {
    newest: Ticket,
    open: HashMap<Ticket, Entry>,
}

struct Entry {
    parts_left: usize,
    /// As much as the request took at first; given back with the file.
    _room: Held,
}

impl Default for Journal {
    fn default() -> Self {
        Self { folder: None, files: Mutex::default(), room: Budget::new(MAX_BYTES) }
    }
}

/// Why something could not be kept.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// Too much waits already.
    #[error("too many spans and log records wait for others of their trace: {0}")]
    Full(Refused),
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
        let files = Mutex::new(Files { newest, ..Files::default() });
        Ok(Self { folder: Some(folder), files, ..Self::default() })
    }

    /// The room for what waits, which organizations share.
    #[must_use]
    pub fn room(&self) -> Budget {
        self.room.clone()
    }

    /// A ticket that no other request has.
    ///
    /// # Errors
    /// When too much waits already, of this holder or of all.
    pub fn ticket(&self, holder: Holder) -> Result<Ticket, JournalError> {
        self.room.check(holder, 1).map_err(JournalError::Full)?;
        let mut files = self.lock();
        files.newest += 1;
        Ok(files.newest)
    }

    /// Makes parts durable under a ticket.
    ///
    /// # Errors
    /// When the disk refuses or there is no room; then nothing is kept.
    pub fn keep(
        &self,
        org: &Org,
        holder: Holder,
        ticket: Ticket,
        parts: &[Part],
    ) -> Result<(), JournalError> {
        if parts.is_empty() {
            return Ok(());
        }
        let text = text_of(org, parts).map_err(|cause| disk(Path::new("memory"), cause.into()))?;
        let room = self.room.take(holder, text.len() as u64).map_err(JournalError::Full)?;
        if let Some(folder) = &self.folder {
            let path = file(folder, ticket);
            write(folder, &path, &text).map_err(|cause| {
                // Half a file would be read by the next start.
                let _ = fs::remove_file(&path);
                disk(&path, cause)
            })?;
        }
        self.lock().open.insert(ticket, Entry { parts_left: parts.len(), _room: room });
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
        let Some(folder) = &self.folder else { return Ok(()) };
        let text = text_of(org, parts).map_err(|cause| disk(Path::new("memory"), cause.into()))?;
        let (path, new) = (file(folder, ticket), unfinished(folder, ticket));
        // A process that was killed can have left one.
        let _ = fs::remove_file(&new);
        write(folder, &new, &text)
            .and_then(|()| fs::rename(&new, &path))
            .inspect_err(|_| drop(fs::remove_file(&new)))
            .map_err(|cause| disk(&path, cause))
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
            files.open.remove(&ticket);
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
                    let room = self.room.take_anyway(Holder::of_org(left.org.1), bytes);
                    let mut files = self.lock();
                    files.newest = files.newest.max(ticket);
                    files.open.insert(ticket, Entry { parts_left: left.parts.len(), _room: room });
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

fn text_of(org: &Org, parts: &[Part]) -> serde_json::Result<Vec<u8>> {
    let mut text = serde_json::to_vec(&Head { org: org.slug.clone(), org_id: org.id.0 })?;
    text.push(b'\n');
    for part in parts {
        serde_json::to_writer(&mut text, part)?;
        text.push(b'\n');
    }
    Ok(text)
}

fn write(folder: &Path, path: &Path, text: &[u8]) -> io::Result<()> {
    let mut out = OpenOptions::new().write(true).create_new(true).open(path)?;
    out.write_all(text)?;
    out.sync_all()?;
    // The name must outlive a crash as well.
    File::open(folder)?.sync_all()
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

#[cfg(test)]
mod tests {
    use super::*;

    const A: Holder = Holder { org: 1, key: 1 };
    const B: Holder = Holder { org: 2, key: 1 };

    fn org(id: u64) -> Result<Org, model::slug::InvalidSlug> {
        Ok(Org {
            id: store::OrgId(id),
            slug: OrgSlug::new("acme")?,
            name: String::new(),
            created_at: Timestamp(0),
        })
    }

    fn part() -> serde_json::Result<Part> {
        let text = "x".repeat(500);
        let span = serde_json::json!({
            "resourceSpans": [{"scopeSpans": [{"spans": [{
                "traceId": "5b8aa5a2d2c872e8321cf37308d69df2", "spanId": "0000000000000001",
                "name": "tool", "startTimeUnixNano": "1795168800000000000",
                "endTimeUnixNano": "1795168800000000000",
                "attributes": [
                    {"key": "gen_ai.operation.name", "value": {"stringValue": "execute_tool"}},
                    {"key": "gen_ai.tool.call.result", "value": {"stringValue": text}},
                ],
            }]}]}],
        });
        let traces = otlp::decode_traces(otlp::Encoding::Json, span.to_string().as_bytes())
            .map_err(serde::de::Error::custom)?;
        let outcome = otlp::Assembly::default().traces(traces, 1, Timestamp(0));
        outcome.held.into_iter().next().ok_or_else(|| serde::de::Error::custom("nothing waits"))
    }

    #[test]
    fn what_one_leaves_waiting_takes_no_room_from_others() {
        let folder = tempfile::tempdir().unwrap();
        let journal = Journal::open(folder.path().to_owned(), Timestamp(7)).unwrap();
        let journal = Journal { room: Budget::new(20_000), ..journal };
        let (acme, beta) = (org(1).unwrap(), org(2).unwrap());
        let mut tickets = Vec::new();
        let refused = loop {
            let ticket = journal.ticket(A).and_then(|ticket| {
                journal.keep(&acme, A, ticket, &[part().unwrap()]).map(|()| ticket)
            });
            match ticket {
                Ok(ticket) => tickets.push(ticket),
                Err(refused) => break refused,
            }
        };
        assert!(matches!(refused, JournalError::Full(Refused::Share { .. })), "{refused}");
        assert!(tickets.len() > 5);
        let files = || fs::read_dir(folder.path()).unwrap().count();
        assert_eq!(files(), tickets.len(), "what was refused is not kept");
        let ticket = journal.ticket(B).unwrap();
        journal.keep(&beta, B, ticket, &[part().unwrap()]).unwrap();
        journal.release(tickets);
        assert_eq!(files(), 1);
        let again = Journal { folder: Some(folder.path().to_owned()), ..Journal::default() };
        assert_eq!(again.take_on().unwrap().len(), 1);
        assert!(again.room().usage(2).own > 500);
    }
}
