//! Turns a version and an input into a chat request.

use std::collections::BTreeMap;

use model::{Json, Version};
use serde::Serialize;
use serde_json::{Map, Value, json};
use shares::Holder;

use crate::template::{TemplateError, TemplateRenderer, WrittenTemplates};
use crate::translate;

/// A request in OpenAI's chat dialect. It always asks for a stream with usage.
#[derive(Clone, Debug, PartialEq)]
pub struct ChatRequest {
    /// The model as the provider names it.
    pub model: String,
    /// The messages, each as it stands in the run where nothing had to be changed.
    pub messages: Vec<Json>,
    /// Everything else, like `temperature` and `tools`.
    pub parameters: Map<String, Value>,
}

/// What to do otherwise than the version says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Overrides {
    /// Another model.
    pub model: Option<String>,
    /// Other parameters; null takes one away.
    pub parameters: Map<String, Value>,
}

/// Why no request can be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// Neither the version nor the overrides name one.
    #[error("the version names no model; choose one")]
    NoModel,
    /// There is nothing to ask.
    #[error("the request has no messages; give an input or a prompt")]
    NoMessages,
    /// A message's template cannot be rendered.
    #[error(transparent)]
    Template(#[from] TemplateError),
}

/// Keys of a version that are about the run rather than for the provider.
const NOT_PARAMETERS: [&str; 11] = [
    "id",
    "number",
    "provider",
    "model",
    "messages",
    "instructions",
    "output_schema",
    "stream",
    "stream_options",
    "n",
    "store",
];

#[derive(Serialize)]
struct Wire<'a> {
    model: &'a str,
    messages: &'a [Json],
    #[serde(flatten)]
    parameters: &'a Map<String, Value>,
    stream: bool,
    stream_options: StreamOptions,
}

#[derive(Serialize)]
struct StreamOptions {
    include_usage: bool,
}

impl ChatRequest {
    /// The request exactly as it is sent.
    #[must_use]
    pub fn to_json(&self) -> Json {
        let wire = Wire {
            model: &self.model,
            messages: &self.messages,
            parameters: &self.parameters,
            stream: true,
            stream_options: StreamOptions { include_usage: true },
        };
        // Strings, numbers and texts that are JSON already can always be written.
        Json::from_value(&wire).unwrap_or_else(|_| Json::from(&Value::Null))
    }
}

/// The request that a run with this version and input makes.
///
/// A chat run sends the version's messages and then the input's. Where the
/// version's messages are templates and the input has variables (all its keys
/// but `messages`), they are rendered. A structured run sends its instructions
/// as the system message and, unless a template took it up, its input as a user
/// message. Messages and tools of other dialects are put into OpenAI's. `holder` is
/// whose turn it is to have templates rendered.
///
/// # Errors
/// When there is no model or nothing to send, or a template cannot be rendered.
pub async fn build_chat_request(
    version: &Version,
    input: &Json,
    overrides: &Overrides,
    templates: &TemplateRenderer,
    holder: Holder,
) -> Result<ChatRequest, RequestError> {
    let model = overrides.model.as_ref().or(version.model.as_ref());
    let model = model.filter(|model| !model.is_empty()).ok_or(RequestError::NoModel)?.clone();
    let messages = messages(version, input, templates, holder).await?;
    if messages.is_empty() {
        return Err(RequestError::NoMessages);
    }
    Ok(ChatRequest { model, messages, parameters: parameters(version, overrides) })
}

async fn messages(
    version: &Version,
    input: &Json,
    templates: &TemplateRenderer,
    holder: Holder,
) -> Result<Vec<Json>, RequestError> {
    let mut fields: BTreeMap<String, Json> =
        serde_json::from_str(input.as_str()).unwrap_or_default();
    let own: Option<Vec<Json>> =
        fields.get("messages").and_then(|own| serde_json::from_str(own.as_str()).ok());
    if own.is_some() {
        fields.remove("messages");
    }
    let mut prompt = version.messages.clone().unwrap_or_default();
    let mut texts = Vec::new();
    if own.is_none() || !fields.is_empty() {
        for content in prompt.iter_mut().filter_map(|message| message.get_mut("content")) {
            each_text(content, &mut |text| texts.push(text.clone()));
        }
    }
    let variables = Json::from_value(&fields)
        .map_err(|error| TemplateError::Variables { reason: error.to_string() })?;
    let written = WrittenTemplates::new(variables.as_str(), &texts)?;
    let is_template = written.is_some();
    if let Some(written) = written {
        let turn = templates.turn(holder).await?;
        let mut rendered = templates.render(turn, written).await?.read()?.into_iter();
        for content in prompt.iter_mut().filter_map(|message| message.get_mut("content")) {
            each_text(content, &mut |text| {
                if let Some(made) = rendered.next().flatten() {
                    *text = made;
                }
            });
        }
    }
    let mut messages = Vec::new();
    if let Some(instructions) = version.instructions.as_ref().filter(|text| !text.is_empty()) {
        messages.push(Json::from(&json!({"role": "system", "content": instructions})));
    }
    messages.extend(translate::messages(prompt.iter().map(Json::from).collect()));
    match own {
        Some(own) => messages.extend(translate::messages(own)),
        None if is_template || is_empty(input) => {}
        None => messages
            .push(Json::from(&json!({"role": "user", "content": translate::text_of(input)}))),
    }
    Ok(messages)
}

/// Calls `visit` for every text within a message's content, which is no deeper than
/// what parsed it lets through.
fn each_text(content: &mut Value, visit: &mut dyn FnMut(&mut String)) {
    match content {
        Value::String(text) => visit(text),
        Value::Array(items) => items.iter_mut().for_each(|item| each_text(item, visit)),
        Value::Object(object) => object.values_mut().for_each(|value| each_text(value, visit)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn is_empty(input: &Json) -> bool {
    matches!(input.as_str(), "null" | "{}" | "\"\"" | "[]")
}

fn parameters(version: &Version, overrides: &Overrides) -> Map<String, Value> {
    let mut parameters = version.to_object();
    parameters.append(&mut overrides.parameters.clone());
    parameters.retain(|key, value| !NOT_PARAMETERS.contains(&key.as_str()) && !value.is_null());
    translate::parameters(&mut parameters);
    if let Some(schema) = version.output_schema.as_ref().filter(|schema| schema.is_object())
        && !overrides.parameters.contains_key("response_format")
    {
        parameters.entry("response_format").or_insert_with(
            || json!({"type": "json_schema", "json_schema": {"name": "output", "schema": schema}}),
        );
    }
    parameters
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn request(
        version: &Version,
        input: &Json,
        overrides: &Overrides,
    ) -> Result<ChatRequest, RequestError> {
        build_chat_request(version, input, overrides, &TemplateRenderer::here(), Holder::of_org(1))
            .await
    }

    async fn build(version: &str, input: &str) -> Result<Value, RequestError> {
        let version = serde_json::from_str(version).unwrap();
        let input = Json::from_text(input).unwrap();
        let made = request(&version, &input, &Overrides::default()).await;
        made.map(|request| request.to_json().to_value())
    }

    #[tokio::test]
    async fn structured_runs_send_instructions_and_the_exact_input() {
        let version = r#"{"model":"m","temperature":0,"instructions":"Sum up.","provider":"p",
            "top_p":0.5,"max_tokens":7,"output_schema":{"type":"object"}}"#;
        let request = build(version, r#"{"b": 1.0, "a": "\u00e9"}"#).await.unwrap();
        let expected = json!({
            "model": "m",
            "messages": [
                {"role": "system", "content": "Sum up."},
                {"role": "user", "content": "{\"b\": 1.0, \"a\": \"\\u00e9\"}"},
            ],
            "temperature": 0.0,
            "top_p": 0.5,
            "max_tokens": 7,
            "response_format": {"type": "json_schema", "json_schema": {"name": "output", "schema": {"type": "object"}}},
            "stream": true,
            "stream_options": {"include_usage": true},
        });
        assert_eq!(request, expected);
    }

    #[tokio::test]
    async fn chat_runs_send_the_prompt_and_then_the_conversation() {
        let version =
            r#"{"model":"m","messages":[{"role":"system","content":"Say {{ verbatim }}."}]}"#;
        let version: Version = serde_json::from_str(version).unwrap();
        let input =
            Json::from_text(r#"{"messages":[{"role":"user","content":"Hi", "x":1.0}]}"#).unwrap();
        let request = request(&version, &input, &Overrides::default()).await.unwrap();
        let texts: Vec<&str> = request.messages.iter().map(Json::as_str).collect();
        assert_eq!(
            texts,
            [
                r#"{"content":"Say {{ verbatim }}.","role":"system"}"#,
                r#"{"role":"user","content":"Hi", "x":1.0}"#,
            ]
        );
    }

    #[tokio::test]
    async fn templates_take_up_the_variables() {
        let version = r#"{"model":"m","messages":[
            {"role":"system","content":"Write in {{ language }}."},
            {"role":"user","content":[{"type":"text","text":"About {{ topic }}"}]}]}"#;
        let input = r#"{"language":"French","topic":"tea","messages":[{"role":"user","content":"{{ raw }}"}]}"#;
        let request = build(version, input).await.unwrap();
        assert_eq!(
            request["messages"],
            json!([
                {"role": "system", "content": "Write in French."},
                {"role": "user", "content": [{"type": "text", "text": "About tea"}]},
                {"role": "user", "content": "{{ raw }}"},
            ])
        );
        let missing = build(version, r#"{"topic":"tea"}"#).await.unwrap_err();
        assert_eq!(
            missing.to_string(),
            "the message template needs \"language\", which the input does not have; add it to the input"
        );
    }

    #[tokio::test]
    async fn overrides_win_and_null_takes_away() {
        let version: Version = serde_json::from_str(
            r#"{"model":"m","temperature":0.7,"top_p":1,"output_schema":{"type":"object"}}"#,
        )
        .unwrap();
        let Value::Object(parameters) =
            json!({"temperature": 0, "top_p": null, "seed": 4, "response_format": null})
        else {
            panic!("an object")
        };
        let overrides = Overrides { model: Some("other".to_owned()), parameters };
        let request = request(&version, &Json::string("Hi"), &overrides).await.unwrap();
        assert_eq!(request.model, "other");
        assert_eq!(Value::Object(request.parameters), json!({"temperature": 0, "seed": 4}));
        assert_eq!(request.messages, [Json::from(&json!({"role": "user", "content": "Hi"}))]);
    }

    #[tokio::test]
    async fn what_is_missing_is_said() {
        assert_eq!(build(r#"{}"#, r#""Hi""#).await, Err(RequestError::NoModel));
        assert_eq!(build(r#"{"model":"m"}"#, "{}").await, Err(RequestError::NoMessages));
    }
}
