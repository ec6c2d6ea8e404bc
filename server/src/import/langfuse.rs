//! Traces and observations of Langfuse, as its API and its exports write them.
//!
//! A generation becomes a run; other observations are steps around it. A trace
//! without observations becomes a run of its own input and output. What they
//! mean is the same as when they come as spans, so the same tables read them.

use model::{IncomingRun, Source, Timestamp};
use otlp::{ForeignSpan, run_of_foreign};
use serde_json::{Map, Value};

use super::known::{Fields, unpacked};
use super::{Converted, Hints};

/// What a trace says about its observations.
#[derive(Clone, Default)]
struct Trace {
    id: String,
    attributes: Map<String, Value>,
}

/// Our names for what stands on traces: field, other spelling, attribute.
const OF_TRACE: [(&str, &str, &str); 5] = [
    ("sessionId", "session_id", "langfuse.session.id"),
    ("userId", "user_id", "langfuse.user.id"),
    ("environment", "environment", "langfuse.environment"),
    ("release", "release", "langfuse.release"),
    ("tags", "tags", "langfuse.trace.tags"),
];

/// Our names for what stands on observations.
const OF_OBSERVATION: [(&str, &str, &str); 12] = [
    ("model", "provided_model_name", "langfuse.observation.model.name"),
    ("modelParameters", "model_parameters", "langfuse.observation.model.parameters"),
    ("input", "input", "langfuse.observation.input"),
    ("output", "output", "langfuse.observation.output"),
    ("metadata", "metadata", "langfuse.observation.metadata"),
    ("level", "level", "langfuse.observation.level"),
    ("statusMessage", "status_message", "langfuse.observation.status_message"),
    ("promptName", "prompt_name", "langfuse.observation.prompt.name"),
    ("promptVersion", "prompt_version", "langfuse.observation.prompt.version"),
    ("version", "version", "langfuse.version"),
    ("environment", "environment", "langfuse.environment"),
    ("completionStartTime", "completion_start_time", "langfuse.observation.completion_start_time"),
];

/// Facts of the other tool, or repeated under another name.
const IGNORED: [&str; 38] = [
    "projectId",
    "project_id",
    "createdAt",
    "created_at",
    "updatedAt",
    "updated_at",
    "latency",
    "timeToFirstToken",
    "time_to_first_token",
    "modelId",
    "model_id",
    "internal_model_id",
    "inputPrice",
    "outputPrice",
    "totalPrice",
    "calculatedInputCost",
    "calculatedOutputCost",
    "promptTokens",
    "completionTokens",
    "totalTokens",
    "unit",
    "promptId",
    "prompt_id",
    "usagePricingTierId",
    "usagePricingTierName",
    "bookmarked",
    "public",
    "htmlPath",
    "externalId",
    "event_ts",
    "is_deleted",
    "total_cost",
    "inputUsage",
    "outputUsage",
    "totalUsage",
    "inputCost",
    "outputCost",
    "totalCost",
];

pub(super) fn convert(text: &str, hints: &Hints) -> Result<Converted, String> {
    let mut fields = Fields::read(text)?;
    let is_observation =
        fields.peek("traceId") || fields.peek("trace_id") || fields.peek("startTime");
    if is_observation {
        let mut converted = Converted::default();
        observation(fields, &Trace::default(), hints, &mut converted)?;
        return Ok(converted);
    }
    let observations = fields.take(&["observations"]);
    let mut converted = Converted::default();
    let list: Vec<model::Json> = match &observations {
        Some(list) => serde_json::from_str(list.as_str())
            .map_err(|error| format!("`observations`: {error}"))?,
        None => Vec::new(),
    };
    let (trace, alone) = trace(fields, &mut converted)?;
    for item in &list {
        if item.as_str().starts_with('{') {
            observation(Fields::read(item.as_str())?, &trace, hints, &mut converted)?;
        }
    }
    if converted.runs.is_empty() {
        if list.iter().any(|item| item.as_str().starts_with('"')) {
            let note = "the trace only names its observations; import those".to_owned();
            return Ok(Converted { skipped: Some(note), ..converted });
        }
        converted.skipped = None;
        converted.runs.push(run(alone, &trace, hints));
    }
    Ok(converted)
}

/// What the observations of a trace have in common, and the trace as a span of its own.
fn trace(mut fields: Fields, converted: &mut Converted) -> Result<(Trace, ForeignSpan), String> {
    let id = fields.text(&["id"]).ok_or("`id` is missing")?;
    let at = fields.time(&["timestamp", "createdAt"]).ok_or("`timestamp` is missing")?;
    let name = fields.text(&["name"]);
    let latency = fields.number(&["latency"]).unwrap_or_default();
    let mut attributes = Map::new();
    for (field, other, attribute) in OF_TRACE {
        insert(&mut attributes, attribute, fields.take(&[field, other]));
    }
    if let Some(name) = &name {
        attributes.insert("langfuse.trace.name".to_owned(), name.as_str().into());
    }
    insert(&mut attributes, "langfuse.trace.metadata", fields.take(&["metadata"]));
    let mut own = attributes.clone();
    own.insert("langfuse.observation.type".to_owned(), "generation".into());
    insert(&mut own, "langfuse.observation.input", fields.take(&["input"]));
    insert(&mut own, "langfuse.observation.output", fields.take(&["output"]));
    insert(&mut own, "langfuse.version", fields.take(&["version"]));
    fields.ignore(&IGNORED);
    fields.ignore(&["scores"]);
    converted.unmapped.extend(fields.left());
    let end = Timestamp(at.0.saturating_add((latency * 1e6) as i64));
    let span = ForeignSpan {
        trace: id.clone(),
        span: id.clone(),
        name: name.unwrap_or_default(),
        start: at,
        end: Some(end).filter(|_| latency > 0.0),
        attributes: own,
    };
    Ok((Trace { id, attributes }, span))
}

fn observation(
    mut fields: Fields,
    trace: &Trace,
    hints: &Hints,
    converted: &mut Converted,
) -> Result<(), String> {
    let kind = fields.text(&["type"]).unwrap_or_else(|| "GENERATION".to_owned());
    if !kind.eq_ignore_ascii_case("generation") {
        converted.skipped = Some(format!("observations of type {kind} are no calls of a model"));
        return Ok(());
    }
    let id = fields.text(&["id"]).ok_or("`id` of an observation is missing")?;
    let start = fields
        .time(&["startTime", "start_time"])
        .ok_or("`startTime` of an observation is missing")?;
    let end = fields.time(&["endTime", "end_time"]);
    let name = fields.text(&["name"]).unwrap_or_default();
    let trace_id = fields.text(&["traceId", "trace_id"]).unwrap_or_else(|| trace.id.clone());
    let trace_name = fields.text(&["traceName", "trace_name"]);
    let mut attributes = trace.attributes.clone();
    if let Some(trace_name) = trace_name.filter(|_| trace.id.is_empty()) {
        attributes.insert("langfuse.trace.name".to_owned(), trace_name.into());
    }
    attributes.insert("langfuse.observation.type".to_owned(), "generation".into());
    for (field, other, attribute) in OF_OBSERVATION {
        insert(&mut attributes, attribute, fields.take(&[field, other]));
    }
    for (field, other, attribute) in OF_TRACE {
        insert(&mut attributes, attribute, fields.take(&[field, other]));
    }
    let usage = fields.take(&["usageDetails", "usage_details", "usage"]).map(plain_usage);
    insert(&mut attributes, "langfuse.observation.usage_details", usage);
    let cost = fields.take(&["costDetails", "cost_details"]);
    let total = fields.number(&["calculatedTotalCost", "totalCost", "total_cost"]);
    let cost = cost.or_else(|| total.map(|total| (&serde_json::json!({ "total": total })).into()));
    insert(&mut attributes, "langfuse.observation.cost_details", cost);
    fields.ignore(&["parentObservationId", "parent_observation_id"]);
    fields.ignore(&IGNORED);
    converted.unmapped.extend(fields.left());
    let span = ForeignSpan { trace: trace_id, span: id, name, start, end, attributes };
    converted.runs.push(run(span, trace, hints));
    Ok(())
}

fn run(span: ForeignSpan, trace: &Trace, hints: &Hints) -> IncomingRun {
    let has_agent = span.attributes.contains_key("langfuse.trace.name")
        || trace.attributes.contains_key("langfuse.trace.name");
    let mut run = run_of_foreign(span);
    if !has_agent {
        run.agent = Some(hints.agent.clone());
    }
    run.source = Some(Source::Import);
    run
}

/// Older exports say in which unit they count, which is no count; objects and lists
/// are details in a provider's form.
fn plain_usage(usage: model::Json) -> model::Json {
    let mut value = unpacked(usage).to_value();
    if let Some(object) = value.as_object_mut() {
        object.retain(|key, value| {
            let number = value.as_str().and_then(|text| text.parse().ok()).or(value.as_f64());
            let is_count = number.is_some() || value.is_object() || value.is_array();
            is_count && !key.ends_with("Cost") && key != "total"
        });
    }
    model::Json::from(&value)
}

fn insert(attributes: &mut Map<String, Value>, name: &str, value: Option<model::Json>) {
    let Some(value) = value else { return };
    // A list or object stays the text that it is, byte for byte.
    let text = value.as_str();
    let value = if text.starts_with(['{', '[']) { Value::from(text) } else { value.to_value() };
    attributes.entry(name.to_owned()).or_insert(value);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usage_keeps_its_counts_and_details() {
        let usage = r#"{"unit":"TOKENS","input":"5","inputCost":0.1,"total":7,
            "input_tokens_details":{"cached_tokens":3},"prompt_tokens_details":[{"tokenCount":1}]}"#;
        let kept = plain_usage(model::Json::from_text(usage).unwrap()).to_value();
        let expected = serde_json::json!({"input": "5",
            "input_tokens_details": {"cached_tokens": 3}, "prompt_tokens_details": [{"tokenCount": 1}]});
        assert_eq!(kept, expected);
    }
}
