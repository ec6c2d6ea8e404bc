//! Attribute values as JSON.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue, any_value::Value as Wire};
use serde_json::{Map, Value};

use crate::item::Attributes;

/// More values than this on one item are no attributes of a model's call, and
/// a few bytes each would make them fill the memory.
const MAX_VALUES: usize = 200_000;

pub(super) fn attributes(list: Vec<KeyValue>) -> Result<Attributes, String> {
    map(list, &mut 0)
}

/// As many attributes as an item may have.
pub(super) fn first_attributes(list: Vec<KeyValue>) -> Attributes {
    let mut seen = 0;
    let pairs = list.into_iter().map_while(|pair| {
        let value = pair.value.map(|value| read(value, &mut seen)).transpose().ok()?;
        Some((pair.key, value.unwrap_or_default()))
    });
    pairs.collect()
}

pub(super) fn value(any: AnyValue) -> Result<Value, String> {
    read(any, &mut 0)
}

fn map(list: Vec<KeyValue>, seen: &mut usize) -> Result<Attributes, String> {
    let mut map = Map::new();
    for pair in list {
        let value = pair.value.map(|value| read(value, seen)).transpose()?;
        map.insert(pair.key, value.unwrap_or_default());
    }
    Ok(map)
}

fn read(any: AnyValue, seen: &mut usize) -> Result<Value, String> {
    *seen += 1;
    if *seen > MAX_VALUES {
        return Err(format!("may have at most {MAX_VALUES} attribute values"));
    }
    Ok(match any.value {
        None => Value::Null,
        Some(Wire::StringValue(text)) => Value::String(text),
        Some(Wire::BoolValue(flag)) => Value::Bool(flag),
        Some(Wire::IntValue(number)) => Value::from(number),
        Some(Wire::DoubleValue(number)) => double(number),
        Some(Wire::BytesValue(bytes)) => Value::String(STANDARD.encode(bytes)),
        Some(Wire::ArrayValue(list)) => {
            let items = list.values.into_iter().map(|item| read(item, seen));
            Value::Array(items.collect::<Result<_, _>>()?)
        }
        Some(Wire::KvlistValue(list)) => Value::Object(map(list.values, seen)?),
    })
}

/// JSON has no word for what is no finite number; these are those of proto3.
fn double(number: f64) -> Value {
    match number {
        f64::INFINITY => Value::from("Infinity"),
        f64::NEG_INFINITY => Value::from("-Infinity"),
        number if number.is_nan() => Value::from("NaN"),
        number => Value::from(number),
    }
}
