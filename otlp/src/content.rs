//! What went to the model and what came back, wherever a span keeps it.

use model::Json;
use model::dialect::answer_of_response;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::indexed;
use crate::item::Event;
use crate::message::{self, Answer, EventRole};
use crate::table::{self, Field, Reader};

/// What went to the model.
#[derive(Default)]
pub(crate) struct Prompt {
    /// The request as it went over the wire.
    pub(crate) request: Option<Json>,
    pub(crate) messages: Vec<Json>,
    pub(crate) tools: Vec<Json>,
    /// An input that is no messages.
    pub(crate) input: Option<Json>,
}

/// What came back.
#[derive(Default)]
pub(crate) struct Reply {
    /// The response as it came over the wire.
    pub(crate) response: Option<Json>,
    pub(crate) answers: Vec<Answer>,
    /// An output that is no message.
    pub(crate) output: Option<Json>,
}

impl Prompt {
    pub(crate) fn is_empty(&self) -> bool {
        self.request.is_none() && self.messages.is_empty() && self.input.is_none()
    }

    /// From attributes and from events, whatever says most.
    pub(crate) fn read(read: Reader<'_>, events: &[&Event]) -> Self {
        let tools = tools(read);
        let given = read.json(Field::Input).map(understood_input);
        if let Some(Self { request: Some(request), .. }) = given {
            return Self { request: Some(request), ..Self::default() };
        }
        let mut messages: Vec<Json> = read.json(Field::InputMessages).map(list).unwrap_or_default();
        if messages.is_empty() {
            let numbered = indexed::messages(read.attributes(), Field::InputMessages);
            messages = numbered.into_iter().map(|numbered| numbered.message).collect();
        }
        if messages.is_empty() {
            messages = sent_by_events(events);
        }
        if messages.is_empty() {
            let mut given = given.unwrap_or_default();
            given.tools.extend(tools);
            return given.with_instructions(read);
        }
        Self { messages, tools, ..Self::default() }.with_instructions(read)
    }

    fn with_instructions(mut self, read: Reader<'_>) -> Self {
        if let Some(instructions) = read.json(Field::Instructions) {
            let place = match instructions.to_value() {
                Value::Array(_) => "parts",
                _ => "content",
            };
            let text = format!(r#"{{"role":"system","{place}":{}}}"#, instructions.as_str());
            self.messages.splice(0..0, Json::from_text(&text).ok());
        }
        self
    }
}

impl Reply {
    pub(crate) fn is_empty(&self) -> bool {
        let says = |answer: &Answer| answer.message.is_some();
        self.response.is_none() && self.output.is_none() && !self.answers.iter().any(says)
    }

    /// From attributes and from events, whatever says most.
    pub(crate) fn read(read: Reader<'_>, events: &[&Event]) -> Self {
        let given = read.json(Field::Output).map(understood_output);
        if let Some(Self { response: Some(response), .. }) = given {
            return Self { response: Some(response), ..Self::default() };
        }
        let mut answers: Vec<Answer> = read
            .json(Field::OutputMessages)
            .map(list)
            .unwrap_or_default()
            .into_iter()
            .map(answer)
            .collect();
        if answers.is_empty() {
            let numbered = indexed::messages(read.attributes(), Field::OutputMessages);
            answers = numbered
                .into_iter()
                .map(|one| Answer { message: Some(one.message), finish_reason: one.finish_reason })
                .collect();
        }
        if answers.is_empty() {
            answers.extend(answer_in_pieces(read));
        }
        if answers.is_empty() {
            answers = received_by_events(events);
        }
        if answers.is_empty() {
            return given.unwrap_or_default();
        }
        Self { answers, ..Self::default() }
    }
}

fn sent_by_events(events: &[&Event]) -> Vec<Json> {
    let mut messages = Vec::new();
    for event in events {
        match message::role_of_event(&event.name) {
            Some(EventRole::Message(role)) => {
                messages.extend(message::of_message_event(event, role))
            }
            Some(role @ EventRole::Prompt) => {
                let prompt = message::of_content_event(event, role).map(understood_input);
                messages.extend(prompt.unwrap_or_default().messages);
            }
            _ => {}
        }
    }
    messages
}

fn received_by_events(events: &[&Event]) -> Vec<Answer> {
    let mut answers = Vec::new();
    for event in events {
        match message::role_of_event(&event.name) {
            Some(EventRole::Choice) => answers.push(message::of_choice_event(event)),
            Some(role @ EventRole::Completion) => {
                let reply = message::of_content_event(event, role).map(understood_output);
                answers.extend(reply.unwrap_or_default().answers);
            }
            _ => {}
        }
    }
    answers
}

fn tools(read: Reader<'_>) -> Vec<Json> {
    let listed = read.json(Field::Tools).map(list).unwrap_or_default();
    if listed.is_empty() {
        return indexed::tools(read.attributes());
    }
    // Vercel lists texts of JSON.
    listed.into_iter().map(|tool| table::json(&tool.to_value())).collect()
}

/// Vercel keeps text, thoughts and tool calls apart.
fn answer_in_pieces(read: Reader<'_>) -> Option<Answer> {
    let text = read.text(Field::OutputText);
    let calls = read.json(Field::OutputToolCalls).map(list).filter(|calls| !calls.is_empty());
    if text.is_none() && calls.is_none() {
        return None;
    }
    let mut message = Map::from_iter([
        ("role".to_owned(), Value::from("assistant")),
        ("content".to_owned(), text.into()),
    ]);
    if let Some(thoughts) = read.text(Field::OutputReasoning) {
        message.insert("reasoning_content".to_owned(), thoughts.into());
    }
    if let Some(calls) = calls {
        let calls = calls.iter().map(Json::to_value).collect();
        message.insert("tool_calls".to_owned(), Value::Array(calls));
    }
    Some(Answer { message: Some(Json::from(&Value::Object(message))), finish_reason: None })
}

fn answer(message: Json) -> Answer {
    let reason = message.to_value().get("finish_reason").and_then(Value::as_str).map(str::to_owned);
    Answer { message: Some(message), finish_reason: reason }
}

/// The elements of a list; anything else is its only element. A text that
/// should have been JSON, and was cut off on its way, is kept as a text.
fn list(json: Json) -> Vec<Json> {
    if let Ok(items) = serde_json::from_str::<Vec<Json>>(json.as_str()) {
        return items;
    }
    match json.to_value() {
        Value::Null => Vec::new(),
        Value::String(text) => vec![Json::from(&json!({ "role": "user", "content": text }))],
        _ => vec![json],
    }
}

#[derive(Deserialize)]
struct Conversation {
    messages: Vec<Json>,
    #[serde(default)]
    tools: Vec<Json>,
}

/// A request, messages, a text, or any other JSON.
fn understood_input(json: Json) -> Prompt {
    let value = json.to_value();
    match &value {
        Value::Null => Prompt::default(),
        Value::String(text) => {
            Prompt { messages: vec![said_by("user", text)], ..Prompt::default() }
        }
        Value::Object(object) if is_wire_request(object) => {
            Prompt { request: Some(json), ..Prompt::default() }
        }
        Value::Object(object) if object.get("messages").is_some_and(are_messages) => {
            match serde_json::from_str::<Conversation>(json.as_str()) {
                Ok(Conversation { messages, tools }) => {
                    Prompt { messages, tools, ..Prompt::default() }
                }
                Err(_) => Prompt { input: Some(json), ..Prompt::default() },
            }
        }
        _ if is_message(&value) => Prompt { messages: vec![json], ..Prompt::default() },
        list_value if are_messages(list_value) => {
            Prompt { messages: list(json), ..Prompt::default() }
        }
        _ => Prompt { input: Some(json), ..Prompt::default() },
    }
}

/// A response, messages, a text, or any other JSON.
fn understood_output(json: Json) -> Reply {
    let value = json.to_value();
    if value.is_object() && !is_message(&value) {
        let read = answer_of_response(None, &json);
        if read.raw_message.is_some() || read.error.is_some() {
            return Reply { response: Some(json), ..Reply::default() };
        }
    }
    match &value {
        Value::Null => Reply::default(),
        Value::String(text) => {
            let said = Answer { message: Some(said_by("assistant", text)), finish_reason: None };
            Reply { answers: vec![said], ..Reply::default() }
        }
        _ if is_message(&value) || are_messages(&value) => {
            let answers = list(json).into_iter().map(answer).collect();
            Reply { answers, ..Reply::default() }
        }
        _ => Reply { output: Some(json), ..Reply::default() },
    }
}

fn said_by(role: &str, text: &str) -> Json {
    Json::from(&json!({ "role": role, "content": text }))
}

fn is_message(value: &Value) -> bool {
    let has = |key: &str| value.get(key).is_some();
    value.get("role").is_some_and(Value::is_string)
        && (has("content") || has("parts") || has("tool_calls"))
}

fn are_messages(value: &Value) -> bool {
    value.as_array().is_some_and(|items| !items.is_empty() && items.iter().all(is_message))
}

/// Whether an object is what goes over the wire to a provider, model and all.
fn is_wire_request(object: &Map<String, Value>) -> bool {
    let lists = |key: &str| object.get(key).and_then(Value::as_array);
    let input = object.get("input").is_some_and(|input| match input {
        Value::String(_) => true,
        Value::Array(items) => !items.is_empty() && items.iter().all(Value::is_object),
        _ => false,
    });
    let contents = lists("contents").is_some_and(|items| items.iter().all(Value::is_object));
    object.get("model").is_some_and(Value::is_string)
        && (object.get("messages").is_some_and(are_messages) || contents || input)
}
