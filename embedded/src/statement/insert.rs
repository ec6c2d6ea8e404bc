//! Finds where the data of an insert begins.

use super::token::{Kind, Token, Tokens};

/// An insert whose data follows its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DataInsert {
    /// The statement without its FORMAT or VALUES clause.
    pub(crate) head: String,
    /// The format of the data.
    pub(crate) format: String,
    /// Where the data begins, in bytes of the text that was given.
    pub(crate) data: usize,
}

/// What a text, or its beginning, turns out to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Shape {
    /// An insert with data.
    Insert(DataInsert),
    /// A statement without data, to be read as a whole.
    Text,
    /// Not to be told from what there is.
    Undecided,
}

/// Tells an insert with data from everything else. With `complete` there is
/// no more text to come, and the answer is never [`Shape::Undecided`].
pub(crate) fn shape(text: &[u8], complete: bool) -> Shape {
    let mut scan = Scan { text, complete, previous: None };
    match scan.run() {
        Some(shape) => shape,
        // An insert that ends before any clause: the engine says what is missing.
        None if complete => Shape::Text,
        None => Shape::Undecided,
    }
}

struct Scan<'a> {
    text: &'a [u8],
    complete: bool,
    previous: Option<Token>,
}

impl<'a> Scan<'a> {
    fn run(&mut self) -> Option<Shape> {
        let mut tokens = Tokens::of_bytes(self.text);
        let first = tokens.next()?;
        if self.is_cut(first) {
            return None;
        }
        if !self.is(first, "INSERT") {
            return Some(Shape::Text);
        }
        self.previous = Some(first);
        while let Some(token) = tokens.next() {
            if self.is_cut(token) {
                return None;
            }
            if token.kind == Kind::Symbol(b';') {
                return Some(Shape::Text);
            }
            if let Some(shape) = self.clause(token, &mut tokens) {
                return shape;
            }
            self.previous = Some(token);
        }
        None
    }

    /// What `token` says: nothing, or (inside) the shape if that is known.
    fn clause(&self, token: Token, tokens: &mut Tokens<'a>) -> Option<Option<Shape>> {
        if token.kind != Kind::Word || self.is_name() {
            return None;
        }
        // `INSERT INTO t (SELECT …)`: a list of columns never begins so.
        if token.depth > 0 {
            let opens = self.previous.is_some_and(|it| it.kind == Kind::Symbol(b'('));
            let selects = token.depth == 1 && opens && self.is(token, "SELECT");
            return selects.then_some(Some(Shape::Text));
        }
        if ["SELECT", "WITH", "FROM", "WATCH", "EXPLAIN"].iter().any(|word| self.is(token, word)) {
            return Some(Some(Shape::Text));
        }
        if self.is(token, "VALUES") {
            return Some(self.insert(token.start, "Values", token.end));
        }
        if self.is(token, "FORMAT") {
            return Some(self.format(token, tokens));
        }
        None
    }

    fn format(&self, keyword: Token, tokens: &mut Tokens<'a>) -> Option<Shape> {
        let name = tokens.next()?;
        if self.is_cut(name) {
            return None;
        }
        if name.kind != Kind::Word {
            return Some(Shape::Text);
        }
        let mut data = name.end;
        while matches!(self.text.get(data), Some(b' ' | b'\t' | 0x0c)) {
            data += 1;
        }
        // One line end belongs to the statement; the next one is data.
        if self.text.get(data) == Some(&b'\r') {
            data += 1;
        }
        match self.text.get(data) {
            Some(b'\n') => data += 1,
            None if !self.complete => return None,
            _ => {}
        }
        let format = String::from_utf8_lossy(&self.text[name.start..name.end]).into_owned();
        self.insert(keyword.start, &format, data)
    }

    fn insert(&self, end: usize, format: &str, data: usize) -> Option<Shape> {
        // A head that is no text cannot be a statement: the engine will say so.
        let Ok(head) = str::from_utf8(&self.text[..end]) else {
            return Some(Shape::Text);
        };
        let (head, format) = (head.trim_end().to_owned(), format.to_owned());
        Some(Shape::Insert(DataInsert { head, format, data }))
    }

    /// Whether the word that follows can only be a name.
    fn is_name(&self) -> bool {
        let Some(previous) = self.previous else { return false };
        matches!(previous.kind, Kind::Symbol(b'.' | b'='))
            || ["INTO", "TABLE", "FUNCTION"].iter().any(|word| self.is(previous, word))
    }

    /// Whether the token may go on, or become another, in the next piece.
    fn is_cut(&self, token: Token) -> bool {
        !self.complete && token.end == self.text.len()
    }

    fn is(&self, token: Token, keyword: &str) -> bool {
        token.kind == Kind::Word
            && self.text[token.start..token.end].eq_ignore_ascii_case(keyword.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(text: &str) -> Option<(String, String, String)> {
        match shape(text.as_bytes(), true) {
            Shape::Insert(it) => Some((it.head, it.format, text[it.data..].to_owned())),
            _ => None,
        }
    }

    fn parts(head: &str, format: &str, data: &str) -> Option<(String, String, String)> {
        Some((head.to_owned(), format.to_owned(), data.to_owned()))
    }

    #[test]
    fn the_data_begins_after_the_format() {
        assert_eq!(
            split("INSERT INTO t(`a`, b) FORMAT RowBinary\n\nSELECT 1"),
            parts("INSERT INTO t(`a`, b)", "RowBinary", "\nSELECT 1")
        );
        assert_eq!(
            split("insert into d.t settings a=1 format TSV \r\n1\t2"),
            parts("insert into d.t settings a=1", "TSV", "1\t2")
        );
        assert_eq!(
            split("INSERT INTO t VALUES (1,'; FORMAT')"),
            parts("INSERT INTO t", "Values", " (1,'; FORMAT')")
        );
    }

    #[test]
    fn names_are_not_clauses() {
        assert_eq!(
            split("INSERT INTO values(format, select) VALUES (1)"),
            parts("INSERT INTO values(format, select)", "Values", " (1)")
        );
        assert_eq!(
            split("INSERT INTO d.format FORMAT CSV\nx"),
            parts("INSERT INTO d.format", "CSV", "x")
        );
        assert_eq!(
            split("INSERT INTO t /* FORMAT A */ FORMAT B\nx").map(|it| it.1),
            Some("B".to_owned())
        );
    }

    #[test]
    fn inserts_without_data_are_text() {
        for text in [
            "INSERT INTO t SELECT 1",
            "INSERT INTO t (SELECT 1)",
            "INSERT INTO t (a) WITH 1 AS a SELECT a",
            "INSERT INTO t FROM INFILE 'x' FORMAT TSV",
            "SELECT 1 FORMAT TSV",
            "INSERT INTO t; SELECT 1 FORMAT TSV",
            "INSERT INTO t",
            "",
        ] {
            assert_eq!(shape(text.as_bytes(), true), Shape::Text, "{text}");
        }
    }

    #[test]
    fn every_cut_of_a_head_is_undecided_or_right() {
        let text =
            b"/* c */ INSERT INTO `t 'x`(a) SETTINGS s = 'FORMAT' FORMAT RowBinary\r\n\x00\xff";
        let whole = shape(text, true);
        assert!(matches!(whole, Shape::Insert(_)));
        for cut in 0..text.len() {
            let piece = shape(&text[..cut], false);
            assert!(piece == Shape::Undecided || piece == whole, "cut at {cut}: {piece:?}");
        }
    }
}
