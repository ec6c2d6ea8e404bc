//! The one normal form of text for searching by words and phrases.
//!
//! What is stored for search and what is searched for both go through
//! [`fold`], so that `Zoé`, `ZOE` and `zoe` are one word, `“` is `"`, and a
//! phrase is a plain substring. The form suits the tokenizer `splitByNonAlpha`
//! of ClickHouse, which splits at ASCII characters other than letters and
//! digits and takes everything else for letters: other punctuation becomes
//! ASCII or a space, and each symbol and each character of a script written
//! without spaces stands between spaces, as a token of its own.

mod origins;
mod script;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

pub use origins::Origins;
use script::{Kind, kind};

/// Folds a text: compatibility forms resolved (NFKD, then NFC), accents and
/// case removed, punctuation as ASCII, white space and control characters as
/// one space, none at the ends.
///
/// It is linear, `fold(fold(x)) == fold(x)`, and any prefix of a folded text is
/// folded too, but for a space at its end.
#[must_use]
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    fold_onto(&mut folded, text, usize::MAX);
    folded
}

/// Appends the folded text, as if it began a text of its own, and stops at the
/// first character that would make `out` longer than `max_bytes`. False when it
/// stopped early.
pub(crate) fn fold_onto(out: &mut String, text: &str, max_bytes: usize) -> bool {
    let mut folder = Folder { start: out.len(), out, max_bytes, space: false };
    let mut rest = text;
    while !rest.is_empty() {
        // No character composes with an ASCII one once accents are gone, so
        // runs of ASCII, which most text is, can skip the tables.
        let ascii = rest.bytes().position(|b| !b.is_ascii()).unwrap_or(rest.len());
        let (plain, after) = rest.split_at_checked(ascii).unwrap_or((rest, ""));
        let other = after.bytes().position(|b| b.is_ascii()).unwrap_or(after.len());
        let (foreign, after) = after.split_at_checked(other).unwrap_or((after, ""));
        if !folder.ascii(plain) || !folder.unicode(foreign) {
            return false;
        }
        rest = after;
    }
    true
}

/// The tokens of a folded text, as `splitByNonAlpha` finds them.
pub fn tokens(folded: &str) -> impl DoubleEndedIterator<Item = &str> {
    folded.split(is_separator).filter(|token| !token.is_empty())
}

/// Whether `splitByNonAlpha` splits here.
pub(crate) const fn is_separator(c: char) -> bool {
    c.is_ascii() && !c.is_ascii_alphanumeric()
}

/// Whether this character of a folded text is always a token of its own.
pub(crate) fn stands_alone(c: char) -> bool {
    !c.is_ascii() && matches!(settle(c), Kind::Alone)
}

struct Folder<'a> {
    out: &'a mut String,
    /// Where this text began.
    start: usize,
    max_bytes: usize,
    /// Whether a space is due before the next character.
    space: bool,
}

impl Folder<'_> {
    fn ascii(&mut self, text: &str) -> bool {
        let is_blank = |b: u8| b <= b' ' || b == 0x7f;
        let mut rest = text;
        while let Some(first) = rest.bytes().next() {
            let run = rest.bytes().take_while(|&b| is_blank(b) == is_blank(first)).count();
            let (run, after) = rest.split_at_checked(run).unwrap_or((rest, ""));
            rest = after;
            if is_blank(first) {
                self.space = true;
            } else if !self.push_ascii(run) {
                return false;
            }
        }
        true
    }

    fn push_ascii(&mut self, run: &str) -> bool {
        let space = usize::from(self.space && self.out.len() > self.start);
        let room = self.max_bytes.saturating_sub(self.out.len() + space);
        let fitting = run.get(..room).unwrap_or(run);
        if !fitting.is_empty() {
            if space > 0 {
                self.out.push(' ');
            }
            self.space = false;
            let from = self.out.len();
            self.out.push_str(fitting);
            if let Some(pushed) = self.out.get_mut(from..) {
                pushed.make_ascii_lowercase();
            }
        }
        fitting.len() == run.len()
    }

    fn unicode(&mut self, text: &str) -> bool {
        let bare = text.nfkd().filter(|&c| !script::is_dropped(c));
        let mut folded = bare.flat_map(lower).nfc();
        folded.all(|c| match settle(c) {
            Kind::Space => {
                self.space = true;
                true
            }
            Kind::Ascii(ascii) => self.push(ascii),
            Kind::Letter => self.push(c),
            Kind::Alone => {
                self.space = true;
                let fits = self.push(c);
                self.space = true;
                fits
            }
        })
    }

    fn push(&mut self, c: char) -> bool {
        let space = self.space && self.out.len() > self.start;
        if self.out.len() + usize::from(space) + c.len_utf8() > self.max_bytes {
            return false;
        }
        if space {
            self.out.push(' ');
        }
        self.space = false;
        self.out.push(c);
        true
    }
}

/// What becomes of a character after it is bare and in lower case.
fn settle(c: char) -> Kind {
    if c == ' ' || c.is_control() || c.is_whitespace() {
        return Kind::Space;
    }
    if c.is_ascii() {
        return Kind::Ascii(c);
    }
    kind(c).unwrap_or_else(|| {
        if c.is_alphanumeric() || is_combining_mark(c) { Kind::Letter } else { Kind::Alone }
    })
}

/// Lower case, and the few letters that people also write as others.
fn lower(c: char) -> impl Iterator<Item = char> {
    let spelled = match c {
        'ß' | 'ẞ' => "ss",
        'æ' | 'Æ' => "ae",
        'œ' | 'Œ' => "oe",
        'ø' | 'Ø' => "o",
        'đ' | 'Đ' | 'ð' | 'Ð' => "d",
        'ł' | 'Ł' => "l",
        'þ' | 'Þ' => "th",
        'ħ' | 'Ħ' => "h",
        'ı' => "i",
        'ς' => "σ",
        _ => "",
    };
    let lower = spelled.is_empty().then(|| c.to_lowercase());
    spelled.chars().chain(lower.into_iter().flatten())
}

#[cfg(test)]
mod tests;
