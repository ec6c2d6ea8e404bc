//! The parts of a message's content, in the words of every dialect.

use std::borrow::Cow;

use super::{Part, media};
use crate::Json;
use crate::view::{Kind, Object, View};

/// The parts of a `content` or `parts` field: text, a list of parts, or one part.
pub(super) fn parts(content: View<'_>) -> Vec<Part> {
    let mut parts = Vec::new();
    match content.kind() {
        Kind::Null => {}
        Kind::List => content.items().for_each(|item| push(item, &mut parts)),
        _ => push(content, &mut parts),
    }
    parts
}

/// Reads one part; what is not known is kept as it came.
pub(super) fn push(view: View<'_>, into: &mut Vec<Part>) {
    if let Some(text) = view.text() {
        into.push(Part::Text(text.into_owned()));
        return;
    }
    let part = view.object();
    let before = into.len();
    let known = match part.text("type").as_deref() {
        Some(kind) => typed(kind, &part, into),
        None => untyped(&part, into),
    };
    if known.is_none() {
        into.truncate(before);
        into.extend(view.to_json().map(Part::Other));
    }
}

/// A part that says its type: OpenAI, Anthropic, Mistral, OpenTelemetry, Vercel.
fn typed(kind: &str, part: &Object<'_>, into: &mut Vec<Part>) -> Option<()> {
    let read = match kind {
        "text" | "input_text" | "output_text" | "summary_text" => text(part)?,
        "refusal" => Part::Text(part.string("refusal")?),
        "image_url" | "input_image" => media::image_url(part)?,
        "image" => media::with_source(part, Part::Image)
            .or_else(|| media::addressed(part, &["image", "url"], Part::Image))?,
        "input_audio" => media::input_audio(part)?,
        "audio_url" | "audio" => {
            media::addressed(part, &["audio_url", "audio", "url"], Part::Audio)?
        }
        "file" | "input_file" => media::file(part).or_else(|| media::otel(part))?,
        "document" => media::with_source(part, Part::File)?,
        "document_url" => media::addressed(part, &["document_url"], Part::File)?,
        "video_url" | "video" => {
            media::addressed(part, &["video_url", "video", "url"], Part::File)?
        }
        "blob" | "uri" => media::otel(part)?,
        "thinking" | "reasoning" => return reasoning(part, into),
        "redacted_thinking" => Part::Reasoning { title: None, text: String::new() },
        "tool_use" | "server_tool_use" | "mcp_tool_use" | "tool_call" | "tool-call"
        | "function_call" | "function" | "custom" => tool_call(part)?,
        "tool_call_response" | "tool-result" => tool_result(part)?,
        other if other.ends_with("tool_result") => tool_result(part)?,
        _ => return None,
    };
    into.push(read);
    Some(())
}

/// A part that is told by its keys: Gemini, Bedrock, WorkflowAI.
fn untyped(part: &Object<'_>, into: &mut Vec<Part>) -> Option<()> {
    let first = |names: &[&str]| names.iter().find_map(|name| part.get(name));
    let read = if let Some(text) = part.string("text") {
        match part.get("thought").and_then(View::to_bool) {
            Some(true) => Part::Reasoning { title: None, text },
            _ => Part::Text(text),
        }
    } else if let Some(call) =
        first(&["functionCall", "function_call", "toolUse", "tool_call_request"])
    {
        tool_call(&call.object())?
    } else if let Some(result) =
        first(&["functionResponse", "function_response", "toolResult", "tool_call_result"])
    {
        tool_result(&result.object())?
    } else if part.has("file") {
        media::file(part)?
    } else {
        media::gemini(part)?
    };
    into.push(read);
    Some(())
}

fn text(part: &Object<'_>) -> Option<Part> {
    let value = part.get("text").or_else(|| part.get("content"))?;
    // OpenAI's assistants wrap it once more.
    let text = value.text().or_else(|| value.get("value")?.text())?;
    Some(Part::Text(text.into_owned()))
}

/// The thoughts of a part or item: a text, or lists of texts.
pub(super) fn reasoning(part: &Object<'_>, into: &mut Vec<Part>) -> Option<()> {
    let fields = ["thinking", "reasoning", "text", "content", "summary"];
    let before = into.len();
    let mut known = false;
    for value in fields.iter().filter_map(|field| part.get(field)) {
        match value.kind() {
            Kind::Text => {
                known = true;
                into.extend(value.text().map(|text| thought(&text)));
            }
            Kind::List => {
                known = true;
                let texts = value
                    .items()
                    .filter_map(|item| item.text().or_else(|| item.get("text")?.text()));
                into.extend(texts.map(|text| thought(&text)));
            }
            _ => {}
        }
    }
    // A hidden thought leaves a signature or encrypted text behind.
    if known && into.len() == before {
        into.push(thought(""));
    }
    known.then_some(())
}

/// OpenAI begins a summary with a bold line, which is its title.
pub(super) fn thought(text: &str) -> Part {
    let titled = text.strip_prefix("**").and_then(|rest| rest.split_once("**"));
    match titled {
        Some((title, rest)) if !title.contains('\n') && rest.starts_with('\n') => {
            Part::Reasoning { title: Some(title.to_owned()), text: rest.trim().to_owned() }
        }
        _ => Part::Reasoning { title: None, text: text.to_owned() },
    }
}

/// A call of a tool, whatever its dialect calls name and arguments.
pub(super) fn tool_call(call: &Object<'_>) -> Option<Part> {
    let nested = ["function", "custom"]
        .iter()
        .find_map(|name| call.get(name).filter(|value| value.kind() == Kind::Object))
        .map(View::object);
    let body = nested.as_ref().unwrap_or(call);
    let name = ["name", "toolName", "tool_name"].iter().find_map(|field| body.string(field))?;
    let id = call_id(call, &["call_id", "id", "toolCallId", "toolUseId"]);
    let input = ["arguments", "input", "args", "tool_input_dict"]
        .iter()
        .find_map(|field| body.get(field))
        .and_then(arguments)
        .unwrap_or_else(empty_object);
    Some(Part::ToolCall { id, name, input })
}

fn tool_result(result: &Object<'_>) -> Option<Part> {
    let error = result.get("error");
    let output = ["content", "output", "result", "response"]
        .iter()
        .find_map(|field| result.get(field))
        .or(error)?;
    Some(Part::ToolResult {
        id: call_id(
            result,
            &["tool_use_id", "call_id", "tool_call_id", "id", "toolCallId", "toolUseId"],
        ),
        name: ["name", "toolName", "tool_name"].iter().find_map(|field| result.string(field)),
        output: outcome(output)?,
        is_error: error.is_some() || failed(result),
    })
}

fn failed(result: &Object<'_>) -> bool {
    let flag = result.get("is_error").or_else(|| result.get("isError"));
    flag.and_then(View::to_bool).unwrap_or(false)
        || result.text("status").is_some_and(|status| status == "error")
}

fn call_id(object: &Object<'_>, names: &[&str]) -> Option<String> {
    names.iter().find_map(|name| object.string(name)).filter(|id| !id.is_empty())
}

/// Arguments, which most dialects send as a text of JSON.
fn arguments(view: View<'_>) -> Option<Json> {
    let Some(text) = view.text() else { return view.to_json() };
    if text.trim().is_empty() {
        return None;
    }
    Some(Json::from_text(&text).unwrap_or_else(|_| Json::string(&text)))
}

fn empty_object() -> Json {
    Json::from(&serde_json::Value::Object(serde_json::Map::new()))
}

/// What a tool gave: JSON in a text is unpacked, text parts are joined.
pub(super) fn outcome(view: View<'_>) -> Option<Json> {
    let text = match view.kind() {
        Kind::Text => view.text()?,
        Kind::List => match joined(view) {
            Some(text) => Cow::Owned(text),
            None => return view.to_json(),
        },
        _ => return view.to_json(),
    };
    let is_structure = text.trim_start().starts_with(['{', '[']);
    let parsed = is_structure.then(|| Json::from_text(&text).ok()).flatten();
    Some(parsed.unwrap_or_else(|| Json::string(&text)))
}

/// The text of a list of nothing but text parts.
fn joined(list: View<'_>) -> Option<String> {
    let mut text = String::new();
    let mut any = false;
    for item in list.items() {
        let part = item.object();
        if !matches!(part.text("type").as_deref(), Some("text" | "input_text" | "output_text")) {
            return None;
        }
        text.push_str(&part.text("text")?);
        any = true;
    }
    any.then_some(text)
}
