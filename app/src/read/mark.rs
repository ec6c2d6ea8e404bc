//! Marks in texts what a search found, and shows long texts around it.

use std::ops::Range;

use model::fold::Origins;
use model::search::{Expr, Field, Term, Test};
use model::{SearchQuery, search};

use super::excerpt::excerpt;
use crate::data::list::Marked;

/// The two texts of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// What went in.
    Input,
    /// What came out, or why nothing did.
    Output,
}

/// Finds the words and phrases of a search in texts.
#[derive(Clone, Debug, Default)]
pub struct Marker {
    terms: Vec<Wanted>,
    need: Need,
}

/// A word or phrase, and the side on which alone it counts.
#[derive(Clone, Debug)]
struct Wanted {
    term: Term,
    side: Option<Side>,
}

/// Which terms together make a run match, as far as texts can tell.
#[derive(Clone, Debug)]
enum Need {
    All(Vec<Need>),
    Any(Vec<Need>),
    Term(usize),
}

/// Which terms were found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found(Vec<bool>);

/// A place of the original text that a term found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// Bytes of the text.
    pub range: Range<usize>,
    /// Which term.
    pub term: usize,
}

impl Default for Need {
    fn default() -> Self {
        Self::All(Vec::new())
    }
}

impl Marker {
    /// A marker for what a search asks to be there.
    #[must_use]
    pub fn new(query: &SearchQuery) -> Self {
        let mut marker = Self::default();
        if let Some(root) = query.root() {
            marker.need = marker.collect(root);
        }
        marker
    }

    fn collect(&mut self, expr: &Expr) -> Need {
        match expr {
            Expr::And(parts) => Need::All(parts.iter().map(|part| self.collect(part)).collect()),
            Expr::Or(parts) => Need::Any(parts.iter().map(|part| self.collect(part)).collect()),
            Expr::Not(_) => Need::default(),
            Expr::Term(Term::Filter(filter)) => self.collect_filter(filter),
            Expr::Term(term) => self.push(term.clone(), None),
        }
    }

    /// Of filters only `~` looks for words inside a text.
    fn collect_filter(&mut self, filter: &search::Filter) -> Need {
        let side = match filter.field() {
            Field::Input(_) => Side::Input,
            Field::Output(_) | Field::Error => Side::Output,
            _ => return Need::default(),
        };
        let Test::Contains(parts) = filter.test() else { return Need::default() };
        let parts = parts.iter().map(|part| self.push(Term::Phrase(part.clone()), Some(side)));
        Need::Any(parts.collect())
    }

    fn push(&mut self, term: Term, side: Option<Side>) -> Need {
        self.terms.push(Wanted { term, side });
        Need::Term(self.terms.len() - 1)
    }

    /// That nothing was found yet.
    #[must_use]
    pub fn nothing(&self) -> Found {
        Found(vec![false; self.terms.len()])
    }

    /// Whether what was found explains why a run matches.
    #[must_use]
    pub fn is_enough(&self, found: &Found) -> bool {
        self.need.is_met(found)
    }

    /// Every place of a text that the search names, in their order.
    #[must_use]
    pub fn hits(&self, side: Side, text: &str) -> Vec<Hit> {
        let mut hits = Vec::new();
        if self.terms.is_empty() {
            return hits;
        }
        let origins = Origins::of(text);
        for (index, wanted) in self.terms.iter().enumerate() {
            if wanted.side.is_none_or(|own| own == side) {
                let places = wanted.term.places(origins.folded()).into_iter();
                hits.extend(
                    places.map(|place| Hit { range: origins.original(place), term: index }),
                );
            }
        }
        hits.sort_by_key(|hit| (hit.range.start, hit.range.end));
        hits
    }

    /// A text around what the search names in it, marked; what was found is
    /// added to `found`.
    #[must_use]
    pub fn mark(&self, side: Side, text: &str, found: &mut Found) -> Marked {
        let hits = self.hits(side, text);
        found.add(&hits);
        excerpt(text, &hits)
    }
}

impl Need {
    fn is_met(&self, found: &Found) -> bool {
        match self {
            Self::All(parts) => parts.iter().all(|part| part.is_met(found)),
            Self::Any(parts) => parts.iter().any(|part| part.is_met(found)),
            Self::Term(index) => found.has(*index),
        }
    }
}

impl Found {
    /// Adds what these hits found.
    pub fn add(&mut self, hits: &[Hit]) {
        for hit in hits {
            if let Some(found) = self.0.get_mut(hit.term) {
                *found = true;
            }
        }
    }

    /// Whether a term was found.
    #[must_use]
    pub fn has(&self, term: usize) -> bool {
        self.0.get(term).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marked(q: &str, text: &str) -> String {
        let marker = Marker::new(&SearchQuery::parse(q).unwrap());
        let mark = |(hit, piece): &(bool, String)| {
            if *hit { format!("[{piece}]") } else { piece.clone() }
        };
        let mut found = marker.nothing();
        marker.mark(Side::Input, text, &mut found).pieces.iter().map(mark).collect()
    }

    #[test]
    fn words_are_marked_as_words() {
        assert_eq!(marked("refund ", "Refund refunds"), "[Refund] refunds");
        assert_eq!(marked("refun", "Refund prerefund"), "[Refun]d prerefund");
        assert_eq!(marked("zoe ", "Zoé, ZOË"), "[Zoé], [ZOË]");
        assert_eq!(marked("strasse ", "Lange Straße 5"), "Lange [Straße] 5");
        assert_eq!(marked("退款 ", "我要退款吗"), "我要[退款]吗");
    }

    #[test]
    fn phrases_are_marked_anywhere_and_negations_nowhere() {
        assert_eq!(marked("\"ate ref\"", "late refund"), "l[ate ref]und");
        assert_eq!(marked("-late refund ", "late refund"), "late [refund]");
        assert_eq!(marked("status:failure", "failure"), "failure");
        assert_eq!(marked("input.note:~\"ate\"", "late"), "l[ate]");
        assert_eq!(marked("output.note:~\"ate\"", "late"), "late");
    }

    #[test]
    fn characters_that_fold_to_several_are_marked_whole() {
        assert_eq!(marked("\"fi\"", "ﬁne"), "[ﬁ]ne");
    }

    #[test]
    fn what_explains_a_match_is_enough() {
        let enough = |q: &str, text: &str| {
            let marker = Marker::new(&SearchQuery::parse(q).unwrap());
            let mut found = marker.nothing();
            found.add(&marker.hits(Side::Input, text));
            marker.is_enough(&found)
        };
        assert!(enough("", "late"));
        assert!(enough("status:failure -tide", "late"));
        assert!(enough("late OR refund", "late"));
        assert!(!enough("late refund", "late"));
        assert!(enough("(late OR refund) lat", "late"));
        assert!(!enough("output.a:~late", "late"));
    }
}
