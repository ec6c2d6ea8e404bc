//! What a sender is answered.

use serde_json::{Map, Value, json};

use crate::{Encoding, Rejections};

/// What was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// Spans.
    Traces,
    /// Log records.
    Logs,
}

/// `google.rpc.Status`, which is every error's body.
#[derive(Clone, PartialEq, prost::Message)]
struct Status {
    #[prost(int32, tag = "1")]
    code: i32,
    #[prost(string, tag = "2")]
    message: String,
}

/// The partial success of both signals, which differ in names alone.
#[derive(Clone, PartialEq, prost::Message)]
struct PartialSuccess {
    #[prost(int64, tag = "1")]
    rejected: i64,
    #[prost(string, tag = "2")]
    error_message: String,
}

#[derive(Clone, PartialEq, prost::Message)]
struct Response {
    #[prost(message, optional, tag = "1")]
    partial_success: Option<PartialSuccess>,
}

/// The body of an answer to a request that was taken, with what was refused of it.
#[must_use]
pub fn success_body(encoding: Encoding, signal: Signal, rejected: &Rejections) -> Vec<u8> {
    let is_partial = rejected.count > 0;
    let count = i64::try_from(rejected.count).unwrap_or(i64::MAX);
    match encoding {
        Encoding::Protobuf => {
            let partial = PartialSuccess { rejected: count, error_message: rejected.message() };
            let response = Response { partial_success: is_partial.then_some(partial) };
            prost::Message::encode_to_vec(&response)
        }
        Encoding::Json => {
            let name = match signal {
                Signal::Traces => "rejectedSpans",
                Signal::Logs => "rejectedLogRecords",
            };
            let mut response = Map::new();
            if is_partial {
                // 64-bit integers are texts in protobuf's JSON.
                let partial =
                    json!({ name: count.to_string(), "errorMessage": rejected.message() });
                response.insert("partialSuccess".to_owned(), partial);
            }
            Value::Object(response).to_string().into_bytes()
        }
    }
}

/// The body of a refusal; `code` is gRPC's number for it.
#[must_use]
pub fn error_body(encoding: Encoding, code: i32, message: &str) -> Vec<u8> {
    match encoding {
        Encoding::Protobuf => {
            prost::Message::encode_to_vec(&Status { code, message: message.to_owned() })
        }
        Encoding::Json => json!({ "code": code, "message": message }).to_string().into_bytes(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_success_is_empty() {
        let none = Rejections::default();
        assert!(success_body(Encoding::Protobuf, Signal::Traces, &none).is_empty());
        assert_eq!(success_body(Encoding::Json, Signal::Logs, &none), b"{}");
    }

    #[test]
    fn a_partial_success_counts_and_explains() {
        let mut some = Rejections::default();
        some.add("why");
        some.add("why");
        let json = success_body(Encoding::Json, Signal::Traces, &some);
        let expected = r#"{"partialSuccess":{"errorMessage":"why","rejectedSpans":"2"}}"#;
        assert_eq!(String::from_utf8(json).unwrap(), expected);
        let bytes = success_body(Encoding::Protobuf, Signal::Traces, &some);
        assert_eq!(bytes, [10, 7, 8, 2, 18, 3, b'w', b'h', b'y']);
    }
}
