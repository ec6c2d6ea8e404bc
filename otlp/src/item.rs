//! Spans and log records, free of how they were written down.

use std::fmt;
use std::sync::Arc;

use model::{Json, RunId, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::table::{Field, Reader};

/// Attributes of anything.
pub(crate) type Attributes = Map<String, Value>;

/// What names a span: hexadecimal ids of its trace and of itself.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct SpanKey {
    /// 32 hexadecimal digits.
    pub trace: String,
    /// 16 hexadecimal digits.
    pub span: String,
}

/// The library that made a span.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Scope {
    pub(crate) name: String,
    pub(crate) version: String,
}

/// Something that happened at one moment, on a span or as a log record.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Event {
    pub(crate) name: String,
    /// Nanoseconds since 1970; 0 is unknown.
    pub(crate) at: u64,
    pub(crate) attributes: Attributes,
    /// Null on the events of spans.
    pub(crate) body: Value,
}

/// A span, whole.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Span {
    pub(crate) key: SpanKey,
    pub(crate) parent: Option<String>,
    pub(crate) name: String,
    pub(crate) kind: i32,
    /// Nanoseconds since 1970.
    pub(crate) start: u64,
    /// Nanoseconds since 1970.
    pub(crate) end: u64,
    pub(crate) attributes: Attributes,
    pub(crate) events: Vec<Event>,
    pub(crate) failed: bool,
    pub(crate) status_message: String,
    pub(crate) resource: Arc<Attributes>,
    pub(crate) scope: Arc<Scope>,
}

/// A span that is a call of a model.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ModelSpan(pub(crate) Box<Span>);

/// A log record with content of a model's call.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LogRecord {
    /// The span that it belongs to.
    pub(crate) key: Option<SpanKey>,
    pub(crate) event: Event,
    pub(crate) resource: Arc<Attributes>,
}

/// A span that is a call of a tool.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ToolSpan {
    pub(crate) key: SpanKey,
    pub(crate) parent: Option<String>,
    pub(crate) name: String,
    pub(crate) call_id: Option<String>,
    pub(crate) input: Option<Json>,
    pub(crate) output: Option<Json>,
    pub(crate) error: Option<Json>,
    pub(crate) start: u64,
    /// Which service made it, by its name.
    pub(crate) service: String,
}

/// What a span passes on to the spans below it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Names {
    pub(crate) parent: Option<String>,
    pub(crate) agent: Option<String>,
    pub(crate) workflow: Option<String>,
    pub(crate) conversation: Option<String>,
    pub(crate) start: u64,
    pub(crate) is_model: bool,
}

impl ModelSpan {
    pub(crate) fn new(span: Span) -> Self {
        Self(Box::new(span))
    }

    /// What names the span.
    #[must_use]
    pub fn key(&self) -> &SpanKey {
        &self.0.key
    }

    pub(crate) fn service(&self) -> String {
        service(&self.0.resource)
    }

    /// The id of the span's run: the same however often the span is sent.
    #[must_use]
    pub fn run_id(&self) -> RunId {
        run_id(&self.0.key, self.0.start)
    }
}

/// An id that follows from trace, span and start.
pub(crate) fn run_id(key: &SpanKey, start: u64) -> RunId {
    let hash = blake3::hash(key.to_string().as_bytes());
    let mut half = [0; 16];
    half.copy_from_slice(&hash.as_bytes()[..16]);
    RunId::mint(timestamp(start), u128::from_be_bytes(half))
}

/// Nanoseconds since 1970 in the unit of runs.
pub(crate) fn timestamp(nanos: u64) -> Timestamp {
    Timestamp(i64::try_from(nanos / 1_000).unwrap_or(i64::MAX))
}

impl Names {
    pub(crate) fn of(span: &Span) -> Self {
        let read = Reader::of(&span.attributes);
        let is_agent = crate::kind::kind_of_span(&span.attributes) == crate::SpanKind::Agent;
        let entity = is_agent.then(|| read.text(Field::AgentEntity)).flatten();
        Self {
            parent: span.parent.clone(),
            agent: read.text(Field::Agent).or(entity),
            workflow: read.text(Field::Workflow),
            conversation: read.text(Field::Conversation),
            start: span.start,
            is_model: crate::kind::kind_of_span(&span.attributes) == crate::SpanKind::Model,
        }
    }
}

impl ToolSpan {
    pub(crate) fn of(span: &Span) -> Self {
        let read = Reader::of(&span.attributes);
        Self {
            key: span.key.clone(),
            parent: span.parent.clone(),
            name: read.text(Field::ToolName).unwrap_or_else(|| span.name.clone()),
            call_id: read.text(Field::ToolCallId),
            input: read.json(Field::ToolInput),
            output: read.json(Field::ToolOutput),
            error: crate::error::of_span(span, &read).map(|error| Json::string(&error.message)),
            start: span.start,
            service: service(&span.resource),
        }
    }
}

/// The name of the service that a resource stands for; empty when it has none.
pub(crate) fn service(resource: &Attributes) -> String {
    resource.get("service.name").and_then(Value::as_str).unwrap_or_default().to_owned()
}

impl fmt::Display for SpanKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.trace, self.span)
    }
}
