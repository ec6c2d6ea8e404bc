//! The server as its clients see it, over the real engine.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod auth;
mod bad_input;
mod chaos;
mod commands;
mod connections;
mod conversations;
mod crowds;
mod deep_input;
mod export;
mod feedback;
mod fields;
mod health;
mod ingest;
mod limits;
mod listing;
mod live;
mod openapi;
mod otlp;
mod otlp_delete;
mod privacy;
mod process;
mod providers;
mod proxy;
mod proxy_cache;
mod proxy_faults;
mod shares;
mod stub;
mod support;
mod tenancy;
mod transfer;
mod views;
