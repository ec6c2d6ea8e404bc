//! Files of other tools, and our own, read as runs.
//!
//! A [`FileKind`] turns one record of a file into a [`Converted`]; reading the
//! file and storing the runs is the command's.

mod known;
mod langfuse;
mod openai;
mod own;
mod records;
mod workflowai;

use std::collections::{BTreeSet, HashMap};

use model::{IncomingRun, Json};

pub use records::{Record, RecordError, for_each_record};

/// What wrote a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum FileKind {
    /// Runs' own export, or any lines that `POST /v1/runs` takes
    Runs,
    /// Rows of WorkflowAI's table, or runs as its API gives them
    Workflowai,
    /// Traces or observations of Langfuse
    Langfuse,
    /// Stored chat completions of OpenAI
    Openai,
}

/// What one record became.
#[derive(Debug, Default)]
pub struct Converted {
    /// The runs in it.
    pub runs: Vec<IncomingRun>,
    /// Fields that have no place in a run.
    pub unmapped: BTreeSet<String>,
    /// Why there is no run, when that is no fault.
    pub skipped: Option<String>,
}

/// What the person who imports knows and the file does not.
#[derive(Clone, Debug)]
pub struct Hints {
    /// The agent of runs that name none.
    pub agent: String,
}

impl FileKind {
    /// Tells the kind by one record of a file.
    #[must_use]
    pub fn detect(record: &HashMap<String, Json>) -> Option<Self> {
        let has = |keys: &[&str]| keys.iter().any(|key| record.contains_key(*key));
        let is = |key: &str, json: &str| record.get(key).is_some_and(|it| it.as_str() == json);
        if is("object", r#""chat.completion""#) {
            Some(Self::Openai)
        } else if has(&["task_id", "task_uid", "run_uuid", "task_input", "task_schema_id"]) {
            Some(Self::Workflowai)
        } else if has(&["agent"]) {
            Some(Self::Runs)
        } else if has(&[
            "observations",
            "traceId",
            "trace_id",
            "projectId",
            "project_id",
            "sessionId",
            "bookmarked",
        ]) {
            Some(Self::Langfuse)
        } else {
            None
        }
    }

    /// Reads one record.
    ///
    /// # Errors
    /// When it cannot be read as this kind; the text says why.
    pub fn convert(self, text: &str, hints: &Hints) -> Result<Converted, String> {
        match self {
            Self::Runs => own::convert(text, hints),
            Self::Workflowai => workflowai::convert(text, hints),
            Self::Langfuse => langfuse::convert(text, hints),
            Self::Openai => openai::convert(text, hints),
        }
    }

    /// The word on the command line.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Runs => "runs",
            Self::Workflowai => "workflowai",
            Self::Langfuse => "langfuse",
            Self::Openai => "openai",
        }
    }
}
