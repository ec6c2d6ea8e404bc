//! Single fields of a message in JSON, whichever way they are written.
//!
//! proto3 JSON lets a reader meet numbers as strings, names of enums or their
//! numbers, and null for any field that is not set. Senders go further: ids in
//! base64, strings as numbers, names in snake case.

use base64::Engine;
use base64::alphabet;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use serde_json::{Map, Value};

/// The members of a message that are not taken yet.
pub(in crate::wire) struct Fields(Map<String, Value>);

const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_padding_mode(DecodePaddingMode::Indifferent)
    .with_decode_allow_trailing_bits(true);
const ALPHABETS: [GeneralPurpose; 2] = [
    GeneralPurpose::new(&alphabet::STANDARD, LENIENT),
    GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT),
];

impl Fields {
    /// The fields of a message; of anything but an object, none.
    pub(super) fn of(value: Value) -> Self {
        match value {
            Value::Object(members) => Self(members),
            _ => Self(Map::new()),
        }
    }

    /// Takes a field by its names in camel and in snake case; null when it is not set.
    pub(super) fn take(&mut self, camel: &str, snake: &str) -> Value {
        let mut take = |name: &str| self.0.remove(name).filter(|value| !value.is_null());
        take(camel).or_else(|| take(snake)).unwrap_or_default()
    }

    /// Takes a field whose name is one word.
    pub(super) fn one(&mut self, name: &str) -> Value {
        self.0.remove(name).unwrap_or_default()
    }
}

/// A text; anything else as its JSON.
pub(super) fn text(value: Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text,
        other => other.to_string(),
    }
}

/// A count or a time, as a number or its text; `None` when it is neither.
pub(super) fn unsigned(value: &Value) -> Option<u64> {
    let whole = |number: f64| (0.0..1.8e19).contains(&number).then_some(number as u64);
    match value {
        Value::Number(number) => number.as_u64().or_else(|| number.as_f64().and_then(whole)),
        Value::String(text) => {
            let text = text.trim();
            text.parse().ok().or_else(|| text.parse().ok().and_then(whole))
        }
        // As JavaScript's exporter writes what is too large for its numbers.
        Value::Object(halves) => {
            let half = |name: &str| halves.get(name)?.as_i64().map(|half| half as u32);
            Some(u64::from(half("high")?) << 32 | u64::from(half("low")?))
        }
        _ => None,
    }
}

/// The number of an enum's value, from the number or a name with or without its prefix.
pub(super) fn enumerated(value: &Value, prefix: &str, of_name: fn(&str) -> Option<i32>) -> i32 {
    let known = match value {
        Value::String(text) => {
            let name = text.trim().to_uppercase();
            let named = of_name(&name).or_else(|| of_name(&format!("{prefix}{name}")));
            named.or_else(|| name.parse().ok())
        }
        other => unsigned(other).and_then(|number| i32::try_from(number).ok()),
    };
    known.unwrap_or_default()
}

/// An id of so many bytes, in hexadecimal digits or in base64; empty when it is neither.
pub(super) fn id(value: Value, bytes: usize) -> Vec<u8> {
    let text = text(value);
    let text = text.trim();
    let digits = |at: usize| u8::from_str_radix(text.get(at..at + 2)?, 16).ok();
    if text.len() == 2 * bytes && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return (0..bytes).filter_map(|at| digits(2 * at)).collect();
    }
    base64(text).filter(|id| id.len() == bytes).unwrap_or_default()
}

/// Bytes of base64 in either alphabet, padded or not.
pub(super) fn base64(text: &str) -> Option<Vec<u8>> {
    ALPHABETS.iter().find_map(|alphabet| alphabet.decode(text.trim()).ok())
}

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::{STANDARD, URL_SAFE};
    use serde_json::json;

    use super::*;

    #[test]
    fn ids_are_read_in_both_spellings() {
        let bytes: Vec<u8> = (0xf8..=0xff).collect();
        for text in ["f8f9fafbfcfdfeff", "F8F9FAFBFCFDFEFF"] {
            assert_eq!(id(json!(text), 8), bytes, "{text}");
        }
        for text in [STANDARD.encode(&bytes), URL_SAFE.encode(&bytes)] {
            assert_eq!(id(json!(text), 8), bytes, "{text}");
            assert_eq!(id(json!(text.trim_end_matches('=')), 8), bytes, "{text}");
        }
        for other in [json!(null), json!(""), json!("nothex"), json!("f8f9"), json!(7)] {
            assert!(id(other.clone(), 8).is_empty(), "{other}");
        }
    }

    #[test]
    fn numbers_are_read_from_texts_and_with_decimals() {
        for (given, expected) in [
            (json!("1795341600000000001"), Some(1_795_341_600_000_000_001)),
            (json!(1_795_341_600_000_000_001_u64), Some(1_795_341_600_000_000_001)),
            (json!(" 5 "), Some(5)),
            (json!("1e3"), Some(1_000)),
            (json!(5.0), Some(5)),
            (json!(-1), None),
            (json!("soon"), None),
            (json!({}), None),
            (json!({"low": 1_329_512_449, "high": 418_010_341}), Some(1_795_340_745_314_320_385)),
            (json!({"low": -1, "high": 1, "unsigned": true}), Some(0x1_ffff_ffff)),
        ] {
            assert_eq!(unsigned(&given), expected, "{given}");
        }
    }
}
