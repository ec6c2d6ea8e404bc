//! ClickHouse inside: the real engine (libchdb) in a child process, behind
//! ClickHouse's own HTTP interface.
//!
//! The parent keeps a [`Supervisor`]; the child runs [`serve`]. Whoever talks
//! to the engine uses an ordinary ClickHouse client over HTTP at the
//! supervisor's [`EngineEndpoint`], so that the same code works with a
//! ClickHouse server or cluster. Programs beside a running one find the
//! endpoint with [`EngineEndpoint::read`].
//!
//! Tests run the engine in their own process; see the module `testing`, which
//! the feature `test-util` adds.

mod cancel;
mod child;
mod compress;
mod config;
mod endpoint;
mod engine;
mod error;
mod exception;
mod ffi;
mod format;
mod http;
mod insert;
mod library;
mod lock;
mod options;
mod policy;
mod pool;
mod query;
mod server;
mod statement;
mod supervisor;
#[cfg(feature = "test-util")]
pub mod testing;

pub use child::{is_supervised, serve};
pub use endpoint::EngineEndpoint;
pub use error::EngineError;
pub use library::find_libchdb;
pub use options::EngineOptions;
pub use server::Server;
pub use supervisor::{Health, Supervisor, SupervisorOptions};
