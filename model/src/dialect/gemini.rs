//! Gemini's `generateContent`.

use super::{Found, delta::quoted, usage};
use crate::Usage;
use crate::view::{Kind, Object, View};

/// A `GenerateContentResponse`.
pub(super) fn whole(body: &Object<'_>) -> Option<Found> {
    if !is_chunk(body) {
        return None;
    }
    let mut fold = Fold::default();
    fold.add(body);
    let content =
        body.get("candidates")?.items().next().and_then(|candidate| candidate.get("content"));
    let message = content.and_then(View::present).map(|content| content.raw().to_owned());
    let found = fold.finish();
    let counts = usage_of(body);
    Some(Found { message: message.or(found.message.clone()), usage: counts, ..found })
}

/// Whether an event is a piece of a streamed answer.
pub(super) fn is_chunk(event: &Object<'_>) -> bool {
    event.get("candidates").is_some_and(|candidates| candidates.kind() == Kind::List)
}

fn usage_of(body: &Object<'_>) -> Option<Usage> {
    let counts = body.get("usageMetadata").or_else(|| body.get("usage_metadata"));
    counts.and_then(usage::read)
}

/// The first candidate as it grows.
#[derive(Debug, Default)]
pub(super) struct Fold {
    parts: Vec<Piece>,
    found: Found,
}

#[derive(Debug)]
enum Piece {
    Text { text: String, is_thought: bool },
    Whole(String),
}

impl Fold {
    pub(super) fn add(&mut self, chunk: &Object<'_>) {
        let model = chunk.string("modelVersion").or_else(|| chunk.string("model_version"));
        self.found.model = model.or(self.found.model.take());
        let candidate = chunk.get("candidates").and_then(|list| list.items().next());
        let candidate = candidate.map(View::object).unwrap_or_default();
        let reason = candidate.string("finishReason").or_else(|| candidate.string("finish_reason"));
        self.found.finish_reason = reason.or(self.found.finish_reason.take());
        // Every chunk counts what has come so far.
        let is_last = self.found.finish_reason.is_some();
        let counts = usage_of(chunk);
        let counts = if is_last { counts } else { counts.and_then(usage::of_prompt) };
        self.found.usage = usage::grown(self.found.usage, counts);
        let parts = candidate.get("content").and_then(|content| content.get("parts"));
        for part in parts.into_iter().flat_map(View::items) {
            self.add_part(part);
        }
    }

    fn add_part(&mut self, part: View<'_>) {
        let object = part.object();
        let known = object.iter().all(|(key, _)| matches!(key, "text" | "thought"));
        let Some(text) = object.get("text").filter(|_| known) else {
            self.parts.push(Piece::Whole(part.raw().to_owned()));
            return;
        };
        let thought = object.get("thought").and_then(View::to_bool).unwrap_or(false);
        match self.parts.last_mut() {
            Some(Piece::Text { text: grown, is_thought }) if *is_thought == thought => {
                grown.extend(text.chars());
            }
            _ => self.parts.push(Piece::Text { text: text.chars().collect(), is_thought: thought }),
        }
    }

    pub(super) fn finish(mut self) -> Found {
        let parts: Vec<String> = self.parts.iter().map(Piece::to_json).collect();
        if !parts.is_empty() {
            let list = parts.join(",");
            self.found.message = Some(format!(r#"{{"role":"model","parts":[{list}]}}"#));
        }
        self.found
    }
}

impl Piece {
    fn to_json(&self) -> String {
        match self {
            Self::Text { text, is_thought: false } => format!(r#"{{"text":{}}}"#, quoted(text)),
            Self::Text { text, .. } => format!(r#"{{"text":{},"thought":true}}"#, quoted(text)),
            Self::Whole(json) => json.clone(),
        }
    }
}
