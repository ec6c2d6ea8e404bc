//! Gemini's `generateContent`.

use super::{Found, delta::quoted, usage};
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
    Some(Found { message: message.or(found.message.clone()), ..found })
}

/// Whether an event is a piece of a streamed answer.
pub(super) fn is_chunk(event: &Object<'_>) -> bool {
    event.get("candidates").is_some_and(|candidates| candidates.kind() == Kind::List)
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
        self.found.model = chunk.string("modelVersion").or(self.found.model.take());
        let counts = chunk.get("usageMetadata").and_then(usage::read);
        self.found.usage = usage::grown(self.found.usage, counts);
        let candidate = chunk.get("candidates").and_then(|list| list.items().next());
        let Some(candidate) = candidate.map(View::object) else { return };
        self.found.finish_reason =
            candidate.string("finishReason").or(self.found.finish_reason.take());
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
