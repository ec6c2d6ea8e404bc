//! What words and phrases look for in folded text.

use super::expr::Term;
use crate::fold::{fold, is_separator, stands_alone, tokens};

/// What a word or phrase looks for in text that went through [`fold`]: all of
/// these at once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Needle {
    /// Whole tokens.
    pub tokens: Vec<String>,
    /// What a token begins with.
    pub prefix: Option<String>,
    /// A substring, where tokens and prefix alone would find too much. What is
    /// neither token nor prefix of it may be part of a longer token.
    pub substring: Option<String>,
}

impl Needle {
    /// Of a word. Punctuation of sentences around it does not count (`refund,`
    /// is `refund`, but `c++`, `$5` and `#42` are what they are), and what folding
    /// splits (`e-mail`, `退款`) must stand together.
    #[must_use]
    pub fn of_word(text: &str, prefix: bool) -> Self {
        let folded = fold(text);
        let trimmed = match folded.trim_matches(ends_sentence) {
            "" => folded.as_str(),
            trimmed => trimmed,
        };
        let mut found: Vec<String> = tokens(trimmed).map(str::to_owned).collect();
        let lone = found.len() == 1 && found.first().is_some_and(|token| token == trimmed);
        // A word that ends in punctuation, or in a character that is a word of
        // its own, has nothing left to complete.
        let unfinished = prefix
            && folded.ends_with(trimmed)
            && trimmed.ends_with(|c| !is_separator(c) && !stands_alone(c));
        let prefix = if unfinished { found.pop() } else { None };
        Self { tokens: found, prefix, substring: (!lone).then(|| trimmed.to_owned()) }
    }

    /// Of a phrase, or of a part that a filter asks for: a substring. The tokens
    /// are those inside it, which cannot be parts of longer ones.
    #[must_use]
    pub fn of_phrase(text: &str) -> Self {
        let folded = fold(text);
        let mut found: Vec<&str> = tokens(&folded).collect();
        let is_part = |token: Option<&&str>, c: Option<char>| {
            let at_end = c.is_some_and(|c| !is_separator(c));
            at_end && token.is_some_and(|token| !token.chars().all(stands_alone))
        };
        if is_part(found.last(), folded.chars().next_back()) {
            found.pop();
        }
        if is_part(found.first(), folded.chars().next()) {
            found.remove(0);
        }
        let tokens = found.into_iter().map(str::to_owned).collect();
        Self { tokens, prefix: None, substring: Some(folded) }
    }

    /// Whether a folded text has it.
    #[must_use]
    pub fn is_in(&self, folded: &str) -> bool {
        self.tokens.iter().all(|token| tokens(folded).any(|found| found == token))
            && self
                .prefix
                .iter()
                .all(|prefix| tokens(folded).any(|found| found.starts_with(prefix)))
            && self.substring.iter().all(|part| folded.contains(part.as_str()))
    }
}

impl Term {
    /// What it looks for in folded text; `None` for filters.
    #[must_use]
    pub fn needle(&self) -> Option<Needle> {
        match self {
            Self::Word { text, prefix } => Some(Needle::of_word(text, *prefix)),
            Self::Phrase(text) => Some(Needle::of_phrase(text)),
            Self::Filter(_) => None,
        }
    }
}

/// Punctuation that stands around words without being part of them.
fn ends_sentence(c: char) -> bool {
    matches!(
        c,
        '.' | ','
            | ';'
            | ':'
            | '!'
            | '?'
            | '\''
            | '"'
            | '`'
            | '('
            | ')'
            | '['
            | ']'
            | '{'
            | '}'
            | ' '
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn needle(tokens: &[&str], prefix: Option<&str>, substring: Option<&str>) -> Needle {
        Needle {
            tokens: tokens.iter().map(|&token| token.to_owned()).collect(),
            prefix: prefix.map(str::to_owned),
            substring: substring.map(str::to_owned),
        }
    }

    #[test]
    fn words_are_tokens_or_tokens_that_stand_together() {
        for (word, expected) in [
            ("Réfund", needle(&["refund"], None, None)),
            ("refund,", needle(&["refund"], None, None)),
            ("“refund”?", needle(&["refund"], None, None)),
            ("e-mail", needle(&["e", "mail"], None, Some("e-mail"))),
            ("don’t", needle(&["don", "t"], None, Some("don't"))),
            ("c++", needle(&["c"], None, Some("c++"))),
            ("$5.50", needle(&["5", "50"], None, Some("$5.50"))),
            ("退款", needle(&["退", "款"], None, Some("退 款"))),
            ("?!", needle(&[], None, Some("?!"))),
            ("a_b", needle(&["a", "b"], None, Some("a_b"))),
            ("100%", needle(&["100"], None, Some("100%"))),
        ] {
            assert_eq!(Needle::of_word(word, false), expected, "{word}");
        }
    }

    #[test]
    fn a_word_being_typed_is_a_prefix_of_its_last_token() {
        for (word, expected) in [
            ("Réf", needle(&[], Some("ref"), None)),
            ("e-ma", needle(&["e"], Some("ma"), Some("e-ma"))),
            ("refund,", needle(&["refund"], None, None)),
            ("c+", needle(&["c"], None, Some("c+"))),
            ("退款", needle(&["退", "款"], None, Some("退 款"))),
            ("iphone手机ca", needle(&["iphone", "手", "机"], Some("ca"), Some("iphone 手 机 ca"))),
        ] {
            assert_eq!(Needle::of_word(word, true), expected, "{word}");
        }
    }

    #[test]
    fn only_whole_tokens_of_a_phrase_are_sure() {
        for (phrase, expected) in [
            ("ate refun", needle(&[], None, Some("ate refun"))),
            ("Late Refund now", needle(&["refund"], None, Some("late refund now"))),
            ("refund", needle(&[], None, Some("refund"))),
            ("(late refund)", needle(&["late", "refund"], None, Some("(late refund)"))),
            ("退款 ok", needle(&["退", "款"], None, Some("退 款 ok"))),
            ("...", needle(&[], None, Some("..."))),
        ] {
            assert_eq!(Needle::of_phrase(phrase), expected, "{phrase}");
        }
    }

    #[test]
    fn percent_and_underscore_are_letters() {
        let needle = Needle::of_word("a_b", false);
        assert!(needle.is_in(&fold("see a_b here")));
        assert!(!needle.is_in(&fold("see axb here")));
        assert!(!Needle::of_phrase("50%").is_in(&fold("500")));
    }

    #[test]
    fn a_word_is_no_part_of_another() {
        assert!(!Needle::of_word("fund", false).is_in("refund"));
        assert!(!Needle::of_word("refund", false).is_in("refunds"));
        assert!(Needle::of_word("refund", true).is_in("many refunds"));
        assert!(Needle::of_phrase("fund").is_in("refunds"));
    }

    proptest! {
        #[test]
        fn a_phrase_is_found_wherever_it_stands(
            before in "\\PC{0,6}", phrase in "\\PC{1,12}", after in "\\PC{0,6}",
        ) {
            // A mark at the seam would change the letter that it joins.
            let text = format!("{before}\n{phrase}\n{after}");
            prop_assert!(Needle::of_phrase(&phrase).is_in(&fold(&text)));
        }

        #[test]
        fn words_of_a_text_are_found_in_it(text in "[a-zé退款,. '-]{1,20}") {
            for word in text.split(' ').filter(|word| !word.is_empty()) {
                prop_assert!(Needle::of_word(word, false).is_in(&fold(&text)), "{}", word);
                prop_assert!(Needle::of_word(word, true).is_in(&fold(&text)), "{}", word);
            }
        }
    }
}
