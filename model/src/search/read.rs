//! Values read by the type of their field.

use super::amount::{self, BadAmount};
use super::condition::{Raw, owned};
use super::field::{FieldInfo, ValueType};
use super::input::{Fault, Parsed, fault};
use super::number::Number;
use super::value::{JsonLiteral, JsonScalar, Value, VersionSelector};
use super::when::{TimeBound, is_day};

/// All the words that a field's value can be; none where any text will do.
pub(super) fn closed_words(info: &FieldInfo) -> &'static [&'static str] {
    match info.value_type {
        ValueType::Word | ValueType::Bool => info.words,
        _ => &[],
    }
}

/// What a value of this field must look like.
pub(super) fn expectation(info: &FieldInfo) -> String {
    match closed_words(info) {
        [] => info.value_type.example().to_owned(),
        words => words.join(" or "),
    }
}

/// A value, of the type that the field has.
pub(super) fn value(raw: &Raw, info: &FieldInfo) -> Parsed<Value> {
    let text = raw.text.as_str();
    let read = match info.value_type {
        ValueType::Word => info
            .words
            .iter()
            .find(|word| word.eq_ignore_ascii_case(text))
            .map(|word| Value::Word(word)),
        ValueType::Text => Some(Value::Text(text.to_owned())),
        ValueType::Version => version(text).map(Value::Version),
        ValueType::Count => return amount(raw, info, amount::parse_count(text).map(Value::Count)),
        ValueType::Number => Number::parse(text).map(Value::Number),
        ValueType::Duration => {
            return amount(raw, info, amount::parse_duration(text).map(Value::Duration));
        }
        ValueType::Money => return amount(raw, info, amount::parse_money(text).map(Value::Money)),
        ValueType::Time => TimeBound::parse(text).map(Value::Time),
        ValueType::Bool => text.to_ascii_lowercase().parse().ok().map(Value::Bool),
        ValueType::Json if raw.quoted => Some(Value::Json(JsonLiteral::string(text))),
        ValueType::Json => Some(Value::Json(JsonLiteral::bare(text))),
    };
    read.map_or_else(|| unreadable(raw, info), Ok)
}

/// A value that others can be greater or less than.
pub(super) fn ordered(raw: &Raw, info: &FieldInfo) -> Parsed<Value> {
    let value = value(raw, info)?;
    let unordered = match &value {
        Value::Json(literal) => match literal.scalar() {
            Some(JsonScalar::Number(_)) => false,
            Some(JsonScalar::Bool(_) | JsonScalar::Null) => true,
            None => !raw.quoted && !is_day(literal.text()),
        },
        _ => false,
    };
    if unordered {
        return fault(raw.bytes.clone(), "expected a number, a day, or a text in quotes");
    }
    Ok(value)
}

fn version(text: &str) -> Option<VersionSelector> {
    if let Ok(id) = text.parse() {
        return Some(VersionSelector::Id(id));
    }
    if text.bytes().all(|b| b.is_ascii_digit()) {
        return text.parse().ok().map(VersionSelector::Major);
    }
    text.parse().ok().map(VersionSelector::Number)
}

fn amount(raw: &Raw, info: &FieldInfo, read: Result<Value, BadAmount>) -> Parsed<Value> {
    let problem = match read {
        Ok(value) => return Ok(value),
        Err(BadAmount::NotNumber) => return unreadable(raw, info),
        Err(problem) => problem,
    };
    let text = &raw.text;
    let message = match (problem, info.value_type) {
        (BadAmount::NoUnit, _) => {
            if let Some((unit, length)) = raw.spaced_unit {
                let bytes = raw.bytes.start..raw.bytes.end + length;
                let written = format!("{text}{unit}");
                let message = format!("expected no space before the unit: {written}");
                return Fault::new(bytes.clone(), message).mended(bytes, written).cut();
            }
            let message = format!("expected a unit after `{text}`: {text}s, {text}ms or {text}m");
            let fault = Fault::new(raw.bytes.clone(), message);
            return match amount::likely_duration(text) {
                Some(likely) => fault.mended(raw.bytes.clone(), likely).cut(),
                None => fault.cut(),
            };
        }
        (BadAmount::TooBig, _) => format!("`{text}` is too big"),
        (_, ValueType::Count) => format!("expected a whole number, not `{text}`"),
        (_, ValueType::Money) => format!("`{text}` is finer than a billionth of a dollar"),
        _ => format!("`{text}` is finer than a microsecond"),
    };
    fault(raw.bytes.clone(), message)
}

fn unreadable<T>(raw: &Raw, info: &FieldInfo) -> Parsed<T> {
    let message = format!("`{}` must be {}, not `{}`", info.name, expectation(info), raw.text);
    let words = closed_words(info);
    let fault = Fault { expected: owned(words), ..Fault::new(raw.bytes.clone(), message) };
    let duration = || match info.value_type {
        ValueType::Duration => amount::likely_duration(&raw.text),
        _ => None,
    };
    let written = if raw.quoted {
        None
    } else {
        alike(words, &raw.text).or_else(|| range(raw, info)).or_else(duration)
    };
    match written {
        Some(written) => fault.mended(raw.bytes.clone(), written).cut(),
        None => fault.cut(),
    }
}

/// The one of a few words that begins as a text does: `fail` and `failed` are `failure`.
fn alike(words: &[&str], text: &str) -> Option<String> {
    const ROOT: usize = 4;
    let text = text.to_lowercase();
    // A sign in it may be one that joins it to something else.
    if !text.chars().all(char::is_alphabetic) {
        return None;
    }
    let root = text.get(..ROOT.min(text.len())).filter(|root| !root.is_empty())?;
    let mut found = words.iter().filter(|word| word.starts_with(root));
    match (found.next(), found.next()) {
        (Some(word), None) => Some((*word).to_owned()),
        _ => None,
    }
}

/// `2s-5s` as the range that it means.
fn range(raw: &Raw, info: &FieldInfo) -> Option<String> {
    let (low, high) = raw.text.split_once(['-', '–'])?;
    let is_ranged = matches!(
        info.value_type,
        ValueType::Count | ValueType::Number | ValueType::Duration | ValueType::Money
    );
    let is_bound = |text: &str| text.starts_with(|c: char| c.is_ascii_digit() || c == '$');
    (is_ranged && is_bound(low) && is_bound(high)).then(|| format!("{low}..{high}"))
}
