//! The log: levels by `RUST_LOG`, text or JSON, on standard error.
//!
//! Standard output belongs to what commands print. Bodies, keys and query
//! strings are never logged.

use std::io::{IsTerminal, stderr};

use tracing_subscriber::EnvFilter;

/// How much is logged when `RUST_LOG` says nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verbosity {
    /// A server tells what it does.
    Server,
    /// A command tells only what goes wrong.
    Command,
}

/// Starts the log of this process. A second call changes nothing.
pub fn init(verbosity: Verbosity, json: bool) {
    let default = match verbosity {
        Verbosity::Server => "info",
        Verbosity::Command => "warn",
    };
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(default));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(stderr);
    // A second subscriber is refused, and the first one goes on.
    let _ = if json {
        builder.json().flatten_event(true).try_init()
    } else {
        builder.with_ansi(stderr().is_terminal()).try_init()
    };
}
