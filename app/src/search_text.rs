//! A search as its field shows it: finished filters as chips, the rest as text.
//!
//! The grammar of `model` alone decides what a filter is; this only keeps
//! account of which of its pieces stand as chips.

use model::search::{Expr, Filter, Operator, Piece, Term, TimeBound, Value};
use model::{SearchError, SearchQuery};

/// A search on its way through the field.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SearchText {
    /// The finished filters.
    pub chips: Vec<Chip>,
    /// What is being typed: words, and whatever is not finished.
    pub draft: String,
    /// Where the chip stood that was made text again.
    reopened: Option<usize>,
}

/// A finished filter, in its parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chip {
    /// The whole filter, as the grammar writes it.
    pub text: String,
    /// Whether it excludes what it names.
    pub is_negated: bool,
    /// The field.
    pub field: String,
    /// What is asked of the field.
    pub operator: Operator,
    /// With what it is compared; empty for [`Operator::Present`].
    pub value: String,
    /// Whether there are several values.
    pub has_several: bool,
    /// The moments of the calendar with which it compares, where there are no
    /// other values.
    pub moments: Vec<TimeBound>,
}

/// A part of a chip.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChipPart {
    Field,
    Operator,
    Value,
}

/// Which filters become chips.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finished {
    /// Those that a space ends, before the caret.
    BeforeCaret,
    /// All.
    All,
}

impl Chip {
    fn of(expr: &Expr) -> Option<Self> {
        let (is_negated, term) = match expr {
            Expr::Not(inner) => (true, inner.as_ref()),
            other => (false, other),
        };
        let Expr::Term(Term::Filter(filter)) = term else { return None };
        let operator = filter.test().operator();
        let condition = filter.test().to_string();
        let value = condition.strip_prefix(symbol(operator)).unwrap_or(&condition);
        Some(Self {
            text: expr.to_string(),
            is_negated,
            field: filter.field().to_string(),
            operator,
            value: value.to_owned(),
            has_several: has_several(filter),
            moments: moments(filter),
        })
    }

    /// What is asked, in words.
    #[must_use]
    pub fn operator_words(&self) -> &'static str {
        match (self.operator, self.has_several) {
            (Operator::Is, false) => "is",
            (Operator::Is, true) => "is any of",
            (Operator::IsNot, false) => "is not",
            (Operator::IsNot, true) => "is none of",
            (Operator::Greater, _) => ">",
            (Operator::AtLeast, _) => "≥",
            (Operator::Less, _) => "<",
            (Operator::AtMost, _) => "≤",
            (Operator::Between, _) => "between",
            (Operator::Contains, false) => "contains",
            (Operator::Contains, true) => "contains any of",
            (Operator::Present, _) => "exists",
        }
    }

    /// The bytes of a part in the chip's text, for being typed over.
    #[must_use]
    pub fn place(&self, part: ChipPart) -> std::ops::Range<usize> {
        let field = usize::from(self.is_negated);
        let colon = field + self.field.len();
        let value = colon + 1 + symbol(self.operator).len();
        match part {
            ChipPart::Field => field..colon,
            ChipPart::Operator => colon + 1..value,
            ChipPart::Value => value..self.text.len(),
        }
    }
}

/// What stands before the value.
fn symbol(operator: Operator) -> &'static str {
    match operator {
        Operator::Between => "",
        other => other.symbol(),
    }
}

fn has_several(filter: &Filter) -> bool {
    use model::search::Test::{AnyOf, Contains, NoneOf};
    match filter.test() {
        AnyOf(values) | NoneOf(values) => values.len() > 1,
        Contains(parts) => parts.len() > 1,
        _ => false,
    }
}

fn moments(filter: &Filter) -> Vec<TimeBound> {
    use model::search::Test::{AnyOf, Between, Compare, Contains, NoneOf, Present};
    let values = match filter.test() {
        AnyOf(values) | NoneOf(values) => values.iter().collect(),
        Compare(_, value) => vec![value],
        Between(from, to) => vec![from, to],
        Present | Contains(_) => Vec::new(),
    };
    let moment = |value: &Value| match value {
        Value::Time(bound @ TimeBound::Moment { .. }) => Some(*bound),
        _ => None,
    };
    let moments: Option<Vec<TimeBound>> = values.into_iter().map(moment).collect();
    moments.unwrap_or_default()
}

impl SearchText {
    /// A search as the field first shows it. One that cannot be read is text.
    #[must_use]
    pub fn of(q: &str) -> Self {
        let Ok((_, pieces)) = SearchQuery::parse_with_pieces(q) else {
            return Self { draft: q.to_owned(), ..Self::default() };
        };
        let mut text = Self::default();
        let mut rest = Vec::new();
        for Piece { expr, .. } in pieces {
            match Chip::of(&expr) {
                Some(chip) => text.push(chip),
                None => rest.push(expr),
            }
        }
        text.draft = SearchQuery::new(Expr::And(rest)).unwrap_or_default().to_string();
        text
    }

    /// The whole search: as the grammar prints it, or as it was typed where it
    /// cannot be read.
    #[must_use]
    pub fn q(&self) -> String {
        let mut parts: Vec<String> = self.chips.iter().map(|chip| chip.text.clone()).collect();
        match SearchQuery::parse(&self.draft) {
            Ok(draft) if parts.is_empty() => draft.to_string(),
            Ok(draft) => SearchParts::of(&draft).after(parts),
            Err(_) => {
                parts.push(self.draft.clone());
                parts.join(" ")
            }
        }
    }

    /// The whole search with another text behind the chips.
    #[must_use]
    pub fn with_draft(&self, draft: String) -> String {
        Self { draft, ..self.clone() }.q()
    }

    /// Why it cannot be read; the place is in the draft.
    #[must_use]
    pub fn problem(&self) -> Option<SearchError> {
        match SearchQuery::parse(&self.draft) {
            Err(error) => Some(error),
            Ok(_) if self.chips.is_empty() => None,
            // The draft is fine, so it is the whole that passes a limit.
            Ok(_) => SearchQuery::parse(&self.q()).err().map(|error| SearchError {
                position: 0,
                length: 0,
                ..error
            }),
        }
    }

    /// Makes chips of the finished filters of the draft; gives where the caret
    /// is then. Both carets are bytes of the draft.
    pub fn finish(&mut self, caret: usize, finished: Finished) -> usize {
        if self.begins_with("OR") {
            return self.dissolve(caret);
        }
        let caret = if self.begins_with("AND ") { self.drop_and(caret) } else { caret };
        let Ok((_, pieces)) = SearchQuery::parse_with_pieces(&self.draft) else { return caret };
        let draft = std::mem::take(&mut self.draft);
        let (mut at, mut before, mut moved) = (0, 0, caret);
        for piece in pieces {
            let after = draft.get(piece.range.end..).unwrap_or_default();
            let space = after.chars().next().filter(|c| c.is_whitespace()).map(char::len_utf8);
            let is_ended = space.is_some() && caret > piece.range.end;
            let is_finished = finished == Finished::All || is_ended;
            let Some(chip) = Chip::of(&piece.expr).filter(|_| is_finished) else {
                before = piece.range.end;
                continue;
            };
            let mut start = piece.range.start;
            let mut end = piece.range.end + space.unwrap_or(0);
            // Chips need no `AND` between them and the text.
            let gap = draft.get(before.max(at)..start).unwrap_or_default();
            if let Some(and) = gap.find("AND") {
                start = before.max(at) + and;
            } else if let Some(rest) = after.trim_start().strip_prefix("AND ") {
                end = draft.len() - rest.len();
            }
            before = end;
            self.draft.push_str(draft.get(at..start).unwrap_or_default());
            moved -= caret.clamp(start, end) - start;
            at = end;
            self.push(chip);
        }
        self.draft.push_str(draft.get(at..).unwrap_or_default());
        moved.min(self.draft.len())
    }

    /// Makes text of a chip again, at the beginning of the draft.
    pub fn reopen(&mut self, index: usize) -> Option<Chip> {
        if index >= self.chips.len() {
            return None;
        }
        let chip = self.chips.remove(index);
        self.reopened = Some(index);
        let separator = if self.draft.is_empty() { "" } else { " " };
        self.draft = format!("{}{separator}{}", chip.text, self.draft.trim_start());
        Some(chip)
    }

    /// Adds a chip, where it stood if it was there before.
    fn push(&mut self, chip: Chip) {
        let at = self.reopened.take().unwrap_or(usize::MAX).min(self.chips.len());
        if !self.chips.iter().any(|other| other.text == chip.text) {
            self.chips.insert(at, chip);
        }
    }

    /// Whether a word that joins stands between the chips and the text. `OR` joins
    /// what stands before it, so that becomes text again.
    fn begins_with(&self, word: &str) -> bool {
        let after = self.draft.trim_start().strip_prefix(word);
        let is_whole = |after: &str| {
            word.ends_with(' ') || after.is_empty() || after.starts_with(char::is_whitespace)
        };
        !self.chips.is_empty() && after.is_some_and(is_whole)
    }

    /// Takes the `AND` before the text away, which means what chips mean anyway.
    fn drop_and(&mut self, caret: usize) -> usize {
        let kept = self.draft.trim_start().strip_prefix("AND ").unwrap_or_default().to_owned();
        let dropped = self.draft.len() - kept.len();
        self.draft = kept;
        caret.saturating_sub(dropped)
    }

    fn dissolve(&mut self, caret: usize) -> usize {
        let mut before: String =
            std::mem::take(&mut self.chips).into_iter().map(|chip| chip.text + " ").collect();
        let draft = self.draft.trim_start();
        let caret = caret.saturating_sub(self.draft.len() - draft.len()) + before.len();
        before.push_str(draft);
        self.draft = before;
        caret
    }
}

/// A search in the parts of which all must hold, each as text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SearchParts {
    parts: Vec<String>,
    /// The space that says that a last word is finished.
    ends_in_space: bool,
}

impl SearchParts {
    /// The parts of a search.
    #[must_use]
    pub fn of(query: &SearchQuery) -> Self {
        let part = |expr: &Expr| match expr {
            Expr::Or(_) => format!("({expr})"),
            other => other.to_string(),
        };
        Self {
            parts: query.conjuncts().iter().map(part).collect(),
            ends_in_space: query.to_string().ends_with(' '),
        }
    }

    /// The parts of a search as it stands in an address; none of one that cannot be read.
    #[must_use]
    pub fn read(q: &str) -> Self {
        SearchQuery::parse(q).map(|query| Self::of(&query)).unwrap_or_default()
    }

    /// The search with one more filter, given as the grammar writes it. Its
    /// opposite goes, since nothing can be both.
    #[must_use]
    pub fn with(&self, filter: &str) -> String {
        let opposite = opposite(filter);
        let parts = self.parts.iter().filter(|part| **part != filter && **part != opposite);
        let kept = Self { parts: parts.cloned().collect(), ends_in_space: self.ends_in_space };
        kept.after(vec![filter.to_owned()])
    }

    /// This search and another one, which comes first.
    #[must_use]
    pub fn and(&self, other: &str) -> String {
        self.after(Self::read(other).parts)
    }

    fn after(&self, mut before: Vec<String>) -> String {
        before.extend_from_slice(&self.parts);
        let mut text = before.join(" ");
        if self.ends_in_space && !self.parts.is_empty() {
            text.push(' ');
        }
        text
    }
}

/// The filter that excludes what this one asks for, or the other way round.
#[must_use]
pub fn opposite(filter: &str) -> String {
    match filter.strip_prefix('-') {
        Some(plain) => plain.to_owned(),
        None => format!("-{filter}"),
    }
}

#[cfg(test)]
mod tests;
