//! JSON kept as the text it came in.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

use crate::view::View;

/// A text without the byte order mark that some editors and libraries put before it.
#[must_use]
pub fn without_mark(text: &str) -> &str {
    text.strip_prefix('\u{feff}').unwrap_or(text)
}

/// The byte order mark in UTF-8.
pub const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Bytes without the byte order mark of UTF-8.
#[must_use]
pub fn bytes_without_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes)
}

/// A text of JSON with those of its numbers and words in quotes that are asked for.
///
/// Strings are left alone. A text that is no JSON gives one that is none either,
/// unless what was put into quotes is all that was wrong.
#[must_use]
pub fn with_quoted(text: &str, is_wanted: impl Fn(&str) -> bool) -> String {
    let mut made = String::with_capacity(text.len() + 16);
    let mut rest = text;
    while let Some(first) = rest.bytes().next() {
        let is_part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'+' | b'.');
        let length = match first {
            b'"' => string_length(rest),
            first if is_part(first) => rest.bytes().take_while(|byte| is_part(*byte)).count(),
            _ => rest.bytes().take_while(|byte| *byte != b'"' && !is_part(*byte)).count(),
        };
        let (token, after) = rest.split_at_checked(length).unwrap_or((rest, ""));
        let is_quoted = is_part(first) && is_wanted(token);
        let quote = if is_quoted { "\"" } else { "" };
        made.extend([quote, token, quote]);
        rest = after;
    }
    made
}

/// How long the string is that a text begins with, quotes included.
fn string_length(text: &str) -> usize {
    let mut at = 1;
    while let Some(found) =
        text.as_bytes().get(at..).and_then(|rest| memchr::memchr2(b'"', b'\\', rest))
    {
        at += found;
        if text.as_bytes().get(at) == Some(&b'"') {
            return at + 1;
        }
        at += 2;
    }
    text.len()
}

/// Any JSON value, byte for byte as it was sent: duplicate keys, number
/// spelling, key order and inner white space included.
#[derive(Clone)]
pub struct Json(Box<RawValue>);

impl Json {
    /// Takes a text that is one JSON value; white space around it is dropped.
    ///
    /// # Errors
    /// When the text is no JSON, or more than one value.
    pub fn from_text(text: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str::<Box<RawValue>>(text).map(Self)
    }

    /// The compact text of any serialisable value.
    ///
    /// # Errors
    /// When the value cannot be JSON, for example a map with keys that are no strings.
    pub fn from_value<T: Serialize + ?Sized>(value: &T) -> Result<Self, serde_json::Error> {
        serde_json::value::to_raw_value(value).map(Self)
    }

    /// A JSON string of this text.
    #[must_use]
    pub fn string(text: &str) -> Self {
        Self::from(&serde_json::Value::String(text.to_owned()))
    }

    /// The exact text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.get()
    }

    /// The value for reading. Duplicate keys keep their last value, numbers
    /// beyond 64 bits become doubles and those beyond doubles their text, halves of surrogate pairs a mark, and what is
    /// nested too deeply its text here, so never store what this returns.
    #[must_use]
    pub fn to_value(&self) -> serde_json::Value {
        View::of(self).to_value()
    }
}

impl From<&serde_json::Value> for Json {
    fn from(value: &serde_json::Value) -> Self {
        // Every `Value` can be written as JSON, so the fallback is never taken.
        Self(serde_json::value::to_raw_value(value).unwrap_or_default())
    }
}

impl PartialEq for Json {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Json {}

impl fmt::Debug for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Json {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Box::<RawValue>::deserialize(deserializer).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_survives_a_round_trip() {
        let text = r#"{"b":1.0,"a" : [1E2, 12345678901234567890123],"b":"\u00e9"}"#;
        let json: Json = serde_json::from_str(text).unwrap();
        assert_eq!(json.as_str(), text);
        assert_eq!(serde_json::to_string(&json).unwrap(), text);
    }

    #[test]
    fn what_is_asked_for_is_quoted_outside_of_strings() {
        let quoted = |text: &str| with_quoted(text, |token| matches!(token, "NaN" | "-1e400"));
        let text = r#"{"NaN":NaN,"a\"NaN":[-1e400, "é -1e400 ",NaN ,-1.5],"b":{"c\\":NaN}}"#;
        let expected =
            r#"{"NaN":"NaN","a\"NaN":["-1e400", "é -1e400 ","NaN" ,-1.5],"b":{"c\\":"NaN"}}"#;
        assert_eq!(quoted(text), expected);
        for same in ["", "\"", "\"\\", "\"é", "[NaNa]", "é", "{\"a\":\"NaN"] {
            assert_eq!(quoted(same), same);
        }
    }
}
