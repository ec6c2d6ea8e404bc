//! Keeps requests from waiting for an engine that hangs.
//!
//! An engine that was stopped, or that a lost network hides, neither answers nor
//! breaks its connections, and everybody would wait. So every connection of a store
//! tells a [`Breaker`] what it hears. When none has heard anything for a moment,
//! [`watch`] asks for `SELECT 1` on a connection of its own; after two such questions
//! without an answer the breaker opens: what is under way fails at once, and so does
//! what comes, until the engine answers such a question again.
//!
//! An engine that is busy answers these, and one that is gone refuses them, so
//! neither opens the breaker.

mod connection;
mod watch;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::watch::{Receiver, Sender};

pub(crate) use connection::GuardedConnector;
pub(crate) use watch::watch;

/// What the connections of one store have heard of its engine.
#[derive(Debug)]
pub(crate) struct Breaker {
    born: Instant,
    /// Milliseconds from `born` until something was last heard.
    heard_ms: AtomicU64,
    connections: AtomicUsize,
    is_open: Sender<bool>,
}

/// The engine has not answered for a while, so it is not asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the database has stopped answering, and is not asked until it answers again")]
pub(crate) struct NotAsked;

impl From<NotAsked> for std::io::Error {
    fn from(cause: NotAsked) -> Self {
        Self::new(std::io::ErrorKind::TimedOut, cause)
    }
}

impl Breaker {
    /// A closed one: requests go through.
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self {
            born: Instant::now(),
            heard_ms: AtomicU64::new(0),
            connections: AtomicUsize::new(0),
            is_open: Sender::new(false),
        })
    }

    /// Whether the engine is known to hang.
    pub(crate) fn is_open(&self) -> bool {
        *self.is_open.borrow()
    }

    fn check(&self) -> Result<(), NotAsked> {
        if self.is_open() { Err(NotAsked) } else { Ok(()) }
    }

    fn follow(&self) -> Receiver<bool> {
        self.is_open.subscribe()
    }

    fn hear(&self) {
        self.heard_ms.store(self.age_ms(), Ordering::Relaxed);
    }

    /// For how long a question may have been waiting: since something was last heard
    /// while there are connections, else not at all.
    fn silence(&self) -> Duration {
        if self.connections.load(Ordering::Relaxed) == 0 {
            return Duration::ZERO;
        }
        let heard_ms = self.heard_ms.load(Ordering::Relaxed);
        Duration::from_millis(self.age_ms().saturating_sub(heard_ms))
    }

    fn age_ms(&self) -> u64 {
        u64::try_from(self.born.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    fn open(&self) {
        if !self.is_open.send_replace(true) {
            tracing::error!(
                silent_for_ms = self.silence().as_millis(),
                "the database does not answer; requests are refused until it does"
            );
        }
    }

    fn close(&self) {
        if self.is_open.send_replace(false) {
            tracing::info!("the database answers again");
        }
    }
}

#[cfg(test)]
mod tests;
