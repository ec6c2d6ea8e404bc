//! Why a text is no search.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::input::Fault;

/// Where a search goes wrong, and what was expected there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{message} (at character {})", position.saturating_add(1))]
pub struct SearchError {
    /// The character at which it goes wrong, from 0. Characters are Unicode
    /// scalar values, neither bytes nor UTF-16 units.
    pub position: u32,
    /// How many characters are wrong; 0 where something is missing.
    pub length: u32,
    /// What was expected, for people.
    pub message: String,
    /// What could stand there, when it is one of a few words.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub expected: Vec<String>,
    /// The whole text as it can be read, where what is meant is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suggestion: Option<String>,
}

impl SearchError {
    /// An error about some bytes of the text.
    pub(super) fn at(text: &str, fault: Fault, suggestion: Option<String>) -> Self {
        let Fault { bytes, message, expected, .. } = fault;
        let chars = |part: Option<&str>| {
            u32::try_from(part.map_or(0, |part| part.chars().count())).unwrap_or(u32::MAX)
        };
        Self {
            position: chars(text.get(..bytes.start)),
            length: chars(text.get(bytes)),
            message,
            expected,
            suggestion,
        }
    }

    /// An error about a query that was not written as text.
    pub(crate) fn unplaced(message: impl Into<String>) -> Self {
        Self {
            position: 0,
            length: 0,
            message: message.into(),
            expected: Vec::new(),
            suggestion: None,
        }
    }

    /// The bytes of `text`, which must be the text that failed, that are wrong.
    #[must_use]
    pub fn byte_range(&self, text: &str) -> Range<usize> {
        let byte = |position: u32| {
            text.char_indices().nth(position as usize).map_or(text.len(), |(at, _)| at)
        };
        byte(self.position)..byte(self.position.saturating_add(self.length))
    }
}
