//! Tokens and money, whatever the dialect counts.

use model::dialect::{Billed, Tier};
use model::{Counts, NanoUsd, Usage};
use serde_json::Value;

use crate::table::{self, Field, Reader};

/// What a span says about tokens. The prompt's include those from a cache, the
/// answer's those of reasoning.
pub(crate) fn of(read: Reader<'_>) -> Option<Usage> {
    let usage = counted(read).0.usage();
    (usage != Usage::default()).then_some(usage)
}

/// What a span says of tokens that have a price of their own, and of how it was served.
pub(crate) fn billed(read: Reader<'_>) -> Billed {
    let (counts, cache_write_1h) = counted(read);
    let count = |field: Field| read.count(field).unwrap_or(0);
    Billed {
        cache_write: counts.cache_write.unwrap_or(0),
        cache_write_1h,
        input_audio: count(Field::InputAudioTokens),
        output_audio: count(Field::OutputAudioTokens),
        tier: read.text(Field::ServiceTier).map(|word| Tier::from_word(&word)),
        ..Billed::default()
    }
}

/// The counts, and how many of those written to a cache stay there for an hour.
fn counted(read: Reader<'_>) -> (Counts, u64) {
    if let Some(details) = read.json(Field::UsageDetails) {
        return buckets(&details.to_value());
    }
    let counts = Counts {
        input: read.count(Field::InputTokens),
        cache_read: read.count(Field::CachedTokens),
        cache_write: read.count(Field::CacheWriteTokens),
        output: read.count(Field::OutputTokens),
        reasoning: read.count(Field::ReasoningTokens),
        total: read.count(Field::TotalTokens),
    };
    (counts, 0)
}

/// Langfuse counts in buckets that do not overlap, and takes whatever name has
/// `input` or `output` in it for one; objects of OpenAI's form overlap.
fn buckets(details: &Value) -> (Counts, u64) {
    let count = |value: &Value| {
        table::number(value).filter(|n| (0.0..9e15).contains(n)).map(|n| n.round() as u64)
    };
    if let Some(prompt) = details.get("prompt_tokens") {
        let nested = |outer: &str, inner: &str| count(details.get(outer)?.get(inner)?);
        let counts = Counts {
            input: count(prompt),
            cache_read: nested("prompt_tokens_details", "cached_tokens"),
            cache_write: nested("prompt_tokens_details", "cache_write_tokens"),
            output: details.get("completion_tokens").and_then(count),
            reasoning: nested("completion_tokens_details", "reasoning_tokens"),
            total: details.get("total_tokens").and_then(count),
        };
        return (counts, 0);
    }
    let sum = |wanted: &dyn Fn(&str) -> bool| {
        let matching = details.as_object().into_iter().flatten().filter(|(key, _)| wanted(key));
        matching.filter_map(|(_, value)| count(value)).reduce(u64::saturating_add)
    };
    let is_written =
        |key: &str| key.contains("cache") && (key.contains("creation") || key.contains("write"));
    let counts = Counts {
        input: sum(&|key| key.contains("input") || key.contains("cache")),
        cache_read: sum(&|key| {
            key.contains("cached") || (key.contains("cache") && key.contains("read"))
        }),
        cache_write: sum(&is_written),
        output: sum(&|key| key.contains("output") || key.contains("reasoning")),
        reasoning: sum(&|key| key.contains("reasoning")),
        total: None,
    };
    (counts, sum(&|key| is_written(key) && key.contains("1h")).unwrap_or(0))
}

/// What a span says that it cost.
pub(crate) fn cost(read: Reader<'_>) -> Option<NanoUsd> {
    if let Some(details) = read.json(Field::CostDetails).map(|details| details.to_value()) {
        let total = details.get("total").and_then(table::number);
        let parts = details.as_object().into_iter().flatten();
        let sum = || parts.filter_map(|(_, value)| table::number(value)).reduce(|a, b| a + b);
        return total.or_else(sum).and_then(NanoUsd::from_dollars);
    }
    read.number(Field::Cost).and_then(NanoUsd::from_dollars)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn usage(attributes: &Value) -> Usage {
        of(Reader::of(attributes.as_object().unwrap())).unwrap()
    }

    #[test]
    fn parts_are_inside_their_wholes() {
        let inside = json!({"gen_ai.usage.input_tokens": 100, "gen_ai.usage.output_tokens": 20,
            "gen_ai.usage.cache_read.input_tokens": 64,
            "gen_ai.usage.reasoning.output_tokens": 8});
        let beside = json!({"gen_ai.usage.input_tokens": 10, "gen_ai.usage.output_tokens": "20",
            "gen_ai.usage.cache_read_input_tokens": 90});
        assert_eq!(usage(&inside).input_tokens, Some(100));
        assert_eq!(usage(&inside).output_tokens, Some(20));
        assert_eq!(usage(&beside).input_tokens, Some(100));
        assert_eq!(usage(&beside).output_tokens, Some(20));
    }

    #[test]
    fn what_is_written_to_a_cache_is_inside_or_beside() {
        let beside = json!({"gen_ai.usage.input_tokens": 10, "gen_ai.usage.output_tokens": 5,
            "gen_ai.usage.cache_read.input_tokens": 70,
            "gen_ai.usage.cache_creation.input_tokens": 20});
        assert_eq!(usage(&beside).input_tokens, Some(100));
        let inside = json!({"llm.token_count.prompt": 100, "llm.token_count.completion": 5,
            "llm.token_count.prompt_details.cache_read": 70,
            "llm.token_count.prompt_details.cache_write": 20});
        assert_eq!(usage(&inside).input_tokens, Some(100));
        let total = json!({"gen_ai.usage.input_tokens": 100, "gen_ai.usage.output_tokens": 5,
            "gen_ai.usage.cache_read_input_tokens": 70, "llm.usage.total_tokens": 175});
        assert_eq!(usage(&total).input_tokens, Some(170));
        for (attributes, expected) in [(beside, 20), (inside, 20), (total, 0)] {
            let billed = billed(Reader::of(attributes.as_object().unwrap()));
            assert_eq!(billed.cache_write, expected, "{attributes}");
        }
    }

    #[test]
    fn langfuse_tells_how_long_a_cache_holds() {
        let details = json!({"langfuse.observation.usage_details":
            r#"{"input":10,"input_cache_creation":6,"input_cache_creation_1h":4,"output":7}"#});
        let billed = billed(Reader::of(details.as_object().unwrap()));
        assert_eq!((billed.cache_write, billed.cache_write_1h), (10, 4));
        assert_eq!(usage(&details).input_tokens, Some(20));
    }

    #[test]
    fn langfuse_counts_in_buckets() {
        let details =
            r#"{"input":10,"input_cached_tokens":5,"output":7,"output_reasoning":3,"total":25}"#;
        let usage = usage(&json!({ "langfuse.observation.usage_details": details }));
        assert_eq!(usage.input_tokens, Some(15));
        assert_eq!(usage.cached_input_tokens, Some(5));
        assert_eq!(usage.output_tokens, Some(10));
        assert_eq!(usage.reasoning_tokens, Some(3));
    }

    #[test]
    fn costs_are_totals_or_sums() {
        let cost = |text: &str| {
            let attributes = json!({ "langfuse.observation.cost_details": text });
            cost(Reader::of(attributes.as_object().unwrap()))
        };
        assert_eq!(cost(r#"{"input":0.5,"output":0.25,"total":1}"#), Some(NanoUsd(1_000_000_000)));
        assert_eq!(cost(r#"{"input":0.5,"output":0.25}"#), Some(NanoUsd(750_000_000)));
    }
}
