//! OpenAI's chat completions, and the many that copy them.

use std::collections::BTreeMap;

use super::delta::{Growing, quoted};
use super::{Found, error, usage};
use crate::view::{Kind, Object, View};

/// A `chat.completion`, or a `text_completion`.
pub(super) fn whole(body: &Object<'_>) -> Option<Found> {
    let choices = body.get("choices").filter(|choices| choices.kind() == Kind::List)?;
    let choice = choices.items().next().map(View::object).unwrap_or_default();
    let message = choice.get("message").or_else(|| choice.get("delta"));
    let message = message.map(|message| message.raw().to_owned()).or_else(|| {
        let text = choice.get("text")?.raw();
        Some(format!(r#"{{"role":"assistant","content":{text}}}"#))
    });
    let model = body.string("model").filter(|model| !model.is_empty());
    Some(Found {
        message,
        usage: body.get("usage").and_then(|usage| usage::of_model(usage, model.as_deref())),
        cost: body.get("usage").and_then(usage::cost),
        finish_reason: choice.string("finish_reason"),
        model,
        error: choice.get("error").and_then(error::of_value),
    })
}

/// Whether an event is a `chat.completion.chunk`.
pub(super) fn is_chunk(event: &Object<'_>) -> bool {
    event.get("choices").is_some_and(|choices| choices.kind() == Kind::List)
}

/// Whether a choice says why it ended; some servers say an empty reason until then.
fn has_ended(choice: &Object<'_>) -> bool {
    choice.text("finish_reason").is_some_and(|reason| !reason.is_empty())
}

/// The first choice of a stream of chunks.
#[derive(Debug, Default)]
pub(super) struct Fold {
    began: bool,
    role: Option<String>,
    content: Option<String>,
    /// Content that came as parts (Mistral).
    parts: Vec<ContentPart>,
    rest: Growing,
    /// Which choices have ended, by their number.
    ended: BTreeMap<u64, bool>,
    found: Found,
}

#[derive(Debug)]
enum ContentPart {
    Text(String),
    Thinking(String),
    Whole(String),
}

impl Fold {
    pub(super) fn add(&mut self, chunk: &Object<'_>) {
        if let Some(model) = chunk.string("model").filter(|model| !model.is_empty()) {
            self.found.model = Some(model);
        }
        let choices: Vec<Object<'_>> =
            chunk.get("choices").into_iter().flat_map(View::items).map(View::object).collect();
        for choice in &choices {
            let number = choice.get("index").and_then(View::to_u64).unwrap_or_default();
            *self.ended.entry(number).or_default() |= has_ended(choice);
            if number == 0 {
                self.add_choice(choice);
            }
        }
        self.add_usage(chunk, &choices);
    }

    fn add_usage(&mut self, chunk: &Object<'_>, choices: &[Object<'_>]) {
        // Groq has the usage in its own corner as well, and Moonshot in the choice.
        let in_choice = || choices.iter().find_map(|choice| choice.get("usage"));
        let counts = chunk.get("usage").or_else(|| chunk.get("x_groq")?.get("usage"));
        let Some(counts) = counts.or_else(in_choice) else { return };
        // Some servers count with every chunk what has come so far; that of the whole
        // answer comes with its end, or after it without a choice.
        let is_last = match choices {
            [] => self.began,
            _ => self.ended.values().all(|ended| *ended),
        };
        let usage = usage::of_model(counts, self.found.model.as_deref());
        let usage = if is_last { usage } else { usage.and_then(usage::of_prompt) };
        self.found.usage = usage::grown(self.found.usage, usage);
        self.found.cost = usage::cost(counts).filter(|_| is_last).or(self.found.cost);
    }

    /// Adds a part of one choice.
    pub(super) fn add_choice(&mut self, choice: &Object<'_>) {
        if let Some(reason) = choice.string("finish_reason").filter(|reason| !reason.is_empty()) {
            self.found.finish_reason = Some(reason);
        }
        if let Some(error) = choice.get("error").and_then(error::of_value) {
            self.found.error = Some(error);
        }
        if let Some(text) = choice.get("text") {
            self.add_text_of(text);
        }
        let Some(delta) = choice.get("delta").or_else(|| choice.get("message")) else { return };
        for (key, value) in delta.members() {
            self.began = true;
            match key.as_ref() {
                "role" => {
                    let role = value.text().filter(|role| !role.is_empty());
                    self.role = role.map(|role| role.into_owned()).or(self.role.take());
                }
                "content" => self.add_content(value),
                _ => self.rest.merge_member(&key, value, 0),
            }
        }
    }

    /// Adds a text that does not stand in a message.
    pub(super) fn add_text_of(&mut self, text: View<'_>) {
        self.began = true;
        self.add_content(text);
    }

    /// Adds a member of the message.
    pub(super) fn add_member(&mut self, key: &str, value: View<'_>) {
        self.began = true;
        self.rest.merge_member(key, value, 0);
    }

    fn add_content(&mut self, value: View<'_>) {
        match value.kind() {
            Kind::Text if self.parts.is_empty() => {
                self.content.get_or_insert_default().extend(value.chars());
            }
            Kind::Text => self.add_text(value),
            Kind::List => {
                let before = self.content.take().filter(|text| !text.is_empty());
                self.parts.extend(before.map(ContentPart::Text));
                value.items().for_each(|part| self.add_part(part));
            }
            _ => {}
        }
    }

    fn add_text(&mut self, value: View<'_>) {
        if let Some(ContentPart::Text(text)) = self.parts.last_mut() {
            text.extend(value.chars());
        } else {
            self.parts.push(ContentPart::Text(value.chars().collect()));
        }
    }

    fn add_part(&mut self, part: View<'_>) {
        let object = part.object();
        let thinking = object.get("thinking");
        if let Some(text) =
            object.get("text").filter(|_| object.text("type").as_deref() == Some("text"))
        {
            self.add_text(text);
        } else if let Some(thinking) = thinking.filter(|list| list.kind() == Kind::List) {
            if !matches!(self.parts.last(), Some(ContentPart::Thinking(_))) {
                self.parts.push(ContentPart::Thinking(String::new()));
            }
            if let Some(ContentPart::Thinking(text)) = self.parts.last_mut() {
                let thoughts = thinking.items().filter_map(|item| item.get("text"));
                thoughts.for_each(|thought| text.extend(thought.chars()));
            }
        } else {
            self.parts.push(ContentPart::Whole(part.raw().to_owned()));
        }
    }

    pub(super) fn finish(mut self) -> Found {
        if !self.began {
            return self.found;
        }
        let role = self.role.as_deref().unwrap_or("assistant");
        let mut message = format!(r#"{{"role":{},"content":"#, quoted(role));
        match &self.content {
            _ if !self.parts.is_empty() => self.write_parts(&mut message),
            Some(text) if !text.is_empty() || self.rest.is_empty() => {
                message.push_str(&quoted(text))
            }
            _ => message.push_str("null"),
        }
        self.rest.write_members(&mut message);
        message.push('}');
        self.found.message = Some(message);
        self.found
    }

    fn write_parts(&self, into: &mut String) {
        let parts = self.parts.iter().map(|part| match part {
            ContentPart::Text(text) => format!(r#"{{"type":"text","text":{}}}"#, quoted(text)),
            ContentPart::Thinking(text) => format!(
                r#"{{"type":"thinking","thinking":[{{"type":"text","text":{}}}]}}"#,
                quoted(text)
            ),
            ContentPart::Whole(json) => json.clone(),
        });
        into.push('[');
        into.push_str(&parts.collect::<Vec<_>>().join(","));
        into.push(']');
    }
}
