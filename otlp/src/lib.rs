//! OpenTelemetry's traces and logs, read as runs.
//!
//! Nothing here does I/O. A request is decoded item by item ([`decode_traces`],
//! [`decode_logs`]), so that a bad span spoils only itself. What belongs together
//! (a model's span, the log records with its content, the spans of the tools
//! that it asked for) is put together by an [`Assembly`], also across requests,
//! and comes out as [`model::IncomingRun`]s.
//!
//! Which attribute means what is data: one table for each dialect in `dialect/`.

mod answer;
mod assembly;
mod content;
mod dialect;
mod error;
mod facts;
mod foreign;
mod indexed;
mod item;
mod kind;
mod message;
mod run;
mod table;
mod tools;
mod usage;
mod wire;

pub use answer::{Signal, error_body, success_body};
pub use assembly::{Assembly, Dropped, Finished, HeldSpan, Outcome, Part, Ticket};
pub use foreign::{ForeignSpan, run_of_foreign};
pub use item::{LogRecord, ModelSpan, Names, SpanKey, ToolSpan};
pub use kind::{RecordKind, SpanKind};
pub use wire::{DecodeError, Encoding, Logs, Rejections, Traces, decode_logs, decode_traces};
