//! The values of a JSON text by their place, for indexing.
//!
//! Everything here reads the text itself, once, front to back and without
//! recursion: nesting of any depth is fine, and numbers keep their spelling.
//! Of duplicate keys every value is found, since each was sent.

mod scan;

use crate::Json;
use crate::digest::blake3_128;
use crate::fold::fold_onto;
use crate::search::Number;

pub use scan::{Scalar, visit};

/// The values of a JSON text, in its order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Leaves {
    /// Each value with its place.
    pub entries: Vec<Leaf>,
    /// Whether values were left out because of a limit.
    pub truncated: bool,
}

/// A value and its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Leaf {
    /// The place as a search writes it, for example `items[].sku`; empty for
    /// the whole text. [`crate::search::Path`] prints the same.
    pub path: String,
    /// What is there.
    pub value: LeafValue,
}

/// What is at a place.
#[derive(Clone, Debug, PartialEq)]
pub enum LeafValue {
    /// A string, decoded; half a surrogate pair is U+FFFD.
    String(String),
    /// A string longer than [`LeafLimits::max_string_bytes`].
    LongString {
        /// Its beginning.
        prefix: String,
        /// BLAKE3-128 of all of it.
        hash: u128,
    },
    /// A number. Arrays have one at `.length`, too.
    Number(Number),
    /// A boolean.
    Bool(bool),
    /// Null.
    Null,
    /// An object, an array, or a number past the range of a double.
    Other,
}

/// Where [`leaves`] stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LeafLimits {
    /// Most entries.
    pub max_entries: usize,
    /// Most objects and arrays around a value.
    pub max_depth: usize,
    /// Longest path.
    pub max_path_bytes: usize,
    /// Longest string that is kept whole.
    pub max_string_bytes: usize,
}

impl Default for LeafLimits {
    fn default() -> Self {
        Self {
            max_entries: 2_000,
            max_depth: 64,
            max_path_bytes: 1_024,
            max_string_bytes: 4 * 1024 * 1024,
        }
    }
}

/// The values of a JSON text by their place.
///
/// Every value counts, objects and arrays included, so that whatever has a
/// place can be found to be there.
#[must_use]
pub fn leaves(json: &Json, limits: LeafLimits) -> Leaves {
    let mut leaves = Leaves::default();
    visit(json, limits.max_depth, limits.max_path_bytes, |path, scalar| {
        match path {
            Some(path) if leaves.entries.len() < limits.max_entries => {
                let value = LeafValue::of(scalar, limits.max_string_bytes);
                leaves.entries.push(Leaf { path: path.to_owned(), value });
            }
            _ => leaves.truncated = true,
        }
        true
    });
    leaves
}

impl LeafValue {
    fn of(scalar: Scalar<'_>, max_string_bytes: usize) -> Self {
        match scalar {
            Scalar::Text(text) if text.len() <= max_string_bytes => Self::String(text.into_owned()),
            Scalar::Text(text) => {
                let end = text.floor_char_boundary(max_string_bytes);
                Self::LongString {
                    prefix: text.get(..end).unwrap_or_default().to_owned(),
                    hash: blake3_128(blake3::Hasher::new().update(text.as_bytes())),
                }
            }
            Scalar::Number(text) => Number::parse(text).map_or(Self::Other, Self::Number),
            Scalar::Length(length) => Self::Number(Number::from_u64(length)),
            Scalar::Bool(value) => Self::Bool(value),
            Scalar::Null => Self::Null,
            Scalar::Container => Self::Other,
        }
    }
}

/// The strings and numbers of a JSON text, not its keys, as searches by words
/// see them: each [folded](crate::fold::fold) and on a line of its own, so that
/// no phrase is found across two. It ends at the character that would pass
/// `max_bytes`.
#[must_use]
pub fn value_text(json: &Json, max_bytes: usize) -> String {
    let mut out = String::new();
    visit(json, 0, 0, |_, scalar| {
        let text = match &scalar {
            Scalar::Text(text) => text.as_ref(),
            Scalar::Number(text) => text,
            _ => return true,
        };
        let start = out.len();
        if start > 0 && start < max_bytes {
            out.push('\n');
        }
        let before = out.len();
        let whole = fold_onto(&mut out, text, max_bytes);
        if out.len() == before {
            out.truncate(start);
        }
        whole
    });
    out
}

#[cfg(test)]
mod tests;
