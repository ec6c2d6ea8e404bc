//! The grammar of searches: typed by hand, built by the token bar, kept in the
//! URL as `q`, sent over REST, turned into SQL.
//!
//! | written | means |
//! | --- | --- |
//! | `refund delay` | both words, as words of the values of input, output or error |
//! | `refun` at the very end | a word that begins so; a space after it ends it |
//! | `"late refund"` | this substring, case and accents folded |
//! | `model:a,b` | one of these |
//! | `model:!=a,b` | present, and none of these |
//! | `tokens:>4k` `>=` `<` `<=` | on one side |
//! | `cost:$0.01..$0.05` | between, both included |
//! | `error:~time` | contains, case and accents folded |
//! | `review:*` | present |
//! | `-token`, `NOT token` | not, so also what is absent |
//! | `a b OR c`, `(…)` | side by side, or with `AND` between, is "and" and binds tighter than `OR` |
//!
//! Where the contract leaves room:
//! - A token is a filter when what stands before its first `:` is a field or a
//!   path. What only looks like a field is an error, unless `//`, `:` or `\`
//!   follows, so `https://…` and `std::string` are words.
//! - `--flag`, `->` and a lone `-` are words, not negations.
//! - A filter that is written as elsewhere, like `latency>2s` or `status : failure`,
//!   is an error that says how it is written; so are `&&`, `||` and `|` between
//!   others, and `!` before a filter. In quotes it is a text. Printed, `NOT` is `-`
//!   and `AND` a space.
//! - A value in JSON may begin with `=`, as formulas do; no other value does unquoted.
//! - Durations need their unit; only 0 may do without.
//! - A bare day is the whole day, in UTC: `time:>2026-10-01` begins on the 2nd
//!   and a range includes the day that it ends with. A time with a clock is a
//!   moment, but alone it stands for its whole minute or second. `24h` is the
//!   moment 24 hours ago, so `time:24h`, like `time:>=24h`, is what came since.
//! - `input` and `output` without a path are the whole value: `output:~sorry`
//!   looks through all its texts, `output:yes` is the value itself.
//! - JSON is greater or less than a number as a number, and than a text (a day,
//!   or anything in quotes) in the order of Unicode.

mod amount;
mod caret;
mod condition;
mod error;
mod expr;
mod field;
mod filter;
mod found;
mod input;
mod legacy;
mod misspelt;
mod nearest;
mod needle;
mod number;
mod parse;
mod path;
mod place;
mod read;
mod value;
mod when;
mod word;

use std::fmt;
use std::ops::Range;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

pub use caret::{Caret, Slot, ends_in_quotes};
pub use error::SearchError;
pub use expr::{Expr, Term};
pub use field::{Field, FieldInfo, Operator, ValueType, table};
pub use filter::{Comparison, Filter, InvalidFilter, Test};
pub use legacy::{FieldQuery, LegacyError};
pub use nearest::nearest_field;
pub use needle::Needle;
pub use number::Number;
pub(crate) use path::push_key;
pub use path::{InvalidPath, Path, Segment};
pub use value::{JsonLiteral, JsonScalar, Value, VersionSelector};
pub use when::{AgoUnit, Precision, TimeBound};

/// Most characters of a search.
pub const MAX_CHARS: usize = 10_000;
/// Most words, phrases and filters of a search.
pub const MAX_TERMS: usize = 100;
/// Most values of a list of texts or JSON values: `model:a,b`.
pub const MAX_LISTED_TEXTS: usize = 1_000;
/// Most values of any other list, and of a list of parts: `model:~a,b`.
pub const MAX_LISTED: usize = 100;
/// How deeply parentheses nest at most.
pub const MAX_DEPTH: usize = 32;

/// A search, in the one form that its text has: `parse` gives back what was printed.
///
/// As text it is [`fmt::Display`]; a space at the end is part of it, since it
/// tells a finished last word from one still being typed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SearchQuery {
    root: Option<Expr>,
}

/// One of the parts that stand side by side at the top of a text, and its bytes.
/// A text with `OR` at its top is one piece.
#[derive(Clone, Debug, PartialEq)]
pub struct Piece {
    /// What it asks.
    pub expr: Expr,
    /// Where it stands in the text, in bytes.
    pub range: Range<usize>,
}

impl SearchQuery {
    /// Reads a search. An empty text matches every run.
    ///
    /// # Errors
    /// Where the text does not follow the grammar, and what was expected there.
    pub fn parse(text: &str) -> Result<Self, SearchError> {
        Self::parse_with_pieces(text).map(|(query, _)| query)
    }

    /// Reads a search and says where each part at its top stands in the text,
    /// which is what the search bar turns into chips.
    ///
    /// # Errors
    /// As [`Self::parse`].
    pub fn parse_with_pieces(text: &str) -> Result<(Self, Vec<Piece>), SearchError> {
        let pieces = parse::parse(text)?;
        let last = pieces.len().saturating_sub(1);
        let pieces: Vec<Piece> = pieces
            .into_iter()
            .enumerate()
            .filter_map(|(position, piece)| {
                let expr = piece.expr.normal(position == last)?;
                Some(Piece { expr, range: piece.range })
            })
            .collect();
        let query = Self::new(Expr::And(pieces.iter().map(|piece| piece.expr.clone()).collect()))?;
        Ok((query, pieces))
    }

    /// A search of this tree, brought into normal form: words that cannot stand
    /// unquoted become phrases, groups of none or one dissolve, and only a word
    /// at the very end keeps its prefix.
    ///
    /// # Errors
    /// When it passes a limit, which the error names.
    pub fn new(root: Expr) -> Result<Self, SearchError> {
        let query = Self { root: root.normal(true) };
        query.check().map_err(SearchError::unplaced)?;
        Ok(query)
    }

    /// Which limit it passes.
    fn check(&self) -> Result<(), String> {
        let Some(root) = &self.root else { return Ok(()) };
        let (text, terms) = (self.to_string(), root.term_count());
        let chars = text.chars().count();
        if terms > MAX_TERMS {
            return Err(format!(
                "a search has at most {MAX_TERMS} words, phrases and filters; this one has {terms}"
            ));
        }
        if chars > MAX_CHARS {
            return Err(format!(
                "a search has at most {MAX_CHARS} characters; this one has {chars}"
            ));
        }
        if let Some(most) = root.excess() {
            return Err(format!("a list of values is longer than {most}"));
        }
        if root.depth() > MAX_DEPTH {
            return Err(format!("a search nests at most {MAX_DEPTH} parentheses deep"));
        }
        if text.contains('\0') {
            return Err("a search cannot hold a character of code 0; remove it".to_owned());
        }
        Ok(())
    }

    /// The tree; `None` matches every run.
    #[must_use]
    pub const fn root(&self) -> Option<&Expr> {
        self.root.as_ref()
    }

    /// Whether it matches every run.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.root.is_none()
    }

    /// The parts of which all must hold.
    #[must_use]
    pub fn conjuncts(&self) -> &[Expr] {
        match &self.root {
            None => &[],
            Some(Expr::And(items)) => items,
            Some(one) => std::slice::from_ref(one),
        }
    }

    /// This search and one more condition, put first so that a word being typed
    /// stays last; itself when it asks that already.
    ///
    /// # Errors
    /// When it passes a limit, which the error names.
    pub fn with_filter(&self, filter: Filter) -> Result<Self, SearchError> {
        let filter = Expr::from(filter);
        if self.conjuncts().contains(&filter) {
            return Ok(self.clone());
        }
        let mut items = vec![filter];
        items.extend_from_slice(self.conjuncts());
        Self::new(Expr::And(items))
    }

    /// This search without one of its [`Self::conjuncts`].
    #[must_use]
    pub fn without(&self, index: usize) -> Self {
        let kept = self.conjuncts().iter().enumerate().filter(|(position, _)| *position != index);
        let kept = kept.map(|(_, item)| item.clone()).collect();
        Self { root: Expr::And(kept).normal(true) }
    }
}

impl fmt::Display for SearchQuery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(root) = &self.root else { return Ok(()) };
        root.fmt(f)?;
        if root.ends_in_finished_word() { f.write_str(" ") } else { Ok(()) }
    }
}

impl FromStr for SearchQuery {
    type Err = SearchError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

/// As its text.
impl Serialize for SearchQuery {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for SearchQuery {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests;
