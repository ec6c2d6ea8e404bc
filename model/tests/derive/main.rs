//! Runs as clients send them, checked and completed.

#![allow(clippy::unwrap_used, reason = "tests fail by panic, helpers included")]

mod anthropic;
mod chat;
mod chat_streams;
mod cut_streams;
mod errors;
mod fields;
mod gemini;
mod help;
mod messages;
mod never_panics;
mod ollama;
mod previews;
mod private_fields;
mod responses;
mod structured;
mod totals;
