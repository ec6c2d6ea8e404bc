//! Mends a message in protobuf that cannot be read for a part of it.
//!
//! A text that was cut inside a character is no UTF-8, and a message with one is
//! refused whole by every reader. Mended, the text has a mark in that place, and
//! what cannot be mended in an attribute is left out with it.

use opentelemetry_proto::tonic::common::v1::{InstrumentationScope, KeyValue};
use opentelemetry_proto::tonic::logs::v1::LogRecord;
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message;
use prost::encoding::{DecodeContext, WireType, decode_key, decode_varint, encode_key};
use prost::encoding::{encode_varint, skip_field};

/// Messages are not nested deeper than their readers go.
const MAX_DEPTH: usize = 100;

/// A message whose fields are known here.
pub(super) trait Mend {
    /// What its fields are.
    const SHAPE: Shape;
}

impl Mend for Span {
    const SHAPE: Shape = Shape::Span;
}

impl Mend for LogRecord {
    const SHAPE: Shape = Shape::Record;
}

impl Mend for Resource {
    const SHAPE: Shape = Shape::Resource;
}

impl Mend for InstrumentationScope {
    const SHAPE: Shape = Shape::Scope;
}

/// A message, by its fields that are texts or messages.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    Span,
    Record,
    Resource,
    Scope,
    Event,
    Link,
    Status,
    Pair,
    Value,
    Array,
    Kvlist,
}

enum Field {
    Text,
    Message(Shape),
    Bytes,
}

impl Shape {
    fn field(self, tag: u32) -> Field {
        use Field::{Message, Text};
        match (self, tag) {
            (Self::Span, 3 | 5)
            | (Self::Record, 3 | 12)
            | (Self::Scope, 1 | 2)
            | (Self::Event | Self::Status, 2)
            | (Self::Link, 3)
            | (Self::Pair | Self::Value, 1) => Text,
            (Self::Span, 9)
            | (Self::Record, 6)
            | (Self::Resource | Self::Kvlist, 1)
            | (Self::Scope | Self::Event, 3)
            | (Self::Link, 4) => Message(Self::Pair),
            (Self::Span, 11) => Message(Self::Event),
            (Self::Span, 13) => Message(Self::Link),
            (Self::Span, 15) => Message(Self::Status),
            (Self::Record, 5) | (Self::Pair, 2) | (Self::Array, 1) => Message(Self::Value),
            (Self::Value, 5) => Message(Self::Array),
            (Self::Value, 6) => Message(Self::Kvlist),
            _ => Field::Bytes,
        }
    }
}

/// The message with its texts made UTF-8, as far as its fields can be told apart.
pub(super) fn mended(bytes: &[u8], shape: Shape) -> Vec<u8> {
    let mut made = Vec::with_capacity(bytes.len());
    mend(bytes, shape, MAX_DEPTH, &mut made);
    made
}

fn mend(mut rest: &[u8], shape: Shape, depth: usize, into: &mut Vec<u8>) {
    while !rest.is_empty() {
        let before = rest;
        let Ok((tag, wire_type)) = decode_key(&mut rest) else { return };
        if wire_type != WireType::LengthDelimited {
            if skip_field(wire_type, tag, &mut rest, DecodeContext::default()).is_err() {
                return;
            }
            into.extend_from_slice(before.get(..before.len() - rest.len()).unwrap_or_default());
            continue;
        }
        let length = decode_varint(&mut rest).ok().and_then(|length| usize::try_from(length).ok());
        let Some((value, after)) = length.and_then(|length| rest.split_at_checked(length)) else {
            return;
        };
        rest = after;
        match shape.field(tag) {
            Field::Text => put(tag, String::from_utf8_lossy(value).as_bytes(), into),
            Field::Message(inner) if depth > 0 => {
                let mut made = Vec::with_capacity(value.len());
                mend(value, inner, depth - 1, &mut made);
                if inner != Shape::Pair || KeyValue::decode(made.as_slice()).is_ok() {
                    put(tag, &made, into);
                }
            }
            Field::Message(_) | Field::Bytes => put(tag, value, into),
        }
    }
}

fn put(tag: u32, value: &[u8], into: &mut Vec<u8>) {
    encode_key(tag, WireType::LengthDelimited, into);
    encode_varint(value.len() as u64, into);
    into.extend_from_slice(value);
}

#[cfg(test)]
mod tests {
    use opentelemetry_proto::tonic::common::v1::{AnyValue, any_value::Value};

    use super::*;

    fn pair(key: &str, text: &str) -> KeyValue {
        let value = Some(AnyValue { value: Some(Value::StringValue(text.to_owned())) });
        KeyValue { key: key.to_owned(), value }
    }

    #[test]
    fn texts_that_are_no_utf8_are_marked() {
        let span = Span {
            span_id: vec![0xff; 8],
            name: "name".to_owned(),
            attributes: vec![pair("a", "whole"), pair("b", "cut##")],
            start_time_unix_nano: 7,
            ..Span::default()
        };
        let mut bytes = span.encode_to_vec();
        let at = bytes.windows(2).position(|part| part == b"##").unwrap();
        bytes[at..at + 2].copy_from_slice(&[0xf0, 0x9f]);
        assert!(Span::decode(bytes.as_slice()).is_err());
        let read = Span::decode(mended(&bytes, Shape::Span).as_slice()).unwrap();
        assert_eq!(read.attributes, [pair("a", "whole"), pair("b", "cut\u{fffd}")]);
        assert_eq!((read.name.as_str(), read.start_time_unix_nano), ("name", 7));
        assert_eq!(read.span_id, [0xff; 8]);
    }

    #[test]
    fn an_attribute_that_cannot_be_mended_is_left_out() {
        let resource = Resource { attributes: vec![pair("a", "x")], ..Resource::default() };
        let mut bytes = resource.encode_to_vec();
        // A key that is a number.
        put(1, &[0x08, 0x01], &mut bytes);
        assert!(Resource::decode(bytes.as_slice()).is_err());
        let read = Resource::decode(mended(&bytes, Shape::Resource).as_slice()).unwrap();
        assert_eq!(read.attributes, [pair("a", "x")]);
    }

    #[test]
    fn nonsense_ends_without_a_word() {
        for length in 0..64 {
            let bytes: Vec<u8> = (0..length).map(|at| (at * 37 + length) as u8).collect();
            let _ = mended(&bytes, Shape::Span);
        }
        let mut deep = Vec::new();
        for _ in 0..10_000 {
            let inner = std::mem::take(&mut deep);
            put(5, &inner, &mut deep);
        }
        let _ = mended(&deep, Shape::Value);
    }
}
