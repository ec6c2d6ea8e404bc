//! Spans, log records, resources and scopes in JSON.
//!
//! The readers of proto3 JSON that there are (pbjson, prost-reflect) take ids for
//! base64 where OTLP has hexadecimal digits, and give up a whole message for one
//! value of another type. Here a field that cannot be read is as one that is not set.

use model::json::with_quoted;
use opentelemetry_proto::tonic::common::v1::InstrumentationScope;
use opentelemetry_proto::tonic::logs::v1::LogRecord;
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::span::{Event, SpanKind};
use opentelemetry_proto::tonic::trace::v1::status::StatusCode;
use opentelemetry_proto::tonic::trace::v1::{Span, Status};
use serde_json::Value;

use super::fields::{Fields, enumerated, id, text, unsigned};
use super::value::{any, is_integer, pairs};

/// Digits of the smallest integers that are too large.
const MIN_DIGITS: usize = 19;

/// A message that can be read from the fields of an object.
pub(in crate::wire) trait FromFields: Sized {
    /// Reads it.
    ///
    /// # Errors
    /// When a field that it cannot be without is unreadable.
    fn from_fields(fields: Fields) -> Result<Self, String>;
}

/// Reads a message.
///
/// # Errors
/// When the text is no JSON object, or a field that it cannot be without is unreadable.
pub(in crate::wire) fn read<T: FromFields>(raw: &str) -> Result<T, String> {
    // A double would keep too few digits of these.
    let quoted = has_long_number(raw).then(|| with_quoted(raw, is_beyond_64_bits));
    let raw = quoted.as_deref().unwrap_or(raw);
    // Nesting and halves of surrogate pairs that serde does not take cost more to read.
    let value = serde_json::from_str(raw).or_else(|_| {
        let json = model::Json::from_text(raw).map_err(|error| error.to_string())?;
        Ok::<Value, String>(json.to_value())
    })?;
    if !value.is_object() {
        return Err("it is no JSON object".to_owned());
    }
    T::from_fields(Fields::of(value))
}

/// Whether there may be an integer of more than 64 bits in a text.
fn has_long_number(raw: &str) -> bool {
    let mut digits = 0;
    raw.bytes().any(|byte| {
        digits = if byte.is_ascii_digit() { digits + 1 } else { 0 };
        digits >= MIN_DIGITS
    })
}

fn is_beyond_64_bits(token: &str) -> bool {
    is_integer(token) && token.parse::<i64>().is_err() && token.parse::<u64>().is_err()
}

impl FromFields for Resource {
    fn from_fields(mut fields: Fields) -> Result<Self, String> {
        Ok(Self { attributes: pairs(fields.one("attributes")), ..Self::default() })
    }
}

impl FromFields for InstrumentationScope {
    fn from_fields(mut fields: Fields) -> Result<Self, String> {
        let (name, version) = (text(fields.one("name")), text(fields.one("version")));
        Ok(Self { name, version, ..Self::default() })
    }
}

impl FromFields for Span {
    fn from_fields(mut fields: Fields) -> Result<Self, String> {
        let start = fields.take("startTimeUnixNano", "start_time_unix_nano");
        let end = fields.take("endTimeUnixNano", "end_time_unix_nano");
        let events = fields.one("events");
        let events = match events {
            Value::Array(events) => events,
            event => vec![event],
        };
        let span_kind = |name: &str| SpanKind::from_str_name(name).map(|kind| kind as i32);
        Ok(Self {
            trace_id: id(fields.take("traceId", "trace_id"), 16),
            span_id: id(fields.take("spanId", "span_id"), 8),
            parent_span_id: id(fields.take("parentSpanId", "parent_span_id"), 8),
            name: text(fields.one("name")),
            kind: enumerated(&fields.one("kind"), "SPAN_KIND_", span_kind),
            // A run's id and time follow from it.
            start_time_unix_nano: match unsigned(&start) {
                None if !start.is_null() => {
                    return Err(format!("startTimeUnixNano {start} is no time in nanoseconds"));
                }
                start => start.unwrap_or_default(),
            },
            end_time_unix_nano: unsigned(&end).unwrap_or_default(),
            attributes: pairs(fields.one("attributes")),
            events: events.into_iter().filter(Value::is_object).map(event).collect(),
            status: Some(status(fields.one("status"))),
            ..Self::default()
        })
    }
}

impl FromFields for LogRecord {
    fn from_fields(mut fields: Fields) -> Result<Self, String> {
        let time = fields.take("timeUnixNano", "time_unix_nano");
        let observed = fields.take("observedTimeUnixNano", "observed_time_unix_nano");
        Ok(Self {
            trace_id: id(fields.take("traceId", "trace_id"), 16),
            span_id: id(fields.take("spanId", "span_id"), 8),
            event_name: text(fields.take("eventName", "event_name")),
            time_unix_nano: unsigned(&time).unwrap_or_default(),
            observed_time_unix_nano: unsigned(&observed).unwrap_or_default(),
            body: any(fields.one("body")),
            attributes: pairs(fields.one("attributes")),
            ..Self::default()
        })
    }
}

fn event(value: Value) -> Event {
    let mut fields = Fields::of(value);
    let time = fields.take("timeUnixNano", "time_unix_nano");
    Event {
        name: text(fields.one("name")),
        time_unix_nano: unsigned(&time).unwrap_or_default(),
        attributes: pairs(fields.one("attributes")),
        ..Event::default()
    }
}

/// A status; a code alone stands for one.
fn status(value: Value) -> Status {
    let (code, message) = match value {
        Value::Object(members) => {
            let mut fields = Fields::of(Value::Object(members));
            (fields.one("code"), text(fields.one("message")))
        }
        code => (code, String::new()),
    };
    let of_name = |name: &str| StatusCode::from_str_name(name).map(|code| code as i32);
    Status { code: enumerated(&code, "STATUS_CODE_", of_name), message }
}

#[cfg(test)]
mod tests {
    use super::*;

    const IDS: &str = r#""traceId":"5b8aa5a2d2c872e8321cf37308d69df2","spanId":"0000000000000002""#;

    fn span(rest: &str) -> Span {
        read(&format!("{{{IDS},{rest}}}")).unwrap()
    }

    #[test]
    fn names_in_snake_case_and_unknown_fields_are_read() {
        let read: Span = read(
            r#"{"trace_id":"W4qlotLIcugyHPNzCNad8g==","span_id":"AAAAAAAAAAI","parent_span_id":"AAAAAAAAAAE=",
            "start_time_unix_nano":17,"end_time_unix_nano":"18","flags":257,"newer":{"a":1},
            "kind":"SPAN_KIND_CLIENT","status":{"code":"STATUS_CODE_ERROR","message":null}}"#,
        )
        .unwrap();
        assert_eq!((read.trace_id[0], read.span_id[7], read.parent_span_id[7]), (0x5b, 2, 1));
        assert_eq!((read.start_time_unix_nano, read.end_time_unix_nano), (17, 18));
        assert_eq!((read.kind, read.status.unwrap().code), (3, 2));
    }

    #[test]
    fn null_is_as_good_as_absent() {
        let read = span(
            r#""events":null,"parentSpanId":null,"attributes":null,"status":null,"name":null,"kind":null,"links":null"#,
        );
        assert!(read.events.is_empty() && read.parent_span_id.is_empty() && read.name.is_empty());
        let read: LogRecord =
            super::read(r#"{"traceId":null,"body":null,"eventName":null}"#).unwrap();
        assert!(read.body.is_none() && read.trace_id.is_empty());
    }

    #[test]
    fn enums_are_names_or_numbers() {
        for (given, expected) in [
            (r#""kind":3,"status":{"code":2}"#, (3, 2)),
            (r#""kind":"3","status":{"code":"2"}"#, (3, 2)),
            (r#""kind":"client","status":"ERROR""#, (3, 2)),
            (r#""kind":"no such","status":{"code":[]}"#, (0, 0)),
        ] {
            let read = span(given);
            assert_eq!((read.kind, read.status.unwrap().code), expected, "{given}");
        }
    }

    #[test]
    fn one_attribute_spoils_only_itself() {
        let deep = "[".repeat(1_000) + &"]".repeat(1_000);
        let read = span(&format!(
            r#""attributes":[7,{{"key":"a","value":{{"stringValue":"\ud83d cut"}}}},
            {{"key":"deep","value":{{"stringValue":{deep}}}}},{{"value":{{"intValue":1}}}},
            {{"key":"b","value":{{"intValue":"1"}},"more":0}}]"#
        ));
        let keys: Vec<&str> = read.attributes.iter().map(|pair| pair.key.as_str()).collect();
        assert_eq!(keys, ["a", "deep", "b"]);
        assert!(format!("{:?}", read.attributes[0]).contains("\u{fffd} cut"));
        let one = span(r#""events":{"name":"e"}"#);
        assert_eq!(one.events.len(), 1);
        assert!(span(r#""events":"none""#).events.is_empty());
        let object = span(r#""attributes":{"a":"x","b":{"intValue":2}}"#);
        assert_eq!(object.attributes.len(), 2);
        assert!(span(r#""attributes":"none""#).attributes.is_empty());
    }

    #[test]
    fn integers_beyond_64_bits_keep_their_digits() {
        for digits in ["18446744073709551616", "-9223372036854775809", "18446744073709551615"] {
            let read =
                span(&format!(r#""attributes":{{"a":{digits},"b":{{"intValue":{digits}}}}}"#));
            let text = |at: usize| format!("{:?}", read.attributes[at].value);
            let expected = format!("StringValue({digits:?})");
            assert!(text(0).contains(&expected) && text(1).contains(&expected), "{}", text(0));
        }
    }

    #[test]
    fn a_start_that_is_no_time_is_named() {
        let error = read::<Span>(r#"{"startTimeUnixNano":"soon"}"#).unwrap_err();
        assert_eq!(error, "startTimeUnixNano \"soon\" is no time in nanoseconds");
        assert!(read::<Span>("null").is_err());
    }
}
