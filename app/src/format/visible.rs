//! Characters that nobody sees, made visible: those that browsers drop or
//! change in HTML, and those that turn the text around them.
//!
//! The server writes HTML and the browser writes nodes; only what both show
//! alike may stand in a page.

use std::borrow::Cow;
use std::fmt::Write as _;

/// A stretch of a text as a page shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// What can be shown as it is.
    Plain(String),
    /// A sign in place of one character.
    Sign {
        /// What is shown.
        sign: String,
        /// What it stands for, like `U+0000`.
        name: String,
    },
}

/// Most bytes of one text node. Browsers cut longer ones, of more than 65,536
/// UTF-16 units, when they read HTML, and the rest would stay behind when the
/// text changes.
const MAX_NODE_BYTES: usize = 60_000;

/// A text in pieces that a page can show. An empty one is one empty piece.
#[must_use]
pub fn pieces(text: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut plain = String::new();
    let mut chars = text.char_indices().peekable();
    let mut from = 0;
    while let Some((at, c)) = chars.next() {
        if !is_unseen(c) {
            continue;
        }
        plain.push_str(text.get(from..at).unwrap_or_default());
        from = at + c.len_utf8();
        let is_line = c == '\r' && matches!(chars.peek(), Some((_, '\n')));
        if !is_line {
            push_plain(&mut pieces, &mut plain);
            pieces.push(Piece::Sign { sign: sign(c), name: name(c) });
            if c == '\r' {
                plain.push('\n');
            }
        }
    }
    plain.push_str(text.get(from..).unwrap_or_default());
    push_plain(&mut pieces, &mut plain);
    if pieces.is_empty() {
        pieces.push(Piece::Plain(String::new()));
    }
    pieces
}

/// The same as one text, for titles and labels, which hold no marks.
#[must_use]
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_unseen) {
        return Cow::Borrowed(text);
    }
    let shown = pieces(text).into_iter().map(|piece| match piece {
        Piece::Plain(text) => text,
        Piece::Sign { sign, .. } => sign,
    });
    Cow::Owned(shown.collect())
}

fn push_plain(pieces: &mut Vec<Piece>, plain: &mut String) {
    let mut rest = std::mem::take(plain);
    while rest.len() > MAX_NODE_BYTES {
        let cut = (0..=MAX_NODE_BYTES).rev().find(|at| rest.is_char_boundary(*at)).unwrap_or(0);
        let after = rest.split_off(cut);
        pieces.push(Piece::Plain(std::mem::replace(&mut rest, after)));
    }
    if !rest.is_empty() {
        pieces.push(Piece::Plain(rest));
    }
}

fn is_unseen(c: char) -> bool {
    match c {
        '\t' | '\n' => false,
        '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' => true,
        // Separators that end a paragraph of the bidirectional algorithm,
        // embeddings and overrides; isolates; the mark of a byte order.
        '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' => true,
        '\u{fdd0}'..='\u{fdef}' => true,
        c => u32::from(c) & 0xfffe == 0xfffe,
    }
}

fn sign(c: char) -> String {
    let picture = match u32::from(c) {
        code @ 0..=0x1f => char::from_u32(0x2400 + code),
        0x7f => Some('\u{2421}'),
        _ => None,
    };
    picture.map_or_else(|| format!("\u{2039}{}\u{203a}", name(c)), String::from)
}

fn name(c: char) -> String {
    let mut name = String::from("U+");
    // Writing to a string cannot fail.
    let _ = write!(name, "{:04X}", u32::from(c));
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_everybody_sees_stays_as_it_is() {
        let text = "Zoé\tשלום 🏴󠁧󠁢󠁥󠁮󠁧󠁿 👩‍🚀 ␀\nمی‌خواهم";
        assert!(matches!(visible(text), Cow::Borrowed(_)));
        assert_eq!(pieces(text), [Piece::Plain(text.to_owned())]);
        assert_eq!(pieces(""), [Piece::Plain(String::new())]);
    }

    #[test]
    fn what_browsers_drop_or_change_has_a_sign() {
        assert_eq!(visible("\0"), "␀");
        assert_eq!(visible("a\u{1b}[1mb\u{c}\u{7f}"), "a␛[1mb␌␡");
        assert_eq!(visible("\u{85}\u{feff}\u{fffe}\u{10ffff}\u{fdd0}"), {
            "‹U+0085›‹U+FEFF›‹U+FFFE›‹U+10FFFF›‹U+FDD0›"
        });
        assert_eq!(
            pieces("a\0"),
            [
                Piece::Plain("a".to_owned()),
                Piece::Sign { sign: "␀".to_owned(), name: "U+0000".to_owned() }
            ]
        );
    }

    #[test]
    fn an_override_turns_nothing_around() {
        assert_eq!(visible("invoice\u{202e}fdp.exe"), "invoice‹U+202E›fdp.exe");
        assert_eq!(visible("\u{2067}a\u{2069}"), "‹U+2067›a‹U+2069›");
    }

    #[test]
    fn lines_end_alike_on_both_sides() {
        assert_eq!(visible("a\r\nb\r\n"), "a\nb\n");
        assert_eq!(visible("10%\r20%"), "10%␍\n20%");
        assert_eq!(visible("\r\r\n\r"), "␍\n\n␍\n");
    }

    #[test]
    fn no_node_is_longer_than_browsers_keep_it() {
        let text = "é".repeat(100_000);
        let pieces = pieces(&text);
        assert!(pieces.len() > 1);
        let mut whole = String::new();
        for piece in pieces {
            let Piece::Plain(piece) = piece else { panic!("a sign for é") };
            assert!(!piece.is_empty() && piece.len() <= MAX_NODE_BYTES);
            whole.push_str(&piece);
        }
        assert_eq!(whole, text);
    }
}
