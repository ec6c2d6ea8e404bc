//! OpenAI's responses.

use std::collections::BTreeMap;

use super::delta::quoted;
use super::{Found, error, usage};
use crate::view::{Kind, Object, View};

/// A `response`.
pub(super) fn whole(body: &Object<'_>) -> Option<Found> {
    let output = body.get("output").filter(|output| output.kind() == Kind::List);
    let first = output.and_then(|output| output.items().next());
    let is_typed = first.is_some_and(|item| item.get("type").is_some());
    if !is_typed && body.text("object").as_deref() != Some("response") {
        return None;
    }
    let items: Vec<&str> = output.into_iter().flat_map(View::items).map(View::raw).collect();
    let cut_short =
        body.get("incomplete_details").and_then(|details| details.get("reason")?.text());
    Some(Found {
        message: message(&items),
        usage: body.get("usage").and_then(usage::read),
        cost: body.get("usage").and_then(usage::cost),
        finish_reason: cut_short
            .map(|reason| reason.into_owned())
            .or_else(|| body.string("status")),
        model: body.string("model"),
        error: body.get("error").and_then(error::of_value),
    })
}

/// One assistant message of all output items: the item itself where there is
/// only one, else its content with calls and reasoning beside it.
fn message(items: &[&str]) -> Option<String> {
    let mut contents = Vec::new();
    let mut calls = Vec::new();
    let mut thoughts = Vec::new();
    for raw in items {
        let item = View::checked(raw)?;
        match item.get("type").and_then(View::text).as_deref() {
            Some("message") if items.len() == 1 => return Some((*raw).to_owned()),
            Some("message") => {
                let parts = item.get("content").into_iter().flat_map(View::items);
                contents.extend(parts.map(View::raw));
            }
            Some("reasoning") => thoughts.push(*raw),
            _ => calls.push(*raw),
        }
    }
    if items.is_empty() {
        return None;
    }
    let list = |items: &[&str]| format!("[{}]", items.join(","));
    let content = if contents.is_empty() { "null".to_owned() } else { list(&contents) };
    let mut message = format!(r#"{{"role":"assistant","content":{content}"#);
    for (name, items) in [("tool_calls", &calls), ("reasoning", &thoughts)] {
        if !items.is_empty() {
            message.push_str(&format!(r#","{name}":{}"#, list(items)));
        }
    }
    message.push('}');
    Some(message)
}

/// Whether an event belongs to a streamed response.
pub(super) fn is_event(kind: &str) -> bool {
    kind.starts_with("response.")
}

/// A response as it grows.
#[derive(Debug, Default)]
pub(super) struct Fold {
    /// The newest `response` object that an event carried.
    response: Option<String>,
    items: BTreeMap<u64, Item>,
}

/// An output item: as it began or ended, and the texts that came between.
#[derive(Debug, Default)]
struct Item {
    members: Vec<(String, String)>,
    done: bool,
    /// By the kind of part and its number.
    texts: BTreeMap<(&'static str, u64), String>,
    arguments: String,
}

impl Fold {
    pub(super) fn add(&mut self, kind: &str, event: &Object<'_>) {
        if let Some(response) = event.get("response") {
            self.response = Some(response.raw().to_owned());
        }
        let number = |name: &str| event.get(name).and_then(View::to_u64).unwrap_or_default();
        let place = number("output_index");
        match kind {
            "response.output_item.added" | "response.output_item.done" => {
                let Some(item) = event.get("item") else { return };
                let entry = self.items.entry(place).or_default();
                entry.done = kind.ends_with("done");
                entry.members = item
                    .members()
                    .map(|(key, value)| (key.into_owned(), value.raw().to_owned()))
                    .collect();
            }
            _ => {
                let Some(delta) = event.get("delta").filter(|delta| delta.kind() == Kind::Text)
                else {
                    return;
                };
                let text = match kind {
                    "response.output_text.delta" => ("output_text", number("content_index")),
                    "response.refusal.delta" => ("refusal", number("content_index")),
                    "response.reasoning_summary_text.delta" => {
                        ("summary_text", number("summary_index"))
                    }
                    "response.reasoning_text.delta" => ("reasoning_text", number("content_index")),
                    "response.function_call_arguments.delta"
                    | "response.custom_tool_call_input.delta"
                    | "response.mcp_call_arguments.delta" => {
                        let item = self.items.entry(place).or_default();
                        item.arguments.extend(delta.chars());
                        return;
                    }
                    _ => return,
                };
                let item = self.items.entry(place).or_default();
                item.texts.entry(text).or_default().extend(delta.chars());
            }
        }
    }

    pub(super) fn finish(self) -> Found {
        let last = self.response.as_deref().and_then(View::checked).map(View::object);
        let is_cut = last.as_ref().is_some_and(|response| {
            matches!(response.text("status").as_deref(), Some("in_progress" | "queued"))
        });
        let mut found = last.and_then(|response| whole(&response)).unwrap_or_default();
        if is_cut {
            found.usage = found.usage.and_then(usage::of_prompt);
            found.cost = None;
        }
        if found.message.is_none() {
            let items: Vec<String> = self.items.values().map(Item::to_json).collect();
            let items: Vec<&str> = items.iter().map(String::as_str).collect();
            found.message = message(&items);
        }
        found
    }
}

impl Item {
    /// The item as it would have ended with what has come of it.
    fn to_json(&self) -> String {
        let mut members = self.members.clone();
        if !self.done {
            let parts = |kinds: [&str; 2]| {
                let texts = self.texts.iter().filter(|((kind, _), _)| kinds.contains(kind));
                texts.map(|((kind, _), text)| part(kind, text)).collect::<Vec<_>>().join(",")
            };
            let content = parts(["output_text", "refusal"]);
            let thoughts = parts(["summary_text", "reasoning_text"]);
            if !content.is_empty() {
                replace(&mut members, "content", format!("[{content}]"));
                absent(&mut members, "type", "message");
                absent(&mut members, "role", "assistant");
            }
            if !thoughts.is_empty() {
                replace(&mut members, "summary", format!("[{thoughts}]"));
                absent(&mut members, "type", "reasoning");
            }
            if !self.arguments.is_empty() {
                let field = if members.iter().any(|(name, _)| name == "input") {
                    "input"
                } else {
                    "arguments"
                };
                replace(&mut members, field, quoted(&self.arguments));
                absent(&mut members, "type", "function_call");
            }
        }
        let members: Vec<String> =
            members.iter().map(|(key, value)| format!("{}:{value}", quoted(key))).collect();
        format!("{{{}}}", members.join(","))
    }
}

fn part(kind: &str, text: &str) -> String {
    let field = if kind == "refusal" { "refusal" } else { "text" };
    format!(r#"{{"type":{},{}:{}}}"#, quoted(kind), quoted(field), quoted(text))
}

fn replace(members: &mut Vec<(String, String)>, name: &str, value: String) {
    match members.iter_mut().find(|(key, _)| key == name) {
        Some((_, old)) => *old = value,
        None => members.push((name.to_owned(), value)),
    }
}

fn absent(members: &mut Vec<(String, String)>, name: &str, value: &str) {
    if !members.iter().any(|(key, _)| key == name) {
        members.push((name.to_owned(), quoted(value)));
    }
}
