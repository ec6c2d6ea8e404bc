//! One resource, scope, span or log record.

use std::sync::Arc;

use opentelemetry_proto::tonic::common::v1::InstrumentationScope;
use opentelemetry_proto::tonic::logs::v1::LogRecord as WireRecord;
use opentelemetry_proto::tonic::resource::v1::Resource as WireResource;
use opentelemetry_proto::tonic::trace::v1::{Span as WireSpan, span, status::StatusCode};

use super::json::FromFields;
use super::mend::{Mend, mended};
use super::{json, value};
use crate::item::{Attributes, Event, LogRecord, Scope, Span, SpanKey};

/// An item as it stands in a request.
#[derive(Clone, Copy)]
pub(super) enum Raw<'a> {
    Protobuf(&'a [u8]),
    Json(&'a str),
}

/// What all items of a group have in common.
#[derive(Default)]
pub(super) struct Origin {
    resource: Arc<Attributes>,
    scope: Arc<Scope>,
}

/// More events than this on one span is no model's call.
const MAX_EVENTS: usize = 10_000;

impl Origin {
    /// Takes what can be read of a resource; all of its items would be lost with it.
    pub(super) fn set_resource(&mut self, raw: Raw<'_>) {
        let resource: WireResource = raw.read().unwrap_or_default();
        self.resource = Arc::new(value::first_attributes(resource.attributes));
    }

    /// Takes what can be read of a scope.
    pub(super) fn set_scope(&mut self, raw: Option<Raw<'_>>) {
        let scope = raw.and_then(|raw| raw.read::<InstrumentationScope>().ok());
        let InstrumentationScope { name, version, .. } = scope.unwrap_or_default();
        self.scope = Arc::new(Scope { name, version });
    }
}

impl Raw<'_> {
    pub(super) fn len(self) -> usize {
        match self {
            Self::Protobuf(bytes) => bytes.len(),
            Self::Json(text) => text.len(),
        }
    }

    fn read<T: prost::Message + Default + FromFields + Mend>(self) -> Result<T, String> {
        match self {
            Self::Protobuf(bytes) => T::decode(bytes)
                .or_else(|_| T::decode(mended(bytes, T::SHAPE).as_slice()))
                .map_err(|error| error.to_string()),
            Self::Json(text) => json::read(text),
        }
    }

    pub(super) fn span(self, origin: &Origin) -> Result<Span, String> {
        let wire: WireSpan = self.read().map_err(|error| format!("a span: {error}"))?;
        let key = key(&wire.trace_id, &wire.span_id)
            .ok_or_else(|| format!("span {:?}: {NO_IDS}", clipped(&wire.name)))?;
        let of_span = |error: String| format!("span {key}: {error}");
        if wire.events.len() > MAX_EVENTS {
            return Err(of_span(format!("may have at most {MAX_EVENTS} events")));
        }
        let events = wire.events.into_iter().map(event).collect::<Result<_, _>>();
        let status = wire.status.unwrap_or_default();
        Ok(Span {
            parent: (wire.parent_span_id.len() == 8).then(|| hex(&wire.parent_span_id)),
            name: wire.name,
            kind: wire.kind,
            start: wire.start_time_unix_nano,
            end: wire.end_time_unix_nano,
            attributes: value::attributes(wire.attributes).map_err(of_span)?,
            events: events.map_err(of_span)?,
            failed: status.code == StatusCode::Error as i32,
            status_message: status.message,
            resource: Arc::clone(&origin.resource),
            scope: Arc::clone(&origin.scope),
            key,
        })
    }

    pub(super) fn record(self, origin: &Origin) -> Result<LogRecord, String> {
        let wire: WireRecord = self.read().map_err(|error| format!("a log record: {error}"))?;
        let attributes = value::attributes(wire.attributes)?;
        let named = attributes.get("event.name").and_then(|name| name.as_str());
        let name = match wire.event_name.as_str() {
            "" => named.unwrap_or_default().to_owned(),
            name => name.to_owned(),
        };
        let body = wire.body.map(value::value).transpose()?.unwrap_or_default();
        let at = match wire.time_unix_nano {
            0 => wire.observed_time_unix_nano,
            at => at,
        };
        Ok(LogRecord {
            key: key(&wire.trace_id, &wire.span_id),
            event: Event { name, at, attributes, body },
            resource: Arc::clone(&origin.resource),
        })
    }
}

const NO_IDS: &str = "needs a trace id of 16 bytes and a span id of 8, not all zero";

fn event(wire: span::Event) -> Result<Event, String> {
    Ok(Event {
        name: wire.name,
        at: wire.time_unix_nano,
        attributes: value::attributes(wire.attributes)?,
        body: serde_json::Value::Null,
    })
}

fn key(trace: &[u8], span: &[u8]) -> Option<SpanKey> {
    let is_id = |bytes: &[u8], len: usize| bytes.len() == len && bytes.iter().any(|b| *b != 0);
    let valid = is_id(trace, 16) && is_id(span, 8);
    valid.then(|| SpanKey { trace: hex(trace), span: hex(span) })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn clipped(name: &str) -> String {
    name.chars().take(60).collect()
}
