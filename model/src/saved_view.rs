//! Views: what a list shows, kept under a name.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::search::SearchError;
use crate::{AgentSlug, Columns, InvalidColumns, InvalidSort, SearchQuery, Sort, Timestamp};

/// Most characters of a view's name.
pub const MAX_NAME_CHARS: usize = 80;
/// Most views that one person keeps in an organization, and most that are shared.
pub const MAX_VIEWS: usize = 200;

/// The id of a view. In JSON a text, since browsers round large numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ViewId(pub u64);

/// What a list shows, as its address says it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NewView {
    /// Its name for people.
    pub name: String,
    /// The agent whose runs it shows; all agents when absent.
    pub agent: Option<AgentSlug>,
    /// The search, as typed.
    pub q: String,
    /// The order; empty for newest first.
    pub sort: String,
    /// The columns with their widths; empty for the usual ones.
    pub columns: String,
    /// Whether new runs appear by themselves.
    pub live: bool,
    /// Whether every member sees it.
    pub shared: bool,
    /// Whether the list opens with it: for its owner, or when shared for everyone
    /// who has none of their own.
    pub default: bool,
}

/// A view that was kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedView {
    /// Its id.
    pub id: ViewId,
    /// What it shows.
    #[serde(flatten)]
    pub view: NewView,
    /// Whether the one who asks made it.
    pub own: bool,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// What is wrong with a view.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidView {
    /// No name, or too long a one.
    #[error("give 1 to {MAX_NAME_CHARS} characters without line breaks")]
    Name,
    /// The search cannot be read.
    #[error(transparent)]
    Query(#[from] SearchError),
    /// The order cannot be read.
    #[error(transparent)]
    Sort(#[from] InvalidSort),
    /// The columns cannot be read.
    #[error(transparent)]
    Columns(#[from] InvalidColumns),
}

impl InvalidView {
    /// The field at fault.
    #[must_use]
    pub const fn field(&self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Query(_) => "q",
            Self::Sort(_) => "sort",
            Self::Columns(_) => "columns",
        }
    }
}

impl NewView {
    /// The view without white space around its name.
    ///
    /// # Errors
    /// When its name, search, order or columns cannot be kept.
    pub fn checked(mut self) -> Result<Self, InvalidView> {
        self.name = self.name.trim().to_owned();
        let chars = self.name.chars().count();
        if chars == 0 || chars > MAX_NAME_CHARS || self.name.chars().any(char::is_control) {
            return Err(InvalidView::Name);
        }
        SearchQuery::parse(&self.q)?;
        Sort::parse(&self.sort)?;
        Columns::parse(&self.columns)?;
        Ok(self)
    }
}

impl fmt::Display for ViewId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for ViewId {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}

impl Serialize for ViewId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ViewId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view(change: impl FnOnce(&mut NewView)) -> Result<NewView, &'static str> {
        let mut view = NewView { name: " slow ".to_owned(), ..NewView::default() };
        change(&mut view);
        view.checked().map_err(|error| error.field())
    }

    #[test]
    fn what_cannot_be_kept_is_named() {
        assert_eq!(view(|_| {}).unwrap().name, "slow");
        assert_eq!(view(|view| view.name = " ".to_owned()), Err("name"));
        assert_eq!(view(|view| view.name = "a\nb".to_owned()), Err("name"));
        assert_eq!(view(|view| view.name = "x".repeat(81)), Err("name"));
        assert_eq!(view(|view| view.q = "latency:>soon".to_owned()), Err("q"));
        assert_eq!(view(|view| view.sort = "size".to_owned()), Err("sort"));
        assert_eq!(view(|view| view.columns = "colour".to_owned()), Err("columns"));
    }
}
