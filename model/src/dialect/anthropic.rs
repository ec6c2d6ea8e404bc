//! Anthropic's messages.

use std::collections::BTreeMap;

use super::delta::quoted;
use super::{Found, usage};
use crate::view::{Kind, Object, View};
use crate::{Json, Usage};

/// A `message`.
pub(super) fn whole(body: &Object<'_>) -> Option<Found> {
    let content = body.get("content").filter(|content| content.kind() == Kind::List)?;
    let role = body.text("role")?;
    Some(Found {
        message: Some(message(&role, content.raw())),
        usage: body.get("usage").and_then(usage::read),
        cost: body.get("usage").and_then(usage::cost),
        finish_reason: body.string("stop_reason"),
        model: body.string("model"),
        error: None,
    })
}

fn message(role: &str, content: &str) -> String {
    format!(r#"{{"role":{},"content":{content}}}"#, quoted(role))
}

/// Whether an event belongs to a streamed message.
pub(super) fn is_event(kind: &str) -> bool {
    kind.starts_with("message_") || kind.starts_with("content_block_")
}

/// A message as it grows.
#[derive(Debug, Default)]
pub(super) struct Fold {
    role: Option<String>,
    blocks: BTreeMap<u64, Block>,
    found: Found,
}

/// A content block: the members it began with and the texts that grew since.
#[derive(Debug, Default)]
struct Block {
    members: Vec<(String, String)>,
    grown: BTreeMap<&'static str, String>,
    citations: Vec<String>,
}

impl Fold {
    pub(super) fn add(&mut self, kind: &str, event: &Object<'_>) {
        match kind {
            "message_start" => {
                let Some(message) = event.get("message").map(View::object) else { return };
                self.role = message.string("role");
                self.found.model = message.string("model");
                let counts = message.get("usage").and_then(usage::read);
                // How long the answer becomes is not known yet: it counts a few tokens
                // that stand for it until the last event counts them all.
                self.add_usage(counts.and_then(usage::of_prompt));
            }
            "message_delta" => {
                self.add_usage(event.get("usage").and_then(usage::read));
                self.found.cost = event.get("usage").and_then(usage::cost).or(self.found.cost);
                if let Some(delta) = event.get("delta").map(View::object) {
                    self.found.finish_reason = delta.string("stop_reason");
                }
            }
            "content_block_start" => {
                let Some(block) = event.get("content_block") else { return };
                let members =
                    block.members().map(|(key, value)| (key.into_owned(), value.raw().to_owned()));
                self.blocks
                    .insert(index(event), Block { members: members.collect(), ..Block::default() });
            }
            "content_block_delta" => {
                if let Some(delta) = event.get("delta") {
                    self.blocks.entry(index(event)).or_default().add(&delta.object());
                }
            }
            _ => {}
        }
    }

    fn add_usage(&mut self, counts: Option<Usage>) {
        self.found.usage = usage::grown(self.found.usage, counts);
    }

    pub(super) fn finish(mut self) -> Found {
        if self.role.is_some() || !self.blocks.is_empty() {
            let blocks: Vec<String> = self.blocks.values().map(Block::to_json).collect();
            let content = format!("[{}]", blocks.join(","));
            self.found.message =
                Some(message(self.role.as_deref().unwrap_or("assistant"), &content));
        }
        self.found
    }
}

fn index(event: &Object<'_>) -> u64 {
    event.get("index").and_then(View::to_u64).unwrap_or_default()
}

impl Block {
    fn add(&mut self, delta: &Object<'_>) {
        let mut grow = |field: &'static str, name: &str| {
            if let Some(value) = delta.get(name) {
                self.grown.entry(field).or_default().extend(value.chars());
            }
        };
        match delta.text("type").as_deref() {
            Some("text_delta") => grow("text", "text"),
            Some("thinking_delta") => grow("thinking", "thinking"),
            Some("signature_delta") => grow("signature", "signature"),
            Some("input_json_delta") => grow("input", "partial_json"),
            Some("citations_delta") => {
                self.citations
                    .extend(delta.get("citation").map(|citation| citation.raw().to_owned()));
            }
            _ => {}
        }
    }

    fn to_json(&self) -> String {
        let mut members: Vec<(String, String)> = Vec::with_capacity(self.members.len() + 1);
        for (key, value) in &self.members {
            let value = match self.grown.get(key.as_str()) {
                Some(grown) if key == "input" => input_json(grown, value),
                Some(grown) => {
                    let start = View::checked(value).and_then(View::text).unwrap_or_default();
                    quoted(&format!("{start}{grown}"))
                }
                None if key == "citations" && !self.citations.is_empty() => continue,
                None => value.clone(),
            };
            members.push((key.clone(), value));
        }
        for (key, grown) in &self.grown {
            if !self.members.iter().any(|(name, _)| name == key) {
                if self.members.is_empty() {
                    members.push(("type".to_owned(), quoted(type_of(key))));
                }
                let value = if *key == "input" { input_json(grown, "{}") } else { quoted(grown) };
                members.push(((*key).to_owned(), value));
            }
        }
        if !self.citations.is_empty() {
            members.push(("citations".to_owned(), format!("[{}]", self.citations.join(","))));
        }
        let members: Vec<String> =
            members.iter().map(|(key, value)| format!("{}:{value}", quoted(key))).collect();
        format!("{{{}}}", members.join(","))
    }
}

/// Arguments that are whole stand as they are, half ones as a text.
fn input_json(grown: &str, start: &str) -> String {
    if grown.is_empty() {
        return start.to_owned();
    }
    if Json::from_text(grown).is_ok() { grown.to_owned() } else { quoted(grown) }
}

/// The type of a block whose start was not received, by the field that grew.
fn type_of(field: &str) -> &'static str {
    match field {
        "thinking" | "signature" => "thinking",
        "input" => "tool_use",
        _ => "text",
    }
}
