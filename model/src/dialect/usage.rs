//! Token counts in the words of every provider.

use crate::Usage;
use crate::view::{Object, View};

/// Reads a usage object; `None` when it counts nothing.
pub(super) fn read(view: View<'_>) -> Option<Usage> {
    let object = view.object();
    let count = |names: &[&str]| names.iter().find_map(|name| object.get(name)?.to_u64());
    let nested = |outer: &[&str], inner: &str| {
        outer.iter().find_map(|name| object.get(name)?.get(inner)?.to_u64())
    };

    let prompt = count(&["prompt_tokens", "input_tokens", "promptTokenCount", "inputTokens"]);
    let answer = count(&["completion_tokens", "output_tokens", "outputTokens"]);
    // Anthropic counts what it reads from and writes to its cache beside the prompt.
    let cache_read = count(&["cache_read_input_tokens", "cacheReadInputTokens"]);
    let cache_write = count(&["cache_creation_input_tokens", "cacheWriteInputTokens"]);
    let details = ["prompt_tokens_details", "input_tokens_details"];
    let answer_details = ["completion_tokens_details", "output_tokens_details"];
    // Gemini counts thoughts beside the answer.
    let candidates = count(&["candidatesTokenCount"]);
    let thoughts = count(&["thoughtsTokenCount"]);

    let usage = Usage {
        input_tokens: sum(&[prompt, cache_read, cache_write]),
        cached_input_tokens: cache_read.or_else(|| nested(&details, "cached_tokens")).or_else(
            || count(&["prompt_cache_hit_tokens", "cached_tokens", "cachedContentTokenCount"]),
        ),
        output_tokens: answer.or_else(|| sum(&[candidates, thoughts])),
        reasoning_tokens: nested(&answer_details, "reasoning_tokens")
            .or_else(|| count(&["reasoning_tokens"]))
            .or(thoughts),
    };
    (usage != Usage::default()).then_some(usage)
}

/// The counts of an answer of Ollama, which stand in its body.
pub(super) fn of_ollama(body: &Object<'_>) -> Option<Usage> {
    let count = |name: &str| body.get(name)?.to_u64();
    let usage = Usage {
        input_tokens: count("prompt_eval_count"),
        output_tokens: count("eval_count"),
        ..Usage::default()
    };
    (usage != Usage::default()).then_some(usage)
}

fn sum(counts: &[Option<u64>]) -> Option<u64> {
    counts.iter().flatten().copied().reduce(u64::saturating_add)
}

/// The newer counts, and the older ones where the newer are silent.
pub(super) fn newer(newer: Option<Usage>, older: Option<Usage>) -> Option<Usage> {
    let (Some(new), Some(old)) = (newer, older) else { return newer.or(older) };
    Some(Usage {
        input_tokens: new.input_tokens.or(old.input_tokens),
        cached_input_tokens: new.cached_input_tokens.or(old.cached_input_tokens),
        output_tokens: new.output_tokens.or(old.output_tokens),
        reasoning_tokens: new.reasoning_tokens.or(old.reasoning_tokens),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usage(text: &str) -> Usage {
        read(View::checked(text).unwrap()).unwrap_or_default()
    }

    fn expected(input: u64, cached: u64, output: u64, reasoning: Option<u64>) -> Usage {
        Usage {
            input_tokens: Some(input),
            cached_input_tokens: Some(cached),
            output_tokens: Some(output),
            reasoning_tokens: reasoning,
        }
    }

    #[test]
    fn openai_counts_cached_and_reasoning_tokens_inside() {
        let chat = r#"{"prompt_tokens":100,"completion_tokens":20,
            "prompt_tokens_details":{"cached_tokens":64},
            "completion_tokens_details":{"reasoning_tokens":8}}"#;
        assert_eq!(usage(chat), expected(100, 64, 20, Some(8)));
        let responses = r#"{"input_tokens":100,"output_tokens":20,
            "input_tokens_details":{"cached_tokens":64},
            "output_tokens_details":{"reasoning_tokens":8}}"#;
        assert_eq!(usage(responses), expected(100, 64, 20, Some(8)));
    }

    #[test]
    fn anthropic_and_gemini_count_beside() {
        let anthropic = r#"{"input_tokens":10,"output_tokens":5,
            "cache_read_input_tokens":70,"cache_creation_input_tokens":20}"#;
        assert_eq!(usage(anthropic), expected(100, 70, 5, None));
        let gemini = r#"{"promptTokenCount":10,"candidatesTokenCount":5,
            "thoughtsTokenCount":7,"cachedContentTokenCount":4}"#;
        assert_eq!(usage(gemini), expected(10, 4, 12, Some(7)));
    }

    #[test]
    fn no_counts_are_no_usage() {
        assert_eq!(read(View::checked(r#"{"prompt_tokens":null,"x":1}"#).unwrap()), None);
    }
}
