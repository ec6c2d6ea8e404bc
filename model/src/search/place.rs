//! The paths and keys of `input.`, `output.` and `metadata.`.

use winnow::combinator::opt;
use winnow::prelude::*;
use winnow::token::take_while;

use super::field::Field;
use super::input::{Input, Parsed, fault, position, quoted, rest};
use super::path::{InvalidPath, Path};
use super::{value, word};

/// `input.PATH`, `output.PATH` or `metadata.KEY`, up to the colon.
pub(super) fn path_field(input: &mut Input<'_>) -> Parsed<Field> {
    let start = position(input);
    let root: &str = take_while(1.., char::is_alphabetic).parse_next(input)?;
    let dot = opt('.').parse_next(input)?.is_some();
    let at = position(input);
    let text = path_text(input)?;
    if root == "metadata" {
        return metadata_key(text, at).map(Field::Metadata);
    }
    if dot && text.is_empty() {
        return fault(at..at, format!("expected a key after `{root}.`"));
    }
    let path: Path = match text.parse() {
        Ok(path) => path,
        Err(InvalidPath { at: inside, message }) => {
            return fault(at + inside..at + text.len(), message);
        }
    };
    match root {
        "input" => Ok(Field::Input(path)),
        "output" => Ok(Field::Output(path)),
        _ => fault(start..at, "expected `input.`, `output.` or `metadata.`"),
    }
}

/// Everything up to a colon, space or parenthesis outside quotes.
fn path_text<'a>(input: &mut Input<'a>) -> Parsed<&'a str> {
    let text = rest(input);
    let start = position(input);
    loop {
        take_while(0.., |c| c != ':' && !word::ends_word(c)).void().parse_next(input)?;
        if !rest(input).starts_with('"') {
            return Ok(text.get(..position(input) - start).unwrap_or(text));
        }
        quoted(input)?;
    }
}

/// A whole key in quotes, or a text with its dots. Keys in quotes may stand in
/// a path as well: their dots are then like any other.
fn metadata_key(text: &str, at: usize) -> Parsed<String> {
    if text.is_empty() {
        return fault(at..at, "expected a key after `metadata.`");
    }
    if !text.contains('"') {
        return Ok(text.to_owned());
    }
    if let Some((key, _)) =
        value::unquote(text).filter(|(_, length)| text.starts_with('"') && *length == text.len())
    {
        return Ok(key);
    }
    match text.parse::<Path>() {
        Ok(path) => Ok(path.plain()),
        Err(InvalidPath { at: inside, message }) => fault(at + inside..at + text.len(), message),
    }
}
