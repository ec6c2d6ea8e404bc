//! The spool in front of the real engine.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panic")]

mod accept;
mod delete;
mod fairness;
mod limits;
mod quarantine;
mod recover;
mod support;
