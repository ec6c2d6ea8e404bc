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
    /// How it is written, where that is known.
    pub(super) mend: Option<Mend>,
}

/// What to write instead of these bytes.
#[derive(Clone, Debug, Default)]
pub(super) struct Mend {
    pub(super) bytes: Range<usize>,
    pub(super) text: String,
}

impl Fault {
    pub(super) fn new(bytes: Range<usize>, message: impl Into<String>) -> Self {
        Self { bytes, message: message.into(), ..Self::default() }
    }

    /// The same, with what to write instead of some bytes.
    pub(super) fn mended(mut self, bytes: Range<usize>, text: impl Into<String>) -> Self {
        self.mend = Some(Mend { bytes, text: text.into() });
        self
    }

    /// As the end of parsing: no other reading of the text can mend it.
    pub(super) fn cut<T>(self) -> Parsed<T> {
        Err(ErrMode::Cut(self))
    }
}

impl<'a> ParserError<Input<'a>> for Fault {
    type Inner = Self;

    fn from_input(input: &Input<'a>) -> Self {
        let at = input.current_token_start();
        Self::new(at..at, "expected something else here")
    }

    fn into_inner(self) -> Result<Self::Inner, Self> {
        Ok(self)
    }
}

/// A fault that no other reading of the text can mend.
pub(super) fn fault<T>(bytes: Range<usize>, message: impl Into<String>) -> Parsed<T> {
    Fault::new(bytes, message).cut()
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
        let end = at + rest(input).len();
        return Fault::new(at..at + 1, "expected a closing quote for this one")
            .mended(end..end, "\"")
            .cut();
    };
    input.next_slice(length);
    Ok((text, at..at + length))
}
