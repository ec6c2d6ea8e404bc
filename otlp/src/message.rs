//! Events and log records that carry messages.

use model::Json;
use serde_json::{Map, Value};

use crate::item::{Attributes, Event};
use crate::table;

/// What an event carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EventRole {
    /// A message of this role that went to the model.
    Message(&'static str),
    /// An answer of the model.
    Choice,
    /// All of a call, under the same names as on a span.
    Details,
    /// The prompt in one attribute.
    Prompt,
    /// The answer in one attribute.
    Completion,
}

const EVENTS: [(&str, EventRole); 10] = [
    ("gen_ai.client.inference.operation.details", EventRole::Details),
    ("gen_ai.system.message", EventRole::Message("system")),
    ("gen_ai.developer.message", EventRole::Message("developer")),
    ("gen_ai.user.message", EventRole::Message("user")),
    ("gen_ai.assistant.message", EventRole::Message("assistant")),
    ("gen_ai.tool.message", EventRole::Message("tool")),
    ("gen_ai.choice", EventRole::Choice),
    ("gen_ai.assistant.reasoning", EventRole::Choice),
    ("gen_ai.content.prompt", EventRole::Prompt),
    ("gen_ai.content.completion", EventRole::Completion),
];

/// An answer of the model.
#[derive(Clone, Debug, Default)]
pub(crate) struct Answer {
    /// The message, unless its content was not recorded.
    pub(crate) message: Option<Json>,
    /// Why the model stopped.
    pub(crate) finish_reason: Option<String>,
}

/// What an event of this name carries; `None` when it is no content.
pub(crate) fn role_of_event(name: &str) -> Option<EventRole> {
    EVENTS.iter().find(|(known, _)| *known == name).map(|(_, role)| *role)
}

/// The fields of an event: its body, or what stands in its attributes instead.
fn fields(event: &Event) -> Map<String, Value> {
    if let Value::Object(body) = &event.body {
        return body.clone();
    }
    // Azure packs the body into one attribute.
    let packed = event.attributes.get("gen_ai.event.content");
    if let Some(Value::Object(body)) = packed.map(|text| table::json(text).to_value()) {
        return body;
    }
    let own = |key: &str| !key.starts_with("gen_ai.") && key != "event.name";
    let from_attributes = event.attributes.iter().filter(|(key, _)| own(key));
    from_attributes.map(|(key, value)| (key.clone(), unpacked(value))).collect()
}

/// Span events hold only plain values, so lists and objects come as texts.
fn unpacked(value: &Value) -> Value {
    let json = table::json(value);
    if json.as_str().starts_with(['[', '{']) { json.to_value() } else { value.clone() }
}

/// The message of an event; `None` when its content was not recorded.
pub(crate) fn of_message_event(event: &Event, role: &str) -> Option<Json> {
    let mut fields = fields(event);
    // A tool's message names the call by `id`.
    if role == "tool"
        && let Some(id) = fields.remove("id")
    {
        fields.entry("tool_call_id").or_insert(id);
    }
    message(fields, role)
}

fn message(mut fields: Map<String, Value>, role: &str) -> Option<Json> {
    fields.retain(|_, value| !value.is_null());
    let says = |key: &String| !matches!(key.as_str(), "role" | "id" | "tool_call_id" | "name");
    if !fields.keys().any(says) {
        return None;
    }
    fields.entry("role").or_insert_with(|| role.into());
    Some(Json::from(&Value::Object(fields)))
}

/// The answer of a `gen_ai.choice`.
pub(crate) fn of_choice_event(event: &Event) -> Answer {
    let mut fields = fields(event);
    let finish_reason = fields.get("finish_reason").and_then(Value::as_str).map(str::to_owned);
    let calls = fields.remove("tool_calls");
    let mut inner = match fields.remove("message") {
        Some(Value::Object(message)) => message,
        Some(Value::String(text)) => Map::from_iter([("content".to_owned(), text.into())]),
        _ => {
            fields.retain(|key, _| !matches!(key.as_str(), "index" | "finish_reason"));
            fields
        }
    };
    if let Some(calls) = calls {
        inner.entry("tool_calls").or_insert(calls);
    }
    Answer { message: message(inner, "assistant"), finish_reason }
}

/// The one attribute that holds the whole prompt or answer.
pub(crate) fn of_content_event(event: &Event, role: EventRole) -> Option<Json> {
    let name = if role == EventRole::Prompt { "gen_ai.prompt" } else { "gen_ai.completion" };
    event.attributes.get(name).map(table::json)
}

/// The attributes of an event that says all of a call.
pub(crate) fn details(event: &Event) -> Attributes {
    let mut attributes = event.attributes.clone();
    // Some emitters put what belongs into attributes into the body.
    if let Value::Object(body) = &event.body {
        for (key, value) in body.iter().filter(|(key, _)| key.starts_with("gen_ai.")) {
            attributes.entry(key.clone()).or_insert_with(|| value.clone());
        }
    }
    attributes
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_an_event_packs_is_read_whatever_numbers_it_holds() {
        let event = |attributes: Value| Event {
            name: "gen_ai.user.message".to_owned(),
            at: 0,
            attributes: attributes.as_object().cloned().unwrap_or_default(),
            body: Value::Null,
        };
        let packed = "\u{feff}{\"content\":\"hi\",\"n\":1e400}";
        let message = of_message_event(&event(json!({ "gen_ai.event.content": packed })), "user");
        let expected = json!({"content": "hi", "n": "1e400", "role": "user"});
        assert_eq!(message.map(|message| message.to_value()), Some(expected));
        let text = "[{\"n\":1e400}]";
        let message = of_message_event(&event(json!({ "content": text })), "user");
        let expected = json!({"content": [{"n": "1e400"}], "role": "user"});
        assert_eq!(message.map(|message| message.to_value()), Some(expected));
    }
}
