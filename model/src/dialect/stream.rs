//! Folds a stream into the answer that it would have been in one piece.

use std::borrow::Cow;

use super::{Found, anthropic, error, gemini, ollama, openai_chat, openai_responses, sse, values};
use crate::RunError;
use crate::view::{Object, View};

/// The fold of the dialect that the first known event spoke.
#[derive(Default)]
enum Dialect {
    #[default]
    Unknown,
    Chat(Box<openai_chat::Fold>),
    Responses(openai_responses::Fold),
    Anthropic(anthropic::Fold),
    Gemini(gemini::Fold),
    Ollama(Box<ollama::Fold>),
}

#[derive(Default)]
struct Fold {
    dialect: Dialect,
    error: Option<RunError>,
}

/// The data of each event of a stream as received.
pub(super) fn datas(text: &str) -> Box<dyn Iterator<Item = Cow<'_, str>> + '_> {
    match values::is_stream(text) {
        true => Box::new(values::values(text).into_iter().map(Cow::Borrowed)),
        false => Box::new(sse::events(text)),
    }
}

/// A stream as received; `None` when no event is known.
pub(super) fn fold_text(text: &str) -> Option<Found> {
    let mut fold = Fold::default();
    for data in datas(text) {
        // `[DONE]` and a tail that was cut off are no JSON.
        if let Some(view) = View::checked(&data) {
            fold.add(view);
        }
    }
    fold.finish()
}

/// A list of the events' data, as some clients keep it.
pub(super) fn fold_list(list: View<'_>) -> Option<Found> {
    let mut fold = Fold::default();
    list.items().for_each(|event| fold.add(event));
    fold.finish()
}

impl Fold {
    fn add(&mut self, view: View<'_>) {
        let event = view.object();
        if let Some(error) = error::of_body(&event) {
            self.error.get_or_insert(error);
        }
        let kind = event.text("type").unwrap_or_default();
        if matches!(self.dialect, Dialect::Unknown) {
            self.dialect = Dialect::of(&kind, &event);
        }
        match &mut self.dialect {
            Dialect::Unknown => {}
            Dialect::Chat(fold) => fold.add(&event),
            Dialect::Responses(fold) => fold.add(&kind, &event),
            Dialect::Anthropic(fold) => fold.add(&kind, &event),
            Dialect::Gemini(fold) => fold.add(&event),
            Dialect::Ollama(fold) => fold.add(&event),
        }
    }

    fn finish(self) -> Option<Found> {
        let found = match self.dialect {
            Dialect::Unknown => None,
            Dialect::Chat(fold) => Some(fold.finish()),
            Dialect::Responses(fold) => Some(fold.finish()),
            Dialect::Anthropic(fold) => Some(fold.finish()),
            Dialect::Gemini(fold) => Some(fold.finish()),
            Dialect::Ollama(fold) => Some(fold.finish()),
        };
        if found.is_none() && self.error.is_none() {
            return None;
        }
        let found = found.unwrap_or_default();
        Some(Found { error: self.error.or(found.error), ..found })
    }
}

impl Dialect {
    fn of(kind: &str, event: &Object<'_>) -> Self {
        if openai_chat::is_chunk(event) {
            Self::Chat(Box::default())
        } else if openai_responses::is_event(kind) {
            Self::Responses(openai_responses::Fold::default())
        } else if anthropic::is_event(kind) {
            Self::Anthropic(anthropic::Fold::default())
        } else if gemini::is_chunk(event) {
            Self::Gemini(gemini::Fold::default())
        } else if ollama::is_chunk(event) {
            Self::Ollama(Box::default())
        } else {
            Self::Unknown
        }
    }
}
