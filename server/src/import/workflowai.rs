//! WorkflowAI: runs as its API gives them (`RunV1`), its domain objects, and
//! rows of its table `runs`.

use model::run::Metadata;
use model::{
    Completion, IncomingRun, Json, Micros, NanoUsd, Reasoning, RunError, RunStatus, Source,
    ToolCall, Usage, Version,
};
use serde::Deserialize;
use serde_json::Value;

use super::known::{Fields, id_or_key, unpacked};
use super::{Converted, Hints};

/// How its chats name their messages.
const CHAT_KEY: &str = "workflowai.messages";
/// The most that its column of tenths of a second can hold.
const MAX_TENTHS: f64 = 65_535.0;

/// Facts of the other system, or what follows from others.
const IGNORED: [&str; 31] = [
    "tenant_uid",
    "created_at_date",
    "updated_at",
    "version_iteration",
    "input_hash",
    "output_hash",
    "eval_hash",
    "cache_hash",
    "input_preview",
    "output_preview",
    "overhead_ms",
    "overhead_seconds",
    "provider_config_uuid",
    "author_uid",
    "url",
    "task_input_preview",
    "task_output_preview",
    "feedback_token",
    "task_input_hash",
    "task_output_hash",
    "task_uid",
    "author_tenant",
    "config_id",
    "is_external",
    "version_changed",
    "from_cache",
    "private_fields",
    "updatedAt",
    "version_id",
    "example_id",
    "labels",
];

#[derive(Deserialize)]
struct ItsVersion {
    properties: Option<Version>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ItsCall {
    id: Option<String>,
    #[serde(alias = "tool_name")]
    name: String,
    #[serde(alias = "tool_input_dict", alias = "input_preview")]
    input: Option<Json>,
    #[serde(alias = "result", alias = "output_preview")]
    output: Option<Json>,
    error: Option<Json>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ItsStep {
    #[serde(alias = "t")]
    title: Option<String>,
    #[serde(alias = "e", alias = "explanation")]
    step: Option<String>,
    #[serde(alias = "o")]
    output: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ItsCompletion {
    messages: Option<Json>,
    response: Option<Json>,
    provider: Option<String>,
    model: Option<String>,
    duration_seconds: Option<f64>,
    usage: Option<ItsUsage>,
    error: Option<Json>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ItsUsage {
    #[serde(alias = "pt")]
    prompt_token_count: Option<f64>,
    #[serde(alias = "ptcc")]
    prompt_token_count_cached: Option<f64>,
    #[serde(alias = "pc")]
    prompt_cost_usd: Option<f64>,
    #[serde(alias = "ct")]
    completion_token_count: Option<f64>,
    #[serde(alias = "cc")]
    completion_cost_usd: Option<f64>,
    #[serde(alias = "rt")]
    reasoning_token_count: Option<f64>,
}

pub(super) fn convert(text: &str, hints: &Hints) -> Result<Converted, String> {
    let mut fields = Fields::read(text)?;
    let id = fields.text(&["run_uuid", "id", "_id"]).ok_or("`id` or `run_uuid` is missing")?;
    let agent = fields.text(&["task_id"]).or_else(|| fields.text(&["task_uid"]));
    let error = fields.take(&["error", "error_payload"]).map(unpacked).map(error).transpose()?;
    let status = match fields.text(&["status"]).as_deref() {
        Some("failure") => Some(RunStatus::Failure),
        _ => None,
    };
    let version = version(&mut fields)?;
    let model = version.model.clone();
    let completions = items::<ItsCompletion>("llm_completions", fields.take(&["llm_completions"]))?;
    let source = match fields.text(&["is_active"]).as_deref() {
        Some("false" | "0") => Some(Source::Playground),
        _ => None,
    };
    let usage = Usage {
        input_tokens: positive(fields.count(&["input_token_count"])),
        output_tokens: positive(fields.count(&["output_token_count"])),
        ..Usage::default()
    };
    let mut metadata = metadata(fields.take(&["metadata"]))?;
    for review in ["user_review", "ai_review"] {
        metadata.extend(fields.take(&[review]).map(|value| (review.to_owned(), value)));
    }
    if let Some(source) = source {
        metadata.insert("workflowai_source".to_owned(), Json::string(source.as_str()));
    }
    let run = IncomingRun {
        id: Some(id_or_key("workflowai", &id)),
        agent: Some(agent.unwrap_or_else(|| hints.agent.clone())),
        schema: fields
            .count(&["task_schema_id"])
            .and_then(|n| u32::try_from(n).ok())
            .filter(|n| *n > 0),
        created_at: fields.time(&["created_at"]),
        status,
        input: fields.take(&["task_input", "input"]).map(unpacked).map(as_chat),
        output: fields.take(&["task_output", "output"]).map(unpacked),
        error,
        version: Some(version),
        completions: Some(completions.into_iter().map(|one| completion(one, &model)).collect()),
        tool_calls: Some(tool_calls(&mut fields)?),
        reasoning: Some(reasoning(&mut fields)?),
        latency: latency(&mut fields),
        cost: cost(&mut fields),
        usage: Some(usage),
        conversation_id: fields.text(&["conversation_id"]).map(|id| id_or_key("workflowai", &id)),
        metadata: Some(metadata),
        ..IncomingRun::default()
    };
    fields.ignore(&IGNORED);
    Ok(Converted { runs: vec![run], unmapped: fields.left().collect(), skipped: None })
}

/// The version that a run carries whole, or what a row keeps of it.
fn version(fields: &mut Fields) -> Result<Version, String> {
    let whole = fields.take(&["version", "group"]);
    let model = fields.text(&["version_model"]);
    let percent = fields.number(&["version_temperature_percent"]);
    if let Some(whole) = whole {
        let read: ItsVersion =
            serde_json::from_str(whole.as_str()).map_err(|error| format!("`version`: {error}"))?;
        return Ok(read.properties.unwrap_or_default());
    }
    // No temperature is also 0 there.
    let temperature = percent.filter(|percent| *percent > 0.0).map(|percent| percent / 100.0);
    Ok(Version { model, temperature, ..Version::default() })
}

fn error(json: Json) -> Result<RunError, String> {
    #[derive(Deserialize)]
    struct Its {
        #[serde(default)]
        code: Option<String>,
        #[serde(default)]
        message: Option<String>,
        #[serde(default)]
        details: Option<Json>,
    }
    let its: Its =
        serde_json::from_str(json.as_str()).map_err(|error| format!("`error`: {error}"))?;
    Ok(RunError {
        code: its.code.unwrap_or_else(|| "error".to_owned()),
        message: its.message.unwrap_or_default(),
        details: its.details,
    })
}

/// Its chats keep their messages under a name of their own, or as the input itself.
fn as_chat(input: Json) -> Json {
    let value = input.to_value();
    let is_message = |item: &Value| item.get("role").is_some() && item.get("content").is_some();
    let text = match &value {
        Value::Array(items) if !items.is_empty() && items.iter().all(is_message) => {
            Some(format!(r#"{{"messages":{}}}"#, input.as_str()))
        }
        Value::Object(object)
            if object.contains_key(CHAT_KEY) && !object.contains_key("messages") =>
        {
            // The name of a member, not a text that happens to say it.
            let quoted = format!("\"{CHAT_KEY}\"");
            let first = input.as_str().matches(&quoted).count() == 1;
            first.then(|| input.as_str().replacen(&quoted, "\"messages\"", 1))
        }
        _ => None,
    };
    text.and_then(|text| Json::from_text(&text).ok()).unwrap_or(input)
}

fn tool_calls(fields: &mut Fields) -> Result<Vec<ToolCall>, String> {
    let done = items::<ItsCall>("tool_calls", fields.take(&["tool_calls"]))?;
    let asked = items::<ItsCall>("tool_call_requests", fields.take(&["tool_call_requests"]))?;
    let calls = done.into_iter().chain(asked);
    Ok(calls
        .map(|call| ToolCall {
            id: call.id,
            name: call.name,
            input: call.input,
            output: call.output,
            error: call.error,
        })
        .collect())
}

fn reasoning(fields: &mut Fields) -> Result<Vec<Reasoning>, String> {
    let steps = items::<ItsStep>("reasoning_steps", fields.take(&["reasoning_steps"]))?;
    Ok(steps
        .into_iter()
        .map(|step| Reasoning {
            title: step.title,
            text: [step.step, step.output].into_iter().flatten().collect::<Vec<_>>().join("\n"),
        })
        .collect())
}

fn completion(its: ItsCompletion, version_model: &Option<String>) -> Completion {
    let model = its.model.or_else(|| version_model.clone());
    let count =
        |count: Option<f64>| count.filter(|n| (0.0..9e15).contains(n)).map(|n| n.round() as u64);
    let cost = its.usage.as_ref().and_then(|usage| {
        NanoUsd::from_dollars(usage.prompt_cost_usd? + usage.completion_cost_usd?)
    });
    let usage = its.usage.map(|usage| Usage {
        input_tokens: count(usage.prompt_token_count),
        cached_input_tokens: count(usage.prompt_token_count_cached),
        output_tokens: count(usage.completion_token_count),
        reasoning_tokens: count(usage.reasoning_token_count),
    });
    let request = its.messages.map(|messages| {
        let model = Json::from(&serde_json::json!(model));
        format!(r#"{{"model":{},"messages":{}}}"#, model.as_str(), messages.as_str())
    });
    Completion {
        provider: its.provider,
        model,
        request: request.and_then(|text| Json::from_text(&text).ok()),
        response: its.response,
        usage,
        cost,
        latency: its.duration_seconds.and_then(|seconds| Micros::from_millis(seconds * 1e3)),
        error: its.error.and_then(|json| error(json).ok()),
        ..Completion::default()
    }
}

fn latency(fields: &mut Fields) -> Option<Micros> {
    let seconds = fields.number(&["duration_seconds"]);
    let tenths = fields.number(&["duration_ds"]).filter(|n| (0.5..MAX_TENTHS).contains(n));
    Micros::from_millis(seconds.map(|s| s * 1e3).or(tenths.map(|ds| ds * 100.0))?)
}

/// Its column cannot tell 0 from unknown.
fn cost(fields: &mut Fields) -> Option<NanoUsd> {
    let dollars = fields.number(&["cost_usd"]);
    let millionths = fields.number(&["cost_millionth_usd"]).filter(|n| *n > 0.0);
    NanoUsd::from_dollars(dollars.or(millionths.map(|n| n / 1e6))?)
}

fn positive(count: Option<u64>) -> Option<u64> {
    count.filter(|count| *count > 0)
}

/// Its map of texts holds JSON for what was no text.
fn metadata(json: Option<Json>) -> Result<Metadata, String> {
    let Some(json) = json else { return Ok(Metadata::new()) };
    let metadata: Metadata = serde_json::from_str(unpacked(json).as_str())
        .map_err(|error| format!("`metadata`: {error}"))?;
    Ok(metadata.into_iter().map(|(key, value)| (key, unpacked(value))).collect())
}

/// The items of a list, each of which a row keeps as a text.
fn items<T: for<'de> Deserialize<'de>>(name: &str, list: Option<Json>) -> Result<Vec<T>, String> {
    let Some(list) = list else { return Ok(Vec::new()) };
    let items: Vec<Json> = serde_json::from_str(unpacked(list).as_str())
        .map_err(|error| format!("`{name}`: {error}"))?;
    let read = |item: Json| serde_json::from_str(unpacked(item).as_str());
    items.into_iter().map(|item| read(item).map_err(|error| format!("`{name}`: {error}"))).collect()
}
