//! Cuts a statement's text into tokens by the rules of ClickHouse's lexer,
//! as far as they decide where strings, comments and brackets end.

/// A token that means something: neither space nor comment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) kind: Kind,
    /// Where it begins in the text, in bytes.
    pub(crate) start: usize,
    /// Where it ends.
    pub(crate) end: usize,
    /// Brackets open around it; those of the bracket itself not counted.
    pub(crate) depth: usize,
}

/// What kind of token it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A keyword, a bare name or a number.
    Word,
    /// A string, a heredoc or a quoted name.
    Quoted,
    /// Any other character.
    Symbol(u8),
    /// A string or comment that does not end in this text.
    Unfinished,
}

/// The tokens of a text.
pub(crate) struct Tokens<'a> {
    text: &'a [u8],
    at: usize,
    depth: usize,
}

impl<'a> Tokens<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self::of_bytes(text.as_bytes())
    }

    /// The tokens of what may turn into data that is not text.
    pub(crate) fn of_bytes(text: &'a [u8]) -> Self {
        Self { text, at: 0, depth: 0 }
    }

    /// Skips spaces and comments; `None` when a comment does not end.
    fn skip_gaps(&mut self) -> Option<()> {
        loop {
            let rest = &self.text[self.at..];
            match rest {
                [b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c, ..] => self.at += 1,
                [b'-', b'-', ..] | [b'/', b'/', ..] | [b'#', b' ' | b'!', ..] => {
                    self.at += position(rest, b"\n").unwrap_or(rest.len());
                }
                [b'/', b'*', ..] => self.at += nested_comment(rest)?,
                _ => return Some(()),
            }
        }
    }

    /// Kind and length of the token that begins at `rest`.
    fn measure(rest: &[u8]) -> (Kind, usize) {
        let closed = |end: Option<usize>| match end {
            Some(end) => (Kind::Quoted, end),
            None => (Kind::Unfinished, rest.len()),
        };
        match rest {
            [quote @ (b'\'' | b'"' | b'`'), ..] => closed(quoted(rest, *quote)),
            [0xe2, 0x80, 0x98, ..] => closed(until(rest, "’".as_bytes())),
            [0xe2, 0x80, 0x9c, ..] => closed(until(rest, "”".as_bytes())),
            [b'$', ..] => match heredoc(rest) {
                Some(end) => (Kind::Quoted, end),
                None => (Kind::Word, word(rest)),
            },
            [first, ..] if is_word(*first) => (Kind::Word, word(rest)),
            [first, ..] => (Kind::Symbol(*first), 1),
            [] => (Kind::Unfinished, 0),
        }
    }
}

impl Iterator for Tokens<'_> {
    type Item = Token;

    fn next(&mut self) -> Option<Token> {
        let gap = self.at;
        if self.skip_gaps().is_none() {
            self.at = self.text.len();
            let (start, end) = (gap, self.at);
            return Some(Token { kind: Kind::Unfinished, start, end, depth: self.depth });
        }
        let start = self.at;
        if start == self.text.len() {
            return None;
        }
        let (kind, length) = Self::measure(&self.text[start..]);
        self.at += length;
        if let Kind::Symbol(b')' | b']' | b'}') = kind {
            self.depth = self.depth.saturating_sub(1);
        }
        let token = Token { kind, start, end: self.at, depth: self.depth };
        if let Kind::Symbol(b'(' | b'[' | b'{') = kind {
            self.depth += 1;
        }
        Some(token)
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'$'
}

fn word(rest: &[u8]) -> usize {
    rest.iter().position(|byte| !is_word(*byte)).unwrap_or(rest.len())
}

fn position(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window == needle)
}

fn until(rest: &[u8], end: &[u8]) -> Option<usize> {
    position(rest, end).map(|at| at + end.len())
}

/// Length of a quoted token: a quote is escaped by doubling or a backslash.
fn quoted(rest: &[u8], quote: u8) -> Option<usize> {
    let mut at = 1;
    loop {
        match rest.get(at..)? {
            [b'\\', _, ..] => at += 2,
            [first, second, ..] if *first == quote && *second == quote => at += 2,
            [first, ..] if *first == quote => return Some(at + 1),
            [_, ..] => at += 1,
            [] => return None,
        }
    }
}

fn nested_comment(rest: &[u8]) -> Option<usize> {
    let (mut at, mut level) = (2, 1);
    while level > 0 {
        match rest.get(at..)? {
            [b'/', b'*', ..] => (at, level) = (at + 2, level + 1),
            [b'*', b'/', ..] => (at, level) = (at + 2, level - 1),
            [_, ..] => at += 1,
            [] => return None,
        }
    }
    Some(at)
}

/// Length of `$tag$ … $tag$`, if it is one.
fn heredoc(rest: &[u8]) -> Option<usize> {
    let tag = position(&rest[1..], b"$")? + 2;
    let end = position(&rest[tag..], &rest[..tag])?;
    Some(tag + end + tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(text: &str) -> Vec<&str> {
        Tokens::new(text).map(|token| &text[token.start..token.end]).collect()
    }

    #[test]
    fn strings_end_where_the_engine_ends_them() {
        assert_eq!(tokens(r"a 'it''s \' x' b"), ["a", r"'it''s \' x'", "b"]);
        assert_eq!(tokens("`a``b` \"c\\\"d\""), ["`a``b`", "\"c\\\"d\""]);
        assert_eq!(tokens("$t$ a; 'b $t$ c"), ["$t$ a; 'b $t$", "c"]);
        assert_eq!(tokens("‘a;’ “b”"), ["‘a;’", "“b”"]);
    }

    #[test]
    fn comments_are_gaps() {
        assert_eq!(tokens("a--b\nc//d\ne# f\ng/*/*h*/;*/i#j"), ["a", "c", "e", "g", "i", "#", "j"]);
    }

    #[test]
    fn what_does_not_end_is_unfinished() {
        for text in ["'abc", "/* abc", "`a", "'a\\'", "\"a\"\""] {
            let last = Tokens::new(text).last().map(|token| token.kind);
            assert_eq!(last, Some(Kind::Unfinished), "{text}");
        }
    }

    #[test]
    fn depth_counts_the_brackets_around() {
        let depths: Vec<_> = Tokens::new("a(b[c]{d})e").map(|token| token.depth).collect();
        assert_eq!(depths, [0, 0, 1, 1, 2, 1, 1, 2, 1, 0, 0]);
    }

    #[test]
    fn bytes_that_are_no_text_do_no_harm() {
        assert_eq!(Tokens::of_bytes(&[0xff, 0x00, b'a']).count(), 3);
    }
}
