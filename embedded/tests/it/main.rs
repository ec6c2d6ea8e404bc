//! The engine as its users meet it: over HTTP, through the official client.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests fail by panic, helpers included"
)]

mod cancel;
mod client;
mod errors;
mod help;
mod http;
mod limits;
mod process;
mod safety;
