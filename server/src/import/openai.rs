//! Stored chat completions of OpenAI.

use model::run::Metadata;
use model::{Completion, IncomingRun, Json, Timestamp};
use serde_json::{Map, Value, json};

use super::known::{Fields, key_of};
use super::{Converted, Hints};

/// What a stored completion repeats of its request.
const PARAMETERS: [&str; 13] = [
    "temperature",
    "top_p",
    "frequency_penalty",
    "presence_penalty",
    "max_tokens",
    "max_completion_tokens",
    "seed",
    "tools",
    "tool_choice",
    "parallel_tool_calls",
    "response_format",
    "reasoning_effort",
    "service_tier",
];
/// Keys of the metadata that name the agent.
const AGENT_KEYS: [&str; 2] = ["agent_id", "agent"];

pub(super) fn convert(text: &str, hints: &Hints) -> Result<Converted, String> {
    let mut fields = Fields::read(text)?;
    let id = fields.text(&["id"]).ok_or("`id` is missing")?;
    let created = fields.number(&["created"]).ok_or("`created` is missing")?;
    let model = fields.text(&["model"]);
    let metadata: Metadata = match fields.take(&["metadata"]) {
        Some(metadata) => serde_json::from_str(metadata.as_str())
            .map_err(|error| format!("`metadata`: {error}"))?,
        None => Metadata::new(),
    };
    let named = AGENT_KEYS.iter().find_map(|key| {
        metadata.get(*key).and_then(|name| name.to_value().as_str().map(str::to_owned))
    });

    let messages = fields.take(&["messages", "input"]).map(messages_of);
    let has_messages = messages.is_some();
    let mut request = Map::new();
    request.insert("model".to_owned(), json!(model));
    let messages = messages.unwrap_or_else(|| Value::Array(Vec::new()));
    request.insert("messages".to_owned(), messages);
    for name in PARAMETERS {
        if let Some(value) = fields.take(&[name]) {
            request.insert(name.to_owned(), value.to_value());
        }
    }
    fields.ignore(&["object", "choices", "usage", "request_id", "system_fingerprint", "store"]);
    let mut converted = Converted { unmapped: fields.left().collect(), ..Converted::default() };
    if !has_messages {
        // The API gives them by a call of their own.
        converted.unmapped.insert("messages (not in the file)".to_owned());
    }
    converted.runs.push(IncomingRun {
        id: Some(key_of("openai", &id)),
        agent: Some(named.unwrap_or_else(|| hints.agent.clone())),
        created_at: Some(Timestamp((created * 1e6) as i64)),
        completions: Some(vec![Completion {
            provider: Some("openai".to_owned()),
            request: Some(Json::from(&Value::Object(request))),
            response: Some(Json::from_text(text).map_err(|error| error.to_string())?),
            ..Completion::default()
        }]),
        metadata: Some(metadata),
        ..IncomingRun::default()
    });
    Ok(converted)
}

/// The list that the API pages through, or a list alone.
fn messages_of(json: Json) -> Value {
    let mut value = json.to_value();
    match value.get_mut("data") {
        Some(list) => list.take(),
        None => value,
    }
}
