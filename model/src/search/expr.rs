//! The tree of a search, and its one normal form.

use std::fmt;

use super::filter::Filter;
use super::misspelt::misread;
use super::value::quote_unless;
use super::word;

/// What must hold of a run.
#[derive(Clone, Debug, PartialEq)]
pub enum Expr {
    /// All of these.
    And(Vec<Expr>),
    /// At least one of these.
    Or(Vec<Expr>),
    /// Not this; so also a run that lacks what is asked for.
    Not(Box<Expr>),
    /// One condition.
    Term(Term),
}

/// One condition.
#[derive(Clone, Debug, PartialEq)]
pub enum Term {
    /// A word of the values of input, output or error.
    Word {
        /// The word as written; [`super::Needle`] says what it looks for.
        text: String,
        /// Whether longer words that begin like it match too: it is the last
        /// one, still being typed.
        prefix: bool,
    },
    /// A substring of the values of input, output or error, case and accents folded.
    Phrase(String),
    /// A condition on a field.
    Filter(Filter),
}

impl Expr {
    /// A finished word.
    #[must_use]
    pub fn word(text: impl Into<String>) -> Self {
        Self::Term(Term::Word { text: text.into(), prefix: false })
    }

    /// A phrase.
    #[must_use]
    pub fn phrase(text: impl Into<String>) -> Self {
        Self::Term(Term::Phrase(text.into()))
    }

    /// The opposite; the opposite of a `Not` is what it holds.
    #[must_use]
    pub fn negated(self) -> Self {
        match self {
            Self::Not(inner) => *inner,
            other => Self::Not(Box::new(other)),
        }
    }

    /// How many conditions it has.
    #[must_use]
    pub fn term_count(&self) -> usize {
        match self {
            Self::And(items) | Self::Or(items) => items.iter().map(Self::term_count).sum(),
            Self::Not(inner) => inner.term_count(),
            Self::Term(_) => 1,
        }
    }

    /// The limit that a list of values in it passes.
    pub(super) fn excess(&self) -> Option<usize> {
        match self {
            Self::And(items) | Self::Or(items) => items.iter().find_map(Self::excess),
            Self::Not(inner) => inner.excess(),
            Self::Term(Term::Filter(filter)) => filter.excess(),
            Self::Term(_) => None,
        }
    }

    /// The form that parsing gives: no empty or lone groups, no double negation,
    /// only words that can stand unquoted, and a prefix only where the text
    /// ends and nothing negates it. `ends` says whether the text ends here.
    /// `None` when nothing is left.
    pub(super) fn normal(self, ends: bool) -> Option<Self> {
        match self {
            Self::And(items) => group(items, ends, Self::And),
            Self::Or(items) => group(items, ends, Self::Or),
            Self::Not(inner) => inner.normal(false).map(Self::negated),
            Self::Term(Term::Word { text, prefix }) if word::is_word(&text) => {
                Some(Self::Term(Term::Word { text, prefix: prefix && ends }))
            }
            Self::Term(Term::Word { text, .. } | Term::Phrase(text)) => {
                (!text.trim().is_empty()).then_some(Self::Term(Term::Phrase(text)))
            }
            filter => Some(filter),
        }
    }

    /// The same with phrases for words that, printed side by side, would be
    /// read as a misspelt filter.
    fn told_apart(mut self) -> Self {
        if let Self::And(items) = &mut self {
            for position in misread(items) {
                if let Some(item) = items.get_mut(position) {
                    item.make_phrase();
                }
            }
        }
        self
    }

    fn make_phrase(&mut self) {
        match self {
            Self::Not(inner) => inner.make_phrase(),
            Self::Term(Term::Word { text, .. }) => *self = Self::phrase(std::mem::take(text)),
            _ => {}
        }
    }

    /// Whether it ends in a finished word, which takes a space to say so.
    pub(super) fn ends_in_finished_word(&self) -> bool {
        match self {
            Self::And(items) | Self::Or(items) => {
                items.last().is_some_and(Self::ends_in_finished_word)
            }
            Self::Term(Term::Word { prefix, .. }) => !prefix,
            Self::Not(_) | Self::Term(_) => false,
        }
    }

    /// How deeply its parentheses nest when printed.
    pub(super) fn depth(&self) -> usize {
        match self {
            Self::And(items) | Self::Or(items) => {
                let depths = items.iter().map(|item| usize::from(self.wraps(item)) + item.depth());
                depths.max().unwrap_or(0)
            }
            Self::Not(inner) => usize::from(self.wraps(inner)) + inner.depth(),
            Self::Term(_) => 0,
        }
    }

    /// Whether one of its parts needs parentheses.
    fn wraps(&self, part: &Self) -> bool {
        match (self, part) {
            (Self::Not(_), Self::Term(Term::Word { text, .. })) => word::blocks_negation(text),
            (Self::Not(_), Self::Not(_)) => true,
            (_, Self::Term(_) | Self::Not(_)) | (Self::Or(_), Self::And(_)) => false,
            _ => true,
        }
    }
}

fn group(items: Vec<Expr>, ends: bool, wrap: fn(Vec<Expr>) -> Expr) -> Option<Expr> {
    let last = items.len().saturating_sub(1);
    let mut items: Vec<_> = items
        .into_iter()
        .enumerate()
        .filter_map(|(position, item)| item.normal(ends && position == last))
        .collect();
    match items.len() {
        0 | 1 => items.pop(),
        _ => Some(wrap(items).told_apart()),
    }
}

impl From<Filter> for Expr {
    fn from(filter: Filter) -> Self {
        Self::Term(Term::Filter(filter))
    }
}

impl fmt::Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Word { text, .. } => f.write_str(text),
            Self::Phrase(text) => quote_unless(f, text, false),
            Self::Filter(filter) => filter.fmt(f),
        }
    }
}

/// The text without the space that a finished last word takes.
impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let part = |f: &mut fmt::Formatter<'_>, part: &Self| {
            if self.wraps(part) { write!(f, "({part})") } else { part.fmt(f) }
        };
        let (items, separator) = match self {
            Self::And(items) => (items, " "),
            Self::Or(items) => (items, " OR "),
            Self::Not(inner) => {
                f.write_str("-")?;
                return part(f, inner);
            }
            Self::Term(term) => return term.fmt(f),
        };
        for (position, item) in items.iter().enumerate() {
            if position > 0 {
                f.write_str(separator)?;
            }
            part(f, item)?;
        }
        Ok(())
    }
}
