//! Requests, told apart by their shape.

use std::borrow::Cow;

use crate::Json;
use crate::view::{Kind, Object, View};

/// A request that was recognised.
pub(crate) struct Request<'a> {
    body: Object<'a>,
    /// The field that holds the messages.
    field: &'static str,
}

/// Fields that hold messages, in the order in which they decide.
const MESSAGES: [&str; 4] = ["messages", "contents", "input", "prompt"];
/// Fields that hold instructions beside the messages.
const INSTRUCTIONS: [&str; 4] =
    ["system", "instructions", "systemInstruction", "system_instruction"];

impl<'a> Request<'a> {
    /// Recognises a request by the field that holds its messages.
    pub(crate) fn read(view: View<'a>) -> Option<Self> {
        let body = view.object();
        let field = MESSAGES.into_iter().find(|name| {
            body.get(name).is_some_and(|value| match *name {
                "messages" | "contents" => value.kind() == Kind::List,
                _ => matches!(value.kind(), Kind::List | Kind::Text),
            })
        })?;
        Some(Self { body, field })
    }

    /// The JSON text of every message, instructions first.
    pub(crate) fn messages(&self) -> Vec<Cow<'a, str>> {
        let instructions = INSTRUCTIONS.iter().filter_map(|name| {
            let value = self.body.get(name)?;
            match value.kind() {
                Kind::Text | Kind::List => Some(as_message("system", "content", value.raw())),
                Kind::Object => Some(as_message("system", "parts", value.get("parts")?.raw())),
                _ => None,
            }
        });
        let list = self.body.get(self.field);
        let items = list.into_iter().flat_map(View::items).map(|item| match item.kind() {
            Kind::Text => as_message("user", "content", item.raw()),
            _ => Cow::Borrowed(item.raw()),
        });
        let text = list.filter(|value| value.kind() == Kind::Text);
        let single = text.map(|text| as_message("user", "content", text.raw()));
        instructions.chain(items).chain(single).collect()
    }

    /// The variables of message templates: an object `input` beside the messages.
    pub(crate) fn variables(&self) -> Option<View<'a>> {
        (self.field == "messages")
            .then(|| self.body.get("input").filter(|input| input.kind() == Kind::Object))
            .flatten()
    }

    pub(crate) fn model(&self) -> Option<String> {
        self.body.string("model").filter(|model| !model.is_empty())
    }

    /// The tools as they came; OpenAI's old `functions` as tools.
    pub(crate) fn tools(&self) -> Vec<Json> {
        let tools = self.body.get("tools").into_iter().flat_map(View::items);
        let functions = self.body.get("functions").into_iter().flat_map(View::items);
        let wrapped = functions.filter_map(|function| {
            Json::from_text(&format!(r#"{{"type":"function","function":{}}}"#, function.raw())).ok()
        });
        tools.filter_map(View::to_json).chain(wrapped).collect()
    }

    /// What is neither messages, model nor tools.
    pub(crate) fn parameters(&self) -> Vec<(String, Json)> {
        let kept = self.body.iter().filter(|(name, value)| {
            !value.is_null()
                && *name != self.field
                && !INSTRUCTIONS.contains(name)
                && !matches!(*name, "model" | "tools" | "functions")
                && (*name != "input" || self.variables().is_none())
        });
        kept.filter_map(|(name, value)| Some((name.to_owned(), value.to_json()?))).collect()
    }
}

fn as_message<'a>(role: &str, field: &str, raw: &str) -> Cow<'a, str> {
    Cow::Owned(format!(r#"{{"role":"{role}","{field}":{raw}}}"#))
}
