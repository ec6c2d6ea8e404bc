//! The way from a request's bytes to spans and log records.

use std::collections::HashMap;

use crate::item::{LogRecord, ModelSpan, Names, Span, SpanKey, ToolSpan};
use crate::kind::{RecordKind, SpanKind, kind_of_record, kind_of_span};

mod item;
mod json;
mod mend;
mod protobuf;
mod value;

use item::Raw;

/// How a request is written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// `application/x-protobuf`.
    Protobuf,
    /// `application/json`, with ids in hexadecimal digits or base64.
    Json,
}

/// Why a whole request is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// The bytes are not what the content type says.
    #[error("the body is no OTLP request: {0}")]
    Malformed(String),
    /// More items than one request may hold.
    #[error("a request may have at most {limit} {what}; nothing of it was stored")]
    TooMany {
        /// What there is too much of.
        what: &'static str,
        /// How many there may be.
        limit: usize,
    },
}

/// Items that were refused, with the first reasons.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rejections {
    /// How many.
    pub count: usize,
    /// Why, for the first few.
    pub reasons: Vec<String>,
}

/// The spans of a request, sorted by what they are to Runs.
#[derive(Debug, Default)]
pub struct Traces {
    /// Calls of a model: each becomes a run.
    pub models: Vec<ModelSpan>,
    /// Calls of a tool.
    pub tools: Vec<ToolSpan>,
    /// Names and parents of all spans with ids.
    pub names: HashMap<SpanKey, Names>,
    /// How many there are of each kind.
    pub counts: HashMap<SpanKind, usize>,
    /// What was refused.
    pub rejected: Rejections,
}

/// The log records of a request that hold content of a model's call.
#[derive(Debug, Default)]
pub struct Logs {
    /// The records.
    pub records: Vec<LogRecord>,
    /// How many there are of each kind.
    pub counts: HashMap<RecordKind, usize>,
    /// What was refused.
    pub rejected: Rejections,
}

/// Most spans or log records in one request, whatever they are.
const MAX_ITEMS: usize = 100_000;
const MAX_REASONS: usize = 5;

impl Rejections {
    /// Notes one more.
    pub fn add(&mut self, reason: impl Into<String>) {
        self.count += 1;
        if self.reasons.len() < MAX_REASONS {
            let reason = reason.into();
            if !self.reasons.contains(&reason) {
                self.reasons.push(reason);
            }
        }
    }

    /// Adds others.
    pub fn extend(&mut self, others: Self) {
        self.count += others.count;
        let room = MAX_REASONS.saturating_sub(self.reasons.len());
        self.reasons.extend(others.reasons.into_iter().take(room));
    }

    /// One sentence for all.
    #[must_use]
    pub fn message(&self) -> String {
        self.reasons.join("; ")
    }
}

/// Reads an `ExportTraceServiceRequest`.
///
/// # Errors
/// When the bytes cannot be read as one, or hold more than may be in one request.
pub fn decode_traces(encoding: Encoding, bytes: &[u8]) -> Result<Traces, DecodeError> {
    let mut traces = Traces::default();
    let mut seen = 0;
    walk(encoding, bytes, &json::TRACES, &mut |origin, raw| {
        seen += 1;
        bounded(seen, MAX_ITEMS, "spans")?;
        match raw.span(origin) {
            Ok(span) => traces.add(span, raw.len()),
            Err(reason) => traces.rejected.add(reason),
        }
        bounded(traces.models.len(), model::limits::MAX_REQUEST_RUNS, "runs")
    })?;
    Ok(traces)
}

/// Reads an `ExportLogsServiceRequest`.
///
/// # Errors
/// When the bytes cannot be read as one, or hold more than may be in one request.
pub fn decode_logs(encoding: Encoding, bytes: &[u8]) -> Result<Logs, DecodeError> {
    let mut logs = Logs::default();
    let mut seen = 0;
    walk(encoding, bytes, &json::LOGS, &mut |origin, raw| {
        seen += 1;
        bounded(seen, MAX_ITEMS, "log records")?;
        match raw.record(origin) {
            Ok(record) => logs.add(record),
            Err(reason) => logs.rejected.add(reason),
        }
        Ok(())
    })?;
    Ok(logs)
}

type Visit<'a> = dyn FnMut(&item::Origin, Raw<'_>) -> Result<(), DecodeError> + 'a;

fn walk(
    encoding: Encoding,
    bytes: &[u8],
    names: &json::FieldNames,
    visit: &mut Visit<'_>,
) -> Result<(), DecodeError> {
    match encoding {
        Encoding::Protobuf => protobuf::walk(bytes, visit),
        Encoding::Json => json::walk(bytes, names, visit),
    }
}

fn bounded(count: usize, limit: usize, what: &'static str) -> Result<(), DecodeError> {
    if count > limit { Err(DecodeError::TooMany { what, limit }) } else { Ok(()) }
}

impl Traces {
    fn add(&mut self, span: Span, size: usize) {
        let kind = kind_of_span(&span.attributes);
        *self.counts.entry(kind).or_default() += 1;
        self.names.insert(span.key.clone(), Names::of(&span));
        match kind {
            SpanKind::Model if size > model::limits::MAX_RUN_BYTES => self.rejected.add(format!(
                "span {} has {size} bytes; a run may have at most {}",
                span.key,
                model::limits::MAX_RUN_BYTES
            )),
            SpanKind::Model => self.models.push(ModelSpan::new(span)),
            SpanKind::Tool => self.tools.push(ToolSpan::of(&span)),
            SpanKind::Agent | SpanKind::Embeddings | SpanKind::Other => {}
        }
    }
}

impl Logs {
    fn add(&mut self, record: LogRecord) {
        let kind = kind_of_record(&record);
        *self.counts.entry(kind).or_default() += 1;
        match kind {
            RecordKind::Content if record.key.is_none() => self
                .rejected
                .add(format!("log record {} needs a trace id and a span id", record.event.name)),
            RecordKind::Content => self.records.push(record),
            RecordKind::Other => {}
        }
    }
}
