//! Puts a scene into the wire formats of model providers.

use crate::agents::Kind;
use crate::models::{Dialect, Model, Tokens};
use crate::rng::Rng;
use crate::scene::Scene;

mod anthropic;
mod fault;
mod openai_chat;
mod openai_responses;

pub(crate) use fault::Fault;

/// Why a model stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Finish {
    Stop,
    Length,
    ToolCalls,
}

/// One request to a provider and its answer.
pub(crate) struct Call<'a> {
    pub(crate) model: &'static Model,
    pub(crate) kind: &'static Kind,
    pub(crate) scene: &'a Scene,
    pub(crate) temperature: Option<&'static str>,
    pub(crate) is_stream: bool,
    /// Whether the request holds the tools' results already.
    pub(crate) has_results: bool,
    pub(crate) finish: Finish,
    /// What the model says; empty when it calls tools.
    pub(crate) answer: &'a str,
    pub(crate) tokens: Tokens,
    /// Seconds since 1970.
    pub(crate) created: i64,
}

impl Call<'_> {
    /// Writes the request: a JSON object.
    pub(crate) fn write_request(&self, out: &mut String) {
        match self.model.dialect {
            Dialect::OpenAiChat => openai_chat::request(self, out),
            Dialect::OpenAiResponses => openai_responses::request(self, out),
            Dialect::Anthropic => anthropic::request(self, out),
        }
    }

    /// Writes the response: a JSON object, or the text of a stream's events.
    pub(crate) fn write_response(&self, rng: &mut Rng, out: &mut String) {
        match (self.model.dialect, self.is_stream) {
            (Dialect::OpenAiChat, false) => openai_chat::response(self, rng, out),
            (Dialect::OpenAiChat, true) => openai_chat::events(self, rng, out),
            (Dialect::OpenAiResponses, _) => openai_responses::response(self, rng, out),
            (Dialect::Anthropic, false) => anthropic::response(self, rng, out),
            (Dialect::Anthropic, true) => anthropic::events(self, rng, out),
        }
    }

    /// Why the model stopped, in the provider's word.
    pub(crate) fn finish_word(&self) -> &'static str {
        match (self.model.dialect, self.finish) {
            (Dialect::OpenAiChat, Finish::Stop) => "stop",
            (Dialect::OpenAiChat, Finish::Length) => "length",
            (Dialect::OpenAiChat, Finish::ToolCalls) => "tool_calls",
            (Dialect::OpenAiResponses, Finish::Length) => "incomplete",
            (Dialect::OpenAiResponses, _) => "completed",
            (Dialect::Anthropic, Finish::Stop) => "end_turn",
            (Dialect::Anthropic, Finish::Length) => "max_tokens",
            (Dialect::Anthropic, Finish::ToolCalls) => "tool_use",
        }
    }
}

/// The pieces that a stream brings a text in: a few words each.
fn pieces(text: &str) -> impl Iterator<Item = &str> {
    const LENGTH: usize = 34;
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let near = rest.floor_char_boundary(LENGTH);
        let end = rest[near..].find(' ').map_or(rest.len(), |at| near + at);
        // Scripts without spaces are cut anywhere.
        let (piece, tail) = rest.split_at(if end > 2 * LENGTH { near } else { end });
        rest = tail;
        Some(piece)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_make_up_the_text() {
        for text in [
            "",
            "short",
            "Some words that go on for long enough to be cut.",
            "返品したいのですが届いた商品の色が違いました返品したいのですが届いた商品の色が違いました",
        ] {
            assert_eq!(pieces(text).collect::<String>(), text);
        }
    }
}
