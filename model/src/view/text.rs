//! The characters of a JSON string.

use std::borrow::Cow;
use std::str::Chars;

/// Decodes a JSON string, quotes included, character by character.
///
/// Half a surrogate pair becomes U+FFFD.
pub(crate) struct Decoder<'a>(Chars<'a>);

/// The text of a JSON string, given with its quotes.
pub(super) fn decode(raw: &str) -> Cow<'_, str> {
    let inner = unquoted(raw);
    if memchr::memchr(b'\\', inner.as_bytes()).is_none() {
        Cow::Borrowed(inner)
    } else {
        Cow::Owned(Decoder::new(raw).collect())
    }
}

fn unquoted(raw: &str) -> &str {
    let inner = raw.strip_prefix('"').unwrap_or(raw);
    inner.strip_suffix('"').unwrap_or(inner)
}

impl<'a> Decoder<'a> {
    pub(super) fn new(raw: &'a str) -> Self {
        Self(unquoted(raw).chars())
    }

    fn hex4(chars: &mut Chars<'a>) -> Option<u32> {
        let mut code = 0;
        for _ in 0..4 {
            code = code * 16 + chars.next()?.to_digit(16)?;
        }
        Some(code)
    }

    fn unicode_escape(&mut self) -> char {
        let Some(first) = Self::hex4(&mut self.0) else { return char::REPLACEMENT_CHARACTER };
        if !(0xD800..0xDC00).contains(&first) {
            return char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER);
        }
        let mut ahead = self.0.clone();
        if ahead.next() != Some('\\') || ahead.next() != Some('u') {
            return char::REPLACEMENT_CHARACTER;
        }
        match Self::hex4(&mut ahead) {
            Some(second) if (0xDC00..0xE000).contains(&second) => {
                self.0 = ahead;
                let code = 0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00);
                char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER)
            }
            _ => char::REPLACEMENT_CHARACTER,
        }
    }
}

impl Iterator for Decoder<'_> {
    type Item = char;

    fn next(&mut self) -> Option<char> {
        match self.0.next()? {
            '\\' => Some(match self.0.next()? {
                'n' => '\n',
                't' => '\t',
                'r' => '\r',
                'b' => '\u{8}',
                'f' => '\u{c}',
                'u' => self.unicode_escape(),
                other => other,
            }),
            plain => Some(plain),
        }
    }
}
