//! The values of filters.

use std::fmt;

use super::number::Number;
use super::when::TimeBound;
use crate::{Micros, NanoUsd, VersionId, VersionNumber};

/// A value of a filter, of the type that its field has.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// One of the field's own words.
    Word(&'static str),
    /// A text.
    Text(String),
    /// A version.
    Version(VersionSelector),
    /// A whole number.
    Count(u64),
    /// A number.
    Number(Number),
    /// A duration.
    Duration(Micros),
    /// Money.
    Money(NanoUsd),
    /// A point or stretch of time.
    Time(TimeBound),
    /// True or false.
    Bool(bool),
    /// A JSON scalar.
    Json(JsonLiteral),
}

/// Which versions are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum VersionSelector {
    /// `3`: every version of this major number.
    Major(u32),
    /// `3.1`
    Number(VersionNumber),
    /// A version by its id.
    Id(VersionId),
}

/// A value to be compared with JSON.
///
/// Unquoted digits match the number and a string of the same characters,
/// unquoted `true`, `false` and `null` the JSON value and a string of the same
/// letters; any other text only the string.
#[derive(Clone, Debug, PartialEq)]
pub struct JsonLiteral {
    text: String,
    scalar: Option<JsonScalar>,
}

/// The JSON value, other than a string, that an unquoted text means.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum JsonScalar {
    /// A number.
    Number(Number),
    /// A boolean.
    Bool(bool),
    /// Null.
    Null,
}

impl JsonLiteral {
    /// What an unquoted text means.
    #[must_use]
    pub fn bare(text: impl Into<String>) -> Self {
        let text = text.into();
        let scalar = match text.as_str() {
            "true" => Some(JsonScalar::Bool(true)),
            "false" => Some(JsonScalar::Bool(false)),
            "null" => Some(JsonScalar::Null),
            other => Number::parse(other).map(JsonScalar::Number),
        };
        Self { text, scalar }
    }

    /// This string and nothing else.
    #[must_use]
    pub fn string(text: impl Into<String>) -> Self {
        Self { text: text.into(), scalar: None }
    }

    /// The string that it matches.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The number, boolean or null that it matches beside the string.
    #[must_use]
    pub const fn scalar(&self) -> Option<JsonScalar> {
        self.scalar
    }

    /// The number that it matches, if it does.
    #[must_use]
    pub const fn number(&self) -> Option<Number> {
        match self.scalar {
            Some(JsonScalar::Number(number)) => Some(number),
            _ => None,
        }
    }
}

/// Whether a value needs no quotes to stand for itself.
fn is_bare_value(text: &str) -> bool {
    !text.is_empty()
        && text != "*"
        && !text.starts_with(['>', '<', '~', '=', '!'])
        && !text.contains(|c: char| c.is_whitespace() || matches!(c, '"' | '(' | ')' | ','))
}

/// Whether an unquoted text with two dots in it is read as a range: when it
/// begins with a number or a day.
pub(super) fn is_range_of_json(text: &str) -> bool {
    let Some((low, _)) = text.split_once("..") else { return false };
    Number::parse(low).is_some() || super::when::is_day(low)
}

/// Writes a text in quotes, with `"` and `\` escaped, unless it is fine as it is.
pub(super) fn quote_unless(f: &mut impl fmt::Write, text: &str, bare: bool) -> fmt::Result {
    if bare {
        return f.write_str(text);
    }
    f.write_char('"')?;
    for c in text.chars() {
        if matches!(c, '"' | '\\') {
            f.write_char('\\')?;
        }
        f.write_char(c)?;
    }
    f.write_char('"')
}

/// The text in quotes at the start of `text` and how many bytes it takes, quotes
/// included; `None` when the closing quote is missing. `\"` and `\\` are
/// escapes, any other `\` is itself.
pub(super) fn unquote(text: &str) -> Option<(String, usize)> {
    let mut inner = String::new();
    let mut chars = text.char_indices().skip(1).peekable();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Some((inner, at + 1)),
            '\\' => match chars.next_if(|(_, next)| matches!(next, '"' | '\\')) {
                Some((_, escaped)) => inner.push(escaped),
                None => inner.push(c),
            },
            _ => inner.push(c),
        }
    }
    None
}

impl fmt::Display for JsonLiteral {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A string that would be read as a number, `true` or a range needs quotes.
        let same = || Self::bare(self.text.as_str()).scalar == self.scalar;
        let bare = is_bare_value(&self.text) && !is_range_of_json(&self.text) && same();
        quote_unless(f, &self.text, bare)
    }
}

impl fmt::Display for VersionSelector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Major(major) => write!(f, "{major}"),
            Self::Number(number) => write!(f, "{number}"),
            Self::Id(id) => write!(f, "{id}"),
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Word(word) => f.write_str(word),
            Self::Text(text) => quote_unless(f, text, is_bare_value(text)),
            Self::Version(version) => version.fmt(f),
            Self::Count(count) => count.fmt(f),
            Self::Number(number) => number.fmt(f),
            Self::Duration(duration) => super::amount::write_duration(f, *duration),
            Self::Money(money) => super::amount::write_money(f, *money),
            Self::Time(time) => time.fmt(f),
            Self::Bool(value) => value.fmt(f),
            Self::Json(literal) => literal.fmt(f),
        }
    }
}
