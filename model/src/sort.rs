//! The order of a list.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// What a list is sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum SortKey {
    /// When the run began.
    #[default]
    Time,
    /// From start to end.
    Latency,
    /// What it cost.
    Cost,
    /// Input and output tokens together.
    Tokens,
}

/// The order of a list, as text `cost` or, the largest first, `-cost`.
///
/// Runs that lack the value come last in both directions. Runs of the same
/// value are the newest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Sort {
    /// By what.
    pub key: SortKey,
    /// Whether the largest or newest comes first.
    pub descending: bool,
}

/// A text that is no order.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be one of time, latency, cost and tokens, with - before it for the largest first")]
pub struct InvalidSort;

impl SortKey {
    /// Every key.
    pub const ALL: [Self; 4] = [Self::Time, Self::Latency, Self::Cost, Self::Tokens];

    /// Its word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Time => "time",
            Self::Latency => "latency",
            Self::Cost => "cost",
            Self::Tokens => "tokens",
        }
    }
}

impl Sort {
    /// The order of a list that says none: newest first.
    pub const NEWEST: Self = Self { key: SortKey::Time, descending: true };

    /// Whether the newest run comes first.
    #[must_use]
    pub fn is_newest_first(self) -> bool {
        self == Self::NEWEST
    }

    /// The order of a text; an empty one is newest first.
    ///
    /// # Errors
    /// When it names no key.
    pub fn parse(text: &str) -> Result<Self, InvalidSort> {
        let (word, descending) = match text.strip_prefix('-') {
            Some(word) => (word, true),
            None => (text, false),
        };
        match SortKey::ALL.into_iter().find(|key| key.as_str() == word) {
            Some(key) => Ok(Self { key, descending }),
            None if text.is_empty() => Ok(Self::NEWEST),
            None => Err(InvalidSort),
        }
    }
}

impl Default for Sort {
    fn default() -> Self {
        Self::NEWEST
    }
}

impl fmt::Display for Sort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.descending {
            f.write_str("-")?;
        }
        f.write_str(self.key.as_str())
    }
}

impl FromStr for Sort {
    type Err = InvalidSort;

    fn from_str(text: &str) -> Result<Self, InvalidSort> {
        Self::parse(text)
    }
}

/// As its text.
impl Serialize for Sort {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Sort {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_order_survives_its_text() {
        for key in SortKey::ALL {
            for descending in [false, true] {
                let sort = Sort { key, descending };
                assert_eq!(sort.to_string().parse(), Ok(sort));
            }
        }
        assert_eq!("".parse(), Ok(Sort::NEWEST));
    }

    #[test]
    fn other_words_are_refused() {
        for text in ["-", "--cost", "size", "cost ", "COST"] {
            assert_eq!(text.parse::<Sort>(), Err(InvalidSort), "{text}");
        }
    }
}
