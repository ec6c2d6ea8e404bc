//! Ollama's own API: `/api/chat` and `/api/generate`.

use super::openai_chat;
use super::{Found, usage};
use crate::view::{Kind, Object, View};

/// An answer of `/api/generate`; one of `/api/chat` wraps its message like others do.
pub(super) fn whole(body: &Object<'_>) -> Option<Found> {
    body.get("response").filter(|_| is_chunk(body))?;
    let mut fold = Fold::default();
    fold.add(body);
    Some(fold.finish())
}

/// Whether a line belongs to a streamed answer.
pub(super) fn is_chunk(line: &Object<'_>) -> bool {
    let is = |name: &str, kind: Kind| line.get(name).is_some_and(|value| value.kind() == kind);
    is("done", Kind::Bool) && (is("message", Kind::Object) || is("response", Kind::Text))
}

/// An answer as it grows.
#[derive(Debug, Default)]
pub(super) struct Fold {
    message: openai_chat::Fold,
    found: Found,
}

impl Fold {
    pub(super) fn add(&mut self, line: &Object<'_>) {
        self.message.add_choice(line);
        if let Some(text) = line.get("response").filter(|text| text.kind() == Kind::Text) {
            self.message.add_text_of(text);
        }
        if let Some(thought) = line.get("thinking") {
            self.message.add_member("thinking", thought);
        }
        self.found.model = line.string("model").or(self.found.model.take());
        self.found.finish_reason = line.string("done_reason").or(self.found.finish_reason.take());
        // Only the last line counts tokens.
        if line.get("done").and_then(View::to_bool) == Some(true) {
            self.found.usage = usage::of_ollama(line);
        }
    }

    pub(super) fn finish(self) -> Found {
        Found { message: self.message.finish().message, ..self.found }
    }
}
