//! Places in a JSON value: `items[].sku`, `"a.b".c`, `messages.length`.

use std::fmt;
use std::str::FromStr;

use super::value::quote_unless;

/// A place in a JSON value, or many at once where it crosses arrays.
///
/// `.length` is an ordinary last key here: the index of leaves gives every
/// array a number at that key, and an object that has the key keeps its own.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Path(Vec<Segment>);

/// One step of a [`Path`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Segment {
    /// The value of a key of an object.
    Key(String),
    /// Any element of an array, `[]`.
    Any,
}

/// What is wrong with a path, and the byte where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct InvalidPath {
    /// The byte of the text at which it goes wrong.
    pub at: usize,
    /// What was expected there.
    pub message: &'static str,
}

impl Path {
    /// A path of these steps.
    #[must_use]
    pub const fn new(segments: Vec<Segment>) -> Self {
        Self(segments)
    }

    /// Its steps.
    #[must_use]
    pub fn segments(&self) -> &[Segment] {
        &self.0
    }

    /// The keys as they are with dots between, which is how metadata names its places.
    #[must_use]
    pub fn plain(&self) -> String {
        let mut text = String::new();
        for (position, segment) in self.0.iter().enumerate() {
            match segment {
                Segment::Any => text.push_str("[]"),
                Segment::Key(key) => {
                    if position > 0 {
                        text.push('.');
                    }
                    text.push_str(key);
                }
            }
        }
        text
    }

    /// Whether it is empty and so names the whole value.
    #[must_use]
    pub const fn is_whole(&self) -> bool {
        self.0.is_empty()
    }
}

/// Whether a key can stand in a path without quotes.
fn is_bare_key(key: &str) -> bool {
    !key.is_empty() && !key.contains(ends_key)
}

fn ends_key(c: char) -> bool {
    c.is_whitespace() || matches!(c, '.' | '[' | ']' | ':' | '"' | '(' | ')')
}

/// Appends a key to the text of a path, quoted where it must be.
pub(crate) fn push_key(path: &mut String, key: &str) {
    if !path.is_empty() {
        path.push('.');
    }
    // Writing to a string cannot fail.
    let _ = quote_unless(path, key, is_bare_key(key));
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, segment) in self.0.iter().enumerate() {
            match segment {
                Segment::Any => f.write_str("[]")?,
                Segment::Key(key) => {
                    if position > 0 {
                        f.write_str(".")?;
                    }
                    quote_unless(f, key, is_bare_key(key))?;
                }
            }
        }
        Ok(())
    }
}

impl FromStr for Path {
    type Err = InvalidPath;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut segments = Vec::new();
        let mut at = 0;
        let fail = |at, message| Err(InvalidPath { at, message });
        while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
            if rest.starts_with('[') {
                if !rest.starts_with("[]") {
                    return fail(
                        at,
                        "expected [] for any element; a single position cannot be searched",
                    );
                }
                segments.push(Segment::Any);
                at += 2;
                continue;
            }
            let mut key_at = at;
            if let Some(after) = rest.strip_prefix('.') {
                if segments.is_empty() {
                    return fail(at, "expected a key before the dot");
                }
                if after.is_empty() {
                    return fail(at + 1, "expected a key after the dot");
                }
                key_at += 1;
            } else if !segments.is_empty() {
                return fail(at, "expected a dot, [] or : here");
            }
            let (key, end) = key(text, key_at)?;
            segments.push(Segment::Key(key));
            at = end;
        }
        Ok(Self(segments))
    }
}

/// The key that begins at this byte, and the byte after it.
fn key(text: &str, at: usize) -> Result<(String, usize), InvalidPath> {
    let rest = text.get(at..).unwrap_or_default();
    if rest.starts_with('"') {
        let Some((key, length)) = super::value::unquote(rest) else {
            return Err(InvalidPath { at, message: "expected a closing quote" });
        };
        return Ok((key, at + length));
    }
    let length = rest.find(ends_key).unwrap_or(rest.len());
    match rest.get(..length) {
        Some(key) if !key.is_empty() => Ok((key.to_owned(), at + length)),
        _ => Err(InvalidPath {
            at,
            message: "expected a key; quote keys that hold . [ ] : or spaces",
        }),
    }
}
