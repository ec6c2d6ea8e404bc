//! A page of runs.

use serde::{Deserialize, Serialize};

use crate::{RunItem, Timestamp};

/// A page of runs, newest first, and how to go on.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RunList {
    /// The runs of this page.
    pub items: Vec<RunItem>,
    /// How many runs match in all; at least so many when not exact.
    pub count: u64,
    /// Whether `count` is the whole number rather than where counting stopped.
    pub count_is_exact: bool,
    /// Where the next page begins; `None` on the last one.
    pub next_cursor: Option<String>,
    /// When time was up before enough was found: everything since then was
    /// looked at, and the cursor goes on with what is older.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub searched_back_to: Option<Timestamp>,
}
