//! Tokens and money, whatever the dialect counts.

use model::dialect::{self, Billed, Tier};
use model::{Counts, Json, NanoUsd, Usage};
use serde_json::{Map, Value};

use crate::table::{self, Field, Reader};

/// What a span says about tokens. The prompt's include those from a cache, the
/// answer's those of reasoning.
pub(crate) fn of(read: Reader<'_>) -> Option<Usage> {
    counted(read).0
}

/// What a span says of tokens that have a price of their own, and of how it was served.
pub(crate) fn billed(read: Reader<'_>) -> Billed {
    let tier = read.text(Field::ServiceTier).map(|word| Tier::from_word(&word));
    Billed { tier, ..counted(read).1 }
}

/// The counts, and those of them that have a price of their own.
fn counted(read: Reader<'_>) -> (Option<Usage>, Billed) {
    let details = read.json(Field::UsageDetails).map(|details| details.to_value());
    let details = details.as_ref().and_then(Value::as_object);
    if let Some((usage, billed)) = details.and_then(of_details) {
        return (Some(usage), billed);
    }
    let count = |field: Field| read.count(field);
    let counts = Counts {
        input: count(Field::InputTokens),
        cache_read: count(Field::CachedTokens),
        cache_write: count(Field::CacheWriteTokens),
        output: count(Field::OutputTokens),
        reasoning: count(Field::ReasoningTokens),
        total: count(Field::TotalTokens),
    };
    let billed = Billed {
        cache_write: counts.cache_write.unwrap_or(0),
        input_audio: count(Field::InputAudioTokens).unwrap_or(0),
        output_audio: count(Field::OutputAudioTokens).unwrap_or(0),
        ..Billed::default()
    };
    (counts.usage().counted(), billed)
}

/// The names by which providers count, and Langfuse does not.
const OF_PROVIDERS: [&str; 11] = [
    "prompt_tokens",
    "completion_tokens",
    "input_tokens",
    "output_tokens",
    "inputTokens",
    "outputTokens",
    "prompt_token_count",
    "promptTokenCount",
    "candidates_token_count",
    "candidatesTokenCount",
    "total_token_count",
];

/// What an object counts, in a provider's form or in Langfuse's buckets; `None`
/// when it counts nothing.
fn of_details(details: &Map<String, Value>) -> Option<(Usage, Billed)> {
    let has = |names: &[&str]| names.iter().any(|name| details.contains_key(*name));
    if has(&OF_PROVIDERS) && !has(&["input", "output"]) {
        let usage = Json::from(&with_numbers(Value::Object(details.clone())));
        return Some((dialect::usage_of(&usage)?, dialect::billed_of_usage(&usage)));
    }
    let (usage, billed) = buckets(details);
    Some((usage.counted()?, billed))
}

/// Numbers that came as texts made numbers.
fn with_numbers(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            Value::Object(members.into_iter().map(|(key, it)| (key, with_numbers(it))).collect())
        }
        Value::String(text) => match text.trim().parse::<u64>() {
            Ok(count) => Value::from(count),
            Err(_) => Value::String(text),
        },
        other => other,
    }
}

/// Langfuse counts in buckets that do not overlap, and takes whatever name has
/// `input` or `output` in it for one.
fn buckets(details: &Map<String, Value>) -> (Usage, Billed) {
    let count = |value: &Value| {
        table::number(value).filter(|n| (0.0..9e15).contains(n)).map(|n| n.round() as u64)
    };
    let sum = |wanted: &dyn Fn(&str) -> bool| {
        let matching = details.iter().filter(|(key, _)| wanted(&key.to_lowercase()));
        matching.filter_map(|(_, value)| count(value)).reduce(u64::saturating_add)
    };
    let is_written =
        |key: &str| key.contains("cache") && (key.contains("creation") || key.contains("write"));
    let is_read =
        |key: &str| key.contains("cached") || (key.contains("cache") && key.contains("read"));
    let is_input = |key: &str| key.contains("input") || key.contains("cache");
    let is_output = |key: &str| key.contains("output") || key.contains("reasoning");
    let counts = Counts {
        input: sum(&is_input),
        cache_read: sum(&is_read),
        cache_write: sum(&is_written),
        output: sum(&is_output),
        reasoning: sum(&|key| key.contains("reasoning")),
        total: None,
    };
    let of = |is_side: &dyn Fn(&str) -> bool, word: &str| {
        sum(&|key| is_side(key) && key.contains(word)).unwrap_or(0)
    };
    let billed = Billed {
        cache_write: counts.cache_write.unwrap_or(0),
        cache_write_1h: of(&is_written, "1h"),
        input_audio: of(&is_input, "audio"),
        cached_audio: of(&is_read, "audio"),
        output_audio: of(&is_output, "audio"),
        input_image: of(&is_input, "image"),
        cached_image: of(&is_read, "image"),
        output_image: of(&is_output, "image"),
        has_fees: false,
        tier: None,
    };
    (counts.usage(), billed)
}

/// What a span says that it cost.
pub(crate) fn cost(read: Reader<'_>) -> Option<NanoUsd> {
    let details = read.json(Field::CostDetails).map(|details| details.to_value());
    let detailed = details.and_then(|details| {
        let total = details.get("total").and_then(table::number);
        let parts = details.as_object().into_iter().flatten();
        let sum = || parts.filter_map(|(_, value)| table::number(value)).reduce(|a, b| a + b);
        total.or_else(sum)
    });
    detailed.or_else(|| read.number(Field::Cost)).and_then(NanoUsd::from_dollars)
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

    /// Input, cached, output and reasoning tokens of details, and what is billed.
    fn details(text: &str) -> ([Option<u64>; 4], Billed) {
        let attributes = json!({ "langfuse.observation.usage_details": text });
        let Usage { input_tokens, cached_input_tokens, output_tokens, reasoning_tokens } =
            usage(&attributes);
        let billed = billed(Reader::of(attributes.as_object().unwrap()));
        ([input_tokens, cached_input_tokens, output_tokens, reasoning_tokens], billed)
    }

    #[test]
    fn langfuse_takes_the_forms_of_providers() {
        let none = Billed::default();
        for (text, expected, billed) in [
            (
                r#"{"input_tokens":100,"output_tokens":20,"input_tokens_details":{"cached_tokens":60}}"#,
                [Some(100), Some(60), Some(20), None],
                none,
            ),
            (
                r#"{"input_tokens":100,"output_tokens":20,"total_tokens":120,"input_tokens_details":{"cached_tokens":0,"audio_tokens":9},"output_tokens_details":{"reasoning_tokens":8}}"#,
                [Some(100), Some(0), Some(20), Some(8)],
                Billed { input_audio: 9, ..none },
            ),
            (
                r#"{"prompt_tokens":"100","completion_tokens":20,"prompt_tokens_details":{"cached_tokens":"60"}}"#,
                [Some(100), Some(60), Some(20), None],
                none,
            ),
            (
                r#"{"prompt_token_count":100,"candidates_token_count":5,"cached_content_token_count":60,"thoughts_token_count":7,"total_token_count":112}"#,
                [Some(100), Some(60), Some(12), Some(7)],
                none,
            ),
            (
                r#"{"input_tokens":10,"output_tokens":20,"cache_read_input_tokens":60,"cache_creation_input_tokens":30}"#,
                [Some(100), Some(60), Some(20), None],
                Billed { cache_write: 30, ..none },
            ),
            (
                r#"{"inputTokens":10,"outputTokens":20,"totalTokens":30}"#,
                [Some(10), None, Some(20), None],
                none,
            ),
        ] {
            assert_eq!(details(text), (expected, billed), "{text}");
        }
    }

    #[test]
    fn langfuse_counts_audio_and_images_in_buckets() {
        let none = Billed::default();
        for (text, expected, billed) in [
            (
                r#"{"input":10,"input_audio_tokens":50,"output":1}"#,
                [Some(60), None, Some(1), None],
                Billed { input_audio: 50, ..none },
            ),
            (
                r#"{"input":10,"input_cached_audio":7,"input_modality_AUDIO":5,"output":1,"output_audio_tokens":3}"#,
                [Some(22), Some(7), Some(4), None],
                Billed { input_audio: 12, cached_audio: 7, output_audio: 3, ..none },
            ),
            (
                r#"{"input":10,"input_image":20,"output":1,"output_image_tokens":1290}"#,
                [Some(30), None, Some(1_291), None],
                Billed { input_image: 20, output_image: 1_290, ..none },
            ),
        ] {
            assert_eq!(details(text), (expected, billed), "{text}");
        }
    }

    #[test]
    fn zeros_are_no_counts() {
        let zeros = json!({"gen_ai.usage.input_tokens": 0, "gen_ai.usage.output_tokens": 0});
        assert_eq!(of(Reader::of(zeros.as_object().unwrap())), None);
        let answer = json!({"gen_ai.usage.input_tokens": 0, "gen_ai.usage.output_tokens": 3});
        assert_eq!(usage(&answer).input_tokens, None);
        assert_eq!(usage(&answer).output_tokens, Some(3));
    }

    #[test]
    fn details_that_count_nothing_hide_nothing() {
        for nothing in [
            "{}",
            "null",
            "[]",
            r#"{"total":3}"#,
            r#"{"input_tokens":null}"#,
            r#"{"input":0}"#,
            "cut {",
        ] {
            let attributes = json!({"langfuse.observation.usage_details": nothing,
                "gen_ai.usage.input_tokens": 7, "gen_ai.usage.output_tokens": 2});
            assert_eq!(usage(&attributes).input_tokens, Some(7), "{nothing}");
        }
        let attributes =
            json!({"langfuse.observation.cost_details": "{}", "gen_ai.usage.cost": 0.5});
        let cost = cost(Reader::of(attributes.as_object().unwrap()));
        assert_eq!(cost, Some(NanoUsd(500_000_000)));
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
