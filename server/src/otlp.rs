//! The OTLP door: spans and log records in, runs out.
//!
//! What must wait for other parts of its run is written to the data directory
//! before the sender is answered, and taken up again by the next start.

mod forget;
mod hold;
mod journal;
mod metrics;

pub use hold::Hold;
pub use journal::{Journal, JournalError};
pub use metrics::OtlpMetrics;
