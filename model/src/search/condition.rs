//! What stands after the colon of a filter.
//!
//! ```text
//! condition = "*" | value ".." value | [ operator ] value { "," value }
//! value     = quoted | characters other than spaces, quotes, commas and parentheses
//! ```

use std::ops::Range;

use winnow::combinator::{alt, opt};
use winnow::prelude::*;
use winnow::stream::Stream;
use winnow::token::take_while;

use super::amount::spaced_unit;
use super::field::{Field, FieldInfo, Operator, ValueType};
use super::filter::{Comparison, Filter, InvalidFilter, Test};
use super::input::{Fault, Input, Parsed, fault, position, quoted, rest};
use super::read;
use super::value::{self, JsonLiteral, Value};
use super::word::ends_word;

/// A value as it stands in the text.
#[derive(Clone, Debug)]
pub(super) struct Raw {
    pub(super) text: String,
    pub(super) quoted: bool,
    pub(super) bytes: Range<usize>,
    /// The unit of a duration that follows after a space, and the bytes of both.
    pub(super) spaced_unit: Option<(&'static str, usize)>,
}

/// The rest of a filter whose field began at `start`.
pub(super) fn condition(field: Field, start: usize, input: &mut Input<'_>) -> Parsed<Filter> {
    let info = field.info();
    let at = position(input);
    let operator = operator(input)?;
    let end = position(input);
    if !info.value_type.operators().contains(&operator) {
        let value_type = info.value_type;
        let error = InvalidFilter::Operator { field: field.to_string(), operator, value_type };
        let fault = Fault::new(at..end, error.to_string());
        // A part of one of a few words can only mean the word.
        let is_part = operator == Operator::Contains && !read::closed_words(info).is_empty();
        return if is_part { fault.mended(at..end, "").cut() } else { fault.cut() };
    }
    wrong_sign(&field, at..end, input)?;
    let test = test(operator, info, input)?;
    let bytes = start..position(input);
    Filter::new(field, test).or_else(|error| match error {
        // The type was checked as each value was read, so this is about all of them.
        InvalidFilter::Reversed { .. } => fault(end..bytes.end, error.to_string()),
        _ => fault(bytes, error.to_string()),
    })
}

fn operator(input: &mut Input<'_>) -> Parsed<Operator> {
    let text = rest(input);
    if text.strip_prefix('*').is_some_and(ends_value) {
        input.next_slice(1);
        return Ok(Operator::Present);
    }
    let found = opt(alt((
        "!=".value(Operator::IsNot),
        ">=".value(Operator::AtLeast),
        '>'.value(Operator::Greater),
        "<=".value(Operator::AtMost),
        '<'.value(Operator::Less),
        '~'.value(Operator::Contains),
    )))
    .parse_next(input)?;
    Ok(found.unwrap_or(Operator::Is))
}

/// Refuses `field:=value`, and `field:!value`, where values hardly begin so. Values in
/// JSON do: a formula is `=SUM(A1)`.
fn wrong_sign(field: &Field, operator: Range<usize>, input: &Input<'_>) -> Parsed<()> {
    let text = rest(input);
    let after = text.trim_start_matches('=');
    let equals = text.len() - after.len();
    let is_plain = operator.is_empty();
    let is_json = field.value_type() == ValueType::Json;
    let (length, right) = match after.chars().next().filter(|_| is_plain) {
        // Written the other way round.
        Some('>') if equals > 0 => (equals + 1, Operator::AtLeast),
        Some('<') if equals > 0 => (equals + 1, Operator::AtMost),
        Some('~') if equals > 0 => (equals + 1, Operator::Contains),
        Some('!') if equals == 0 && !is_json => (1, Operator::IsNot),
        _ if equals > 0 && (!is_json || after.starts_with('"')) => (equals, Operator::Is),
        _ => return Ok(()),
    };
    let bytes = operator.end..operator.end + length;
    let wrong = text.get(..length).unwrap_or_default();
    let value_type = field.value_type();
    let message = if value_type.operators().contains(&right) {
        let right = right.symbol();
        format!("no value begins with `{wrong}`; write `{field}:{right}value`, or quote the value")
    } else {
        let field = field.to_string();
        InvalidFilter::Operator { field, operator: right, value_type }.to_string()
    };
    Fault::new(bytes.clone(), message).mended(bytes, right.symbol()).cut()
}

/// Whether a value is complete when this follows it.
fn ends_value(text: &str) -> bool {
    text.chars().next().is_none_or(|c| c.is_whitespace() || c == ')')
}

fn test(operator: Operator, info: &FieldInfo, input: &mut Input<'_>) -> Parsed<Test> {
    let compare = |side| move |value| Test::Compare(side, value);
    match operator {
        Operator::Present => Ok(Test::Present),
        Operator::Is | Operator::Between => is_or_between(info, input),
        Operator::IsNot => {
            let first = raw(info, input)?;
            list(first, info, input).map(Test::NoneOf)
        }
        Operator::Contains => contains(info, input),
        Operator::Greater => bound(info, input).map(compare(Comparison::Greater)),
        Operator::AtLeast => bound(info, input).map(compare(Comparison::AtLeast)),
        Operator::Less => bound(info, input).map(compare(Comparison::Less)),
        Operator::AtMost => bound(info, input).map(compare(Comparison::AtMost)),
    }
}

/// One value as it stands, which must not be empty unless it is quoted.
fn raw(info: &FieldInfo, input: &mut Input<'_>) -> Parsed<Raw> {
    if rest(input).starts_with('"') {
        let (text, bytes) = quoted(input)?;
        return Ok(Raw { text, quoted: true, bytes, spaced_unit: None });
    }
    let at = position(input);
    let text: &str = take_while(0.., |c| c != ',' && !ends_word(c)).parse_next(input)?;
    if text.is_empty() {
        let after = rest(input);
        let space = after.len() - after.trim_start().len();
        let hint = if space > 0 { " here, without a space before it" } else { "" };
        let message = format!("expected {}{hint}", read::expectation(info));
        let fault =
            Fault { expected: owned(read::closed_words(info)), ..Fault::new(at..at, message) };
        return if space > 0 && space < after.len() {
            fault.mended(at..at + space, "").cut()
        } else {
            fault.cut()
        };
    }
    let is_duration = info.value_type == ValueType::Duration;
    Ok(Raw {
        text: text.to_owned(),
        quoted: false,
        bytes: at..at + text.len(),
        spaced_unit: if is_duration { spaced_unit(rest(input)) } else { None },
    })
}

pub(super) fn owned(words: &[&str]) -> Vec<String> {
    words.iter().map(|&word| word.to_owned()).collect()
}

/// Nothing but a space, a closing parenthesis or the end may follow the last value.
fn end(value: &Raw, input: &Input<'_>) -> Parsed<()> {
    let text = rest(input);
    if ends_value(text) {
        return Ok(());
    }
    let message = if text.starts_with(',') {
        "expected one value here; quote it if the comma is part of it"
    } else if value.quoted {
        "expected a space or a comma after the closing quote"
    } else {
        "expected a space here; quote values that hold quotes or parentheses"
    };
    let at = position(input);
    fault(at..at + text.chars().next().map_or(0, char::len_utf8), message)
}

/// The first value and those that commas join to it.
fn list(first: Raw, info: &FieldInfo, input: &mut Input<'_>) -> Parsed<Vec<Value>> {
    let mut last = first;
    let mut values = vec![in_list(&last, info)?];
    while opt(',').parse_next(input)?.is_some() {
        last = raw(info, input)?;
        values.push(in_list(&last, info)?);
    }
    end(&last, input)?;
    Ok(values)
}

fn in_list(raw: &Raw, info: &FieldInfo) -> Parsed<Value> {
    let range = !raw.quoted && value::is_range_of_json(&raw.text);
    if range && info.value_type.operators().contains(&Operator::Between) {
        let message = "expected a single value; a range stands alone, right after the colon";
        return fault(raw.bytes.clone(), message);
    }
    read::value(raw, info)
}

fn contains(info: &FieldInfo, input: &mut Input<'_>) -> Parsed<Test> {
    let mut parts = Vec::new();
    loop {
        let part = raw(info, input)?;
        if part.text.trim().is_empty() {
            return fault(part.bytes, "expected a text to look for");
        }
        if opt(',').parse_next(input)?.is_none() {
            end(&part, input)?;
            parts.push(part.text);
            return Ok(Test::Contains(parts));
        }
        parts.push(part.text);
    }
}

fn bound(info: &FieldInfo, input: &mut Input<'_>) -> Parsed<Value> {
    let raw = raw(info, input)?;
    end(&raw, input)?;
    read::ordered(&raw, info)
}

fn is_or_between(info: &FieldInfo, input: &mut Input<'_>) -> Parsed<Test> {
    let first = raw(info, input)?;
    if !info.value_type.operators().contains(&Operator::Between) {
        return list(first, info, input).map(Test::AnyOf);
    }
    let bounds = if first.quoted {
        opt("..").parse_next(input)?.map(|_| (first.clone(), None))
    } else {
        split(&first, info)
    };
    let Some((low, high)) = bounds else {
        return list(first, info, input).map(Test::AnyOf);
    };
    let high = match high {
        Some(high) => high,
        None => raw(info, input)?,
    };
    end(&high, input)?;
    let low = read::ordered(&low, info)?;
    match (&low, read::ordered(&high, info)?) {
        (Value::Json(one), Value::Json(two)) if kind(one) != kind(&two) => {
            let expected = if kind(one) { "a number" } else { "a text" };
            fault(high.bytes, format!("expected {expected}, as before the dots"))
        }
        (_, value) => Ok(Test::Between(low, value)),
    }
}

fn kind(literal: &JsonLiteral) -> bool {
    literal.number().is_some()
}

/// Both sides of an unquoted range; no upper one when the text ends with the
/// dots, so that it may follow in quotes.
fn split(raw: &Raw, info: &FieldInfo) -> Option<(Raw, Option<Raw>)> {
    if info.value_type == ValueType::Json && !value::is_range_of_json(&raw.text) {
        return None;
    }
    let (low, high) = raw.text.split_once("..")?;
    let side = |text: &str, from: usize, spaced_unit| Raw {
        text: text.to_owned(),
        quoted: false,
        bytes: from..from + text.len(),
        spaced_unit,
    };
    let end = raw.bytes.end;
    let high = (!high.is_empty()).then(|| side(high, end - high.len(), raw.spaced_unit));
    Some((side(low, raw.bytes.start, None), high))
}
