//! The store against the real engine, a fresh database for each test.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panic")]

mod access;
mod agents_page;
mod arrivals;
mod bounds;
mod cells;
mod conversations;
mod defects;
mod delete;
mod ingest;
mod large;
mod lists;
mod memory;
mod metadata;
mod operators;
mod playground_runs;
mod same_run;
mod search;
mod sorted;
mod stats;
mod suggest;
mod support;
mod tenancy;
mod texts;
mod turns;
mod views;
