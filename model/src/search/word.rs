//! What can stand unquoted as a word.

use std::ops::Range;

use super::field::Field;
use super::misspelt::misspelt;

/// Words in capitals that join what stands around them.
const KEYWORDS: [&str; 3] = ["OR", "AND", "NOT"];

/// How other languages write the words that join others.
const JOINTS: [(&str, &str); 3] = [("&&", "AND"), ("||", "OR"), ("|", "OR")];

/// A sign that joins what stands around it elsewhere.
pub(super) struct Joint {
    /// Its bytes.
    pub(super) range: Range<usize>,
    /// How it is written here, apart from what it stands next to.
    pub(super) right: String,
}

/// The sign between others that a text begins with, or that ends its first word.
/// Inside of a word it is part of code.
pub(super) fn joint(text: &str) -> Option<Joint> {
    let word = text.get(..text.find(ends_word).unwrap_or(text.len()))?;
    JOINTS.iter().find_map(|(sign, right)| {
        let (range, right) = if word == *sign {
            (0..word.len(), (*right).to_owned())
        } else if sign.len() == 1 {
            return None;
        } else if word.starts_with(sign) {
            (0..sign.len(), format!("{right} "))
        } else if word.ends_with(sign) {
            (word.len() - sign.len()..word.len(), format!(" {right}"))
        } else {
            return None;
        };
        Some(Joint { range, right })
    })
}

/// Whether a text is one of the words that join others.
pub(super) fn is_keyword(text: &str) -> bool {
    KEYWORDS.contains(&text)
}

/// Whether a character ends a word.
pub(super) fn ends_word(c: char) -> bool {
    c.is_whitespace() || matches!(c, '"' | '(' | ')')
}

/// What a token is that begins with neither a quote nor a parenthesis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Head {
    /// A word.
    Word,
    /// The name of a plain field, then a colon.
    Field,
    /// `input`, `output` or `metadata` and its path or key.
    Path,
    /// What looks like a field but is none, then a colon.
    Unknown,
}

/// What begins with `head`, given what follows it: a colon, a quote, or anything else.
pub(super) fn classify(head: &str, rest: &str) -> Head {
    let Some(after_colon) = rest.strip_prefix(':') else {
        let quoted = rest.starts_with('"') && head.contains(['.', '[']);
        return if quoted && starts_path(head) { Head::Path } else { Head::Word };
    };
    if Field::from_name(head).is_some() {
        Head::Field
    } else if starts_path(head) {
        Head::Path
    } else if looks_like_field(head)
        && !after_colon.starts_with("//")
        && !after_colon.starts_with([':', '\\'])
    {
        Head::Unknown
    } else {
        Head::Word
    }
}

pub(super) fn starts_path(head: &str) -> bool {
    let place = head.strip_prefix("input").or_else(|| head.strip_prefix("output"));
    place.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
        || head.starts_with("metadata.")
}

/// A letter or `_`, then letters, digits and `_ - . [ ]`: `10:30` and `退款:是` stay words.
fn looks_like_field(head: &str) -> bool {
    head.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && head.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-.[]".contains(&b))
}

/// Whether a `-` in front of this is part of a word rather than a negation:
/// `--verbose`, `->`, `-=`, or a dash alone.
pub(super) fn blocks_negation(rest: &str) -> bool {
    rest.chars().next().is_none_or(|c| c.is_whitespace() || matches!(c, '-' | '>' | '=' | ')'))
}

/// Whether a text, unquoted, is read as the word that it is.
pub(super) fn is_word(text: &str) -> bool {
    let negation = text.strip_prefix('-').is_some_and(|rest| !blocks_negation(rest));
    let colon = text.find(':').unwrap_or(text.len());
    let (head, rest) = text.split_at_checked(colon).unwrap_or((text, ""));
    !text.is_empty()
        && !is_keyword(text)
        && joint(text).is_none()
        && !text.contains(ends_word)
        && !negation
        && classify(head, rest) == Head::Word
        && misspelt(text).is_none()
}
