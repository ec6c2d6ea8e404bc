//! Why a span failed.

use model::{Json, RunError};
use serde_json::{Map, Value};

use crate::item::Span;
use crate::table::{Field, Reader};

/// The word for an error that has none.
const UNNAMED: &str = "error";
const MAX_CODE_CHARS: usize = 200;

/// The error of a span, if it failed.
pub(crate) fn of_span(span: &Span, read: &Reader<'_>) -> Option<RunError> {
    let code = read.text(Field::ErrorType);
    let is_failure = span.failed
        || code.is_some()
        || read.attributes().get("langfuse.observation.level").and_then(Value::as_str)
            == Some("ERROR");
    if !is_failure {
        return None;
    }
    let exception = span.events.iter().rev().find(|event| event.name == "exception");
    let of_exception = |name: &str| {
        exception.and_then(|event| event.attributes.get(name)?.as_str()).map(str::to_owned)
    };
    let message = [
        read.text(Field::ErrorMessage),
        Some(span.status_message.clone()).filter(|message| !message.is_empty()),
        of_exception("exception.message"),
    ];
    let code = code.or_else(|| of_exception("exception.type"));
    let details: Map<String, Value> = exception
        .into_iter()
        .flat_map(|event| &event.attributes)
        .filter_map(|(key, value)| {
            Some((key.strip_prefix("exception.")?.to_owned(), value.clone()))
        })
        .collect();
    Some(RunError {
        code: code.map_or(UNNAMED.to_owned(), |code| code.chars().take(MAX_CODE_CHARS).collect()),
        message: message.into_iter().flatten().next().unwrap_or_default(),
        details: (!details.is_empty()).then(|| Json::from(&Value::Object(details))),
    })
}
