//! From a folded text back to the text that it came from.

use std::ops::Range;

use unicode_normalization::char::is_combining_mark;

use super::{Folder, fold};

/// A text with its folded form, and where each part of that came from.
///
/// What is found in the folded form can so be shown in the words of the text.
#[derive(Clone, Debug)]
pub struct Origins<'a> {
    text: &'a str,
    folded: String,
    /// Where each atom begins, in bytes: in the folded text and in the original.
    atoms: Vec<(usize, usize)>,
}

impl<'a> Origins<'a> {
    /// Folds a text, keeping the way back.
    #[must_use]
    pub fn of(text: &'a str) -> Self {
        let fine = Self::by_atoms(text, begins_atom);
        // Where letters join in a way that splitting cannot see, whole runs are the atoms.
        if text.is_ascii() || fine.folded == fold(text) {
            fine
        } else {
            Self::by_atoms(text, |_| false)
        }
    }

    /// The folded text, the same that [`fold`] gives.
    #[must_use]
    pub fn folded(&self) -> &str {
        &self.folded
    }

    /// The bytes of the text that became these bytes of the folded text, with
    /// the marks on their last letter.
    #[must_use]
    pub fn original(&self, folded: Range<usize>) -> Range<usize> {
        let first = self.atoms.partition_point(|(at, _)| *at <= folded.start).saturating_sub(1);
        let after = self.atoms.partition_point(|(at, _)| *at < folded.end);
        let start = self.atoms.get(first).map_or(0, |(_, original)| *original);
        let end = self.atoms.get(after).map_or(self.text.len(), |(_, original)| *original);
        let marks = self.text.get(end..).unwrap_or_default();
        let marks: usize =
            marks.chars().take_while(|c| is_combining_mark(*c)).map(char::len_utf8).sum();
        start..(end + marks).max(start)
    }

    /// Folds as [`fold`] does, but for where runs of characters other than ASCII are split.
    fn by_atoms(text: &'a str, begins: fn(char) -> bool) -> Self {
        let mut folded = String::with_capacity(text.len());
        let mut atoms = Vec::with_capacity(text.len());
        let mut folder = Folder { start: 0, out: &mut folded, max_bytes: usize::MAX, space: false };
        let mut chars = text.char_indices().peekable();
        while let Some((start, c)) = chars.next() {
            let mut end = start + c.len_utf8();
            while let Some((at, next)) =
                chars.next_if(|(_, next)| !c.is_ascii() && !next.is_ascii() && !begins(*next))
            {
                end = at + next.len_utf8();
            }
            atoms.push((folder.out.len(), start));
            let atom = text.get(start..end).unwrap_or_default();
            if c.is_ascii() {
                folder.ascii(atom);
            } else {
                folder.unicode(atom);
            }
        }
        Self { text, folded, atoms }
    }
}

/// Whether a character cannot join the one before it. Vowels and final
/// consonants of Hangul do, and so do the halfwidth sound marks of kana.
fn begins_atom(c: char) -> bool {
    !is_combining_mark(c) && !matches!(c, '\u{1160}'..='\u{11ff}' | '\u{ff9e}' | '\u{ff9f}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn found(text: &str, part: &str) -> String {
        let origins = Origins::of(text);
        let at = origins.folded().find(part).unwrap();
        text[origins.original(at..at + part.len())].to_owned()
    }

    #[test]
    fn the_way_back_leads_to_what_was_written() {
        for (text, part, expected) in [
            ("Late  Refund!", "refund", "Refund"),
            ("the Zoé’s", "zoe", "Zoé"),
            ("the Zoe\u{301}s", "zoe", "Zoe\u{301}"),
            ("ﬁne", "i", "ﬁ"),
            ("我要退款。", "退 款", "退款"),
            ("Straße 5", "strasse", "Straße"),
            ("한국어", fold("국").as_str(), "국"),
            ("“late” — refund", "late\" - refund", "late” — refund"),
            ("ｶﾞ", &fold("ガ"), "ｶﾞ"),
        ] {
            assert_eq!(found(text, part), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn the_folded_text_is_that_of_fold(text in "\\PC{0,40}") {
            let folded = fold(&text);
            let origins = Origins::of(&text);
            prop_assert_eq!(origins.folded(), &folded);
        }

        #[test]
        fn ranges_stand_between_characters(text in "[a-zé退ﬁ한\u{301} .]{0,20}", from in 0_usize..20, length in 0_usize..9) {
            let origins = Origins::of(&text);
            let range = origins.original(from..from + length);
            prop_assert!(text.get(range).is_some());
        }
    }
}
