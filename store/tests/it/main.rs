//! The store against the real engine, a fresh database for each test.

mod access;
mod delete;
mod ingest;
mod lists;
mod search;
mod support;
mod tenancy;
