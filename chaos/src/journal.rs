//! What was sent and what was acknowledged.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What clients remember. Each run carries a number that no other run has.
#[derive(Debug, Default)]
pub struct Journal {
    entries: Mutex<Entries>,
}

/// The parts of a [`Journal`].
#[derive(Debug, Default)]
pub struct Entries {
    next: u64,
    clients: u64,
    /// The id that was answered for a number.
    pub acknowledged: HashMap<u64, String>,
    /// Numbers whose request got no answer: such a run may be there once, or not.
    pub unanswered: HashSet<u64>,
    /// What must not happen and did.
    pub violations: Vec<String>,
    /// Requests that were refused for now.
    pub refusals: u64,
}

impl Journal {
    /// The entries, locked.
    pub fn entries(&self) -> MutexGuard<'_, Entries> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// So many numbers that were never used.
    pub fn numbers(&self, count: usize) -> Vec<u64> {
        let mut entries = self.entries();
        let from = entries.next;
        entries.next += count as u64;
        (from..entries.next).collect()
    }

    /// A number for a client that no other client has.
    pub fn begin_client(&self) -> u64 {
        let mut entries = self.entries();
        entries.clients += 1;
        entries.clients
    }

    /// Notes that something happened that must not.
    pub fn violation(&self, what: String) {
        eprintln!("  VIOLATION: {what}");
        self.entries().violations.push(what);
    }

    /// Notes that a run was acknowledged under an id.
    pub fn acknowledge(&self, number: u64, id: &str) {
        let mut entries = self.entries();
        entries.unanswered.remove(&number);
        entries.acknowledged.insert(number, id.to_owned());
    }

    /// Notes that nobody knows what became of these runs.
    pub fn leave_open(&self, numbers: &[u64]) {
        self.entries().unanswered.extend(numbers);
    }

    /// How many runs were acknowledged.
    pub fn acknowledged(&self) -> usize {
        self.entries().acknowledged.len()
    }
}
