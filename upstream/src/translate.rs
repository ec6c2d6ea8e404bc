//! Puts messages, tools and parameters of other dialects into OpenAI's chat dialect.
//!
//! What is in that dialect already stays byte for byte as it is, and what has no
//! counterpart in it is passed on for the provider to judge.

use model::message::{Media, Message, MessageRole, Part};
use model::{Json, dialect};
use serde_json::{Map, Value, json};

const CHAT_ROLES: [&str; 6] = ["system", "developer", "user", "assistant", "tool", "function"];
const CHAT_PARTS: [&str; 5] = ["text", "image_url", "input_audio", "file", "refusal"];

/// The messages in OpenAI's chat dialect.
pub(crate) fn messages(messages: Vec<Json>) -> Vec<Json> {
    if messages.iter().all(|message| is_chat_message(&message.to_value())) {
        return messages;
    }
    let Ok(request) = Json::from_value(&json!({ "messages": &messages })) else { return messages };
    let mut translated: Vec<Value> = Vec::new();
    for message in dialect::messages_of_request(&request) {
        for message in chat_messages(&message) {
            match translated.last_mut() {
                Some(last) if continues(last, &message) => merge(last, message),
                _ => translated.push(message),
            }
        }
    }
    if translated.is_empty() { messages } else { translated.iter().map(Json::from).collect() }
}

fn is_chat_message(message: &Value) -> bool {
    let role = message.get("role").and_then(Value::as_str);
    let has_chat_content = match message.get("content") {
        None | Some(Value::Null | Value::String(_)) => true,
        Some(Value::Array(parts)) => parts.iter().all(|part| {
            part.get("type").and_then(Value::as_str).is_some_and(|kind| CHAT_PARTS.contains(&kind))
        }),
        Some(_) => false,
    };
    role.is_some_and(|role| CHAT_ROLES.contains(&role))
        && message.get("type").is_none()
        && has_chat_content
}

/// One message of the normal form; tool results become messages of their own.
fn chat_messages(message: &Message) -> Vec<Value> {
    let mut made = Vec::new();
    let mut content = Vec::new();
    let mut tool_calls = Vec::new();
    for part in &message.parts {
        match part {
            Part::Text(text) => content.push(json!({"type": "text", "text": text})),
            Part::Image(media) => content.push(image(media)),
            Part::Audio(media) => content.push(audio(media)),
            Part::File(media) => content.push(file(media)),
            Part::ToolCall { id, name, input } => tool_calls.push(json!({
                "id": id,
                "type": "function",
                "function": {"name": name, "arguments": text_of(input)},
            })),
            Part::ToolResult { id, output, .. } => made.push(json!({
                "role": "tool",
                "tool_call_id": id,
                "content": text_of(output),
            })),
            // Thoughts are not sent back: OpenAI's chat dialect has no place for them.
            Part::Reasoning { .. } => {}
            Part::Other(other) => content.push(other.to_value()),
        }
    }
    if content.is_empty() && tool_calls.is_empty() {
        return made;
    }
    let role = match &message.role {
        MessageRole::Tool | MessageRole::Other(_) => "user",
        role => role.as_str(),
    };
    let mut spoken = json!({"role": role, "content": shortest(content)});
    if !tool_calls.is_empty() {
        spoken["tool_calls"] = Value::Array(tool_calls);
    }
    made.push(spoken);
    made
}

/// A lone text needs no list around it; no content at all is null.
fn shortest(mut content: Vec<Value>) -> Value {
    if content.iter().all(|part| part.get("type") == Some(&json!("text"))) && content.len() < 2 {
        return content.pop().and_then(|mut part| part.get_mut("text").map(Value::take)).into();
    }
    Value::Array(content)
}

/// Whether a message is the rest of the assistant's turn before it: providers
/// refuse tool calls whose results do not follow at once.
fn continues(last: &Value, message: &Value) -> bool {
    let is_assistant = |message: &Value| message.get("role") == Some(&json!("assistant"));
    is_assistant(last) && is_assistant(message) && message.get("content") == Some(&Value::Null)
}

fn merge(last: &mut Value, message: Value) {
    let calls = message.get("tool_calls").and_then(Value::as_array).cloned().unwrap_or_default();
    match last.get_mut("tool_calls").and_then(Value::as_array_mut) {
        Some(before) => before.extend(calls),
        None => last["tool_calls"] = Value::Array(calls),
    }
}

fn image(media: &Media) -> Value {
    match &media.url {
        Some(url) => json!({"type": "image_url", "image_url": {"url": url}}),
        None => file(media),
    }
}

fn audio(media: &Media) -> Value {
    let inline = media.url.as_deref().and_then(|url| url.strip_prefix("data:audio/"));
    match inline.and_then(|rest| rest.split_once(";base64,")) {
        Some((format, data)) => {
            json!({"type": "input_audio", "input_audio": {"data": data, "format": format}})
        }
        None => file(media),
    }
}

fn file(media: &Media) -> Value {
    let mut file = Map::new();
    for (key, value) in
        [("file_id", &media.file_id), ("file_data", &media.url), ("filename", &media.name)]
    {
        if let Some(value) = value {
            file.insert(key.to_owned(), value.as_str().into());
        }
    }
    json!({"type": "file", "file": file})
}

/// A text stands as it is; everything else as its exact JSON.
pub(crate) fn text_of(value: &Json) -> String {
    serde_json::from_str(value.as_str()).unwrap_or_else(|_| value.as_str().to_owned())
}

/// Renames the parameters that OpenAI's chat dialect has under another name.
pub(crate) fn parameters(parameters: &mut Map<String, Value>) {
    if let Some(Value::Array(tools)) = parameters.get_mut("tools") {
        tools.iter_mut().for_each(tool);
    }
    if let Some(choice) = parameters.get_mut("tool_choice") {
        tool_choice(choice);
    }
    rename(parameters, "stop_sequences", "stop");
    rename(parameters, "max_output_tokens", "max_completion_tokens");
    if let Some(text) = parameters.remove("text") {
        if let Some(format) = text.get("format").and_then(response_format) {
            parameters.entry("response_format").or_insert(format);
        }
        if let Some(verbosity) = text.get("verbosity") {
            parameters.entry("verbosity").or_insert_with(|| verbosity.clone());
        }
    }
    if let Some(effort) = parameters.get("reasoning").and_then(|reasoning| reasoning.get("effort"))
    {
        let effort = effort.clone();
        parameters.remove("reasoning");
        if !effort.is_null() {
            parameters.entry("reasoning_effort").or_insert(effort);
        }
    }
}

fn rename(parameters: &mut Map<String, Value>, from: &str, to: &str) {
    if let Some(value) = parameters.remove(from) {
        parameters.entry(to).or_insert(value);
    }
}

/// OpenAI's responses have the function flat, Anthropic's messages have no type.
fn tool(tool: &mut Value) {
    let Value::Object(fields) = tool else { return };
    let is_function = fields.get("type").is_none_or(|kind| kind == "function" || kind == "custom");
    if !is_function || fields.contains_key("function") || !fields.contains_key("name") {
        return;
    }
    fields.remove("type");
    rename(fields, "input_schema", "parameters");
    let function = std::mem::take(fields);
    *tool = json!({"type": "function", "function": function});
}

fn tool_choice(choice: &mut Value) {
    let name = choice.get("name").and_then(Value::as_str);
    let translated = match choice.get("type").and_then(Value::as_str) {
        Some("any") => json!("required"),
        Some(word @ ("auto" | "none")) => json!(word),
        Some("tool" | "function") if name.is_some() => {
            json!({"type": "function", "function": {"name": name}})
        }
        _ => return,
    };
    *choice = translated;
}

/// The responses dialect has the schema beside the type.
fn response_format(format: &Value) -> Option<Value> {
    match format.get("type")?.as_str()? {
        "json_schema" => {
            let mut schema = format.as_object()?.clone();
            schema.remove("type");
            Some(json!({"type": "json_schema", "json_schema": schema}))
        }
        "json_object" => Some(json!({"type": "json_object"})),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(texts: &[&str]) -> Vec<Json> {
        texts.iter().map(|text| Json::from_text(text).unwrap()).collect()
    }

    #[test]
    fn chat_messages_stay_byte_for_byte() {
        let chat = raw(&[
            r#"{"role":"user", "content":[{"type":"text","text":"\u00e9"}]}"#,
            r#"{"role":"assistant","content":null,"tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{}"}}]}"#,
            r#"{"role":"tool","tool_call_id":"c","content":"1e2"}"#,
        ]);
        assert_eq!(messages(chat.clone()), chat);
    }

    #[test]
    fn messages_of_other_dialects_become_chat_messages() {
        let anthropic = raw(&[
            r#"{"role":"user","content":"Weather in Oslo and Rome?"}"#,
            r#"{"role":"assistant","content":[{"type":"text","text":"Looking."},{"type":"tool_use","id":"t1","name":"weather","input":{"city":"Oslo"}}]}"#,
            r#"{"role":"user","content":[{"type":"tool_result","tool_use_id":"t1","content":"snow"}]}"#,
        ]);
        let responses = raw(&[
            r#"{"role":"user","content":[{"type":"input_text","text":"Weather in Oslo and Rome?"}]}"#,
            r#"{"type":"message","role":"assistant","content":[{"type":"output_text","text":"Looking."}]}"#,
            r#"{"type":"function_call","call_id":"t1","name":"weather","arguments":"{\"city\":\"Oslo\"}"}"#,
            r#"{"type":"function_call_output","call_id":"t1","output":"snow"}"#,
        ]);
        for dialect in [anthropic, responses] {
            let translated: Vec<Value> = messages(dialect).iter().map(Json::to_value).collect();
            let expected = json!([
                {"role": "user", "content": "Weather in Oslo and Rome?"},
                {"role": "assistant", "content": "Looking.", "tool_calls": [{
                    "id": "t1",
                    "type": "function",
                    "function": {"name": "weather", "arguments": "{\"city\":\"Oslo\"}"},
                }]},
                {"role": "tool", "tool_call_id": "t1", "content": "snow"},
            ]);
            assert_eq!(Value::Array(translated), expected);
        }
    }

    #[test]
    fn parts_of_the_normal_form_become_chat_messages() {
        let call = |id: &str| Part::ToolCall {
            id: Some(id.to_owned()),
            name: "f".to_owned(),
            input: Json::from_text("{\"a\": 1}").unwrap(),
        };
        let assistant = Message {
            role: MessageRole::Assistant,
            parts: vec![Part::Text("Looking.".to_owned()), call("c1")],
        };
        let [spoken] = &chat_messages(&assistant)[..] else { panic!("one message") };
        assert_eq!(spoken["content"], "Looking.");
        assert_eq!(spoken["tool_calls"][0]["function"]["arguments"], "{\"a\": 1}");

        let results = Message {
            role: MessageRole::User,
            parts: vec![
                Part::ToolResult {
                    id: Some("c1".to_owned()),
                    name: None,
                    output: Json::string("sunny"),
                    is_error: false,
                },
                Part::Text("And tomorrow?".to_owned()),
            ],
        };
        let made = chat_messages(&results);
        assert_eq!(made[0], json!({"role": "tool", "tool_call_id": "c1", "content": "sunny"}));
        assert_eq!(made[1], json!({"role": "user", "content": "And tomorrow?"}));

        let mut last = spoken.clone();
        let second =
            chat_messages(&Message { role: MessageRole::Assistant, parts: vec![call("c2")] });
        assert!(continues(&last, &second[0]));
        merge(&mut last, second[0].clone());
        assert_eq!(last["tool_calls"].as_array().unwrap().len(), 2);
    }

    #[test]
    fn media_find_their_place() {
        let media = |url: &str| Media { url: Some(url.to_owned()), ..Media::default() };
        assert_eq!(
            audio(&media("data:audio/wav;base64,AAA")),
            json!({"type": "input_audio", "input_audio": {"data": "AAA", "format": "wav"}})
        );
        assert_eq!(
            image(&media("https://example.org/a.png"))["image_url"]["url"],
            "https://example.org/a.png"
        );
    }

    #[test]
    fn parameters_of_other_dialects_are_renamed() {
        let mut given = json!({
            "tools": [
                {"name": "a", "description": "d", "input_schema": {"type": "object"}},
                {"type": "function", "name": "b", "parameters": {}, "strict": true},
                {"type": "function", "function": {"name": "c"}},
                {"type": "web_search"},
            ],
            "tool_choice": {"type": "any"},
            "stop_sequences": ["x"],
            "max_output_tokens": 9,
            "text": {"format": {"type": "json_schema", "name": "n", "schema": {}, "strict": true}, "verbosity": "low"},
            "reasoning": {"effort": "low", "summary": null},
            "top_k": 3,
        });
        parameters(given.as_object_mut().unwrap());
        let expected = json!({
            "tools": [
                {"type": "function", "function": {"name": "a", "description": "d", "parameters": {"type": "object"}}},
                {"type": "function", "function": {"name": "b", "parameters": {}, "strict": true}},
                {"type": "function", "function": {"name": "c"}},
                {"type": "web_search"},
            ],
            "tool_choice": "required",
            "stop": ["x"],
            "max_completion_tokens": 9,
            "response_format": {"type": "json_schema", "json_schema": {"name": "n", "schema": {}, "strict": true}},
            "verbosity": "low",
            "reasoning_effort": "low",
            "top_k": 3,
        });
        assert_eq!(given, expected);
    }
}
