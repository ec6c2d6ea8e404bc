//! The grammar, from the whole text down to single terms.
//!
//! ```text
//! search  = any-of
//! any-of  = all-of { "OR" all-of }
//! all-of  = term { term }
//! term    = "-" term | "(" any-of ")" | phrase | filter | word
//! filter  = field ":" condition            (see `condition`)
//! ```

use std::ops::Range;

use winnow::combinator::{alt, eof, opt, peek, terminated};
use winnow::prelude::*;
use winnow::stream::LocatingSlice;
use winnow::token::{any, one_of, take_while};

use super::condition::condition;
use super::error::SearchError;
use super::expr::{Expr, Term};
use super::field::Field;
use super::input::{Counts, Input, Parsed, fault, position, quoted, rest};
use super::place::path_field;
use super::word::{self, Head};
use super::{MAX_CHARS, MAX_DEPTH, MAX_TERMS, Piece};

/// The pieces of a text that stand side by side at its top, each with its bytes.
pub(super) fn parse(text: &str) -> Result<Vec<Piece>, SearchError> {
    let chars = text.chars().count();
    if chars > MAX_CHARS {
        let message = format!("a search has at most {MAX_CHARS} characters; this one has {chars}");
        let limit = text.char_indices().nth(MAX_CHARS).map_or(text.len(), |(at, _)| at);
        return Err(SearchError::at(text, limit..text.len(), message, Vec::new()));
    }
    if let Some(at) = text.find('\0') {
        let message = "a search cannot hold a character of code 0; remove it".to_owned();
        return Err(SearchError::at(text, at..at + 1, message, Vec::new()));
    }
    if text.trim().is_empty() {
        return Ok(Vec::new());
    }
    let mut input = Input { input: LocatingSlice::new(text), state: Counts::default() };
    search(&mut input).map_err(|error| {
        let fault = error.into_inner().unwrap_or_default();
        SearchError::at(text, fault.bytes, fault.message, fault.expected)
    })
}

fn search(input: &mut Input<'_>) -> Parsed<Vec<Piece>> {
    let mut branches = any_of(input)?;
    if rest(input).starts_with(')') {
        let at = position(input);
        return fault(at..at + 1, "no parenthesis is open here; remove this one, or quote it");
    }
    if branches.len() == 1 {
        return Ok(branches.pop().unwrap_or_default());
    }
    let range = span(&branches);
    Ok(vec![Piece { expr: alternatives(branches), range }])
}

fn span(branches: &[Vec<Piece>]) -> Range<usize> {
    let mut pieces = branches.iter().flatten();
    let first = pieces.next().map_or(0..0, |piece| piece.range.clone());
    let end = pieces.next_back().map_or(first.end, |piece| piece.range.end);
    first.start..end
}

fn alternatives(branches: Vec<Vec<Piece>>) -> Expr {
    let all = |pieces: Vec<Piece>| Expr::And(pieces.into_iter().map(|piece| piece.expr).collect());
    Expr::Or(branches.into_iter().map(all).collect())
}

fn any_of(input: &mut Input<'_>) -> Parsed<Vec<Vec<Piece>>> {
    let mut branches = vec![all_of(input)?];
    while opt(or).parse_next(input)?.is_some() {
        branches.push(all_of(input)?);
    }
    Ok(branches)
}

fn or(input: &mut Input<'_>) -> Parsed<()> {
    terminated("OR", peek(alt((eof.void(), one_of(word::ends_word).void()))))
        .void()
        .parse_next(input)
}

fn white_space(input: &mut Input<'_>) -> Parsed<()> {
    take_while(0.., char::is_whitespace).void().parse_next(input)
}

fn all_of(input: &mut Input<'_>) -> Parsed<Vec<Piece>> {
    let mut pieces = Vec::new();
    white_space(input)?;
    while !rest(input).is_empty()
        && !rest(input).starts_with(')')
        && peek(opt(or)).parse_next(input)?.is_none()
    {
        let (expr, range) = term.with_span().parse_next(input)?;
        pieces.push(Piece { expr, range });
        white_space(input)?;
    }
    if pieces.is_empty() {
        let at = position(input);
        let (length, found) = match rest(input) {
            "" => (0, "the end"),
            text if text.starts_with(')') => (1, "`)`"),
            _ => (2, "`OR`"),
        };
        return fault(
            at..at + length,
            format!("expected a word, a phrase or a filter before {found}"),
        );
    }
    Ok(pieces)
}

fn term(input: &mut Input<'_>) -> Parsed<Expr> {
    let text = rest(input);
    match text.as_bytes() {
        [b'"', ..] => phrase(input),
        [b'(', ..] => group(input),
        [b'-', ..] if !word::blocks_negation(text.get(1..).unwrap_or_default()) => {
            any.parse_next(input)?;
            input.state.negations += 1;
            let inner = term(input)?;
            input.state.negations -= 1;
            Ok(inner.negated())
        }
        _ => filter_or_word(input),
    }
}

fn group(input: &mut Input<'_>) -> Parsed<Expr> {
    let at = position(input);
    input.state.depth += 1;
    if input.state.depth > MAX_DEPTH {
        return fault(at..at + 1, format!("a search nests at most {MAX_DEPTH} parentheses deep"));
    }
    any.parse_next(input)?;
    if rest(input).trim_start().is_empty() {
        return fault(at..at + 1, "expected a closing parenthesis for this one");
    }
    let branches = any_of(input)?;
    if opt(')').parse_next(input)?.is_none() {
        return fault(at..at + 1, "expected a closing parenthesis for this one");
    }
    input.state.depth -= 1;
    Ok(alternatives(branches))
}

/// Counts a condition.
fn count(input: &mut Input<'_>) -> Parsed<()> {
    input.state.terms += 1;
    if input.state.terms > MAX_TERMS {
        let at = position(input);
        return fault(
            at..at + rest(input).len(),
            format!("a search has at most {MAX_TERMS} words, phrases and filters"),
        );
    }
    Ok(())
}

fn phrase(input: &mut Input<'_>) -> Parsed<Expr> {
    count(input)?;
    let (text, bytes) = quoted(input)?;
    if text.trim().is_empty() {
        return fault(bytes, "expected a text between the quotes");
    }
    Ok(Expr::Term(Term::Phrase(text)))
}

fn filter_or_word(input: &mut Input<'_>) -> Parsed<Expr> {
    count(input)?;
    let at = position(input);
    let text = rest(input);
    let ends_head = |c: char| c == ':' || word::ends_word(c);
    let (head, after) =
        text.split_at_checked(text.find(ends_head).unwrap_or(text.len())).unwrap_or((text, ""));
    let field = match word::classify(head, after) {
        Head::Word => return plain_word(input),
        Head::Unknown => return super::nearest::unknown_field(head, at),
        Head::Field => {
            take_while(0.., |c| c != ':').void().parse_next(input)?;
            Field::from_name(head)
        }
        Head::Path => Some(path_field(input)?),
    };
    let Some(field) = field else { return fault(at..at + head.len(), "expected a field") };
    if opt(':').parse_next(input)?.is_none() {
        let end = position(input);
        return fault(
            end..end,
            format!("expected `:` and a value after `{}`", text.get(..end - at).unwrap_or(head)),
        );
    }
    let filter = condition(field, at, input)?;
    match filter.excess() {
        Some(most) => {
            let end = position(input);
            fault(at..end, format!("this list has at most {most} values"))
        }
        None => Ok(Expr::from(filter)),
    }
}

fn plain_word(input: &mut Input<'_>) -> Parsed<Expr> {
    let text = take_while(1.., |c| !word::ends_word(c)).parse_next(input)?;
    // Only closing parentheses stand between a word being typed and the end.
    let last = rest(input).trim_start_matches(')').is_empty();
    let prefix = last && input.state.negations == 0;
    Ok(Expr::Term(Term::Word { text: text.to_owned(), prefix }))
}
