//! Filters that are written in another language's way: `status=failure`,
//! `latency > 2s`, `!status:failure`. Read as words they would find nothing.

use super::field::Field;
use super::input::{Fault, Mend};
use super::value::unquote;
use super::word::{self, ends_word, is_keyword};
use super::{Expr, SearchQuery, Term};

/// How an operator is written elsewhere, and here after the colon. What begins
/// like another comes after it.
const ELSEWHERE: [(&str, &str); 15] = [
    ("===", ""),
    ("==", ""),
    ("=~", "~"),
    ("!=", "!="),
    ("<>", "!="),
    ("≠", "!="),
    (">=", ">="),
    ("≥", ">="),
    ("<=", "<="),
    ("≤", "<="),
    ("=", ""),
    (">", ">"),
    ("<", "<"),
    ("~", "~"),
    ("≈", "~"),
];

/// A filter as it was written, and as it is written here.
pub(super) struct Misspelt {
    /// How many bytes the wrong one takes.
    length: usize,
    right: String,
}

impl Misspelt {
    /// What is wrong with the text that begins at this byte.
    pub(super) fn fault(self, text: &str, at: usize) -> Fault {
        let wrong = text.get(..self.length).unwrap_or(text);
        let bytes = at..at + self.length;
        Fault {
            message: format!(
                "a filter is written `{}`; put quotes around `{wrong}` to search for that text",
                self.right
            ),
            mend: Some(Mend { bytes: bytes.clone(), text: self.right }),
            bytes,
            expected: Vec::new(),
        }
    }
}

/// The filter that stands at the beginning of a text, if it is misspelt.
///
/// With spaces around its operator it may also be words, so there it must make
/// sense as a filter.
pub(super) fn misspelt(text: &str) -> Option<Misspelt> {
    if let Some(negated) = text.strip_prefix('!') {
        return excluded(negated);
    }
    let name = text.get(..name_length(text))?;
    let after = text.get(name.len()..)?;
    let operator_text = after.trim_start();
    // First, since the field is read by the grammar itself, from a text with a colon here.
    let (elsewhere, here) =
        ELSEWHERE.iter().find(|(elsewhere, _)| operator_text.starts_with(elsewhere))?;
    let (is_exact, field_name) = field_name(name)?;
    let value_text = operator_text.get(elsewhere.len()..)?;
    let value_start = value_text.trim_start();
    let value = value_start.get(..value_length(value_start)?)?;
    let is_spaced = after.len() > operator_text.len() || value_text.len() > value_start.len();
    let right = format!("{field_name}:{here}{value}");
    // `->`, `=>` and the like are no comparison.
    if value.is_empty() || is_keyword(value) || value.starts_with(['=', '>', '<']) {
        return None;
    }
    if is_spaced && !(is_exact && SearchQuery::is_filter(&right)) {
        return None;
    }
    Some(Misspelt { length: text.len() - value_start.len() + value.len(), right })
}

/// `!field:value`, without its first character.
fn excluded(negated: &str) -> Option<Misspelt> {
    let name = negated.get(..name_length(negated))?;
    let (_, field_name) = field_name(name)?;
    let condition = negated.get(name.len()..)?.strip_prefix(':')?;
    let value = condition.get(..value_length(condition)?)?;
    let length = "!:".len() + name.len() + value.len();
    (!value.is_empty()).then(|| Misspelt { length, right: format!("-{field_name}:{value}") })
}

/// How much of a text can be the name of a field with its path.
fn name_length(text: &str) -> usize {
    let mut at = 0;
    while let Some(rest) = text.get(at..) {
        let in_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '[' | ']');
        let plain = rest.find(|c| !in_name(c)).unwrap_or(rest.len());
        at += plain;
        let rest = rest.get(plain..).unwrap_or_default();
        match unquote(rest).filter(|_| rest.starts_with('"') && at > 0) {
            Some((_, length)) => at += length,
            None => break,
        }
    }
    at
}

/// The field of a name as it is written here, and whether it was written so.
fn field_name(name: &str) -> Option<(bool, String)> {
    if Field::from_name(name).is_some() {
        return Some((true, name.to_owned()));
    }
    if word::starts_path(name) {
        return SearchQuery::is_filter(&format!("{name}:*")).then(|| (true, name.to_owned()));
    }
    let lower = name.to_lowercase();
    Field::from_name(&lower).map(|_| (false, lower))
}

/// The bytes of the value at the beginning of a text; `None` for an open quote.
fn value_length(text: &str) -> Option<usize> {
    if text.starts_with('"') {
        return unquote(text).map(|(_, length)| length);
    }
    Some(text.find(ends_word).unwrap_or(text.len()))
}

impl SearchQuery {
    /// Whether a text is one filter. What is misspelt in it does not count, so
    /// that this ends.
    fn is_filter(text: &str) -> bool {
        let Ok(pieces) = super::parse::read(text) else { return false };
        matches!(
            pieces.as_slice(),
            [piece] if matches!(piece.expr, Expr::Term(Term::Filter(_)))
        )
    }
}

/// Of the parts that stand side by side, those that with what follows would be
/// read as a misspelt filter, as their positions.
pub(super) fn misread(items: &[Expr]) -> Vec<usize> {
    let is_misread = |at: &usize| {
        let own = items.get(*at);
        let is_word = |expr: &Expr| matches!(expr, Expr::Term(Term::Word { .. }));
        let word = match own {
            Some(Expr::Not(inner)) if is_word(inner) => Some(inner.as_ref()),
            own => own.filter(|own| is_word(own)),
        };
        let Some(word) = word else { return false };
        let mut text = word.to_string();
        let name = text.get(..name_length(&text)).unwrap_or_default();
        if field_name(name).is_none() {
            return false;
        }
        // The operator and the value can each be a part of its own.
        let after = items.get(at + 1..(at + 3).min(items.len())).unwrap_or_default();
        for item in after {
            text.push(' ');
            text.push_str(&part_text(item));
        }
        misspelt(&text).is_some()
    };
    (0..items.len()).filter(is_misread).collect()
}

/// How a part is printed among others.
fn part_text(item: &Expr) -> String {
    match item {
        Expr::And(_) | Expr::Or(_) => format!("({item})"),
        other => other.to_string(),
    }
}
