//! What a span or log record is to Runs.

use serde_json::Value;

use crate::item::{Attributes, LogRecord};
use crate::message;

/// What a span is to Runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SpanKind {
    /// A call of a model: a run.
    Model,
    /// A call of a tool: belongs to a run.
    Tool,
    /// An agent, workflow or step around runs: gives them names.
    Agent,
    /// A call for embeddings, which no one reads.
    Embeddings,
    /// Anything else.
    Other,
}

/// What a log record is to Runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RecordKind {
    /// Content of a model's call.
    Content,
    /// Anything else.
    Other,
}

struct KindRule {
    key: &'static str,
    /// In lower case; empty for any value.
    values: &'static [&'static str],
    kind: SpanKind,
}

const fn rule(key: &'static str, values: &'static [&'static str], kind: SpanKind) -> KindRule {
    KindRule { key, values, kind }
}

/// The first rule that fits decides. The outer spans of Vercel's SDK repeat
/// the model's attributes, so their own word comes first.
const RULES: [KindRule; 24] = [
    rule("langfuse.observation.type", &["generation"], SpanKind::Model),
    rule("langfuse.observation.type", &["tool"], SpanKind::Tool),
    rule("langfuse.observation.type", &["embedding"], SpanKind::Embeddings),
    rule("langfuse.observation.type", &["agent", "chain"], SpanKind::Agent),
    rule(
        "ai.operationId",
        &[
            "ai.generatetext.dogenerate",
            "ai.streamtext.dostream",
            "ai.generateobject.dogenerate",
            "ai.streamobject.dostream",
        ],
        SpanKind::Model,
    ),
    rule("ai.operationId", &["ai.toolcall"], SpanKind::Tool),
    rule(
        "ai.operationId",
        &["ai.embed", "ai.embedmany", "ai.embed.doembed", "ai.embedmany.doembed"],
        SpanKind::Embeddings,
    ),
    rule("ai.operationId", &[], SpanKind::Agent),
    rule(
        "gen_ai.operation.name",
        &["chat", "generate_content", "text_completion", "completion"],
        SpanKind::Model,
    ),
    rule("gen_ai.operation.name", &["execute_tool"], SpanKind::Tool),
    rule("gen_ai.operation.name", &["embeddings", "embedding"], SpanKind::Embeddings),
    rule(
        "gen_ai.operation.name",
        &["invoke_agent", "create_agent", "invoke_workflow"],
        SpanKind::Agent,
    ),
    rule("gen_ai.operation.name", &["retrieval", "rerank"], SpanKind::Other),
    rule("openinference.span.kind", &["llm"], SpanKind::Model),
    rule("openinference.span.kind", &["tool"], SpanKind::Tool),
    rule("openinference.span.kind", &["embedding"], SpanKind::Embeddings),
    rule("openinference.span.kind", &["agent", "chain"], SpanKind::Agent),
    rule("openinference.span.kind", &[], SpanKind::Other),
    rule("llm.request.type", &["chat", "completion"], SpanKind::Model),
    rule("llm.request.type", &["embedding"], SpanKind::Embeddings),
    rule("llm.request.type", &[], SpanKind::Other),
    rule("traceloop.span.kind", &["tool"], SpanKind::Tool),
    rule("traceloop.span.kind", &["workflow", "task", "agent"], SpanKind::Agent),
    // No word for the operation, or one that is not known yet.
    rule("gen_ai.request.model", &[], SpanKind::Model),
];

pub(crate) fn kind_of_span(attributes: &Attributes) -> SpanKind {
    let fits = |rule: &&KindRule| {
        let Some(Value::String(word)) = attributes.get(rule.key) else { return false };
        rule.values.is_empty() || rule.values.iter().any(|value| word.eq_ignore_ascii_case(value))
    };
    RULES.iter().find(fits).map_or(SpanKind::Other, |rule| rule.kind)
}

pub(crate) fn kind_of_record(record: &LogRecord) -> RecordKind {
    if message::role_of_event(&record.event.name).is_some() {
        RecordKind::Content
    } else {
        RecordKind::Other
    }
}

impl SpanKind {
    /// Every kind.
    pub const ALL: [Self; 5] =
        [Self::Model, Self::Tool, Self::Agent, Self::Embeddings, Self::Other];

    /// The word in metrics.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Model => "model",
            Self::Tool => "tool",
            Self::Agent => "agent",
            Self::Embeddings => "embeddings",
            Self::Other => "other",
        }
    }
}

impl RecordKind {
    /// The word in metrics.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Content => "content",
            Self::Other => "other",
        }
    }
}
