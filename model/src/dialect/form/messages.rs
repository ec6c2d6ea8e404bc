//! Anthropic's messages and their events.

use super::{datas, object};
use crate::dialect::anthropic::Fold;
use crate::dialect::delta::quoted;
use crate::edit;
use crate::view::{Kind, Object, View};

/// The message that events add up to; `None` when they are no whole answer.
#[must_use]
pub fn whole_of_events(events: &str) -> Option<String> {
    let datas = datas(events)?;
    let mut start = None;
    let mut fold = Fold::default();
    let mut last: Vec<(String, String)> = Vec::new();
    let mut usage = String::from("{}");
    let mut is_whole = false;
    for data in &datas {
        let event = View::checked(data)?.object();
        let kind = event.text("type")?;
        match kind.as_ref() {
            "message_start" => {
                let message = event.get("message")?;
                usage = message.get("usage").map_or(usage, |usage| usage.raw().to_owned());
                start = Some(message.raw().to_owned());
            }
            "message_delta" => {
                let delta = event.get("delta").into_iter().flat_map(View::members);
                last.extend(delta.map(|(key, value)| (key.into_owned(), value.raw().to_owned())));
                if let Some(counts) = event.get("usage") {
                    usage = with_all(&usage, &members_of(counts));
                }
            }
            "message_stop" => is_whole = true,
            _ => {}
        }
        fold.add(&kind, &event);
    }
    let message = fold.finish().message.filter(|_| is_whole)?;
    let content = View::part(&message).get("content")?.raw().to_owned();
    last.extend([("content".to_owned(), content), ("usage".to_owned(), usage)]);
    Some(with_all(&start?, &last))
}

fn members_of(view: View<'_>) -> Vec<(String, String)> {
    view.members().map(|(key, value)| (key.into_owned(), value.raw().to_owned())).collect()
}

fn with_all(text: &str, members: &[(String, String)]) -> String {
    let members: Vec<(&str, String)> =
        members.iter().map(|(key, value)| (key.as_str(), value.clone())).collect();
    edit::with_members(text, &members)
}

/// The events that a message would have been; `None` when it is none.
#[must_use]
pub fn events_of_whole(body: &str) -> Option<String> {
    let view = View::checked(body)?;
    let message = view.object();
    let content = message.get("content").filter(|content| content.kind() == Kind::List)?;
    let raw = |name: &str| message.get(name).map_or("null", View::raw).to_owned();
    let begun = edit::with_members(
        view.raw(),
        &[
            ("content", "[]".to_owned()),
            ("stop_reason", "null".to_owned()),
            ("stop_sequence", "null".to_owned()),
        ],
    );
    let mut events = event("message_start", [("message", begun)]);
    for (index, block) in content.items().enumerate() {
        events.push_str(&block_events(index, block));
    }
    let delta =
        object([("stop_reason", raw("stop_reason")), ("stop_sequence", raw("stop_sequence"))]);
    events.push_str(&event("message_delta", [("delta", delta), ("usage", raw("usage"))]));
    events.push_str(&event("message_stop", []));
    Some(events)
}

fn event<const N: usize>(kind: &str, members: [(&str, String); N]) -> String {
    let data = object([("type", quoted(kind))].into_iter().chain(members));
    super::event(Some(kind), &data)
}

fn block_events(index: usize, block: View<'_>) -> String {
    let fields = block.object();
    let empty = || quoted("");
    let text = |name: &str| fields.get(name).map_or_else(empty, |text| text.raw().to_owned());
    // What the block begins with, and the deltas that fill it.
    let (begun, deltas) = match fields.text("type").as_deref() {
        Some("text") => {
            let text = ("text_delta", "text", text("text"));
            (vec![("text", empty())], vec![text])
        }
        Some("thinking") => {
            let thinking = ("thinking_delta", "thinking", text("thinking"));
            let signature = ("signature_delta", "signature", text("signature"));
            (vec![("thinking", empty()), ("signature", empty())], vec![thinking, signature])
        }
        Some("tool_use" | "server_tool_use") => {
            let input = fields.get("input").map_or("{}", View::raw);
            let input = ("input_json_delta", "partial_json", quoted(input));
            (vec![("input", "{}".to_owned())], vec![input])
        }
        _ => (Vec::new(), Vec::new()),
    };
    let place = ("index", index.to_string());
    let begun = edit::with_members(block.raw(), &begun);
    let begun = in_order(begun, &fields);
    let mut events = event("content_block_start", [place.clone(), ("content_block", begun)]);
    for (kind, name, value) in deltas {
        let delta = object([("type", quoted(kind)), (name, value)]);
        events.push_str(&event("content_block_delta", [place.clone(), ("delta", delta)]));
    }
    events.push_str(&event("content_block_stop", [place]));
    events
}

/// An emptied block with its members in the order that they had.
fn in_order(begun: String, fields: &Object<'_>) -> String {
    let view = View::part(&begun);
    let members = fields.iter().filter_map(|(key, _)| Some((key, view.get(key)?.raw().to_owned())));
    object(members)
}
