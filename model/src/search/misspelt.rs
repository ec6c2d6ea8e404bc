//! Filters that are written in another language's way: `status=failure`,
//! `latency > 2s`, `!status:failure`. Read as words they would find nothing.

use super::amount::spaced_unit;
use super::field::{Field, ValueType};
use super::input::{Fault, Mend};
use super::nearest::field_of_other_name;
use super::parse::as_meant;
use super::value::unquote;
use super::word::{self, ends_word, is_keyword};
use super::{Expr, SearchQuery, Term};

/// How an operator is written elsewhere, and here after the colon. What begins
/// like another comes after it.
const ELSEWHERE: [(&str, &str); 18] = [
    ("===", ""),
    ("==", ""),
    ("=~", "~"),
    ("=>", ">="),
    ("=<", "<="),
    ("=!", "!="),
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

/// What is written in another way than here.
pub(super) struct Misspelt {
    /// How many bytes the wrong one takes.
    length: usize,
    /// How it is written here, or why what it seems to say is no filter either.
    meant: Result<String, String>,
    message: String,
}

impl Misspelt {
    fn new(wrong: &str, meant: Result<String, String>) -> Self {
        let message = match &meant {
            Ok(right) => format!("a filter is written `{right}`"),
            Err(why) => why.clone(),
        };
        let message = format!("{message}; put quotes around `{wrong}` to search for that text");
        Self { length: wrong.len(), meant, message }
    }

    /// What is wrong with the text that begins at this byte.
    pub(super) fn fault(self, at: usize) -> Fault {
        let bytes = at..at + self.length;
        let mend = self.meant.ok().map(|text| Mend { bytes: bytes.clone(), text });
        Fault { message: self.message, mend, bytes, expected: Vec::new() }
    }
}

/// The filter that stands at the beginning of a text, if it is misspelt.
///
/// With spaces around its operator it may also be words, so there it must make
/// sense as a filter.
pub(super) fn misspelt(text: &str) -> Option<Misspelt> {
    match text.strip_prefix('!') {
        Some(negated) => excluded(text, negated),
        None => compared(text),
    }
}

/// `status=failure`, `status : failure`.
fn compared(text: &str) -> Option<Misspelt> {
    let name = text.get(..name_length(text))?;
    let after = text.get(name.len()..)?;
    // First, since the field is read by the grammar itself, from a text with a colon here.
    let Sign { here, value_text, is_arrow } = sign(after)?;
    let (is_exact, field_name) = field_name(name)?;
    let value_start = value_text.trim_start();
    let mut value = value_start.get(..value_length(value_start)?)?.to_owned();
    // `->`, `=>` and the like are no comparison.
    if value.is_empty() || is_keyword(&value) || value.starts_with(['=', '>', '<']) {
        return None;
    }
    let mut length = text.len() - value_start.len() + value.len();
    let is_spaced = text.get(name.len()..length)?.starts_with(char::is_whitespace)
        || value_text.len() > value_start.len();
    let value_type = Field::from_name(&field_name).map_or(ValueType::Json, |f| f.value_type());
    if value_type == ValueType::Duration && value.ends_with(|c: char| c.is_ascii_digit()) {
        let unit = spaced_unit(value_start.get(value.len()..)?);
        length += unit.map_or(0, |(_, length)| length);
        let own = if name.ends_with("_ms") { "ms" } else { "" };
        value.push_str(unit.map_or(own, |(unit, _)| unit));
    }
    let meant = filter_of(&format!("{field_name}:{here}{value}"));
    let takes_any_text = matches!(value_type, ValueType::Text | ValueType::Json);
    let may_be_words = is_spaced && (meant.is_err() || !is_exact && takes_any_text);
    if may_be_words || is_arrow && meant.is_err() {
        return None;
    }
    Some(Misspelt::new(text.get(..length)?, meant))
}

/// An operator as it is written elsewhere.
struct Sign<'a> {
    /// How it is written here, after the colon.
    here: &'static str,
    value_text: &'a str,
    /// Whether it may also point from one thing to another.
    is_arrow: bool,
}

/// The sign after a name, be there spaces around it and a colon before it.
fn sign(after: &str) -> Option<Sign<'_>> {
    let trimmed = after.trim_start();
    let (has_colon, trimmed) = match trimmed.strip_prefix(':') {
        // Right behind the name it begins a filter.
        Some(_) if trimmed.len() == after.len() => return None,
        Some(rest) => (true, rest.trim_start()),
        None => (false, trimmed),
    };
    let found = ELSEWHERE.iter().find(|(elsewhere, _)| trimmed.starts_with(elsewhere));
    match found {
        Some((elsewhere, here)) => {
            let value_text = trimmed.get(elsewhere.len()..)?;
            Some(Sign { here, value_text, is_arrow: *elsewhere == "=>" })
        }
        None if has_colon => Some(Sign { here: "", value_text: trimmed, is_arrow: false }),
        None => None,
    }
}

/// `!field:value` and what else begins with `!`, given without its first character.
fn excluded(text: &str, negated: &str) -> Option<Misspelt> {
    let minus = |filter: String| format!("-{filter}");
    if negated.starts_with(['(', '"']) {
        let message = "`!` is written `-`; put it in quotes to search for it".to_owned();
        return Some(Misspelt { length: 1, meant: Ok(minus(String::new())), message });
    }
    let filter = negated.trim_start();
    let skipped = text.len() - filter.len();
    if let Some(Misspelt { length, meant, .. }) = compared(filter) {
        return Some(Misspelt::new(text.get(..skipped + length)?, meant.map(minus)));
    }
    let name = filter.get(..name_length(filter))?;
    let (_, field_name) = field_name(name)?;
    let condition = filter.get(name.len()..)?.strip_prefix(':')?.trim_start();
    let value = condition.get(..value_length(condition)?)?;
    if value.is_empty() {
        return None;
    }
    let length = text.len() - condition.len() + value.len();
    let meant = filter_of(&format!("{field_name}:{value}"));
    Some(Misspelt::new(text.get(..length)?, meant.map(minus)))
}

/// The filter that a text is or is meant to be, or why it is none.
fn filter_of(text: &str) -> Result<String, String> {
    let meant = as_meant(text)?;
    if SearchQuery::is_filter(&meant) { Ok(meant) } else { Err(format!("`{text}` is no filter")) }
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

/// The field of a name as it is written here, and whether it can be nothing else.
fn field_name(name: &str) -> Option<(bool, String)> {
    if Field::from_name(name).is_some() {
        return Some((true, name.to_owned()));
    }
    if word::starts_path(name) {
        return SearchQuery::is_filter(&format!("{name}:*")).then(|| (true, name.to_owned()));
    }
    if let Some(meant) = field_of_other_name(name).filter(|_| name.contains('_')) {
        return Some((true, meant.to_owned()));
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
        let positive = text.strip_prefix('!').unwrap_or(&text);
        let name = positive.get(..name_length(positive)).unwrap_or_default();
        if text != "!" && field_name(name).is_none() {
            return false;
        }
        // The colon, the operator, the value and its unit can each be a part of its own.
        let after = items.get(at + 1..(at + 5).min(items.len())).unwrap_or_default();
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
