//! Writes JSON straight into one growing string.
//!
//! A benchmark asks for millions of runs, so nothing is built as a tree first,
//! and the bytes depend on no library's formatting.

use std::fmt::{Display, Write as _};

/// Writes `{…}`.
pub(crate) fn object(out: &mut String, fill: impl FnOnce(&mut Object<'_>)) {
    out.push('{');
    fill(&mut Object { out, is_empty: true });
    out.push('}');
}

/// Writes `[…]`.
pub(crate) fn array(out: &mut String, fill: impl FnOnce(&mut Array<'_>)) {
    out.push('[');
    fill(&mut Array { out, is_empty: true });
    out.push(']');
}

/// Writes a JSON string.
pub(crate) fn string(out: &mut String, text: &str) {
    out.push('"');
    let mut plain_from = 0;
    for (at, byte) in text.bytes().enumerate() {
        if byte >= b' ' && byte != b'"' && byte != b'\\' {
            continue;
        }
        out.push_str(&text[plain_from..at]);
        plain_from = at + 1;
        match byte {
            b'\n' => out.push_str("\\n"),
            b'\t' => out.push_str("\\t"),
            b'"' => out.push_str("\\\""),
            b'\\' => out.push_str("\\\\"),
            control => {
                // Writing to a string cannot fail.
                let _ = write!(out, "\\u{control:04x}");
            }
        }
    }
    out.push_str(&text[plain_from..]);
    out.push('"');
}

/// An amount of nano-dollars as dollars, without trailing zeros.
pub(crate) fn dollars(out: &mut String, nano: u64) {
    let start = out.len();
    let _ = write!(out, "{}.{:09}", nano / 1_000_000_000, nano % 1_000_000_000);
    while out.ends_with('0') {
        out.pop();
    }
    if out.ends_with('.') && out.len() > start {
        out.pop();
    }
}

/// Microseconds as milliseconds.
pub(crate) fn millis(out: &mut String, micros: u64) {
    let _ = write!(out, "{}.{}", micros / 1_000, micros % 1_000 / 100);
}

/// An amount of hundredths with two decimals, as prices have them.
pub(crate) fn cents(out: &mut String, cents: u64) {
    let _ = write!(out, "{}.{:02}", cents / 100, cents % 100);
}

/// The inside of `{…}`.
pub(crate) struct Object<'a> {
    out: &'a mut String,
    is_empty: bool,
}

impl Object<'_> {
    /// Writes the key; what follows must be one value.
    pub(crate) fn key(&mut self, key: &str) -> &mut String {
        if !self.is_empty {
            self.out.push(',');
        }
        self.is_empty = false;
        string(self.out, key);
        self.out.push(':');
        self.out
    }

    pub(crate) fn text(&mut self, key: &str, text: &str) {
        string(self.key(key), text);
    }

    /// Anything whose text is JSON already.
    pub(crate) fn raw(&mut self, key: &str, json: impl Display) {
        let _ = write!(self.key(key), "{json}");
    }

    pub(crate) fn object(&mut self, key: &str, fill: impl FnOnce(&mut Object<'_>)) {
        object(self.key(key), fill);
    }

    pub(crate) fn array(&mut self, key: &str, fill: impl FnOnce(&mut Array<'_>)) {
        array(self.key(key), fill);
    }
}

/// The inside of `[…]`.
pub(crate) struct Array<'a> {
    out: &'a mut String,
    is_empty: bool,
}

impl Array<'_> {
    /// What follows must be one value.
    pub(crate) fn item(&mut self) -> &mut String {
        if !self.is_empty {
            self.out.push(',');
        }
        self.is_empty = false;
        self.out
    }

    pub(crate) fn text(&mut self, text: &str) {
        string(self.item(), text);
    }

    pub(crate) fn object(&mut self, fill: impl FnOnce(&mut Object<'_>)) {
        object(self.item(), fill);
    }
}

/// Writes a template with its `{name}` places filled in.
pub(crate) fn fill(out: &mut String, template: &str, values: &[(&str, &str)]) {
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let place = after
            .split_once('}')
            .and_then(|(name, tail)| Some((values.iter().find(|(key, _)| *key == name)?.1, tail)));
        match place {
            Some((value, tail)) => {
                out.push_str(value);
                rest = tail;
            }
            None => {
                out.push('{');
                rest = after;
            }
        }
    }
    out.push_str(rest);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(write: impl FnOnce(&mut String)) -> String {
        let mut out = String::new();
        write(&mut out);
        out
    }

    #[test]
    fn strings_are_escaped_as_json() {
        let text = "a\"b\\c\n\t\u{1}é世";
        let json = written(|out| string(out, text));
        assert_eq!(serde_json::from_str::<String>(&json).unwrap(), text);
    }

    #[test]
    fn objects_and_arrays_nest() {
        let json = written(|out| {
            object(out, |o| {
                o.text("a", "x");
                o.array("b", |b| {
                    b.text("y");
                    b.object(|c| c.raw("n", 1));
                });
                o.object("e", |_| {});
            });
        });
        assert_eq!(json, r#"{"a":"x","b":["y",{"n":1}],"e":{}}"#);
    }

    #[test]
    fn amounts_keep_their_digits() {
        assert_eq!(written(|out| dollars(out, 6_100)), "0.0000061");
        assert_eq!(written(|out| dollars(out, 0)), "0");
        assert_eq!(written(|out| dollars(out, 2_000_000_000)), "2");
        assert_eq!(written(|out| millis(out, 812_450)), "812.4");
        assert_eq!(written(|out| cents(out, 105)), "1.05");
    }

    #[test]
    fn places_are_filled_and_other_braces_kept() {
        let text = written(|out| fill(out, "{a}-{b}-{c}-{", &[("a", "1"), ("b", "2")]));
        assert_eq!(text, "1-2-{c}-{");
    }
}
