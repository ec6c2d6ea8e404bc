//! How far an export is.

use serde::{Deserialize, Serialize};

/// How far an export is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportDoc {
    /// Whether it goes on.
    pub state: ExportState,
    /// How many runs there were when it began.
    pub count: u64,
    /// How many are written.
    pub exported: u64,
    /// How many are left out, by reason.
    pub left_out: Vec<LeftOutDoc>,
}

/// Runs that an export leaves out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOutDoc {
    /// Why, in a word for programs.
    pub reason: String,
    /// Why, after a number of runs: `have no messages`.
    pub help: String,
    /// How many.
    pub count: u64,
}

/// Whether an export goes on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExportState {
    /// It goes on.
    #[default]
    Running,
    /// Everything is written.
    Done,
    /// Somebody stopped it, or its reader left.
    Stopped,
    /// It broke.
    Failed,
}
