//! The server as its clients see it, over the real engine.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod auth;
mod bad_input;
mod health;
mod ingest;
mod listing;
mod process;
mod support;
mod tenancy;
