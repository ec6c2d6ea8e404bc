//! How much room there is.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::{Duration, Instant};

use shares::{Whose, limits};

/// How long a figure of the file system is trusted.
const FRESH: Duration = Duration::from_millis(100);
/// What is left to others on the spool's file system: a twentieth of it, at most
/// this much. ClickHouse needs room to take over what the spool holds.
const MAX_RESERVE: u64 = 512 * 1024 * 1024;

/// The file system that a spool is on.
#[derive(Debug)]
pub(crate) struct Disk {
    dir: PathBuf,
    max_bytes: u64,
    seen: Mutex<Option<(Instant, Room)>>,
}

/// Bytes of a file system.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Room {
    pub(crate) free: u64,
    pub(crate) total: u64,
}

/// Bytes of undrained frames that somebody has already.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Own {
    /// The organization.
    pub(crate) org: u64,
    /// Its key that sends more.
    pub(crate) key: u64,
}

/// There is no room for more.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoRoom {
    /// The spool holds as much as it may.
    #[error("the spool holds {bytes} bytes of at most {max_bytes}")]
    Limit {
        /// What it holds.
        bytes: u64,
        /// What it may hold.
        max_bytes: u64,
    },
    /// One organization or key has its share of it, and others use it too.
    #[error("this {} has reached its share of the spool: {bytes} of at most {limit} bytes now", name(*whose))]
    Share {
        /// Whose share it is.
        whose: Whose,
        /// What it has there.
        bytes: u64,
        /// What it may have.
        limit: u64,
    },
    /// Its file system is nearly full.
    #[error("the disk of the spool has {free} bytes free, and {reserve} are kept for the database")]
    Disk {
        /// What is free.
        free: u64,
        /// What must stay free.
        reserve: u64,
    },
}

impl Disk {
    pub(crate) fn new(dir: &Path, max_bytes: u64) -> Self {
        Self { dir: dir.to_owned(), max_bytes, seen: Mutex::new(None) }
    }

    /// The most bytes that the spool may hold.
    pub(crate) fn max_bytes(&self) -> u64 {
        self.max_bytes
    }

    /// Bytes free and in all, from a moment ago.
    pub(crate) fn room(&self) -> Room {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        match *seen {
            Some((at, room)) if at.elapsed() < FRESH => room,
            _ => {
                let room = measure(&self.dir);
                *seen = Some((Instant::now(), room));
                room
            }
        }
    }

    /// Whether so many more bytes of somebody may come on top of those held. Where
    /// nobody else sends anything, that the share is used up is the spool's matter.
    pub(crate) fn check_share(
        &self,
        held: u64,
        own: Own,
        more: u64,
        is_shared: bool,
    ) -> Result<(), NoRoom> {
        self.check(held, more)?;
        let Own { org, key } = own;
        let Room { free, total } = self.room();
        let reserve = reserve(total);
        let on_disk = held.saturating_add(free.saturating_sub(reserve));
        let (of_org, of_key) = limits(self.max_bytes.min(on_disk), held, org, key);
        let refused = |whose, bytes, limit| match is_shared {
            true => Err(NoRoom::Share { whose, bytes, limit }),
            false if on_disk < self.max_bytes => Err(NoRoom::Disk { free, reserve }),
            false => Err(NoRoom::Limit { bytes: held, max_bytes: self.max_bytes }),
        };
        if org > 0 && org.saturating_add(more) > of_org {
            return refused(Whose::Organization, org, of_org);
        }
        if key > 0 && key.saturating_add(more) > of_key {
            return refused(Whose::Key, key, of_key);
        }
        Ok(())
    }

    /// Whether so many more bytes may come on top of those held.
    pub(crate) fn check(&self, held: u64, more: u64) -> Result<(), NoRoom> {
        if held.saturating_add(more) > self.max_bytes {
            return Err(NoRoom::Limit { bytes: held, max_bytes: self.max_bytes });
        }
        let Room { free, total } = self.room();
        let reserve = reserve(total);
        if free < reserve.saturating_add(more) {
            return Err(NoRoom::Disk { free, reserve });
        }
        Ok(())
    }
}

/// What of a file system stays free.
fn reserve(total: u64) -> u64 {
    (total / 20).min(MAX_RESERVE)
}

fn name(whose: Whose) -> &'static str {
    match whose {
        Whose::Organization => "organization",
        Whose::Key => "key",
    }
}

/// A file system that cannot be measured counts as roomy: writing will tell.
fn measure(dir: &Path) -> Room {
    match rustix::fs::statvfs(dir) {
        Ok(stat) => Room {
            free: stat.f_bavail.saturating_mul(stat.f_frsize),
            total: stat.f_blocks.saturating_mul(stat.f_frsize),
        },
        Err(_) => Room { free: u64::MAX, total: u64::MAX },
    }
}

/// Waits until all that was written to the file system of a folder is on disk.
pub(crate) fn sync_file_system(dir: &Path) -> io::Result<()> {
    Ok(rustix::fs::syncfs(std::fs::File::open(dir)?)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_is_bounded_by_the_limit_and_by_the_disk() {
        let dir = tempfile::tempdir().unwrap();
        let disk = Disk::new(dir.path(), 1_000);
        assert_eq!(disk.check(900, 100), Ok(()));
        assert_eq!(disk.check(900, 101), Err(NoRoom::Limit { bytes: 900, max_bytes: 1_000 }));
        let Room { free, .. } = disk.room();
        let shared = |org, key, more| disk.check_share(900, Own { org, key }, more, true);
        assert_eq!(shared(0, 0, 100), Ok(()));
        assert_eq!(shared(600, 50, 5), Ok(()));
        let refused = NoRoom::Share { whose: Whose::Organization, bytes: 700, limit: 700 };
        assert_eq!(shared(700, 700, 1), Err(refused));
        let refused = NoRoom::Share { whose: Whose::Key, bytes: 600, limit: 537 };
        assert_eq!(shared(600, 600, 13), Err(refused));
        let alone = disk.check_share(900, Own { org: 900, key: 900 }, 1, false);
        assert_eq!(alone, Err(NoRoom::Limit { bytes: 900, max_bytes: 1_000 }));
        let disk = Disk::new(dir.path(), u64::MAX);
        assert!(matches!(disk.check(0, free), Err(NoRoom::Disk { .. })));
    }
}
