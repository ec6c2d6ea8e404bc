//! Whole messages and items, in the words of every dialect.

use super::{Message, MessageRole, Part, content};
use crate::view::{Kind, Object, View};
use crate::{Json, dialect};

/// The messages of a run's input: `messages`, `contents`, or a list of them.
pub(super) fn conversation(input: View<'_>) -> Vec<Message> {
    match input.kind() {
        Kind::List => input.items().map(message).collect(),
        Kind::Object => {
            let object = input.object();
            let list = ["messages", "contents"].iter().find_map(|name| object.get(name));
            match list {
                Some(list) if list.kind() == Kind::List => list.items().map(message).collect(),
                Some(other) => vec![message(other)],
                None => Vec::new(),
            }
        }
        _ => Vec::new(),
    }
}

/// The message of a run's output, which may also be a whole response kept as it came.
pub(super) fn output(json: &Json) -> Option<Message> {
    let view = View::of(json).present()?;
    let looks_like_message = |object: &Object<'_>| {
        object.has("role")
            && (object.has("content") || object.has("parts") || object.has("tool_calls"))
    };
    match view.kind() {
        Kind::Text => Some(Message::text(MessageRole::Assistant, view.text()?)),
        Kind::Object if !looks_like_message(&view.object()) => Some(
            dialect::answer_of_response(None, json).message.unwrap_or_else(|| as_it_came(view)),
        ),
        Kind::List => {
            let parts = view.items().flat_map(|item| match item.kind() {
                Kind::Object if looks_like_message(&item.object()) => message(item).parts,
                _ => content::parts(item),
            });
            Some(Message { role: MessageRole::Assistant, parts: parts.collect() })
        }
        Kind::Object => Some(message(view)),
        _ => Some(as_it_came(view)),
    }
}

fn as_it_came(view: View<'_>) -> Message {
    let parts = view.to_json().map(Part::Other).into_iter().collect();
    Message { role: MessageRole::Assistant, parts }
}

/// One message or item.
pub(crate) fn message(view: View<'_>) -> Message {
    if let Some(text) = view.text() {
        return Message::text(MessageRole::User, text);
    }
    let object = view.object();
    let kind = object.string("type").unwrap_or_default();
    let Some(role) = object.string("role") else {
        return item(&kind, view, &object);
    };
    let role = MessageRole::from_word(&role);
    let parts = if role == MessageRole::Tool { result(&object) } else { parts(&object) };
    if parts.is_empty() && !is_plain(&object) {
        return Message { role, ..as_it_came(view) };
    }
    Message { role, parts }
}

/// Whether nothing is lost when the message is drawn as empty.
fn is_plain(object: &Object<'_>) -> bool {
    let known = [
        "role",
        "content",
        "parts",
        "tool_calls",
        "refusal",
        "annotations",
        "name",
        "type",
        "id",
        "status",
    ];
    object.iter().all(|(key, value)| known.contains(&key) || value.is_null())
}

fn parts(object: &Object<'_>) -> Vec<Part> {
    let mut parts = Vec::new();
    // DeepSeek and vLLM; Groq and OpenRouter; Ollama.
    let thought =
        ["reasoning_content", "reasoning", "thinking"].iter().find_map(|name| object.text(name));
    parts.extend(thought.filter(|text| !text.is_empty()).map(|text| content::thought(&text)));
    // Items of OpenAI's responses, as a derived output holds them.
    for step in object.get("reasoning").into_iter().flat_map(View::items) {
        content::reasoning(&step.object(), &mut parts);
    }
    let body = ["content", "parts"].iter().find_map(|name| object.get(name));
    parts.extend(body.map(content::parts).unwrap_or_default());
    parts.retain(|part| !matches!(part, Part::Text(text) if text.is_empty()));
    parts.extend(object.string("refusal").filter(|text| !text.is_empty()).map(Part::Text));
    let calls = object.get("tool_calls").into_iter().flat_map(View::items);
    for call in calls.chain(object.get("function_call")) {
        let read = match object_type(call).as_deref() {
            // Items of OpenAI's responses, as a derived output holds them.
            Some(kind) if kind.ends_with("_call") => {
                parts.extend(item(kind, call, &call.object()).parts);
                continue;
            }
            _ => content::tool_call(&call.object()),
        };
        parts.extend(read.or_else(|| call.to_json().map(Part::Other)));
    }
    let audio = object.get("audio").map(View::object);
    parts.extend(audio.and_then(|audio| audio.string("transcript")).map(Part::Text));
    parts
}

fn object_type(view: View<'_>) -> Option<String> {
    view.get("type")?.text().map(std::borrow::Cow::into_owned)
}

/// A message of role `tool`: its content is the result, unless its parts are.
fn result(object: &Object<'_>) -> Vec<Part> {
    let Some(body) = object.get("content").or_else(|| object.get("parts")) else {
        return Vec::new();
    };
    let parts = content::parts(body);
    if parts.iter().any(|part| matches!(part, Part::ToolResult { .. })) {
        return parts;
    }
    let result = content::outcome(body).map(|output| Part::ToolResult {
        id: object.string("tool_call_id"),
        name: object.string("name"),
        output,
        is_error: false,
    });
    result.into_iter().collect()
}

/// An item without a role: OpenAI's responses, or a message of `LangChain`.
fn item(kind: &str, view: View<'_>, object: &Object<'_>) -> Message {
    let mut parts = Vec::new();
    let mut role = MessageRole::Assistant;
    let known = match kind {
        "message" | "human" | "ai" | "system" | "tool" => {
            let data = object.get("data").map(View::object);
            role = MessageRole::from_word(if kind == "message" { "user" } else { kind });
            parts = self::parts(data.as_ref().unwrap_or(object));
            (!parts.is_empty()).then_some(())
        }
        "reasoning" => content::reasoning(object, &mut parts),
        _ if kind.ends_with("_call_output") => {
            role = MessageRole::Tool;
            let output = object.get("output").and_then(content::outcome);
            output.map(|output| {
                let id = object.string("call_id");
                parts.push(Part::ToolResult { id, name: None, output, is_error: false });
            })
        }
        _ if kind.ends_with("_call") => hosted_call(kind, object, &mut parts),
        "" if object.has("content") || object.has("parts") => {
            role = MessageRole::User;
            parts = self::parts(object);
            (!parts.is_empty()).then_some(())
        }
        _ => {
            content::push(view, &mut parts);
            Some(())
        }
    };
    if known.is_none() {
        return as_it_came(view);
    }
    Message { role, parts }
}

/// `function_call`, `custom_tool_call` and the calls that OpenAI runs itself.
fn hosted_call(kind: &str, object: &Object<'_>, parts: &mut Vec<Part>) -> Option<()> {
    if let Some(call) = content::tool_call(object) {
        parts.push(call);
    } else {
        let input = ["action", "arguments", "code", "queries"]
            .iter()
            .find_map(|field| object.get(field))
            .and_then(View::to_json)?;
        let name = kind.trim_end_matches("_call").to_owned();
        parts.push(Part::ToolCall { id: object.string("id"), name, input });
    }
    let output = object.get("output").or_else(|| object.get("error"));
    parts.extend(output.and_then(content::outcome).map(|output| Part::ToolResult {
        id: object.string("call_id").or_else(|| object.string("id")),
        name: object.string("name"),
        output,
        is_error: object.get("error").is_some(),
    }));
    Some(())
}
