//! OpenAI's chat completions and their chunks.

use std::collections::BTreeMap;

use super::{datas, object};
use crate::dialect::delta::{Growing, quoted};
use crate::dialect::openai_chat::Fold;
use crate::edit;
use crate::view::{Kind, Object, View};

const CHUNK: &str = "\"chat.completion.chunk\"";
const WHOLE: &str = "\"chat.completion\"";

/// One choice as it grows.
#[derive(Default)]
struct Choice {
    fold: Fold,
    rest: Growing,
    finish_reason: Option<String>,
}

/// The completion that chunks add up to; `None` when they are no whole answer.
#[must_use]
pub fn whole_of_events(events: &str) -> Option<String> {
    let datas = datas(events)?;
    let mut head: Vec<(String, String)> = Vec::new();
    let mut choices: BTreeMap<u64, Choice> = BTreeMap::new();
    let mut usage = None;
    for data in &datas {
        let chunk = View::checked(data)?.object();
        for (key, value) in chunk.iter() {
            match key {
                // The last is padding that only events need.
                "object" | "choices" | "obfuscation" => {}
                "usage" => usage = Some(value.raw().to_owned()).filter(|it| it != "null").or(usage),
                _ if head.iter().any(|(name, _)| name == key) => {}
                _ => head.push((key.to_owned(), value.raw().to_owned())),
            }
        }
        for choice in chunk.get("choices").into_iter().flat_map(View::items) {
            add(&mut choices, &choice.object());
        }
    }
    let is_whole = |choice: &Choice| choice.finish_reason.is_some();
    if choices.is_empty() || !choices.values().all(is_whole) {
        return None;
    }
    let choices: Vec<String> = choices.into_iter().filter_map(finished).collect();
    let (ids, head): (Vec<_>, Vec<_>) = head.into_iter().partition(|(name, _)| name == "id");
    let object_member = ("object".to_owned(), WHOLE.to_owned());
    let head: Vec<_> = ids.into_iter().chain([object_member]).chain(head).collect();
    let mut members: Vec<(&str, String)> =
        head.iter().map(|(name, value)| (name.as_str(), value.clone())).collect();
    members.push(("choices", format!("[{}]", choices.join(","))));
    members.extend(usage.map(|usage| ("usage", usage)));
    Some(object(members))
}

fn add(choices: &mut BTreeMap<u64, Choice>, part: &Object<'_>) {
    let index = part.get("index").and_then(View::to_u64).unwrap_or_default();
    let choice = choices.entry(index).or_default();
    choice.fold.add_choice(part);
    for (key, value) in part.iter() {
        match key {
            "index" | "delta" | "message" => {}
            "finish_reason" if value.is_null() => {}
            "finish_reason" => choice.finish_reason = Some(value.raw().to_owned()),
            _ if value.is_null() => {}
            _ => choice.rest.merge_member(key, value, 0),
        }
    }
}

fn finished((index, choice): (u64, Choice)) -> Option<String> {
    let message = choice.fold.finish().message;
    let message = message.unwrap_or_else(|| r#"{"role":"assistant","content":null}"#.to_owned());
    let mut text = format!(r#"{{"index":{index},"message":{message}"#);
    choice.rest.write_members(&mut text);
    text.push_str(&format!(r#","finish_reason":{}}}"#, choice.finish_reason?));
    Some(text)
}

/// The chunks that a completion would have been; `None` when it is none.
#[must_use]
pub fn events_of_whole(body: &str, wants_usage: bool) -> Option<String> {
    let members = edit::members(body)?;
    let choices = members.iter().rfind(|(key, _)| key == "choices").map(|(_, raw)| *raw)?;
    if View::part(choices).kind() != Kind::List {
        return None;
    }
    let head: Vec<(&str, String)> = members
        .iter()
        .filter(|(key, _)| !matches!(key.as_ref(), "choices" | "usage"))
        .map(|(key, raw)| match key.as_ref() {
            "object" => ("object", CHUNK.to_owned()),
            key => (key, (*raw).to_owned()),
        })
        .collect();
    let event = |choices: &str, usage: Option<&str>| {
        let usage = usage.map(|usage| ("usage", usage.to_owned()));
        let last = [("choices", choices.to_owned())].into_iter().chain(usage);
        super::event(None, &object(head.iter().cloned().chain(last)))
    };
    let mut events = String::new();
    for (at, choice) in edit::items(choices).enumerate() {
        let choice = View::part(choice).object();
        let index = choice.get("index").and_then(View::to_u64).unwrap_or(at as u64);
        let delta = choice.get("message").map_or_else(|| "{}".to_owned(), delta_of);
        let logprobs = choice.get("logprobs");
        let logprobs =
            logprobs.map(|it| format!(r#","logprobs":{}"#, it.raw())).unwrap_or_default();
        let said =
            format!(r#"[{{"index":{index},"delta":{delta}{logprobs},"finish_reason":null}}]"#);
        events.push_str(&event(&said, None));
        let reason = choice.get("finish_reason").map_or("\"stop\"", View::raw);
        let known = ["index", "message", "logprobs", "finish_reason"];
        let rest = choice.iter().filter(|(key, _)| !known.contains(key));
        let rest: String = rest.map(|(key, it)| format!(",{}:{}", quoted(key), it.raw())).collect();
        let ended = format!(r#"[{{"index":{index},"delta":{{}}{rest},"finish_reason":{reason}}}]"#);
        events.push_str(&event(&ended, None));
    }
    let usage = members.iter().rfind(|(key, raw)| key == "usage" && *raw != "null");
    if let Some((_, usage)) = usage.filter(|_| wants_usage) {
        events.push_str(&event("[]", Some(usage)));
    }
    events.push_str("data: [DONE]\n\n");
    Some(events)
}

/// A message as one delta: tool calls carry their place.
fn delta_of(message: View<'_>) -> String {
    let members = message.members().filter(|(_, value)| !value.is_null());
    let members: Vec<String> = members
        .map(|(key, value)| match key.as_ref() {
            "tool_calls" => {
                let calls = value.items().enumerate().map(|(index, call)| {
                    let index = [("index", index.to_string())];
                    edit::with_members(call.raw(), &index)
                });
                format!(r#""tool_calls":[{}]"#, calls.collect::<Vec<_>>().join(","))
            }
            key => format!("{}:{}", quoted(key), value.raw()),
        })
        .collect();
    format!("{{{}}}", members.join(","))
}
