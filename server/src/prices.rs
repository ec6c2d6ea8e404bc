//! What providers charge for tokens, as far as known.
//!
//! `data/prices.json` holds list prices (facts from the package `genai-prices`).
//! A model is found by its name, or by the part of it before a date or a word
//! like `latest`; a variant that is not listed has no price, as it may cost
//! anything.

use std::collections::HashMap;
use std::sync::LazyLock;

use model::{NanoUsd, Usage};
use serde::Deserialize;

/// Dollars per million tokens.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Price {
    input: f64,
    /// Unset, cached tokens cost what others do.
    cached_input: Option<f64>,
    output: f64,
    /// Beyond so many tokens of input other prices hold, which are not kept here.
    up_to_input_tokens: Option<u64>,
}

type Models = HashMap<String, Price>;

/// A damaged file would mean no prices; a test keeps it sound.
static PRICES: LazyLock<HashMap<String, Models>> =
    LazyLock::new(|| serde_json::from_str(include_str!("../data/prices.json")).unwrap_or_default());

/// Other names of providers with a list.
const ALIASES: [(&str, &str); 8] = [
    ("azure", "openai"),
    ("azure_openai", "openai"),
    ("gemini", "google"),
    ("google_gemini", "google"),
    ("google_vertex", "google"),
    ("vertex_ai", "google"),
    ("mistral_ai", "mistral"),
    ("xai", "x-ai"),
];

/// Hosts of models that others made; only a provider's name leads to their prices.
const HOSTS: [&str; 1] = ["groq"];

/// What may follow a listed name without making it another model.
const SUFFIX_WORDS: [&str; 4] = ["latest", "preview", "exp", "experimental"];

/// What these tokens of a model cost; `None` when the price or a number of tokens is unknown.
///
/// Without a provider the model's name decides, as does a vendor in front of it
/// (`openai/gpt-4o`).
#[must_use]
pub fn cost(provider: Option<&str>, model: &str, usage: &Usage) -> Option<NanoUsd> {
    let price = find(provider, model)?;
    let (input, output) = (usage.input_tokens?, usage.output_tokens?);
    if price.up_to_input_tokens.is_some_and(|most| input > most) {
        return None;
    }
    let cached = usage.cached_input_tokens.unwrap_or(0).min(input);
    let dollars_by_million = (input - cached) as f64 * price.input
        + cached as f64 * price.cached_input.unwrap_or(price.input)
        + output as f64 * price.output;
    NanoUsd::from_dollars(dollars_by_million / 1e6)
}

fn find(provider: Option<&str>, model: &str) -> Option<Price> {
    let model = model.trim().to_ascii_lowercase();
    if let Some(provider) = provider {
        return in_list(models_of(provider)?, &model);
    }
    if let Some((vendor, name)) = model.split_once('/') {
        return in_list(models_of(vendor)?, name);
    }
    let makers = PRICES.iter().filter(|(provider, _)| !HOSTS.contains(&provider.as_str()));
    makers.into_iter().find_map(|(_, models)| in_list(models, &model))
}

fn models_of(provider: &str) -> Option<&'static Models> {
    let provider = provider.trim().to_ascii_lowercase();
    let alias = ALIASES.iter().find(|(alias, _)| *alias == provider);
    PRICES.get(alias.map_or(provider.as_str(), |(_, name)| name))
}

/// The price of the longest listed name that the model's name begins with.
fn in_list(models: &Models, model: &str) -> Option<Price> {
    let separators = model.char_indices().filter(|(_, c)| is_separator(*c)).map(|(at, _)| at);
    let mut ends: Vec<usize> = separators.chain([model.len()]).collect();
    ends.sort_unstable_by(|a, b| b.cmp(a));
    ends.into_iter().find_map(|end| {
        let (name, suffix) = model.split_at_checked(end)?;
        models.get(name).copied().filter(|_| is_same_model(suffix))
    })
}

fn is_separator(c: char) -> bool {
    matches!(c, '-' | '@' | ':')
}

/// Whether a suffix is a date, a build number or a word that names no other model.
fn is_same_model(suffix: &str) -> bool {
    let mut parts = suffix.split(is_separator).filter(|part| !part.is_empty());
    let is_number = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    let Some(first) = parts.next() else { return true };
    // One or two digits would be a newer model: claude-opus-4 is not claude-opus-4-9.
    let begins = SUFFIX_WORDS.contains(&first) || (is_number(first) && first.len() >= 3);
    begins && parts.all(|part| SUFFIX_WORDS.contains(&part) || is_number(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usage(input: u64, cached: u64, output: u64) -> Usage {
        Usage {
            input_tokens: Some(input),
            cached_input_tokens: Some(cached),
            output_tokens: Some(output),
            reasoning_tokens: None,
        }
    }

    fn input_price(provider: Option<&str>, model: &str) -> Option<f64> {
        find(provider, model).map(|price| price.input)
    }

    #[test]
    fn cached_tokens_cost_less() {
        // 900 × 0.15 + 100 × 0.075 + 50 × 0.60 dollars per million.
        let cost = cost(Some("openai"), "gpt-4o-mini-2024-07-18", &usage(1_000, 100, 50));
        assert_eq!(cost, Some(NanoUsd(172_500)));
    }

    #[test]
    fn unknown_is_none_and_not_zero() {
        assert_eq!(cost(None, "my-own-model", &usage(1, 0, 1)), None);
        assert_eq!(cost(Some("my-gateway"), "gpt-4o", &usage(1, 0, 1)), None);
        assert_eq!(cost(None, "gpt-4o", &Usage::default()), None);
        assert_eq!(cost(None, "gemini-2.5-pro", &usage(300_000, 0, 1)), None);
    }

    #[test]
    fn dated_names_share_the_price_of_their_family() {
        let of = |model| input_price(None, model);
        assert_eq!(of("gpt-4o-2024-08-06"), of("gpt-4o"));
        assert_eq!(of("gpt-4o-2024-05-13"), Some(5.0));
        assert_eq!(of("claude-sonnet-4-20250514"), of("claude-sonnet-4"));
        assert_eq!(of("claude-3-5-sonnet-latest"), of("claude-3-5-sonnet"));
        assert_eq!(of("gemini-2.0-flash-001"), of("gemini-2.0-flash"));
        assert_eq!(of("openai/gpt-4.1-mini"), of("gpt-4.1-mini"));
        assert!(of("o3-mini-2025-01-31").is_some());
    }

    #[test]
    fn other_variants_do_not() {
        for model in ["gpt-4o-audio-preview", "claude-opus-4-99", "gpt-4-mini", "gpt"] {
            assert_eq!(input_price(None, model), None, "{model}");
        }
    }

    #[test]
    fn hosts_are_found_by_their_name_only() {
        assert_eq!(input_price(Some("groq"), "llama-3.1-8b-instant"), Some(0.05));
        assert_eq!(input_price(None, "llama-3.1-8b-instant"), None);
        assert_eq!(input_price(Some("azure"), "gpt-4o"), input_price(Some("openai"), "gpt-4o"));
    }

    #[test]
    fn the_file_is_sound_and_names_of_makers_are_unique() {
        assert!(PRICES.len() >= 6);
        let mut names: Vec<_> = PRICES
            .iter()
            .filter(|(provider, _)| !HOSTS.contains(&provider.as_str()))
            .flat_map(|(_, models)| models.keys())
            .collect();
        let count = names.len();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), count);
    }
}
