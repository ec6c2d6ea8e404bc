//! OpenAI's responses and their events.

use super::{datas, object};
use crate::dialect::delta::quoted;
use crate::edit;
use crate::view::{Kind, View};

/// Kinds of the event that holds the whole response.
const LAST: [&str; 2] = ["response.completed", "response.incomplete"];

/// The response that events add up to; `None` when they are no whole answer.
#[must_use]
pub fn whole_of_events(events: &str) -> Option<String> {
    let datas = datas(events)?;
    datas.iter().rev().find_map(|data| {
        let event = View::checked(data)?.object();
        let kind = event.text("type")?;
        LAST.contains(&kind.as_ref())
            .then(|| event.get("response").map(|it| it.raw().to_owned()))?
    })
}

/// Events with their numbers.
#[derive(Default)]
struct Writer {
    text: String,
    count: u64,
}

impl Writer {
    fn event(&mut self, kind: &str, members: &[(&str, String)]) {
        let head = [("type", quoted(kind)), ("sequence_number", self.count.to_string())];
        let data = object(head.into_iter().chain(members.iter().cloned()));
        self.text.push_str(&super::event(Some(kind), &data));
        self.count += 1;
    }
}

/// The events that a response would have been; `None` when it is none.
#[must_use]
pub fn events_of_whole(body: &str) -> Option<String> {
    let view = View::checked(body)?;
    let response = view.object();
    let output = response.get("output").filter(|output| output.kind() == Kind::List)?;
    let status = response.text("status").unwrap_or_default();
    let last = match status.as_ref() {
        "incomplete" => "response.incomplete",
        _ => "response.completed",
    };
    let begun = edit::with_members(
        view.raw(),
        &[
            ("status", quoted("in_progress")),
            ("output", "[]".to_owned()),
            ("usage", "null".to_owned()),
        ],
    );
    let mut writer = Writer::default();
    writer.event("response.created", &[("response", begun.clone())]);
    writer.event("response.in_progress", &[("response", begun)]);
    for (index, item) in output.items().enumerate() {
        item_events(&mut writer, index, item);
    }
    writer.event(last, &[("response", view.raw().to_owned())]);
    Some(writer.text)
}

fn item_events(writer: &mut Writer, index: usize, item: View<'_>) {
    let fields = item.object();
    let place = ("output_index", index.to_string());
    let id = ("item_id", fields.get("id").map_or("null", View::raw).to_owned());
    let emptied = match fields.text("type").as_deref() {
        Some("message") => vec![("status", quoted("in_progress")), ("content", "[]".to_owned())],
        Some("function_call") => {
            vec![("status", quoted("in_progress")), ("arguments", quoted(""))]
        }
        _ => Vec::new(),
    };
    let begun = edit::with_members(item.raw(), &emptied);
    writer.event("response.output_item.added", &[place.clone(), ("item", begun)]);
    match fields.text("type").as_deref() {
        Some("message") => {
            let parts = fields.get("content").into_iter().flat_map(View::items);
            for (at, part) in parts.enumerate() {
                let places = [id.clone(), place.clone(), ("content_index", at.to_string())];
                part_events(writer, &places, part);
            }
        }
        Some("function_call") => {
            let arguments = fields.get("arguments").map_or("\"\"", View::raw).to_owned();
            let kind = "response.function_call_arguments";
            let with = |name| [id.clone(), place.clone(), (name, arguments.clone())];
            writer.event(&format!("{kind}.delta"), &with("delta"));
            writer.event(&format!("{kind}.done"), &with("arguments"));
        }
        _ => {}
    }
    writer.event("response.output_item.done", &[place, ("item", item.raw().to_owned())]);
}

fn part_events(writer: &mut Writer, places: &[(&'static str, String)], part: View<'_>) {
    let fields = part.object();
    let (kind, name) = match fields.text("type").as_deref() {
        Some("refusal") => ("response.refusal", "refusal"),
        _ => ("response.output_text", "text"),
    };
    let text = fields.get(name).map_or("\"\"", View::raw).to_owned();
    let with = |name: &'static str, value: String| {
        let mut members = places.to_vec();
        members.push((name, value));
        members
    };
    let emptied = edit::with_members(part.raw(), &[(name, quoted(""))]);
    writer.event("response.content_part.added", &with("part", emptied));
    writer.event(&format!("{kind}.delta"), &with("delta", text.clone()));
    writer.event(&format!("{kind}.done"), &with(name, text));
    writer.event("response.content_part.done", &with("part", part.raw().to_owned()));
}
