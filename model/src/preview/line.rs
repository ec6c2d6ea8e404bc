//! One line of limited length.

use std::ops::Range;

use unicode_segmentation::GraphemeCursor;

use crate::limits::PREVIEW_CHARS;

/// What is kept beyond the limit, so that the cut sees whole graphemes.
const MARGIN_CHARS: usize = 32;

/// A line that takes text until it is full.
#[derive(Debug, Default)]
pub(super) struct Line {
    text: String,
    chars: usize,
    /// Files, which must not be cut, as ranges of bytes.
    files: Vec<Range<usize>>,
}

impl Line {
    pub(super) fn is_full(&self) -> bool {
        self.chars >= PREVIEW_CHARS + MARGIN_CHARS
    }

    pub(super) fn push(&mut self, text: &str) {
        self.extend(text.chars());
    }

    /// Takes characters; white space and control characters of any length become one space.
    pub(super) fn extend(&mut self, chars: impl Iterator<Item = char>) {
        for c in chars {
            if self.is_full() {
                return;
            }
            let c = if c.is_whitespace() || c.is_control() { ' ' } else { c };
            if c == ' ' && (self.text.is_empty() || self.text.ends_with(' ')) {
                continue;
            }
            self.text.push(c);
            self.chars += 1;
        }
    }

    /// A file as `[[img:url]]`; one that the message itself carries has no address here.
    pub(super) fn push_file(&mut self, kind: &str, url: &str) {
        let is_shown = !url.starts_with("data:")
            && url.len() < PREVIEW_CHARS
            && !url.contains("]]")
            && !url.contains(|c: char| c.is_whitespace() || c.is_control());
        let start = self.text.len();
        self.push(&format!("[[{kind}:{}]]", if is_shown { url } else { "" }));
        self.files.push(start..self.text.len());
    }

    pub(super) fn finish(mut self) -> String {
        let whole = self.text.trim_end().len();
        self.text.truncate(whole);
        if self.text.is_empty() {
            return "-".to_owned();
        }
        if self.text.chars().count() <= PREVIEW_CHARS {
            return self.text;
        }
        let limit = PREVIEW_CHARS - 1;
        let hard = self.text.char_indices().nth(limit).map_or(self.text.len(), |(at, _)| at);
        let cut = whole_graphemes(&self.text, hard);
        let file = self.files.iter().find(|file| file.start < cut && cut < file.end);
        self.text.truncate(file.map_or(cut, |file| file.start));
        self.text.truncate(self.text.trim_end().len());
        self.text.push('…');
        self.text
    }
}

/// The last boundary of graphemes up to here.
fn whole_graphemes(text: &str, hard: usize) -> usize {
    let mut cursor = GraphemeCursor::new(hard, text.len(), true);
    let cut = match cursor.is_boundary(text, 0) {
        Ok(false) => cursor.prev_boundary(text, 0).ok().flatten(),
        _ => Some(hard),
    };
    // One grapheme may be longer than the line.
    cut.filter(|at| *at > 0).unwrap_or(hard)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(text: &str) -> String {
        let mut line = Line::default();
        line.push(text);
        line.finish()
    }

    #[test]
    fn short_lines_are_whole_and_long_ones_cut() {
        assert_eq!(line(&"x".repeat(255)), "x".repeat(255));
        assert_eq!(line(&"x".repeat(256)), "x".repeat(254) + "…");
        assert_eq!(line(" a\n\n\tb\u{0}c "), "a b c");
        assert_eq!(line(" \n"), "-");
    }

    #[test]
    fn graphemes_are_not_split() {
        let family = "👨‍👩‍👧‍👦";
        let text = "x".repeat(250) + family + "tail";
        assert_eq!(line(&text), "x".repeat(250) + "…");
        let endless = format!("e{}", "\u{301}".repeat(1_000));
        assert_eq!(line(&endless).chars().count(), 255);
    }

    #[test]
    fn files_are_not_cut_and_never_embedded() {
        let mut long = Line::default();
        long.push(&"x".repeat(240));
        long.push_file("img", "https://example.com/a.png");
        assert_eq!(long.finish(), "x".repeat(240) + "…");
        let mut embedded = Line::default();
        embedded.push_file("img", "data:image/png;base64,AAAA");
        assert_eq!(embedded.finish(), "[[img:]]");
    }
}
