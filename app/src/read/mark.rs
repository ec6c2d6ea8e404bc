//! Marks in a text what a search found.

use model::SearchQuery;
use model::search::{Expr, Term};

use crate::data::list::Marked;

/// Finds the words and phrases of a search in texts.
#[derive(Clone, Debug, Default)]
pub struct Marker {
    needles: Vec<Needle>,
}

#[derive(Clone, Debug)]
struct Needle {
    folded: Vec<char>,
    /// Whether it must begin where a word begins.
    from_word: bool,
    /// Whether it must end where a word ends.
    to_word: bool,
}

impl Marker {
    /// A marker for what a search asks to be there.
    #[must_use]
    pub fn new(query: &SearchQuery) -> Self {
        let mut marker = Self::default();
        if let Some(root) = query.root() {
            marker.collect(root);
        }
        marker
    }

    fn collect(&mut self, expr: &Expr) {
        match expr {
            Expr::And(parts) | Expr::Or(parts) => {
                for part in parts {
                    self.collect(part);
                }
            }
            Expr::Not(_) => {}
            Expr::Term(Term::Word { text, prefix }) => self.push(text, true, !prefix),
            Expr::Term(Term::Phrase(text)) => self.push(text, false, false),
            Expr::Term(Term::Filter(_)) => {}
        }
    }

    fn push(&mut self, text: &str, from_word: bool, to_word: bool) {
        let folded: Vec<char> = text.chars().flat_map(fold).collect();
        if !folded.is_empty() {
            self.needles.push(Needle { folded, from_word, to_word });
        }
    }

    /// The text with every place marked that the search names.
    #[must_use]
    pub fn mark(&self, text: &str) -> Marked {
        if self.needles.is_empty() {
            return Marked::plain(text);
        }
        let folded = Folded::new(text);
        let mut hits = vec![false; folded.chars.len()];
        for needle in &self.needles {
            folded.find(needle, &mut hits);
        }
        folded.pieces(text, &hits)
    }
}

/// A folded text, with the byte at which each of its characters begins in the original.
struct Folded {
    chars: Vec<(char, usize)>,
}

impl Folded {
    fn new(text: &str) -> Self {
        let chars = text.char_indices().flat_map(|(at, c)| fold(c).map(move |c| (c, at))).collect();
        Self { chars }
    }

    fn find(&self, needle: &Needle, hits: &mut [bool]) {
        let length = needle.folded.len();
        let is_word = |c: Option<&(char, usize)>| c.is_some_and(|(c, _)| c.is_alphanumeric());
        for (start, window) in self.chars.windows(length).enumerate() {
            let same = window.iter().map(|(c, _)| c).eq(&needle.folded);
            let begins =
                !needle.from_word || !is_word(start.checked_sub(1).and_then(|i| self.chars.get(i)));
            let ends = !needle.to_word || !is_word(self.chars.get(start + length));
            if same && begins && ends {
                hits.iter_mut().skip(start).take(length).for_each(|hit| *hit = true);
            }
        }
    }

    fn pieces(&self, text: &str, hits: &[bool]) -> Marked {
        let mut pieces: Vec<(bool, String)> = Vec::new();
        let mut hits = self.chars.iter().zip(hits).peekable();
        for (at, c) in text.char_indices() {
            let mut hit = false;
            while let Some((_, found)) = hits.next_if(|((_, from), _)| *from == at) {
                hit |= *found;
            }
            match pieces.last_mut() {
                Some((last, piece)) if *last == hit => piece.push(c),
                _ => pieces.push((hit, c.to_string())),
            }
        }
        Marked { pieces }
    }
}

/// A character in lower case without its accents.
fn fold(c: char) -> impl Iterator<Item = char> {
    use unicode_normalization::{UnicodeNormalization as _, char::is_combining_mark};

    std::iter::once(c).nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marked(q: &str, text: &str) -> String {
        let marker = Marker::new(&SearchQuery::parse(q).unwrap());
        let mark = |(hit, piece): &(bool, String)| {
            if *hit { format!("[{piece}]") } else { piece.clone() }
        };
        marker.mark(text).pieces.iter().map(mark).collect()
    }

    #[test]
    fn words_are_marked_as_words() {
        assert_eq!(marked("refund ", "Refund refunds"), "[Refund] refunds");
        assert_eq!(marked("refun", "Refund prerefund"), "[Refun]d prerefund");
        assert_eq!(marked("zoe ", "Zoé, ZOË"), "[Zoé], [ZOË]");
    }

    #[test]
    fn phrases_are_marked_anywhere_and_negations_nowhere() {
        assert_eq!(marked("\"ate ref\"", "late refund"), "l[ate ref]und");
        assert_eq!(marked("-late refund ", "late refund"), "late [refund]");
        assert_eq!(marked("status:failure", "failure"), "failure");
    }

    #[test]
    fn characters_that_fold_to_several_are_marked_whole() {
        assert_eq!(marked("\"fi\"", "ﬁne"), "[ﬁ]ne");
    }
}
