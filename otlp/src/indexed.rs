//! Families of numbered attributes, like `llm.input_messages.0.message.role`.

use std::collections::BTreeMap;

use model::Json;
use serde_json::{Map, Value, json};

use crate::dialect::DIALECTS;
use crate::item::Attributes;
use crate::table::{self, Field};

/// The fields of one item, by what is left of their keys.
type Item = BTreeMap<String, Value>;

/// A message, and why the model stopped where it says so.
pub(crate) struct NumberedMessage {
    pub(crate) message: Json,
    pub(crate) finish_reason: Option<String>,
}

/// The messages of the first family that has any.
pub(crate) fn messages(attributes: &Attributes, field: Field) -> Vec<NumberedMessage> {
    let default_role = if field == Field::OutputMessages { "assistant" } else { "user" };
    families(attributes, field)
        .map(|items| items.iter().filter_map(|item| message(item, default_role)).collect())
        .find(|messages: &Vec<_>| !messages.is_empty())
        .unwrap_or_default()
}

/// The tools of the first family that has any, as OpenAI writes them.
pub(crate) fn tools(attributes: &Attributes) -> Vec<Json> {
    families(attributes, Field::Tools)
        .map(|items| items.iter().filter_map(tool).collect())
        .find(|tools: &Vec<_>| !tools.is_empty())
        .unwrap_or_default()
}

fn families(attributes: &Attributes, field: Field) -> impl Iterator<Item = Vec<Item>> {
    let numbered = DIALECTS.iter().flat_map(|dialect| dialect.numbered);
    numbered
        .filter(move |family| family.field == field)
        .map(move |family| items(attributes, family.prefix, family.inner))
}

/// Items by their numbers. Numbers may have gaps and be as large as they like.
fn items<'a>(
    attributes: impl IntoIterator<Item = (&'a String, &'a Value)>,
    prefix: &str,
    inner: &str,
) -> Vec<Item> {
    let mut items: BTreeMap<u64, Item> = BTreeMap::new();
    for (key, value) in attributes {
        let rest = key.strip_prefix(prefix).and_then(|rest| rest.strip_prefix('.'));
        let Some((number, rest)) = rest.and_then(|rest| rest.split_once('.')) else { continue };
        let Ok(number) = number.parse() else { continue };
        let Some(name) = rest.strip_prefix(inner) else { continue };
        items.entry(number).or_default().insert(name.to_owned(), value.clone());
    }
    items.into_values().collect()
}

fn message(item: &Item, default_role: &str) -> Option<NumberedMessage> {
    let text = |name: &str| item.get(name).and_then(Value::as_str);
    let mut message = Map::new();
    let content = item.get("content").or_else(|| item.get("text")).map(unpacked);
    let parts: Vec<Value> =
        items(item, "contents", "message_content.").into_iter().map(part).collect();
    match content {
        Some(content) => message.insert("content".to_owned(), content),
        None if !parts.is_empty() => message.insert("content".to_owned(), Value::Array(parts)),
        None => None,
    };
    let mut calls = items(item, "tool_calls", "tool_call.");
    if calls.is_empty() {
        calls = items(item, "tool_calls", "");
    }
    let calls: Vec<Value> = calls.iter().filter_map(tool_call).collect();
    if !calls.is_empty() {
        message.insert("tool_calls".to_owned(), Value::Array(calls));
    }
    if let Some(name) = text("function_call_name") {
        let arguments = text("function_call_arguments_json").unwrap_or("{}");
        let call = json!({ "name": name, "arguments": arguments });
        message.insert("function_call".to_owned(), call);
    }
    for name in ["name", "tool_call_id", "reasoning", "refusal"] {
        message.extend(item.get(name).map(|value| (name.to_owned(), value.clone())));
    }
    let finish_reason = text("finish_reason").map(str::to_owned);
    if message.is_empty() && finish_reason.is_none() {
        return None;
    }
    let role = text("role").unwrap_or(default_role);
    message.insert("role".to_owned(), role.into());
    Some(NumberedMessage { message: Json::from(&Value::Object(message)), finish_reason })
}

/// Content that was written as a text of JSON parts.
fn unpacked(content: &Value) -> Value {
    let text = content.as_str().filter(|text| text.starts_with('['));
    let parts = text.and_then(|text| serde_json::from_str::<Vec<Value>>(text).ok());
    let typed = |parts: &Vec<Value>| {
        !parts.is_empty() && parts.iter().all(|part| part.get("type").is_some_and(Value::is_string))
    };
    parts.filter(typed).map_or_else(|| content.clone(), Value::Array)
}

fn part(fields: Item) -> Value {
    let image = fields.get("image.image.url").or_else(|| fields.get("image.url"));
    match image {
        Some(url) => json!({ "type": "image_url", "image_url": { "url": url } }),
        None => Value::Object(fields.into_iter().collect()),
    }
}

fn tool_call(call: &Item) -> Option<Value> {
    let name = call.get("function.name").or_else(|| call.get("name"))?;
    let arguments = call.get("function.arguments").or_else(|| call.get("arguments"));
    let mut function = Map::from_iter([("name".to_owned(), name.clone())]);
    function.extend(arguments.map(|arguments| ("arguments".to_owned(), arguments.clone())));
    let mut whole = json!({ "type": "function", "function": function });
    if let (Some(id), Some(object)) = (call.get("id"), whole.as_object_mut()) {
        object.insert("id".to_owned(), id.clone());
    }
    Some(whole)
}

fn tool(item: &Item) -> Option<Json> {
    if let Some(schema) = item.get("json_schema") {
        return Some(table::json(schema));
    }
    let name = item.get("name")?;
    let mut function = Map::from_iter([("name".to_owned(), name.clone())]);
    for field in ["description", "parameters", "strict"] {
        let value = item.get(field).map(|value| table::json(value).to_value());
        function.extend(value.map(|value| (field.to_owned(), value)));
    }
    Some(Json::from(&json!({ "type": "function", "function": function })))
}
