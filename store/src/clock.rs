//! The present, and random numbers: what a store needs from outside.

use std::time::{SystemTime, UNIX_EPOCH};

use model::Timestamp;

/// The present in UTC microseconds.
pub(crate) fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
}

/// A number that nobody else has drawn, for the ids of small tables.
pub(crate) fn random_id() -> u64 {
    // Without entropy the machine cannot make keys either; the clock still tells ids apart.
    getrandom::u64().unwrap_or_else(|_| now().0.unsigned_abs())
}
