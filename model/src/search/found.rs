//! Where a text has what a word or phrase looks for.

use std::ops::Range;

use super::expr::Term;
use super::needle::Needle;
use crate::fold::is_separator;

impl Term {
    /// The places of a folded text that it finds, in their order; none for filters.
    #[must_use]
    pub fn places(&self, folded: &str) -> Vec<Range<usize>> {
        let (part, whole_start, whole_end) = match self {
            Self::Filter(_) => return Vec::new(),
            Self::Phrase(text) => (Needle::of_phrase(text).substring, false, false),
            Self::Word { text, prefix } => {
                let Needle { tokens, prefix, substring } = Needle::of_word(text, *prefix);
                let is_open = prefix.is_some();
                (substring.or(prefix).or_else(|| tokens.into_iter().next()), true, !is_open)
            }
        };
        let Some(part) = part.filter(|part| !part.is_empty()) else { return Vec::new() };
        let in_word = |c: Option<char>| c.is_some_and(|c| !is_separator(c));
        let starts_word = whole_start && in_word(part.chars().next());
        let ends_word = whole_end && in_word(part.chars().next_back());
        folded
            .match_indices(part.as_str())
            .map(|(at, found)| at..at + found.len())
            .filter(|place| {
                let before = folded.get(..place.start).and_then(|text| text.chars().next_back());
                let after = folded.get(place.end..).and_then(|text| text.chars().next());
                let is_part = starts_word && in_word(before) || ends_word && in_word(after);
                !is_part
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::fold::fold;

    fn found(term: &Term, text: &str) -> Vec<String> {
        let folded = fold(text);
        term.places(&folded).into_iter().map(|place| folded[place].to_owned()).collect()
    }

    fn word(text: &str, prefix: bool) -> Term {
        Term::Word { text: text.to_owned(), prefix }
    }

    #[test]
    fn words_are_found_as_words() {
        assert_eq!(found(&word("refund", false), "Refund, refunds, prerefund"), ["refund"]);
        assert_eq!(found(&word("refun", true), "Refund, refunds, prerefund"), ["refun", "refun"]);
        assert_eq!(found(&word("e-mail", false), "an E-Mail, e-mails"), ["e-mail"]);
        assert_eq!(found(&word("退款", false), "要退款吗"), ["退 款"]);
        assert_eq!(found(&word("c++", false), "c++11 or c"), ["c++"]);
    }

    #[test]
    fn phrases_are_found_anywhere() {
        assert_eq!(found(&Term::Phrase("ate ref".to_owned()), "late refund"), ["ate ref"]);
        assert!(found(&Term::Phrase("x".to_owned()), "late refund").is_empty());
    }

    proptest! {
        #[test]
        fn what_is_in_a_text_has_a_place_there(
            text in "[a-dé退. '-]{0,20}", part in "[a-dé退.'-]{1,4}", prefix: bool,
        ) {
            for term in [word(&part, prefix), Term::Phrase(part.clone())] {
                let folded = fold(&text);
                let is_in = term.needle().is_some_and(|needle| {
                    needle != Needle::default() && needle.is_in(&folded)
                });
                let places = term.places(&folded);
                // Tokens and substring of a word may be in a text without standing together.
                prop_assert!(is_in || places.is_empty(), "{:?} {}", term, folded);
                if matches!(term, Term::Phrase(_)) {
                    prop_assert_eq!(is_in, !places.is_empty());
                }
            }
        }
    }
}
