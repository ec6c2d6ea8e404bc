//! What has a price of its own and is no part of [`crate::Usage`].

use super::tier::{self, Tier};
use super::{stream, usage};
use crate::Json;
use crate::view::{Kind, Object, View};

/// What some providers charge differently. Each count is part of the input or
/// output that a usage counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Billed {
    /// Tokens of the prompt that were written to the provider's cache, for however long.
    pub cache_write: u64,
    /// Those of them that are kept for an hour.
    pub cache_write_1h: u64,
    /// Tokens of audio in the prompt, cached or not.
    pub input_audio: u64,
    /// Those of them that the provider had cached.
    pub cached_audio: u64,
    /// Tokens of audio in the answer.
    pub output_audio: u64,
    /// Tokens of images in the prompt, cached or not.
    pub input_image: u64,
    /// Those of them that the provider had cached.
    pub cached_image: u64,
    /// Tokens of images in the answer.
    pub output_image: u64,
    /// Whether something was charged that is no token, such as a search.
    pub has_fees: bool,
    /// The class of service; `None` when nobody says which.
    pub tier: Option<Tier>,
}

/// A response without any of these words has nothing to count here.
const MARKS: [&str; 17] = [
    "cache_creation_",
    "cache_write_tokens",
    "cacheWriteInputTokens",
    "audio_tokens",
    "image_tokens",
    "AUDIO",
    "IMAGE",
    "cached_tokens_details",
    "cacheDetails",
    "web_search_requests",
    "citation_tokens",
    "num_search_queries",
    "num_sources_used",
    "search_context_size",
    "search_call",
    "code_interpreter_call",
    "webSearchQueries",
];
/// Items of OpenAI's answers that are charged by the call.
const CHARGED_CALLS: [&str; 3] = ["web_search_call", "file_search_call", "code_interpreter_call"];

/// Reads what an exchange says; a response that is a stream is the string of its
/// events. The tier that a request asks for counts where the response is silent.
#[must_use]
pub fn of_exchange(request: Option<&Json>, response: Option<&Json>) -> Billed {
    let said = response.map(of_response).unwrap_or_default();
    Billed { tier: said.tier.or_else(|| request.and_then(tier_of_request)), ..said }
}

/// Reads what a usage object counts, in the words of any provider.
#[must_use]
pub fn of_usage(usage: &Json) -> Billed {
    let mut billed = Billed::default();
    billed.note_usage(&View::of(usage).object());
    billed
}

fn tier_of_request(request: &Json) -> Option<Tier> {
    let body = super::unwrapped(request);
    has_any(body.as_str(), &tier::MARKS).then(|| tier::of_body(&View::of(&body).object()))?
}

fn of_response(response: &Json) -> Billed {
    let raw = response.as_str();
    let mut billed = Billed::default();
    if !has_any(raw, &MARKS) && !has_any(raw, &tier::MARKS) {
        return billed;
    }
    let body = super::unwrapped(response);
    let view = View::of(&body);
    match view.kind() {
        Kind::Text => {
            for data in stream::datas(&view.text().unwrap_or_default()) {
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

fn has_any(text: &str, marks: &[&str]) -> bool {
    marks.iter().any(|mark| memchr::memmem::find(text.as_bytes(), mark.as_bytes()).is_some())
}

impl Billed {
    /// Both together: the larger counts, and the tier of the other where this has none.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self {
            cache_write: self.cache_write.max(other.cache_write),
            cache_write_1h: self.cache_write_1h.max(other.cache_write_1h),
            input_audio: self.input_audio.max(other.input_audio),
            cached_audio: self.cached_audio.max(other.cached_audio),
            output_audio: self.output_audio.max(other.output_audio),
            input_image: self.input_image.max(other.input_image),
            cached_image: self.cached_image.max(other.cached_image),
            output_image: self.output_image.max(other.output_image),
            has_fees: self.has_fees || other.has_fees,
            tier: self.tier.or(other.tier),
        }
    }

    fn note(&mut self, body: &Object<'_>) {
        // The body itself, or what an event holds of it.
        let inner = ["message", "response"].into_iter().filter_map(|name| body.get(name));
        let inner: Vec<Object<'_>> = inner.map(View::object).collect();
        for body in std::iter::once(body).chain(&inner) {
            self.tier = tier::of_body(body).or(self.tier);
            self.has_fees |= has_charged_calls(body);
            let names = ["usage", "usageMetadata", "usage_metadata"];
            for usage in names.iter().filter_map(|name| body.get(name)) {
                self.note_usage(&usage.object());
            }
        }
    }

    /// Later counts include the earlier ones.
    fn note_usage(&mut self, usage: &Object<'_>) {
        let nested = |outer: &str, inner: &str| usage.get(outer)?.get(inner).and_then(View::to_u64);
        let any = |names: &[&str], inner: &str| {
            names.iter().filter_map(|name| nested(name, inner)).max().unwrap_or(0)
        };
        let cached = |inner: &str| {
            let details = usage::PROMPT_DETAILS.iter().filter_map(|name| usage.get(name));
            let counts = details.filter_map(|it| {
                it.get("cached_tokens_details")?.get(inner).and_then(View::to_u64)
            });
            counts.max().unwrap_or(0)
        };
        let counted = Self {
            cache_write: usage::cache_write(usage).unwrap_or(0),
            cache_write_1h: usage::cache_write_1h(usage).unwrap_or(0),
            input_audio: any(&usage::PROMPT_DETAILS, "audio_tokens"),
            cached_audio: cached("audio_tokens"),
            output_audio: any(&usage::ANSWER_DETAILS, "audio_tokens"),
            input_image: any(&usage::PROMPT_DETAILS, "image_tokens"),
            cached_image: cached("image_tokens"),
            output_image: any(&usage::ANSWER_DETAILS, "image_tokens"),
            has_fees: usage::has_fees(usage),
            tier: None,
        };
        *self = self.or(counted).or(of_modalities(usage));
        self.cache_write_1h = self.cache_write_1h.min(self.cache_write);
    }
}

/// Whether an answer holds calls that cost something beside its tokens.
fn has_charged_calls(body: &Object<'_>) -> bool {
    let items = body.get("output").into_iter().flat_map(View::items);
    let mut kinds = items.filter_map(|item| item.get("type")?.text());
    let mut candidates = body.get("candidates").into_iter().flat_map(View::items);
    kinds.any(|kind| CHARGED_CALLS.contains(&kind.as_ref()))
        || candidates.any(|candidate| {
            let queries =
                candidate.get("groundingMetadata").and_then(|it| it.get("webSearchQueries"));
            queries.is_some_and(|queries| queries.items().next().is_some())
        })
}

/// Gemini counts each modality.
fn of_modalities(usage: &Object<'_>) -> Billed {
    let count = |names: [&str; 2], modality: &str| {
        let counts = names.iter().filter_map(|name| usage.get(name)).flat_map(View::items);
        let counts = counts.filter(|count| {
            let name = count.get("modality").and_then(View::text);
            // Python writes an enum with its type before it.
            name.is_some_and(|name| name.rsplit('.').next() == Some(modality))
        });
        let counts = counts
            .filter_map(|count| count.get("tokenCount").or_else(|| count.get("token_count")))
            .filter_map(View::to_u64);
        counts.fold(0, u64::saturating_add)
    };
    let input = |modality: &str| {
        let prompt = count(["promptTokensDetails", "prompt_tokens_details"], modality);
        let of_tools = ["toolUsePromptTokensDetails", "tool_use_prompt_tokens_details"];
        prompt.saturating_add(count(of_tools, modality))
    };
    let cached = |modality| count(["cacheTokensDetails", "cache_tokens_details"], modality);
    let output = |modality| {
        let answer = count(["candidatesTokensDetails", "candidates_tokens_details"], modality);
        answer.max(count(["responseTokensDetails", "response_tokens_details"], modality))
    };
    Billed {
        input_audio: input("AUDIO"),
        cached_audio: cached("AUDIO"),
        output_audio: output("AUDIO"),
        input_image: input("IMAGE"),
        cached_image: cached("IMAGE"),
        output_image: output("IMAGE"),
        ..Billed::default()
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
        let audio = r#"{"usage":{"prompt_tokens_details":{"audio_tokens":7,
            "cached_tokens_details":{"audio_tokens":3}},
            "completion_tokens_details":{"audio_tokens":9}}}"#;
        let expected =
            Billed { input_audio: 7, cached_audio: 3, output_audio: 9, ..Billed::default() };
        assert_eq!(billed(audio), expected);
        let litellm = r#"{"usage":{"prompt_tokens_details":{"cache_creation_tokens":6}}}"#;
        assert_eq!(billed(litellm).cache_write, 6);
        assert_eq!(billed(r#"{"usage":{"prompt_tokens":7}}"#), Billed::default());
    }

    #[test]
    fn gemini_counts_audio_by_modality() {
        let body = r#"{"usageMetadata":{"promptTokenCount":99,
            "promptTokensDetails":[{"modality":"TEXT","tokenCount":40},{"modality":"AUDIO","tokenCount":59}],
            "toolUsePromptTokensDetails":[{"modality":"AUDIO","tokenCount":1}],
            "cacheTokensDetails":[{"modality":"AUDIO","tokenCount":5}],
            "candidatesTokensDetails":[{"modality":"AUDIO","tokenCount":8}]}}"#;
        let expected =
            Billed { input_audio: 60, cached_audio: 5, output_audio: 8, ..Billed::default() };
        assert_eq!(billed(body), expected);
        let events = format!("data: {}\n\n", body.replace('\n', " "));
        assert_eq!(of_response(&Json::string(&events)), expected);
        assert_eq!(of_response(&Json::string(&format!("[{body},"))), expected);
    }

    #[test]
    fn images_are_counted_in_every_form() {
        let gemini = r#"{"usageMetadata":{"promptTokenCount":99,
            "promptTokensDetails":[{"modality":"TEXT","tokenCount":40},{"modality":"IMAGE","tokenCount":59}],
            "cacheTokensDetails":[{"modality":"IMAGE","tokenCount":5}],
            "candidatesTokensDetails":[{"modality":"IMAGE","tokenCount":1290}]}}"#;
        let expected =
            Billed { input_image: 59, cached_image: 5, output_image: 1_290, ..Billed::default() };
        assert_eq!(billed(gemini), expected);
        let python = r#"{"usage_metadata":{"prompt_tokens_details":[{"modality":"MediaModality.IMAGE","token_count":59}],
            "cache_tokens_details":[{"modality":"IMAGE","token_count":5}],
            "candidates_tokens_details":[{"modality":"IMAGE","token_count":1290}]}}"#;
        assert_eq!(billed(python), expected);
        let openai = r#"{"usage":{"input_tokens_details":{"image_tokens":59,
            "cached_tokens_details":{"image_tokens":5}},
            "output_tokens_details":{"image_tokens":1290}}}"#;
        assert_eq!(billed(openai), expected);
        let json = Json::from_text(r#"{"completion_tokens_details":{"image_tokens":7}}"#).unwrap();
        assert_eq!(of_usage(&json), Billed { output_image: 7, ..Billed::default() });
    }

    #[test]
    fn what_is_charged_beside_tokens_is_noted() {
        for text in [
            r#"{"usage":{"input_tokens":1,"server_tool_use":{"web_search_requests":2}}}"#,
            r#"{"usage":{"prompt_tokens":1,"citation_tokens":9,"num_search_queries":3}}"#,
            r#"{"usage":{"prompt_tokens":1,"search_context_size":"low"}}"#,
            r#"{"usage":{"prompt_tokens":1,"num_sources_used":4}}"#,
            r#"{"object":"response","output":[{"type":"message"},{"type":"web_search_call"}]}"#,
            r#"{"candidates":[{"groundingMetadata":{"webSearchQueries":["x"]}}]}"#,
            r#""data: {\"type\":\"message_delta\",\"usage\":{\"server_tool_use\":{\"web_search_requests\":1}}}\n\n""#,
        ] {
            assert!(billed(text).has_fees, "{text}");
        }
        for text in [
            r#"{"usage":{"input_tokens":1,"server_tool_use":{"web_search_requests":0}}}"#,
            r#"{"usage":{"prompt_tokens":1,"num_sources_used":0}}"#,
            r#"{"object":"response","output":[{"type":"function_call","name":"web_search_call"}]}"#,
            r#"{"candidates":[{"groundingMetadata":{"webSearchQueries":[]}}]}"#,
        ] {
            assert!(!billed(text).has_fees, "{text}");
        }
    }

    #[test]
    fn the_answer_says_which_tier_it_was() {
        let json = |text: &str| Json::from_text(text).unwrap();
        let tier = |request: &str, response: &str| {
            of_exchange(Some(&json(request)), Some(&json(response))).tier
        };
        let flex = r#"{"service_tier":"flex"}"#;
        assert_eq!(tier(flex, r#"{"service_tier":"default"}"#), Some(Tier::Standard));
        assert_eq!(tier(flex, "{}"), Some(Tier::Flex));
        assert_eq!(tier("{}", "{}"), None);
        let events = Json::string(
            "data: {\"type\":\"response.created\",\"response\":{\"service_tier\":\"auto\"}}\n\ndata: {\"type\":\"response.completed\",\"response\":{\"service_tier\":\"priority\"}}\n\n",
        );
        assert_eq!(of_exchange(None, Some(&events)).tier, Some(Tier::Priority));
    }
}
