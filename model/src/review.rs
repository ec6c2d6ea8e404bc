//! What people think of a run.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::{RunId, Timestamp};

/// Who judges.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReviewKind {
    /// A member of the organization.
    Review,
    /// An end user, who was given a token with the run.
    Feedback,
}

impl ReviewKind {
    /// The word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Review => "review",
            Self::Feedback => "feedback",
        }
    }
}

/// A judgement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Good.
    Positive,
    /// Bad.
    Negative,
}

impl Outcome {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Positive, Self::Negative];

    /// The word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Positive => "positive",
            Self::Negative => "negative",
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A word that is no outcome.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be positive or negative")]
pub struct InvalidOutcome;

impl FromStr for Outcome {
    type Err = InvalidOutcome;

    fn from_str(word: &str) -> Result<Self, InvalidOutcome> {
        Self::ALL.into_iter().find(|outcome| outcome.as_str() == word).ok_or(InvalidOutcome)
    }
}

/// One person's judgement of one run; a later one replaces it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Review {
    /// The run.
    pub run: RunId,
    /// Who judges.
    pub kind: ReviewKind,
    /// The member's account, or the name that the end user is known by.
    pub reviewer: String,
    /// The judgement.
    pub outcome: Outcome,
    /// Words to it; may be empty.
    pub comment: String,
    /// When it was given.
    pub updated_at: Timestamp,
}
