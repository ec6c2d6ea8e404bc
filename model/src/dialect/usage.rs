//! Token counts in the words of every provider.

use crate::counts::Counts;
use crate::view::{Object, View};
use crate::{NanoUsd, Usage};

pub(super) const PROMPT_DETAILS: [&str; 2] = ["prompt_tokens_details", "input_tokens_details"];
const CACHE_WRITE: [&str; 2] = ["cache_creation_input_tokens", "cacheWriteInputTokens"];
pub(super) const ANSWER_DETAILS: [&str; 2] = ["completion_tokens_details", "output_tokens_details"];

/// Reads a usage object; `None` when it counts nothing.
pub(super) fn read(view: View<'_>) -> Option<Usage> {
    of_model(view, None)
}

/// Reads a usage object of a model's answer.
pub(super) fn of_model(view: View<'_>, model: Option<&str>) -> Option<Usage> {
    let object = view.object();
    let count = |names: &[&str]| names.iter().find_map(|name| object.get(name)?.to_u64());
    let nested = |outer: &[&str], inner: &str| {
        outer.iter().find_map(|name| object.get(name)?.get(inner)?.to_u64())
    };

    let prompt_of_google = count(&["promptTokenCount", "prompt_token_count"]);
    let prompt = count(&["prompt_tokens"])
        .or(prompt_of_google)
        .or_else(|| count(&["input_tokens", "inputTokens"]));
    // Gemini counts the results of its own tools beside the prompt, and thoughts
    // beside the answer.
    let of_tools = count(&["toolUsePromptTokenCount", "tool_use_prompt_token_count"]);
    let thoughts = count(&["thoughtsTokenCount", "thoughts_token_count"]);
    let candidates = count(&[
        "candidatesTokenCount",
        "candidates_token_count",
        "responseTokenCount",
        "response_token_count",
    ]);
    let answer = count(&["completion_tokens", "output_tokens", "outputTokens"]);

    let own_read = count(&["cache_read_input_tokens", "cacheReadInputTokens"]);
    let cached = nested(&PROMPT_DETAILS, "cached_tokens").or_else(|| {
        count(&[
            "prompt_cache_hit_tokens",
            "cached_tokens",
            "cachedContentTokenCount",
            "cached_content_token_count",
            "cachedInputTokens",
        ])
    });
    let own_write = own_cache_write(&object);
    let input = sum(&[prompt, of_tools]);
    let is_beside = counts_beside(&object);
    let counts = Counts {
        // Details are of what is inside, in whatever form they stand.
        input: if is_beside { sum(&[input, own_read, own_write]) } else { input },
        cache_read: own_read.max(cached),
        cache_write: cache_write(&object),
        output: answer.or_else(|| sum(&[candidates, thoughts])),
        reasoning: nested(&ANSWER_DETAILS, "reasoning_tokens")
            .or_else(|| count(&["reasoning_tokens", "reasoningTokens"]))
            .or(thoughts),
        total: count(&["total_tokens", "totalTokens", "totalTokenCount", "total_token_count"])
            .filter(|_| !is_beside),
    };
    let is_of_google = prompt_of_google.is_some() || model.is_some_and(is_gemini);
    let counts = if is_of_google { counts.with_rest_as_reasoning() } else { counts };
    counts.usage().counted()
}

/// Whether a model is Google's, by its name behind whatever vendors.
fn is_gemini(model: &str) -> bool {
    model.rsplit('/').next().is_some_and(|name| name.to_lowercase().starts_with("gemini"))
}

/// Tokens of the prompt that were written to a cache.
pub(super) fn cache_write(usage: &Object<'_>) -> Option<u64> {
    let nested = PROMPT_DETAILS.iter().filter_map(|name| usage.get(name)).find_map(|details| {
        let mut names = ["cache_write_tokens", "cache_creation_tokens"].iter();
        names.find_map(|name| details.get(name)?.to_u64())
    });
    own_cache_write(usage).max(nested)
}

/// The same, by the names of Anthropic and Bedrock.
fn own_cache_write(usage: &Object<'_>) -> Option<u64> {
    let said = CACHE_WRITE.iter().find_map(|name| usage.get(name)?.to_u64());
    said.or_else(|| {
        let by_time = usage.get("cache_creation")?;
        let times = ["ephemeral_5m_input_tokens", "ephemeral_1h_input_tokens"];
        sum(&times.map(|time| by_time.get(time).and_then(View::to_u64)))
    })
}

/// Those that the cache keeps for an hour.
pub(super) fn cache_write_1h(usage: &Object<'_>) -> Option<u64> {
    let details = || PROMPT_DETAILS.iter().find_map(|name| usage.get(name));
    let by_time = usage
        .get("cache_creation")
        .or_else(|| details()?.get("cache_creation_token_details"))
        .and_then(|by_time| by_time.get("ephemeral_1h_input_tokens")?.to_u64());
    by_time.or_else(|| {
        let is_1h = |it: &View<'_>| it.get("ttl").and_then(View::text).as_deref() == Some("1h");
        let written = usage.get("cacheDetails")?.items().filter(is_1h);
        sum(&written.map(|it| it.get("inputTokens")?.to_u64()).collect::<Vec<_>>())
    })
}

/// Whether something was charged that is no token: searches, and what they found.
pub(super) fn has_fees(usage: &Object<'_>) -> bool {
    let names = ["citation_tokens", "num_search_queries", "num_sources_used"];
    let tools = usage.get("server_tool_use");
    let counts = names.iter().map(|name| usage.get(name));
    let counts = counts.chain([tools.and_then(|tools| tools.get("web_search_requests"))]);
    counts.flatten().any(|count| count.to_u64().is_some_and(|count| count > 0))
        || usage.get("search_context_size").is_some()
}

/// Whether this is Anthropic's or Bedrock's own form, which counts what a cache
/// gives and takes beside the prompt. OpenAI's form says the total, or details;
/// gateways put Anthropic's names into it for counts that are inside.
fn counts_beside(usage: &Object<'_>) -> bool {
    let has = |name: &str| usage.get(name).is_some();
    let is_openai = ["prompt_tokens", "total_tokens", "input_tokens_details"].into_iter().any(has);
    !is_openai
        && (has("input_tokens") || has("cacheReadInputTokens") || has("cacheWriteInputTokens"))
}

/// What a gateway says that it charged, in dollars: OpenRouter, Perplexity and
/// `DeepInfra`, and those that copy them.
pub(super) fn cost(view: View<'_>) -> Option<NanoUsd> {
    let usage = view.object();
    let cost = usage.get("cost").or_else(|| usage.get("estimated_cost"))?;
    let said = dollars(cost).or_else(|| cost.get("total_cost").and_then(dollars))?;
    // With a key of one's own OpenRouter charges its fee, and the provider the rest.
    let is_fee = usage.get("is_byok").and_then(View::to_bool) == Some(true);
    let rest = match is_fee {
        true => dollars(usage.get("cost_details")?.get("upstream_inference_cost")?)?,
        false => 0.0,
    };
    NanoUsd::from_dollars(said + rest)
}

fn dollars(view: View<'_>) -> Option<f64> {
    view.to_f64().or_else(|| view.text()?.trim().parse().ok())
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

/// The counts before an answer is whole: how long it becomes is not known yet.
pub(super) fn of_prompt(usage: Usage) -> Option<Usage> {
    let usage = Usage { output_tokens: None, reasoning_tokens: None, ..usage };
    (usage != Usage::default()).then_some(usage)
}

/// The counts of a stream after one more event: later ones include the earlier,
/// and a last one may be silent or zero about what was counted before.
pub(super) fn grown(old: Option<Usage>, new: Option<Usage>) -> Option<Usage> {
    let (Some(old), Some(new)) = (old, new) else { return new.or(old) };
    Some(Usage {
        input_tokens: new.input_tokens.max(old.input_tokens),
        cached_input_tokens: new.cached_input_tokens.max(old.cached_input_tokens),
        output_tokens: new.output_tokens.max(old.output_tokens),
        reasoning_tokens: new.reasoning_tokens.max(old.reasoning_tokens),
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
    fn anthropic_bedrock_and_gemini_count_beside() {
        let anthropic = r#"{"input_tokens":100,"output_tokens":5,
            "cache_read_input_tokens":70,"cache_creation_input_tokens":20}"#;
        assert_eq!(usage(anthropic), expected(190, 70, 5, None));
        let bedrock = r#"{"inputTokens":100,"outputTokens":5,"totalTokens":105,
            "cacheReadInputTokens":70,"cacheWriteInputTokens":20}"#;
        assert_eq!(usage(bedrock), expected(190, 70, 5, None));
        let gemini = r#"{"promptTokenCount":10,"candidatesTokenCount":5,"toolUsePromptTokenCount":30,
            "thoughtsTokenCount":7,"cachedContentTokenCount":4,"totalTokenCount":52}"#;
        assert_eq!(usage(gemini), expected(40, 4, 12, Some(7)));
    }

    #[test]
    fn anthropic_s_names_in_openai_s_form_are_inside() {
        let litellm = r#"{"prompt_tokens":98805,"completion_tokens":40,"total_tokens":98845,
            "prompt_tokens_details":{"cached_tokens":98795,"cache_creation_tokens":5},
            "cache_read_input_tokens":98795,"cache_creation_input_tokens":5}"#;
        assert_eq!(usage(litellm), expected(98_805, 98_795, 40, None));
        let no_total =
            r#"{"prompt_tokens":98805,"completion_tokens":40,"cache_read_input_tokens":98795}"#;
        assert_eq!(usage(no_total), expected(98_805, 98_795, 40, None));
        let responses = r#"{"input_tokens":100,"output_tokens":5,"total_tokens":105,
            "cache_read_input_tokens":70,"cache_creation_input_tokens":20}"#;
        assert_eq!(usage(responses), expected(100, 70, 5, None));
    }

    #[test]
    fn counts_beside_a_prompt_are_told_by_their_size_or_the_total() {
        let large = r#"{"prompt_tokens":10,"completion_tokens":5,"cache_read_input_tokens":70,
            "cache_creation_input_tokens":20}"#;
        assert_eq!(usage(large), expected(100, 70, 5, None));
        let details = r#"{"prompt_tokens":10,"completion_tokens":5,
            "prompt_tokens_details":{"cached_tokens":90}}"#;
        assert_eq!(usage(details), expected(100, 90, 5, None));
        let total = r#"{"prompt_tokens":100,"completion_tokens":5,"total_tokens":195,
            "cache_read_input_tokens":70,"cache_creation_input_tokens":20}"#;
        assert_eq!(usage(total), expected(190, 70, 5, None));
        let xai = r#"{"prompt_tokens":10,"completion_tokens":5,"total_tokens":115,
            "prompt_tokens_details":{"cached_tokens":4},
            "completion_tokens_details":{"reasoning_tokens":100}}"#;
        assert_eq!(usage(xai), expected(10, 4, 105, Some(100)));
    }

    #[test]
    fn counts_in_details_are_inside() {
        let details = r#"{"input_tokens":100,"output_tokens":5,
            "prompt_tokens_details":{"cached_tokens":60}}"#;
        assert_eq!(usage(details), expected(100, 60, 5, None));
        let written = r#"{"input_tokens":100,"output_tokens":5,"cache_read_input_tokens":7,
            "prompt_tokens_details":{"cache_write_tokens":60}}"#;
        assert_eq!(usage(written), expected(107, 7, 5, None));
    }

    #[test]
    fn what_only_a_total_counts_is_google_s_thoughts() {
        let text = r#"{"prompt_tokens":10,"completion_tokens":20,"total_tokens":230}"#;
        let of = |text: &str, model| of_model(View::checked(text).unwrap(), model).unwrap();
        for model in ["gemini-2.5-flash", "google/gemini-2.5-pro", "models/Gemini-3-pro"] {
            let usage = of(text, Some(model));
            assert_eq!(usage.output_tokens, Some(220), "{model}");
            assert_eq!(usage.reasoning_tokens, Some(200), "{model}");
        }
        for model in [None, Some("my-model"), Some("not-gemini")] {
            assert_eq!(of(text, model).output_tokens, None, "{model:?}");
            assert_eq!(of(text, model).input_tokens, Some(10), "{model:?}");
        }
        let older = r#"{"promptTokenCount":10,"candidatesTokenCount":20,"totalTokenCount":230}"#;
        assert_eq!(usage(older).output_tokens, Some(220));
        let snake = r#"{"prompt_token_count":100,"candidates_token_count":5,"total_token_count":142,
            "tool_use_prompt_token_count":30,"thoughts_token_count":7,
            "cached_content_token_count":60}"#;
        assert_eq!(usage(snake), expected(130, 60, 12, Some(7)));
    }

    #[test]
    fn what_is_written_to_a_cache_is_counted_by_its_time() {
        let read = |text: &str| {
            let object = View::checked(text).unwrap().object();
            (usage(text).input_tokens, cache_write(&object), cache_write_1h(&object))
        };
        let anthropic = r#"{"input_tokens":10,"output_tokens":1,"cache_read_input_tokens":0,
            "cache_creation":{"ephemeral_5m_input_tokens":3,"ephemeral_1h_input_tokens":4}}"#;
        assert_eq!(read(anthropic), (Some(17), Some(7), Some(4)));
        let bedrock = r#"{"inputTokens":10,"outputTokens":1,"cacheWriteInputTokens":7,
            "cacheDetails":[{"ttl":"5m","inputTokens":3},{"ttl":"1h","inputTokens":4}]}"#;
        assert_eq!(read(bedrock), (Some(17), Some(7), Some(4)));
        let litellm = r#"{"prompt_tokens":17,"completion_tokens":1,"cache_creation_input_tokens":7,
            "prompt_tokens_details":{"cache_creation_tokens":7,
            "cache_creation_token_details":{"ephemeral_1h_input_tokens":4}}}"#;
        assert_eq!(read(litellm), (Some(17), Some(7), Some(4)));
    }

    #[test]
    fn no_prompt_is_without_tokens() {
        let zeros = r#"{"prompt_tokens":0,"completion_tokens":0,"total_tokens":0}"#;
        assert_eq!(read(View::checked(zeros).unwrap()), None);
        let answer = usage(r#"{"prompt_tokens":0,"completion_tokens":5}"#);
        assert_eq!((answer.input_tokens, answer.output_tokens), (None, Some(5)));
        let prompt = usage(r#"{"prompt_tokens":5,"completion_tokens":0}"#);
        assert_eq!((prompt.input_tokens, prompt.output_tokens), (Some(5), Some(0)));
    }

    #[test]
    fn no_counts_are_no_usage() {
        assert_eq!(read(View::checked(r#"{"prompt_tokens":null,"x":1}"#).unwrap()), None);
    }

    #[test]
    fn a_cost_is_read_as_gateways_say_it() {
        let cost = |text: &str| cost(View::checked(text).unwrap()).map(|cost| cost.0);
        assert_eq!(cost(r#"{"cost":0.00014,"is_byok":false}"#), Some(140_000));
        assert_eq!(cost(r#"{"cost":"0.5"}"#), Some(500_000_000));
        assert_eq!(cost(r#"{"cost":0}"#), Some(0));
        assert_eq!(
            cost(r#"{"cost":{"input_tokens_cost":0.1,"total_cost":0.25}}"#),
            Some(250_000_000)
        );
        assert_eq!(cost(r#"{"estimated_cost":0.001}"#), Some(1_000_000));
        let byok = r#"{"cost":0.05,"is_byok":true,"cost_details":{"upstream_inference_cost":1}}"#;
        assert_eq!(cost(byok), Some(1_050_000_000));
        for none in [r#"{"cost":null}"#, r#"{"cost":-1}"#, r#"{"cost":0.05,"is_byok":true}"#, "{}"]
        {
            assert_eq!(cost(none), None, "{none}");
        }
    }
}
