//! What the parsers read from, and how they fail.

use std::ops::Range;

use winnow::error::{ErrMode, ParserError};
use winnow::stream::{LocatingSlice, Location, Stateful, Stream};

use super::value;

/// The text still to read, its place in the whole, and what was counted so far.
pub(super) type Input<'a> = Stateful<LocatingSlice<&'a str>, Counts>;
pub(super) type Parsed<T> = Result<T, ErrMode<Fault>>;

#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counts {
    /// Conditions.
    pub(super) terms: usize,
    /// Open parentheses.
    pub(super) depth: usize,
    /// Negations around this place.
    pub(super) negations: usize,
}

/// What is wrong with these bytes.
#[derive(Clone, Debug, Default)]
pub(super) struct Fault {
    pub(super) bytes: Range<usize>,
    pub(super) message: String,
    pub(super) expected: Vec<String>,
}

impl<'a> ParserError<Input<'a>> for Fault {
    type Inner = Self;

    fn from_input(input: &Input<'a>) -> Self {
        let at = input.current_token_start();
        Self { bytes: at..at, message: "expected something else here".to_owned(), expected: vec![] }
    }

    fn into_inner(self) -> Result<Self::Inner, Self> {
        Ok(self)
    }
}

/// A fault that no other reading of the text can mend.
pub(super) fn fault<T>(bytes: Range<usize>, message: impl Into<String>) -> Parsed<T> {
    fault_expecting(bytes, message, Vec::new())
}

/// The same, with the words that could stand there.
pub(super) fn fault_expecting<T>(
    bytes: Range<usize>,
    message: impl Into<String>,
    expected: Vec<String>,
) -> Parsed<T> {
    Err(ErrMode::Cut(Fault { bytes, message: message.into(), expected }))
}

pub(super) fn rest<'a>(input: &Input<'a>) -> &'a str {
    input.input.as_ref()
}

pub(super) fn position(input: &Input<'_>) -> usize {
    input.current_token_start()
}

/// A text in quotes, and its bytes.
pub(super) fn quoted(input: &mut Input<'_>) -> Parsed<(String, Range<usize>)> {
    let at = position(input);
    let Some((text, length)) = value::unquote(rest(input)) else {
        return fault(at..at + 1, "expected a closing quote for this one");
    };
    input.next_slice(length);
    Ok((text, at..at + length))
}
