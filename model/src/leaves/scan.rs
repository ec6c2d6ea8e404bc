//! One pass over a JSON text.

use std::borrow::Cow;

use crate::Json;
use crate::search::push_key;
use crate::view::View;

/// A value as the text holds it.
#[derive(Clone, Debug, PartialEq)]
pub enum Scalar<'a> {
    /// A string, decoded; half a surrogate pair is U+FFFD.
    Text(Cow<'a, str>),
    /// A number, as it is spelled.
    Number(&'a str),
    /// The length of an array, at the key `length` of its place.
    Length(u64),
    /// A boolean.
    Bool(bool),
    /// Null.
    Null,
    /// An object or array; what it holds follows.
    Container,
}

/// Calls `found` for every value with its place, in the order of the text, until
/// it answers false. Inside more than `max_depth` objects and arrays, and where
/// a path would be longer than `max_path_bytes`, values come without a place.
pub fn visit<'a>(
    json: &'a Json,
    max_depth: usize,
    max_path_bytes: usize,
    found: impl FnMut(Option<&str>, Scalar<'a>) -> bool,
) {
    let mut walk = Walk {
        text: json.as_str(),
        at: 0,
        path: String::new(),
        frames: Vec::new(),
        untracked: 0,
        lost_key: false,
        max_depth,
        max_path_bytes,
        found,
    };
    while walk.step().is_some() {}
}

/// An open object or array whose place is known.
struct Frame {
    /// Bytes of its own path.
    path_bytes: usize,
    /// For arrays, how many elements were seen.
    length: Option<u64>,
}

struct Walk<'a, F> {
    text: &'a str,
    at: usize,
    /// The place of the value that comes next.
    path: String,
    frames: Vec<Frame>,
    /// Open objects and arrays inside the innermost frame whose place is not known.
    untracked: usize,
    /// Whether the place of the innermost frame's current key is not known.
    lost_key: bool,
    max_depth: usize,
    max_path_bytes: usize,
    found: F,
}

impl<'a, F: FnMut(Option<&str>, Scalar<'a>) -> bool> Walk<'a, F> {
    /// The next token; `None` at the end or when nothing more is wanted.
    fn step(&mut self) -> Option<()> {
        let byte = *self.text.as_bytes().get(self.at)?;
        match byte {
            b'"' => return self.string(),
            b'{' | b'[' => {
                self.at += 1;
                return self.open(byte == b'[');
            }
            b'}' | b']' => {
                self.at += 1;
                return self.close();
            }
            // White space, commas and colons are where they belong: the text is JSON.
            b' ' | b'\t' | b'\n' | b'\r' | b',' | b':' => self.at += 1,
            _ => {
                let end = self.find(self.at, |b| {
                    matches!(b, b',' | b'}' | b']' | b' ' | b'\t' | b'\n' | b'\r')
                });
                let text = self.text.get(self.at..end)?;
                self.at = end;
                return self.value(match text {
                    "true" => Scalar::Bool(true),
                    "false" => Scalar::Bool(false),
                    "null" => Scalar::Null,
                    number => Scalar::Number(number),
                });
            }
        }
        Some(())
    }

    /// The first byte from here on for which this holds, or the end.
    fn find(&self, from: usize, holds: impl Fn(u8) -> bool) -> usize {
        let rest = self.text.as_bytes().get(from..).unwrap_or_default();
        rest.iter().position(|&b| holds(b)).map_or(self.text.len(), |found| from + found)
    }

    /// A key or a string.
    fn string(&mut self) -> Option<()> {
        let start = self.at;
        let mut end = start + 1;
        let mut escaped = false;
        loop {
            end = self.find(end, |b| matches!(b, b'"' | b'\\'));
            match self.text.as_bytes().get(end)? {
                b'"' => break,
                _ => {
                    escaped = true;
                    end += 2;
                }
            }
        }
        self.at = end + 1;
        let inner = self.text.get(start + 1..end)?;
        let raw = self.text.get(start..=end)?;
        let after = self.find(self.at, |b| !matches!(b, b' ' | b'\t' | b'\n' | b'\r'));
        let is_key = self.text.as_bytes().get(after) == Some(&b':');
        // A key that is no part of a place need not be read.
        if is_key && self.untracked > 0 {
            return Some(());
        }
        let text = if escaped {
            View::checked(raw).and_then(View::text).unwrap_or_default()
        } else {
            Cow::Borrowed(inner)
        };
        if is_key { self.key(&text) } else { self.value(Scalar::Text(text)) }
    }

    fn key(&mut self, key: &str) -> Option<()> {
        self.path.truncate(self.frames.last()?.path_bytes);
        // Before it is written, so that a long key costs nothing; after, since quotes add to it.
        self.lost_key = self.path.len() + key.len() + 1 > self.max_path_bytes;
        if !self.lost_key {
            push_key(&mut self.path, key);
            self.lost_key = self.path.len() > self.max_path_bytes;
        }
        Some(())
    }

    fn value(&mut self, scalar: Scalar<'a>) -> Option<()> {
        let known = self.untracked == 0 && !self.lost_key;
        if known
            && let Some(length) = self.frames.last_mut().and_then(|frame| frame.length.as_mut())
        {
            *length += 1;
        }
        (self.found)(known.then_some(self.path.as_str()), scalar).then_some(())
    }

    fn open(&mut self, is_array: bool) -> Option<()> {
        self.value(Scalar::Container)?;
        let lost = self.untracked > 0 || self.lost_key;
        if lost || self.frames.len() >= self.max_depth || self.path.len() + 2 > self.max_path_bytes
        {
            self.untracked += 1;
            return Some(());
        }
        self.frames.push(Frame { path_bytes: self.path.len(), length: is_array.then_some(0) });
        if is_array {
            self.path.push_str("[]");
        }
        Some(())
    }

    fn close(&mut self) -> Option<()> {
        if self.untracked > 0 {
            self.untracked -= 1;
            return Some(());
        }
        self.lost_key = false;
        let frame = self.frames.pop()?;
        self.path.truncate(frame.path_bytes);
        let Some(length) = frame.length else { return Some(()) };
        push_key(&mut self.path, "length");
        let go_on = (self.found)(Some(self.path.as_str()), Scalar::Length(length));
        self.path.truncate(frame.path_bytes);
        go_on.then_some(())
    }
}
