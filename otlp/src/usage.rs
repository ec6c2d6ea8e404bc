//! Tokens and money, whatever the dialect counts.

use model::{NanoUsd, Usage};
use serde_json::Value;

use crate::table::{self, Field, Reader};

/// What a span says about tokens. The prompt's include those from a cache, the
/// answer's those of reasoning.
pub(crate) fn of(read: Reader<'_>) -> Option<Usage> {
    let details = read.json(Field::UsageDetails).map(|details| buckets(&details.to_value()));
    let usage = details.unwrap_or_else(|| Usage {
        input_tokens: read.count(Field::InputTokens),
        cached_input_tokens: read.count(Field::CachedTokens),
        output_tokens: read.count(Field::OutputTokens),
        reasoning_tokens: read.count(Field::ReasoningTokens),
    });
    let usage = Usage {
        input_tokens: including(usage.input_tokens, usage.cached_input_tokens),
        output_tokens: including(usage.output_tokens, usage.reasoning_tokens),
        ..usage
    };
    (usage != Usage::default()).then_some(usage)
}

/// A part cannot be larger than its whole: such a whole was counted beside it.
fn including(whole: Option<u64>, part: Option<u64>) -> Option<u64> {
    match (whole, part) {
        (Some(whole), Some(part)) if part > whole => whole.checked_add(part),
        (whole, _) => whole,
    }
}

/// Langfuse counts in buckets that do not overlap, and takes whatever name has
/// `input` or `output` in it for one; objects of OpenAI's form overlap.
fn buckets(details: &Value) -> Usage {
    let count = |value: &Value| {
        table::number(value).filter(|n| (0.0..9e15).contains(n)).map(|n| n.round() as u64)
    };
    if let Some(prompt) = details.get("prompt_tokens") {
        let nested = |outer: &str, inner: &str| count(details.get(outer)?.get(inner)?);
        return Usage {
            input_tokens: count(prompt),
            cached_input_tokens: nested("prompt_tokens_details", "cached_tokens"),
            output_tokens: details.get("completion_tokens").and_then(count),
            reasoning_tokens: nested("completion_tokens_details", "reasoning_tokens"),
        };
    }
    let sum = |wanted: &dyn Fn(&str) -> bool| {
        let matching = details.as_object().into_iter().flatten().filter(|(key, _)| wanted(key));
        matching.filter_map(|(_, value)| count(value)).reduce(u64::saturating_add)
    };
    Usage {
        input_tokens: sum(&|key| key.contains("input") || key.contains("cache")),
        cached_input_tokens: sum(&|key| {
            key.contains("cached") || (key.contains("cache") && key.contains("read"))
        }),
        output_tokens: sum(&|key| key.contains("output") || key.contains("reasoning")),
        reasoning_tokens: sum(&|key| key.contains("reasoning")),
    }
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
