//! Runs as examples for fine-tuning chat models: lines of
//! `{"messages": […], "tools": […]}` in OpenAI's chat dialect.

use serde_json::{Map, Value, json};

use crate::dialect::{answer_of_response, messages_of_request, tools_of_request};
use crate::message::{message_of_output, messages_of_input, messages_of_version};
use crate::{Json, Media, Message, MessageRole, Part, Run, RunStatus};

/// Why a run is no example.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LeftOut {
    /// It failed.
    Failed,
    /// Nothing of it is a conversation.
    NoMessages,
    /// It has no answer of the model.
    NoAnswer,
    /// It holds sound, files or parts that the format has no form for.
    UnknownContent,
}

impl LeftOut {
    /// Every reason.
    pub const ALL: [Self; 4] =
        [Self::Failed, Self::NoMessages, Self::NoAnswer, Self::UnknownContent];

    /// Its word for programs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::NoMessages => "no_messages",
            Self::NoAnswer => "no_answer",
            Self::UnknownContent => "unknown_content",
        }
    }

    /// Its words for people.
    #[must_use]
    pub const fn help(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::NoMessages => "have no messages",
            Self::NoAnswer => "have no answer",
            Self::UnknownContent => "hold sound, files or unknown parts",
        }
    }
}

/// A run as an example: what went to the model in its last attempt that was
/// answered and the answer; without recorded attempts the messages of its
/// version, input and output.
///
/// # Errors
/// Why it is none.
pub fn example(run: &Run) -> Result<Value, LeftOut> {
    if run.status == RunStatus::Failure {
        return Err(LeftOut::Failed);
    }
    let (messages, answer, tools) = conversation(run)?;
    let mut out = Vec::new();
    for message in messages.iter().chain([&answer]) {
        write(message, &mut out)?;
    }
    if out.last().and_then(|last| last.get("role")).is_none_or(|role| role != "assistant") {
        return Err(LeftOut::NoAnswer);
    }
    let mut example = Map::new();
    example.insert("messages".to_owned(), Value::Array(out));
    let tools: Vec<Value> = tools.iter().filter_map(tool).collect();
    if !tools.is_empty() {
        example.insert("tools".to_owned(), Value::Array(tools));
    }
    Ok(Value::Object(example))
}

type Conversation = (Vec<Message>, Message, Vec<Value>);

fn conversation(run: &Run) -> Result<Conversation, LeftOut> {
    for attempt in run.completions.iter().rev().filter(|attempt| attempt.error.is_none()) {
        let (Some(request), Some(response)) = (&attempt.request, &attempt.response) else {
            continue;
        };
        let messages = messages_of_request(request);
        let answer = answer_of_response(Some(request), response).message;
        if let (false, Some(answer)) = (messages.is_empty(), answer) {
            let tools = tools_of_request(request).iter().map(Json::to_value).collect();
            return Ok((messages, answer, tools));
        }
    }
    let input = run.input.as_ref().map(messages_of_input).unwrap_or_default();
    if input.is_empty() {
        return Err(LeftOut::NoMessages);
    }
    let answer = run.output.as_ref().and_then(message_of_output).ok_or(LeftOut::NoAnswer)?;
    let mut messages = messages_of_version(&run.version.snapshot);
    messages.extend(input);
    Ok((messages, answer, run.version.snapshot.tools.clone().unwrap_or_default()))
}

/// Writes a message. Results of tools become messages of their own, as some
/// dialects have them in the user's.
fn write(message: &Message, out: &mut Vec<Value>) -> Result<(), LeftOut> {
    let (mut content, mut calls) = (Vec::new(), Vec::new());
    for part in &message.parts {
        match part {
            Part::Text(text) => content.push(json!({ "type": "text", "text": text })),
            Part::Image(media) => content.push(image(media)?),
            Part::ToolCall { id, name, input } => calls.push(call(id.as_deref(), name, input)),
            Part::ToolResult { id, output, .. } => out.push(json!({
                "role": "tool",
                "tool_call_id": id.clone().unwrap_or_default(),
                "content": plain(output),
            })),
            // A thought is no part of what the model is to learn to say.
            Part::Reasoning { .. } => {}
            Part::Audio(_) | Part::File(_) | Part::Other(_) => {
                return Err(LeftOut::UnknownContent);
            }
        }
    }
    if content.is_empty() && calls.is_empty() {
        return Ok(());
    }
    let role = match &message.role {
        MessageRole::Developer => MessageRole::System.as_str(),
        MessageRole::Other(_) => return Err(LeftOut::UnknownContent),
        role => role.as_str(),
    };
    let mut line = Map::new();
    line.insert("role".to_owned(), Value::from(role));
    line.insert("content".to_owned(), joined(content));
    if !calls.is_empty() {
        line.insert("tool_calls".to_owned(), Value::Array(calls));
    }
    out.push(Value::Object(line));
    Ok(())
}

/// One text as a string, several parts as a list, none as null.
fn joined(mut parts: Vec<Value>) -> Value {
    match parts.as_mut_slice() {
        [] => Value::Null,
        [only] if only.get("text").is_some() => {
            only.get_mut("text").map(Value::take).unwrap_or_default()
        }
        _ => Value::Array(parts),
    }
}

fn image(media: &Media) -> Result<Value, LeftOut> {
    let url = media.url.as_ref().ok_or(LeftOut::UnknownContent)?;
    Ok(json!({ "type": "image_url", "image_url": { "url": url } }))
}

fn call(id: Option<&str>, name: &str, input: &Json) -> Value {
    json!({
        "id": id.unwrap_or_default(),
        "type": "function",
        // Arguments are a text of JSON in this dialect.
        "function": { "name": name, "arguments": plain(input) },
    })
}

/// A string without its quotes, anything else as its JSON.
fn plain(json: &Json) -> String {
    serde_json::from_str(json.as_str()).unwrap_or_else(|_| json.as_str().to_owned())
}

/// A tool in OpenAI's form; tools that only a provider knows are left away.
fn tool(raw: &Value) -> Option<Value> {
    if raw.get("function").is_some() {
        return Some(json!({ "type": "function", "function": raw.get("function")? }));
    }
    let name = raw.get("name")?.as_str()?;
    let parameters = ["parameters", "input_schema", "inputSchema"]
        .iter()
        .find_map(|key| raw.get(key))
        .cloned()
        .unwrap_or_else(|| json!({ "type": "object", "properties": {} }));
    let mut function = json!({ "name": name, "parameters": parameters });
    if let (Some(function), Some(text)) = (function.as_object_mut(), raw.get("description")) {
        function.insert("description".to_owned(), text.clone());
    }
    Some(json!({ "type": "function", "function": function }))
}
