//! A page of runs.

use serde::{Deserialize, Serialize};

use crate::RunItem;

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
}
