//! The server as its clients see it, over the real engine.

mod auth;
mod bad_input;
mod health;
mod ingest;
mod listing;
mod process;
mod support;
mod tenancy;
