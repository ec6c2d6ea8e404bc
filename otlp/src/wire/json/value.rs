//! Attributes in JSON. Whatever cannot be read as its type says is kept as it came.

use opentelemetry_proto::tonic::common::v1::{
    AnyValue, ArrayValue, KeyValue, KeyValueList, any_value::Value as Wire,
};
use serde_json::{Map, Number, Value};

use super::fields::{Fields, base64, text};

/// The members of an `AnyValue`.
#[derive(Clone, Copy)]
enum Type {
    String,
    Bool,
    Int,
    Double,
    Bytes,
    Array,
    Kvlist,
}

impl Type {
    fn of(name: &str) -> Option<Self> {
        Some(match name {
            "stringValue" | "string_value" => Self::String,
            "boolValue" | "bool_value" => Self::Bool,
            "intValue" | "int_value" => Self::Int,
            "doubleValue" | "double_value" => Self::Double,
            "bytesValue" | "bytes_value" => Self::Bytes,
            "arrayValue" | "array_value" => Self::Array,
            "kvlistValue" | "kvlist_value" => Self::Kvlist,
            _ => return None,
        })
    }
}

/// A list of keys and values, or an object in place of one.
pub(super) fn pairs(value: Value) -> Vec<KeyValue> {
    match value {
        Value::Array(items) => items.into_iter().filter_map(pair).collect(),
        Value::Object(members) => plain(members),
        _ => Vec::new(),
    }
}

fn pair(item: Value) -> Option<KeyValue> {
    let is_pair = item.get("key").is_some();
    let mut fields = Fields::of(item);
    is_pair.then(|| KeyValue { key: text(fields.one("key")), value: any(fields.one("value")) })
}

fn plain(members: Map<String, Value>) -> Vec<KeyValue> {
    members.into_iter().map(|(key, value)| KeyValue { key, value: any(value) }).collect()
}

/// A value; `None` when it is not set.
pub(super) fn any(value: Value) -> Option<AnyValue> {
    let value = match value {
        Value::Object(members) => of_object(members)?,
        other => of_plain(other)?,
    };
    Some(AnyValue { value: Some(value) })
}

/// A value that does not say its type.
fn of_plain(value: Value) -> Option<Wire> {
    Some(match value {
        Value::Null => return None,
        Value::Bool(flag) => Wire::BoolValue(flag),
        Value::Number(number) => of_number(&number),
        Value::String(text) => Wire::StringValue(text),
        Value::Array(items) => Wire::ArrayValue(list(items)),
        Value::Object(members) => Wire::KvlistValue(KeyValueList { values: plain(members) }),
    })
}

fn of_object(members: Map<String, Value>) -> Option<Wire> {
    if members.keys().all(|name| Type::of(name).is_none()) {
        return (!members.is_empty()).then(|| of_plain(Value::Object(members))).flatten();
    }
    let mut known = members.into_iter().filter(|(_, value)| !value.is_null());
    known.find_map(|(name, value)| Some(typed(Type::of(&name)?, value)))?
}

fn typed(kind: Type, value: Value) -> Option<Wire> {
    match (kind, value) {
        (Type::String, value) => Some(Wire::StringValue(text(value))),
        (Type::Bool, Value::String(word)) => Some(match word.to_lowercase().as_str() {
            "true" => Wire::BoolValue(true),
            "false" => Wire::BoolValue(false),
            _ => Wire::StringValue(word),
        }),
        (Type::Int, Value::Number(number)) => Some(of_number(&whole(number))),
        (Type::Double, Value::Number(number)) => {
            Some(number.as_f64().map_or_else(|| of_number(&number), Wire::DoubleValue))
        }
        (Type::Int, Value::String(digits)) => Some(match digits.trim().parse() {
            Ok(number) => Wire::IntValue(number),
            // A double would keep too few of the digits.
            Err(_) if is_integer(digits.trim()) => Wire::StringValue(digits),
            Err(_) => {
                finite(&digits).map_or_else(|| Wire::StringValue(digits), |it| of_number(&it))
            }
        }),
        (Type::Double, Value::String(digits)) => Some(double(digits)),
        (Type::Bytes, Value::String(text)) => {
            Some(base64(&text).map_or_else(|| Wire::StringValue(text), Wire::BytesValue))
        }
        (Type::Array, Value::Object(members)) => {
            let values = Fields::of(Value::Object(members)).one("values");
            let items = if let Value::Array(items) = values { items } else { Vec::new() };
            Some(Wire::ArrayValue(list(items)))
        }
        (Type::Kvlist, Value::Object(members)) => {
            let is_list = members.is_empty() || members.contains_key("values");
            let values = match is_list {
                true => pairs(Fields::of(Value::Object(members)).one("values")),
                false => plain(members),
            };
            Some(Wire::KvlistValue(KeyValueList { values }))
        }
        (Type::Kvlist, Value::Array(items)) => {
            Some(Wire::KvlistValue(KeyValueList { values: pairs(Value::Array(items)) }))
        }
        (_, other) => of_plain(other),
    }
}

fn list(items: Vec<Value>) -> ArrayValue {
    let values = items.into_iter().map(|item| any(item).unwrap_or_default());
    ArrayValue { values: values.collect() }
}

/// A number of 64 bits as it is; a larger one as its digits, of which a double keeps too few.
fn of_number(number: &Number) -> Wire {
    match (number.as_i64(), number.is_u64()) {
        (Some(number), _) => Wire::IntValue(number),
        (None, true) => Wire::StringValue(number.to_string()),
        (None, false) => Wire::DoubleValue(number.as_f64().unwrap_or_default()),
    }
}

/// An integer that was written with decimals.
fn whole(number: Number) -> Number {
    let integer = number.as_f64().filter(|it| number.is_f64() && it.fract() == 0.0);
    integer.filter(|it| it.abs() < 9e15).map_or(number, |it| Number::from(it as i64))
}

/// Whether a text is digits, with a sign or not.
pub(super) fn is_integer(text: &str) -> bool {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

fn finite(digits: &str) -> Option<Number> {
    Number::from_f64(digits.trim().parse().ok()?).map(whole)
}

fn double(digits: String) -> Wire {
    match digits.trim() {
        "NaN" => Wire::DoubleValue(f64::NAN),
        "Infinity" => Wire::DoubleValue(f64::INFINITY),
        "-Infinity" => Wire::DoubleValue(f64::NEG_INFINITY),
        other => match other.parse::<f64>() {
            Ok(number) if number.is_finite() => Wire::DoubleValue(number),
            _ => Wire::StringValue(digits),
        },
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::wire::value;

    fn read(given: Value) -> Value {
        any(given).map(value::value).transpose().unwrap().unwrap_or_default()
    }

    #[test]
    fn values_are_read_however_they_are_written() {
        for (given, expected) in [
            (json!({}), json!(null)),
            (json!(null), json!(null)),
            (json!({"stringValue": null}), json!(null)),
            (json!({"doubleValue": null}), json!(null)),
            (json!({"stringValue": 5}), json!("5")),
            (json!({"string_value": "a"}), json!("a")),
            (json!({"boolValue": "true"}), json!(true)),
            (json!({"boolValue": "perhaps"}), json!("perhaps")),
            (json!({"intValue": "5"}), json!(5)),
            (json!({"intValue": 5}), json!(5)),
            (json!({"intValue": 5.0}), json!(5)),
            (json!({"intValue": "5.5"}), json!(5.5)),
            (json!({"intValue": "five"}), json!("five")),
            (json!({"intValue": "-9223372036854775808"}), json!(i64::MIN)),
            (json!({"intValue": u64::MAX}), json!(u64::MAX.to_string())),
            (json!({"intValue": "18446744073709551615"}), json!("18446744073709551615")),
            (json!({"intValue": "-9223372036854775809"}), json!("-9223372036854775809")),
            (json!({"intValue": "1e3"}), json!(1_000)),
            (json!({"intValue": "1e400"}), json!("1e400")),
            (json!({"doubleValue": "1e400"}), json!("1e400")),
            (json!({"doubleValue": 5}), json!(5.0)),
            (json!({"doubleValue": "0.5"}), json!(0.5)),
            (json!({"doubleValue": "NaN"}), json!("NaN")),
            (json!({"doubleValue": "Infinity"}), json!("Infinity")),
            (json!({"doubleValue": "-Infinity"}), json!("-Infinity")),
            (json!({"doubleValue": "hot"}), json!("hot")),
            (json!({"bytesValue": "-_8"}), json!("+/8=")),
            (json!({"bytesValue": "no base64"}), json!("no base64")),
            (json!({"arrayValue": {}}), json!([])),
            (json!({"arrayValue": null}), json!(null)),
            (json!({"arrayValue": {"values": null}}), json!([])),
            (
                json!({"arrayValue": {"values": [{}, {"intValue": 1}, null]}}),
                json!([null, 1, null]),
            ),
            (json!({"arrayValue": [{"intValue": 1}, 2]}), json!([1, 2])),
            (json!({"kvlistValue": {}}), json!({})),
            (json!({"kvlistValue": {"values": [{"key": "a"}, null]}}), json!({"a": null})),
            (json!({"kvlistValue": {"a": 1}}), json!({"a": 1})),
            (json!({"newerValue": 1}), json!({"newerValue": 1})),
            (json!("plain"), json!("plain")),
            (json!([1, "a"]), json!([1, "a"])),
            (json!({"stringValue": null, "intValue": 1}), json!(1)),
        ] {
            assert_eq!(read(given.clone()), expected, "{given}");
        }
    }
}
