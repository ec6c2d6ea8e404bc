//! The order of a list of agents.

use std::fmt;
use std::str::FromStr;

/// What agents are sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AgentSortKey {
    /// The name for people.
    Name,
    /// Runs of the last seven days.
    RecentRuns,
    /// The share of those that failed.
    RecentFailures,
    /// What those cost, as far as known.
    RecentCost,
    /// Runs in all.
    Runs,
    /// What those cost, as far as known.
    Cost,
    /// When the newest run was made.
    LastRun,
}

/// The order of a list of agents, as text `name` or, the largest first, `-runs`.
///
/// Agents that lack the value come last in both directions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct AgentSort {
    /// By what.
    pub key: AgentSortKey,
    /// Whether the largest or newest comes first.
    pub descending: bool,
}

/// A text that is no order of agents.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "must be one of name, recent_runs, recent_failures, recent_cost, runs, cost and last_run, \
     with - before it for the largest first"
)]
pub struct InvalidAgentSort;

impl AgentSortKey {
    /// Every key.
    pub const ALL: [Self; 7] = [
        Self::Name,
        Self::RecentRuns,
        Self::RecentFailures,
        Self::RecentCost,
        Self::Runs,
        Self::Cost,
        Self::LastRun,
    ];

    /// Its word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::RecentRuns => "recent_runs",
            Self::RecentFailures => "recent_failures",
            Self::RecentCost => "recent_cost",
            Self::Runs => "runs",
            Self::Cost => "cost",
            Self::LastRun => "last_run",
        }
    }

    /// Whether it is about the last seven days.
    #[must_use]
    pub const fn is_recent(self) -> bool {
        matches!(self, Self::RecentRuns | Self::RecentFailures | Self::RecentCost)
    }
}

impl AgentSort {
    /// The order of a list that says none: those that ran last first.
    pub const LAST_RUN: Self = Self { key: AgentSortKey::LastRun, descending: true };
}

impl Default for AgentSort {
    fn default() -> Self {
        Self::LAST_RUN
    }
}

impl FromStr for AgentSort {
    type Err = InvalidAgentSort;

    /// The order of a text; an empty one is the usual order.
    fn from_str(text: &str) -> Result<Self, InvalidAgentSort> {
        let (word, descending) = match text.strip_prefix('-') {
            Some(word) => (word, true),
            None => (text, false),
        };
        match AgentSortKey::ALL.into_iter().find(|key| key.as_str() == word) {
            Some(key) => Ok(Self { key, descending }),
            None if text.is_empty() => Ok(Self::LAST_RUN),
            None => Err(InvalidAgentSort),
        }
    }
}

impl fmt::Display for AgentSort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.descending {
            f.write_str("-")?;
        }
        f.write_str(self.key.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_order_survives_its_text() {
        for key in AgentSortKey::ALL {
            for descending in [false, true] {
                let sort = AgentSort { key, descending };
                assert_eq!(sort.to_string().parse(), Ok(sort));
            }
            assert!(InvalidAgentSort.to_string().contains(key.as_str()));
        }
        assert_eq!("".parse(), Ok(AgentSort::LAST_RUN));
    }

    #[test]
    fn other_words_are_refused() {
        for text in ["-", "--cost", "size", "cost ", "NAME"] {
            assert_eq!(text.parse::<AgentSort>(), Err(InvalidAgentSort), "{text}");
        }
    }
}
