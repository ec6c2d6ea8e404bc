//! The entries of the column `leaves`: what a run has at which place.
//!
//! A place that holds anything but null has an entry of its own name. A scalar
//! adds one of the name, a separator that no name holds, a letter for its type
//! and its text. Writing and searching both go through here.

use model::fold::fold;
use model::search::{Number, Path};

/// Stands between a place and a value; JSON texts hold it only escaped.
const SEPARATOR: char = '\u{1}';
/// The place of an error's code and message in the search text; it has no entries.
pub(crate) const ERROR: &str = "error";
/// Strings up to here are entries as they are, longer ones by their hash:
/// entries of long texts would be as large as the texts, and all different.
const MAX_TEXT_BYTES: usize = 128;
/// Of a metadata value, so much is searched by `~`.
pub(crate) const MAX_FOLDED_BYTES: usize = 8_192;

/// The name of a place in `input` or `output`.
pub(crate) fn place(side: &str, path: &str) -> String {
    match path.chars().next() {
        None => side.to_owned(),
        Some('[') => format!("{side}{path}"),
        Some(_) => format!("{side}.{path}"),
    }
}

/// The name of a metadata key.
pub(crate) fn metadata_place(key: &str) -> String {
    format!("metadata.{key}")
}

/// The name of a place inside of what a metadata key holds: as if its keys, with
/// dots between, were one. So one look-up finds both, whichever is there.
pub(crate) fn inside_metadata(place: &str, path: &str) -> String {
    let plain = match path.contains('"') {
        true => path.parse::<Path>().map(|path| path.plain()).ok(),
        false => None,
    };
    let separator = if path.starts_with('[') { "" } else { "." };
    format!("{place}{separator}{}", plain.as_deref().unwrap_or(path))
}

/// What the names of all places inside this one begin with, elements of arrays aside.
pub(crate) fn children_prefix(place: &str) -> String {
    format!("{place}.")
}

/// What the names of all places in elements of a list at this place begin with.
pub(crate) fn elements_prefix(place: &str) -> String {
    format!("{place}[")
}

/// Whether a place is the whole input or output.
pub(crate) fn is_root(place: &str) -> bool {
    matches!(place, "input" | "output")
}

/// The entry of a string.
pub(crate) fn text_term(place: &str, text: &str) -> String {
    if text.len() <= MAX_TEXT_BYTES {
        return format!("{place}{SEPARATOR}s{text}");
    }
    let hash = blake3::hash(text.as_bytes());
    format!("{place}{SEPARATOR}h{}", hash.to_hex().get(..32).unwrap_or_default())
}

/// The entry of a folded metadata string, which `~` searches beside the string
/// itself; `None` where that is folded already.
pub(crate) fn folded_term(place: &str, text: &str) -> Option<String> {
    let folded = fold(cut(text, MAX_FOLDED_BYTES));
    (folded != text || text.len() > MAX_TEXT_BYTES)
        .then(|| format!("{}{folded}", folded_prefix(place)))
}

/// The entry of a number.
pub(crate) fn number_term(place: &str, number: Number) -> String {
    format!("{}{number}", number_prefix(place))
}

/// The entry of a boolean.
pub(crate) fn bool_term(place: &str, value: bool) -> String {
    format!("{place}{SEPARATOR}b{}", u8::from(value))
}

/// The entry of a null.
pub(crate) fn null_term(place: &str) -> String {
    format!("{place}{SEPARATOR}z")
}

/// What entries of numbers begin with.
pub(crate) fn number_prefix(place: &str) -> String {
    format!("{place}{SEPARATOR}n")
}

/// What the entries of all values at a place begin with; a letter for the type follows.
pub(crate) fn values_prefix(place: &str) -> String {
    format!("{place}{SEPARATOR}")
}

/// What entries of strings begin with.
pub(crate) fn text_prefix(place: &str) -> String {
    format!("{place}{SEPARATOR}s")
}

/// What entries of folded strings begin with.
pub(crate) fn folded_prefix(place: &str) -> String {
    format!("{place}{SEPARATOR}f")
}

/// What a scalar at a place was, as far as its entry keeps it.
pub(crate) enum TermText<'a> {
    /// A string.
    Text(&'a str),
    /// A number, boolean or null as JSON.
    Scalar(&'a str),
    /// A long string, of which only the hash is there.
    Hashed,
}

/// What every entry of a value at this place begins with.
pub(crate) fn any_prefix(place: &str) -> String {
    format!("{place}{SEPARATOR}")
}

/// The value of an entry, if it is one of a value at this place.
pub(crate) fn value_of<'a>(entry: &'a str, place: &str) -> Option<TermText<'a>> {
    let value = entry.strip_prefix(place)?.strip_prefix(SEPARATOR)?;
    let mut chars = value.chars();
    match chars.next()? {
        's' => Some(TermText::Text(chars.as_str())),
        'h' => Some(TermText::Hashed),
        'n' => Some(TermText::Scalar(chars.as_str())),
        'b' => Some(TermText::Scalar(if chars.as_str() == "1" { "true" } else { "false" })),
        'z' => Some(TermText::Scalar("null")),
        _ => None,
    }
}

fn cut(text: &str, max_bytes: usize) -> &str {
    text.get(..text.floor_char_boundary(max_bytes)).unwrap_or(text)
}
