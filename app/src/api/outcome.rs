//! Answers that are no failure of the server although they are not what was asked for.

use model::SearchError;
use serde::{Deserialize, Serialize};

/// What came of a search.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Searched<T> {
    /// What was found.
    Found(T),
    /// The search itself is wrong, which while typing is nothing unusual.
    BadQuery(SearchError),
}
