//! The server of Runs: configuration, sign-in, REST, pages and the command line.
//!
//! `main.rs` only calls [`cli::run`]. Everything else is a library, so that
//! tests drive the same [`router`] that the program serves.

pub mod auth;
pub mod cache;
pub mod cli;
pub mod clock;
pub mod config;
mod deletions;
pub mod engine;
pub mod error;
pub mod feedback_token;
pub mod health;
pub mod import;
pub mod limits;
pub mod live;
pub mod metrics;
pub mod otlp;
pub mod prices;
pub mod private;
pub mod proxy;
pub mod rest;
pub mod router;
pub mod secrets;
pub mod shutdown;
pub mod state;
pub mod telemetry;
pub mod web;
