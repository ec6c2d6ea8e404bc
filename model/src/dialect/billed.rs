//! Tokens that have a price of their own and are no part of [`crate::Usage`].

use super::sse;
use crate::Json;
use crate::view::{Kind, Object, View};

/// Counts of tokens that some providers charge differently; each is part of the
/// input or output that a usage counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Billed {
    /// Tokens of the prompt that were written to the provider's cache, for however long.
    pub cache_write: u64,
    /// Those of them that are kept for an hour.
    pub cache_write_1h: u64,
    /// Tokens of audio in the prompt.
    pub input_audio: u64,
    /// Tokens of audio in the answer.
    pub output_audio: u64,
}

/// A response without any of these words has nothing to count here.
const MARKS: [&str; 4] =
    ["cache_creation_input_tokens", "cache_write_tokens", "audio_tokens", "cacheWriteInputTokens"];

/// Reads the counts of a response; a stream is the string of its events.
#[must_use]
pub fn of_response(response: &Json) -> Billed {
    let raw = response.as_str();
    if !MARKS.iter().any(|mark| memchr::memmem::find(raw.as_bytes(), mark.as_bytes()).is_some()) {
        return Billed::default();
    }
    let view = View::of(response);
    let mut billed = Billed::default();
    match view.kind() {
        Kind::Text => {
            let text = view.text().unwrap_or_default();
            for data in sse::events(&text) {
                if let Some(event) = View::checked(&data) {
                    billed.note(&event.object());
                }
            }
        }
        Kind::List => view.items().for_each(|event| billed.note(&event.object())),
        _ => billed.note(&view.object()),
    }
    billed
}

impl Billed {
    fn note(&mut self, body: &Object<'_>) {
        // The body itself, or what an event holds of it.
        let inner = ["message", "response"].into_iter().filter_map(|name| body.get(name));
        let usages = body.get("usage").into_iter().chain(inner.filter_map(|it| it.get("usage")));
        for usage in usages {
            self.note_usage(&usage.object());
        }
    }

    /// Later counts include the earlier ones.
    fn note_usage(&mut self, usage: &Object<'_>) {
        let count = |name: &str| usage.get(name).and_then(View::to_u64);
        let nested = |outer: &str, inner: &str| usage.get(outer)?.get(inner).and_then(View::to_u64);
        let either = |one: &str, other: &str, inner: &str| {
            nested(one, inner).or_else(|| nested(other, inner)).unwrap_or(0)
        };
        let (prompt, input) = ("prompt_tokens_details", "input_tokens_details");
        let (completion, output) = ("completion_tokens_details", "output_tokens_details");
        let written = count("cache_creation_input_tokens")
            .or_else(|| count("cacheWriteInputTokens"))
            .unwrap_or_else(|| either(prompt, input, "cache_write_tokens"));
        let written_1h = nested("cache_creation", "ephemeral_1h_input_tokens").unwrap_or(0);
        self.cache_write = self.cache_write.max(written);
        self.cache_write_1h = self.cache_write_1h.max(written_1h).min(self.cache_write);
        self.input_audio = self.input_audio.max(either(prompt, input, "audio_tokens"));
        self.output_audio = self.output_audio.max(either(completion, output, "audio_tokens"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn billed(text: &str) -> Billed {
        of_response(&Json::from_text(text).unwrap())
    }

    #[test]
    fn counts_are_read_from_bodies_and_events() {
        let usage = r#"{"input_tokens":3,"cache_creation_input_tokens":50,
            "cache_creation":{"ephemeral_1h_input_tokens":20},"output_tokens":1}"#;
        let expected = Billed { cache_write: 50, cache_write_1h: 20, ..Billed::default() };
        assert_eq!(billed(&format!(r#"{{"usage":{usage}}}"#)), expected);
        let usage = usage.replace('\n', " ");
        let events = format!(
            "data: {{\"type\":\"message_start\",\"message\":{{\"usage\":{usage}}}}}\n\ndata: {{\"usage\":{{\"cache_creation_input_tokens\":0}}}}\n\n"
        );
        assert_eq!(of_response(&Json::string(&events)), expected);
        let audio = r#"{"usage":{"prompt_tokens_details":{"audio_tokens":7},
            "completion_tokens_details":{"audio_tokens":9}}}"#;
        let expected = Billed { input_audio: 7, output_audio: 9, ..Billed::default() };
        assert_eq!(billed(audio), expected);
        assert_eq!(billed(r#"{"usage":{"prompt_tokens":7}}"#), Billed::default());
    }
}
