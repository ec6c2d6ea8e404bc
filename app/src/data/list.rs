//! Lists of runs.

use model::{AgentSlug, Micros, NanoUsd, RunId, RunStatus, SearchError, Timestamp, VersionNumber};
use serde::{Deserialize, Serialize};

use crate::list_state::ListQuery;

/// A list of runs, as far as it was asked for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunsAnswer {
    /// What was asked.
    pub asked: ListQuery,
    /// What came of it.
    pub outcome: Searched,
    /// The address of this server, as clients reach it.
    pub public_url: String,
    /// Where the stream of new runs goes on after this list.
    pub live: String,
    /// Whether the reader may make API keys.
    pub can_make_keys: bool,
}

/// What came of a search.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Searched {
    /// What was found.
    Found(RunsPage),
    /// The search cannot be read, which while typing is nothing unusual.
    BadQuery {
        /// What is wrong.
        error: SearchError,
        /// What of it can be read, as the grammar writes it.
        part: Option<String>,
    },
}

impl Searched {
    /// What was found.
    #[must_use]
    pub fn page(&self) -> Option<&RunsPage> {
        match self {
            Self::Found(page) => Some(page),
            Self::BadQuery { .. } => None,
        }
    }

    /// What is wrong with the search.
    #[must_use]
    pub fn error(&self) -> Option<&SearchError> {
        match self {
            Self::Found(_) => None,
            Self::BadQuery { error, .. } => Some(error),
        }
    }
}

/// A page of a list of runs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunsPage {
    /// What of each run is shown, in this order.
    pub columns: Vec<ColumnDoc>,
    /// The runs, in the order that was asked for.
    pub rows: Vec<RunRow>,
    /// How many runs match in all; at least so many when not exact.
    pub count: u64,
    /// Whether `count` is the whole number.
    pub count_is_exact: bool,
    /// Whether more runs follow this page.
    pub has_more: bool,
    /// When time was up: older runs than these were not looked at.
    #[serde(default)]
    pub searched_back_to: Option<Timestamp>,
    /// What of the address could not be followed, in words.
    pub notice: Option<String>,
    /// When the list was read; relative times are seen from here.
    #[serde(with = "crate::data::moment")]
    pub now: Timestamp,
}

/// A column of a list.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ColumnDoc {
    /// Its name in addresses, without its width.
    pub name: String,
    /// Its heading.
    pub title: String,
    /// What it draws.
    pub kind: ColumnKind,
    /// Its width in pixels, where one was chosen.
    pub width: Option<u16>,
    /// Whether its values are numbers, which stand to the right.
    pub is_number: bool,
}

/// What a column draws.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ColumnKind {
    /// How the run ended.
    Status,
    /// The agent.
    Agent,
    /// The beginning of the input.
    Input,
    /// The beginning of the output, or the error.
    Output,
    /// Number and model of the version.
    Version,
    /// From start to end.
    Latency,
    /// Input and output tokens.
    Tokens,
    /// What it cost.
    Cost,
    /// When it began.
    Time,
    /// The next of the row's other cells.
    Other,
}

/// A run in a list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunRow {
    /// Its id.
    pub id: RunId,
    /// The agent that ran.
    pub agent: AgentSlug,
    /// When it began.
    #[serde(with = "crate::data::moment")]
    pub created_at: Timestamp,
    /// How it ended.
    pub status: RunStatus,
    /// The number of its version.
    pub version: Option<VersionNumber>,
    /// The model it asked for.
    pub model: Option<String>,
    /// From start to end.
    pub latency: Option<Micros>,
    /// What it cost.
    pub cost: Option<NanoUsd>,
    /// Input and output tokens together.
    pub tokens: Option<u64>,
    /// Whether another run's answer was served.
    pub is_cached: bool,
    /// The beginning of its input.
    pub input: Marked,
    /// The beginning of its output, or its error.
    pub output: Marked,
    /// What it has in the columns of the kind `other`, in their order.
    pub others: Vec<String>,
}

/// A text with the places that a search found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Marked {
    /// Pieces of the text in order; `true` for those that were found.
    pub pieces: Vec<(bool, String)>,
}

impl Marked {
    /// A text with nothing found in it.
    #[must_use]
    pub fn plain(text: impl Into<String>) -> Self {
        Self { pieces: vec![(false, text.into())] }
    }

    /// The whole text.
    #[must_use]
    pub fn text(&self) -> String {
        self.pieces.iter().map(|(_, piece)| piece.as_str()).collect()
    }
}

/// Where a run stands in a list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunPlace {
    /// The run just before it, which is newer.
    pub newer: Option<RunId>,
    /// The run just after it, which is older.
    pub older: Option<RunId>,
    /// Its place from 1, where it is known.
    pub position: Option<u64>,
    /// How many runs the list has; at least so many when not exact.
    pub count: u64,
    /// Whether `count` is the whole number.
    pub count_is_exact: bool,
}
