//! A tree of any JSON text, even where serde gives up.

use std::fmt;

use serde::de::{Deserialize, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use serde_json::{Map, Number, Value};

use crate::incoming::repair;
use crate::json::with_quoted;

/// Levels that are read as a tree; well below what serde reads again.
const MAX_DEPTH: usize = 64;

/// Reads a text in one pass, however deep it is: halves of surrogate pairs become
/// marks, and what is nested too deeply and numbers out of range their text.
pub(super) fn lenient(text: &str) -> Value {
    let repaired = repair::all_lone_surrogates(text);
    let text = repaired.as_deref().unwrap_or(text);
    let tree = |text: &str| {
        Tree(MAX_DEPTH).deserialize(&mut serde_json::Deserializer::from_str(text)).ok()
    };
    let in_range = || tree(&with_quoted(text, is_out_of_range));
    tree(text).or_else(in_range).unwrap_or_else(|| Value::String(text.to_owned()))
}

/// Whether a number is beyond what a double can hold.
fn is_out_of_range(token: &str) -> bool {
    let is_number = token.starts_with(|first: char| first == '-' || first.is_ascii_digit());
    is_number && serde_json::from_str::<Number>(token).is_err()
}

/// A value with so many levels below it.
#[derive(Clone, Copy)]
struct Tree(usize);

impl<'de> DeserializeSeed<'de> for Tree {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Value, D::Error> {
        if self.0 > 0 {
            return reader.deserialize_any(self);
        }
        // Taken unread, so that no level counts.
        let raw = Box::<RawValue>::deserialize(reader)?;
        let is_scalar = !raw.get().starts_with(['{', '[']);
        let scalar = is_scalar.then(|| serde_json::from_str(raw.get()).ok()).flatten();
        Ok(scalar.unwrap_or_else(|| Value::String(raw.get().to_owned())))
    }
}

impl<'de> Visitor<'de> for Tree {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Value, E> {
        Ok(Value::Bool(flag))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Value, E> {
        Ok(Value::from(number))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Value, E> {
        Ok(Value::from(number))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Value, E> {
        Ok(Value::from(number))
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::String(text.to_owned()))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(Self(self.0 - 1))? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some(key) = members.next_key()? {
            object.insert(key, members.next_value_seed(Self(self.0 - 1))?);
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::View;

    #[test]
    fn deep_nesting_and_lone_surrogates_are_kept() {
        let deep = "[".repeat(200) + &"]".repeat(200);
        let text = format!(r#"{{"a":"\ud800","b":{deep},"c":1.5,"d":-2,"e":[null,true]}}"#);
        assert!(serde_json::from_str::<Value>(&text).is_err());
        let value = View::checked(&text).unwrap().to_value();
        assert_eq!(value.get("a").unwrap(), "\u{fffd}");
        assert_eq!(value.get("c").unwrap(), 1.5);
        assert_eq!(value.get("d").unwrap(), -2);
        assert_eq!(value.get("e").unwrap(), &serde_json::json!([null, true]));
        assert!(value.to_string().contains("[[["));
    }

    #[test]
    fn a_number_out_of_range_is_kept_as_its_text_alone() {
        let digits = "9".repeat(400);
        let text = format!(r#"{{"a":[1e400,-2E+999,{digits},"1e400"],"1e400":1.5,"b\ud800":2}}"#);
        let value = View::checked(&text).unwrap().to_value();
        let expected = serde_json::json!({"a": ["1e400", "-2E+999", digits, "1e400"],
            "1e400": 1.5, "b\u{fffd}": 2});
        assert_eq!(value, expected);
    }

    #[test]
    fn every_level_is_read_once() {
        // A pass for each level would read gigabytes here.
        let deep = r#"{"a":"#.repeat(2_000_000) + "1" + &"}".repeat(2_000_000);
        let value = View::checked(&deep).unwrap().to_value();
        assert_eq!(
            value.pointer(&"/a".repeat(MAX_DEPTH)).unwrap().as_str().unwrap().len(),
            deep.len() - 6 * MAX_DEPTH
        );
    }
}
