//! The grammar, from the whole text down to single terms.
//!
//! ```text
//! search  = any-of
//! any-of  = all-of { "OR" all-of }
//! all-of  = term { ["AND"] term }
//! term    = ("-" | "NOT") term | "(" any-of ")" | phrase | filter | word
//! filter  = field ":" condition            (see `condition`)
//! ```

use std::ops::Range;

use winnow::combinator::{alt, eof, opt, peek, terminated};
use winnow::error::ErrMode;
use winnow::prelude::*;
use winnow::stream::LocatingSlice;
use winnow::token::{any, one_of, take_while};

use super::caret::outside_quotes;
use super::condition::condition;
use super::error::SearchError;
use super::expr::{Expr, Term};
use super::field::Field;
use super::input::{Counts, Fault, Input, Mend, Parsed, fault, position, quoted, rest};
use super::misspelt::misspelt;
use super::place::path_field;
use super::word::{self, Head, Joint};
use super::{MAX_CHARS, MAX_DEPTH, MAX_TERMS, Piece};

/// Most faults of one text that are mended together.
const MAX_MENDS: usize = 8;

/// The pieces of a text that stand side by side at its top, each with its bytes.
pub(super) fn parse(text: &str) -> Result<Vec<Piece>, SearchError> {
    read(text).map_err(|fault| {
        let suggestion = mended(text, &fault);
        SearchError::at(text, fault, suggestion)
    })
}

/// A text that can be read, or that it is meant to be; else what is wrong with it.
pub(super) fn as_meant(text: &str) -> Result<String, String> {
    match read(text) {
        Ok(_) => Ok(text.to_owned()),
        Err(fault) => mended(text, &fault).ok_or(fault.message),
    }
}

/// The text with its faults mended; `None` where one of them cannot be.
fn mended(text: &str, fault: &Fault) -> Option<String> {
    let mut text = text.to_owned();
    let mut mend = fault.mend.clone();
    for _ in 0..MAX_MENDS {
        let Mend { bytes, text: right } = mend?;
        text.get(bytes.clone())?;
        text.replace_range(bytes, &right);
        match read(&text) {
            Ok(_) => return Some(text),
            Err(fault) => mend = fault.mend,
        }
    }
    None
}

pub(super) fn read(text: &str) -> Result<Vec<Piece>, Fault> {
    let chars = text.chars().count();
    if chars > MAX_CHARS {
        let message = format!("a search has at most {MAX_CHARS} characters; this one has {chars}");
        let limit = text.char_indices().nth(MAX_CHARS).map_or(text.len(), |(at, _)| at);
        return Err(Fault::new(limit..text.len(), message));
    }
    if let Some(at) = text.find('\0') {
        let message = "a search cannot hold a character of code 0; remove it";
        return Err(Fault::new(at..at + 1, message));
    }
    if text.trim().is_empty() {
        return Ok(Vec::new());
    }
    let mut input = Input { input: LocatingSlice::new(text), state: Counts::default() };
    search(&mut input).map_err(|error| error.into_inner().unwrap_or_default())
}

fn search(input: &mut Input<'_>) -> Parsed<Vec<Piece>> {
    let mut branches = any_of(input)?;
    if rest(input).starts_with(')') {
        let at = position(input);
        return Fault::new(at..at + 1, "no parenthesis is open here; remove this one, or quote it")
            .mended(at..at + 1, "")
            .cut();
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
    while opt(keyword("OR")).parse_next(input)?.is_some() {
        branches.push(all_of(input)?);
    }
    Ok(branches)
}

/// One of the words that join others, where it stands for itself.
fn keyword<'a>(word: &'static str) -> impl Parser<Input<'a>, (), ErrMode<Fault>> {
    terminated(word, peek(alt((eof.void(), one_of(word::ends_word).void())))).void()
}

fn white_space(input: &mut Input<'_>) -> Parsed<()> {
    take_while(0.., char::is_whitespace).void().parse_next(input)
}

fn all_of(input: &mut Input<'_>) -> Parsed<Vec<Piece>> {
    let mut pieces = Vec::new();
    // Whether a term must follow.
    let mut is_open = true;
    white_space(input)?;
    while !rest(input).is_empty()
        && !rest(input).starts_with(')')
        && peek(opt(keyword("OR"))).parse_next(input)?.is_none()
    {
        if peek(opt(keyword("AND"))).parse_next(input)?.is_some() {
            if is_open {
                return expected_term(input);
            }
            keyword("AND").parse_next(input)?;
            is_open = true;
        } else {
            let (expr, range) = term.with_span().parse_next(input)?;
            pieces.push(Piece { expr, range });
            is_open = false;
        }
        white_space(input)?;
    }
    if is_open { expected_term(input) } else { Ok(pieces) }
}

/// What is wrong where a term should stand.
fn expected_term<T>(input: &Input<'_>) -> Parsed<T> {
    let at = position(input);
    let text = rest(input);
    let found = match text.get(..text.find(word::ends_word).unwrap_or(text.len())) {
        Some(word) if word::is_keyword(word) => word,
        _ => text.get(..text.chars().next().map_or(0, char::len_utf8)).unwrap_or_default(),
    };
    let before = if found.is_empty() { "the end".to_owned() } else { format!("`{found}`") };
    let quote = if word::is_keyword(found) { "; quote it to search for the word" } else { "" };
    fault(
        at..at + found.len(),
        format!("expected a word, a phrase or a filter before {before}{quote}"),
    )
}

fn term(input: &mut Input<'_>) -> Parsed<Expr> {
    let mut negations = 0;
    while negation(input)? {
        negations += 1;
    }
    input.state.negations += negations;
    let inner = positive(input)?;
    input.state.negations -= negations;
    Ok(if negations % 2 == 1 { inner.negated() } else { inner })
}

/// Passes over `-` or `NOT`, if it is there.
fn negation(input: &mut Input<'_>) -> Parsed<bool> {
    if let Some(after) = rest(input).strip_prefix('-') {
        let negates = !word::blocks_negation(after);
        if negates {
            any.parse_next(input)?;
        }
        return Ok(negates);
    }
    if opt(keyword("NOT")).parse_next(input)?.is_none() {
        return Ok(false);
    }
    white_space(input)?;
    let text = rest(input);
    let next = text.get(..text.find(word::ends_word).unwrap_or(text.len())).unwrap_or_default();
    let lacks_term = text.is_empty() || text.starts_with(')') || matches!(next, "OR" | "AND");
    if lacks_term { expected_term(input) } else { Ok(true) }
}

fn positive(input: &mut Input<'_>) -> Parsed<Expr> {
    let text = rest(input);
    match text.as_bytes() {
        [b'"', ..] => phrase(input),
        [b'(', ..] => group(input),
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
        let end = position(input) + rest(input).len();
        return Fault::new(at..at + 1, "expected a closing parenthesis for this one")
            .mended(end..end, ")")
            .cut();
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
    let kind = word::classify(head, after);
    if let Some(joint) = word::joint(text).filter(|_| kind == Head::Word) {
        return foreign_joint(joint, text, at);
    }
    // The place of a path with quotes ends at its colon, whatever its keys hold.
    let has_colon = || {
        let mut token = outside_quotes(text).take_while(|(_, c)| !c.is_whitespace());
        token.any(|(_, c)| c == ':')
    };
    let may_be_misspelt = kind == Head::Word || (kind == Head::Path && !has_colon());
    if let Some(misspelt) = may_be_misspelt.then(|| misspelt(text)).flatten() {
        return misspelt.fault(at).cut();
    }
    let field = match kind {
        Head::Word => return plain_word(input),
        Head::Unknown => return super::nearest::unknown_field(head, after, at),
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

/// What is wrong with `&&` and the like.
fn foreign_joint<T>(Joint { range, right }: Joint, text: &str, at: usize) -> Parsed<T> {
    let sign = text.get(range.clone()).unwrap_or_default();
    let bytes = at + range.start..at + range.end;
    let message = format!("`{sign}` is written `{}`; quote it to search for it", right.trim());
    Fault::new(bytes.clone(), message).mended(bytes, right).cut()
}

fn plain_word(input: &mut Input<'_>) -> Parsed<Expr> {
    let text = take_while(1.., |c| !word::ends_word(c)).parse_next(input)?;
    // Only closing parentheses stand between a word being typed and the end.
    let last = rest(input).trim_start_matches(')').is_empty();
    let prefix = last && input.state.negations == 0;
    Ok(Expr::Term(Term::Word { text: text.to_owned(), prefix }))
}
