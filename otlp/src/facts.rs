//! What a span says beside its content: who ran, where, for how long.

use std::collections::HashMap;

use model::run::Metadata;
use model::{AgentSlug, Json, Micros, RunId, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::item::{LogRecord, Names, Span, SpanKey, run_id, service, timestamp};
use crate::table::{self, Field, Reader};

/// What a span has from the spans above it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Inherited {
    pub(crate) agent: Option<String>,
    pub(crate) workflow: Option<String>,
    pub(crate) conversation: Option<String>,
    pub(crate) parent_run: Option<RunId>,
}

/// The agent of spans that name none, not even their service.
const NO_AGENT: &str = "default";
/// What SDKs call a service without a name.
const UNNAMED_SERVICE: &str = "unknown_service";
/// Traces are not this deep; a ring of parents would have no end.
const MAX_DEPTH: usize = 100;
/// Labels of a run that come from its resource.
const MAX_RESOURCE_LABELS: usize = 64;
/// Labels of a run that come from its span.
const MAX_OWN_LABELS: usize = 128;
const MAX_LABEL_VALUE_CHARS: usize = 1_024;
/// Says how the span was sent, not what ran.
const EXPORTER: &str = "telemetry.";
/// Events at the first part of an answer.
const FIRST_TOKEN_EVENTS: [&str; 3] =
    ["First Token Stream Event", "llm.content.completion.chunk", "gen_ai.content.completion.chunk"];

/// Other words for providers, as lists of prices and other doors name them.
const PROVIDERS: [(&str, &str); 12] = [
    ("azure.ai.openai", "azure"),
    ("az.ai.openai", "azure"),
    ("azure.ai.inference", "azure"),
    ("az.ai.inference", "azure"),
    ("gcp.gemini", "google"),
    ("gcp.gen_ai", "google"),
    ("gcp.vertex_ai", "google"),
    ("vertex_ai", "google"),
    ("aws.bedrock", "aws-bedrock"),
    ("mistral_ai", "mistral"),
    ("mistralai", "mistral"),
    ("x_ai", "xai"),
];

impl Inherited {
    /// From the spans above, nearest first, as far as they are known.
    pub(crate) fn of(key: &SpanKey, parent: Option<&str>, names: &HashMap<SpanKey, Names>) -> Self {
        let mut found = Self::default();
        for id in ancestors(key, parent, names) {
            let above = SpanKey { trace: key.trace.clone(), span: id };
            let Some(above_names) = names.get(&above) else { break };
            found.agent = found.agent.take().or_else(|| above_names.agent.clone());
            found.workflow = found.workflow.take().or_else(|| above_names.workflow.clone());
            found.conversation =
                found.conversation.take().or_else(|| above_names.conversation.clone());
            if found.parent_run.is_none() && above_names.is_model {
                found.parent_run = Some(run_id(&above, above_names.start));
            }
        }
        found
    }
}

/// The ids of the spans above, nearest first.
pub(crate) fn ancestors(
    key: &SpanKey,
    parent: Option<&str>,
    names: &HashMap<SpanKey, Names>,
) -> Vec<String> {
    let mut ids = Vec::new();
    let mut next = parent.map(str::to_owned);
    while let Some(id) = next.take().filter(|_| ids.len() < MAX_DEPTH) {
        let above = SpanKey { trace: key.trace.clone(), span: id };
        next = names.get(&above).and_then(|names| names.parent.clone());
        ids.push(above.span);
    }
    ids
}

/// The agent: by its own name, else the workflow's, else the service's.
pub(crate) fn agent(span: &Span, read: Reader<'_>, inherited: &Inherited) -> String {
    let resource = Reader::of(&span.resource);
    let candidates = [
        read.text(Field::Agent),
        inherited.agent.clone(),
        resource.text(Field::Agent),
        read.text(Field::Workflow),
        inherited.workflow.clone(),
        named_service(&service(&span.resource)),
    ];
    let mut usable = candidates.into_iter().flatten().filter(|name| AgentSlug::new(name).is_ok());
    usable.next().unwrap_or_else(|| NO_AGENT.to_owned())
}

/// The agent of a log record, as far as it says so itself.
pub(crate) fn agent_of_record(record: &LogRecord) -> Option<AgentSlug> {
    let (own, resource) = (Reader::of(&record.event.attributes), Reader::of(&record.resource));
    let candidates = [
        own.text(Field::Agent),
        resource.text(Field::Agent),
        own.text(Field::Workflow),
        named_service(&service(&record.resource)),
    ];
    candidates.into_iter().flatten().find_map(|name| AgentSlug::new(&name).ok())
}

/// The agent that a service is when nobody else names one.
pub(crate) fn agent_of_service(service: &str) -> Option<AgentSlug> {
    AgentSlug::new(&named_service(service)?).ok()
}

fn named_service(name: &str) -> Option<String> {
    Some(name.to_owned()).filter(|name| !name.is_empty() && !name.starts_with(UNNAMED_SERVICE))
}

/// The provider in the word that prices are listed under.
pub(crate) fn provider(read: Reader<'_>) -> Option<String> {
    let name = read.text(Field::Provider)?.to_lowercase();
    if let Some((_, known)) = PROVIDERS.iter().find(|(word, _)| *word == name) {
        return Some((*known).to_owned());
    }
    // Vercel adds which of the provider's interfaces it was: openai.chat.
    let maker = name.split_once('.').map_or(name.as_str(), |(maker, _)| maker);
    Some(maker.to_owned()).filter(|maker| !maker.is_empty())
}

pub(crate) fn environment(span: &Span, read: Reader<'_>) -> Option<String> {
    read.text(Field::Environment).or_else(|| Reader::of(&span.resource).text(Field::Environment))
}

pub(crate) fn latency(span: &Span) -> Option<Micros> {
    let known = span.start > 0 && span.end > 0;
    span.end.checked_sub(span.start).filter(|_| known).map(|nanos| Micros(nanos / 1_000))
}

pub(crate) fn time_to_first_token(span: &Span, read: Reader<'_>) -> Option<Micros> {
    let since_start =
        |at: Timestamp| u64::try_from(at.0 - timestamp(span.start).0).ok().map(Micros);
    let measured = read.number(Field::FirstChunkSeconds).map(|seconds| seconds * 1e3);
    let measured = measured.or_else(|| read.number(Field::FirstChunkMillis));
    let noted = || {
        let text = read.text(Field::FirstChunkAt)?;
        since_start(text.trim_matches('"').parse().ok()?)
    };
    let seen = || {
        let is_first = |name: &str| FIRST_TOKEN_EVENTS.contains(&name);
        let event = span.events.iter().find(|event| is_first(&event.name) && event.at > 0)?;
        since_start(timestamp(event.at))
    };
    measured.and_then(Micros::from_millis).or_else(noted).or_else(seen)
}

/// Labels of the span first, then those of its resource, both within bounds.
pub(crate) fn metadata(span: &Span, read: Reader<'_>) -> Metadata {
    let mut metadata = Metadata::new();
    let mut add = |key: &str, value: Json, limit: usize| {
        let is_usable = !key.is_empty() && key.chars().count() <= model::limits::MAX_LABEL_CHARS;
        if is_usable && metadata.len() < limit {
            metadata.entry(key.to_owned()).or_insert_with(|| clipped(value));
        }
    };
    if let Some(user) = read.value(Field::User) {
        add("user_id", Json::from(user), MAX_OWN_LABELS);
    }
    for (name, value) in read.labels() {
        add(name, table::json(value), MAX_OWN_LABELS);
    }
    for labels in read.values(Field::Labels) {
        if let Value::Object(labels) = table::json(labels).to_value() {
            for (name, value) in labels {
                add(&name, Json::from(&value), MAX_OWN_LABELS);
            }
        }
    }
    let limit = MAX_OWN_LABELS + MAX_RESOURCE_LABELS;
    for (name, value) in span.resource.iter().filter(|(name, _)| !name.starts_with(EXPORTER)) {
        add(name, Json::from(value), limit);
    }
    metadata
}

fn clipped(value: Json) -> Json {
    let text = value.to_value().as_str().map_or_else(|| value.as_str().to_owned(), str::to_owned);
    if text.chars().count() <= MAX_LABEL_VALUE_CHARS {
        return value;
    }
    let short: String = text.chars().take(MAX_LABEL_VALUE_CHARS).collect();
    Json::string(&format!("{short}…"))
}
