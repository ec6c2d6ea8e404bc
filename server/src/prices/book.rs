//! A list of prices, and finding one in it.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use model::{Charge, NanoUsd};
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::amount::Prices;
use super::names::{Names, without_suffixes};

/// The name of prices that hold with any provider, in an operator's own file.
const ANY: &str = "*";

/// Other names of providers, as instrumentations and gateways write them.
const ALIASES: [(&str, &str); 10] = [
    ("azure_openai", "azure"),
    ("azure.ai.openai", "azure"),
    ("azure.ai.inference", "azure"),
    ("gcp.vertex_ai", "google"),
    ("gcp.gemini", "google"),
    ("vertex_ai", "google"),
    ("aws.bedrock", "aws"),
    ("mistral_ai", "mistral"),
    ("x_ai", "x-ai"),
    ("together_ai", "together"),
];

/// A list of prices.
#[derive(Debug, Default)]
pub(super) struct Book {
    providers: Vec<Provider>,
}

#[derive(Debug)]
struct Provider {
    id: String,
    called: Names,
    makes: Names,
    also: Vec<String>,
    models: Vec<Model>,
    by_name: HashMap<String, usize>,
}

#[derive(Debug, Deserialize)]
struct Model {
    #[serde(flatten)]
    known_by: Names,
    prices: Vec<Prices>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default, rename = "source")]
    _source: IgnoredAny,
    providers: Vec<FileProvider>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileProvider {
    id: String,
    #[serde(default)]
    called: Names,
    #[serde(default)]
    makes: Names,
    #[serde(default)]
    also: Vec<String>,
    models: Vec<Model>,
}

/// Why a file of prices cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum PricesError {
    /// It cannot be read.
    #[error("cannot read {}: {cause}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        cause: std::io::Error,
    },
    /// It is no list of prices.
    #[error("is no list of prices: {0}")]
    Malformed(#[from] serde_json::Error),
    /// A price is negative or missing.
    #[error("{provider}: the prices of {model} need an input or output, each 0 or more dollars")]
    Unsound {
        /// The provider.
        provider: String,
        /// What its model is known by.
        model: String,
    },
}

impl Book {
    pub(super) fn open(path: &Path) -> Result<Self, PricesError> {
        let text = std::fs::read_to_string(path)
            .map_err(|cause| PricesError::Unreadable { path: path.to_owned(), cause })?;
        Self::read(&text)
    }

    pub(super) fn read(text: &str) -> Result<Self, PricesError> {
        let file: File = serde_json::from_str(text)?;
        let providers = file.providers.into_iter().map(Provider::new);
        Ok(Self { providers: providers.collect::<Result<_, _>>()? })
    }

    /// The cost by an operator's own file: its provider's prices, then those for any.
    pub(super) fn own_cost(&self, charge: &Charge<'_>) -> Option<NanoUsd> {
        let model = charge.model.trim().to_lowercase();
        let named = charge.provider.and_then(|name| self.called(name));
        let any = self.providers.iter().find(|provider| provider.id == ANY);
        [named, any].into_iter().flatten().find_map(|it| it.cost(&model, charge))
    }

    pub(super) fn cost(&self, charge: &Charge<'_>) -> Option<NanoUsd> {
        let model = charge.model.trim().to_lowercase();
        if let Some(provider) = charge.provider.and_then(|name| self.called(name)) {
            return self.of_provider(provider, &model, charge);
        }
        if let Some((vendor, name)) = model.split_once('/')
            && let Some(provider) = self.called(vendor)
        {
            return self.of_provider(provider, name, charge);
        }
        let mut makers = self.providers.iter().filter(|provider| provider.makes.knows(&model));
        makers.find_map(|provider| provider.cost(&model, charge))
    }

    fn of_provider(
        &self,
        provider: &Provider,
        model: &str,
        charge: &Charge<'_>,
    ) -> Option<NanoUsd> {
        let also = provider.also.iter().filter_map(|id| self.called(id));
        std::iter::once(provider).chain(also).find_map(|it| it.cost(model, charge))
    }

    fn called(&self, name: &str) -> Option<&Provider> {
        let name = name.trim().to_lowercase();
        let alias = ALIASES.iter().find(|(alias, _)| *alias == name);
        let name = alias.map_or(name.as_str(), |(_, id)| id);
        let by_id = self.providers.iter().find(|provider| provider.id == name);
        by_id.or_else(|| self.providers.iter().find(|provider| provider.called.knows(name)))
    }
}

impl Provider {
    fn new(file: FileProvider) -> Result<Self, PricesError> {
        let FileProvider { id, called, makes, also, models } = file;
        let mut by_name = HashMap::new();
        for (at, model) in models.iter().enumerate() {
            if model.prices.is_empty() || !model.prices.iter().all(Prices::is_sound) {
                let model = format!("{:?}", model.known_by.names);
                return Err(PricesError::Unsound { provider: id, model });
            }
            for name in &model.known_by.names {
                by_name.entry(name.to_lowercase()).or_insert(at);
            }
        }
        Ok(Self { id: id.to_lowercase(), called, makes, also, models, by_name })
    }

    fn cost(&self, model: &str, charge: &Charge<'_>) -> Option<NanoUsd> {
        let prices = &self.find(model)?.prices;
        prices.iter().find(|prices| prices.hold(charge.at))?.cost(charge)
    }

    /// A model by its whole name, by a part that is listed, by its name without a date.
    fn find(&self, model: &str) -> Option<&Model> {
        let at = |name: &str| self.by_name.get(name).and_then(|at| self.models.get(*at));
        at(model)
            .or_else(|| self.models.iter().find(|it| it.known_by.knows_part(model)))
            .or_else(|| without_suffixes(model).into_iter().find_map(at))
    }
}

#[cfg(test)]
mod tests {
    use model::dialect::Billed;
    use model::{Timestamp, Usage};

    use super::*;

    fn listed() -> Book {
        Book::read(include_str!("../../data/prices.json")).unwrap()
    }

    fn charge<'a>(
        provider: Option<&'a str>,
        model: &'a str,
        tokens: (u64, u64, u64),
    ) -> Charge<'a> {
        let usage = Usage {
            input_tokens: Some(tokens.0),
            cached_input_tokens: Some(tokens.1),
            output_tokens: Some(tokens.2),
            reasoning_tokens: None,
        };
        let at = "2026-11-24T12:00:00Z".parse().unwrap();
        Charge { provider, model, usage, billed: Billed::default(), at }
    }

    fn nanos(provider: Option<&str>, model: &str, tokens: (u64, u64, u64)) -> Option<u64> {
        listed().cost(&charge(provider, model, tokens)).map(|cost| cost.0)
    }

    /// Nano-dollars of a million tokens of input.
    fn input_price(provider: Option<&str>, model: &str) -> Option<u64> {
        nanos(provider, model, (1_000, 0, 0))
    }

    #[test]
    fn cached_tokens_cost_less() {
        // 900 × 0.15 + 100 × 0.075 + 50 × 0.60 dollars per million.
        let cost = nanos(Some("openai"), "gpt-4o-mini-2024-07-18", (1_000, 100, 50));
        assert_eq!(cost, Some(172_500));
    }

    #[test]
    fn what_is_written_to_a_cache_has_its_own_price() {
        let mut charge = charge(Some("anthropic"), "claude-3-5-haiku-20241022", (1_000, 100, 10));
        charge.billed = Billed { cache_write: 300, cache_write_1h: 100, ..Billed::default() };
        // 600 × 0.80 + 100 × 0.08 + 200 × 1 + 100 × 1.6 + 10 × 4 dollars per million.
        assert_eq!(listed().cost(&charge), Some(NanoUsd(888_000)));
    }

    #[test]
    fn large_inputs_reach_a_tier() {
        let of = |input| nanos(Some("google"), "gemini-2.5-pro", (input, 0, 0));
        assert_eq!(of(200_000), Some(200_000 * 1_250));
        assert_eq!(of(200_001), Some(200_001 * 2_500));
    }

    #[test]
    fn unknown_is_none_and_not_zero() {
        assert_eq!(nanos(None, "my-own-model", (1, 0, 1)), None);
        assert_eq!(nanos(Some("groq"), "gpt-4o", (1, 0, 1)), None);
        let mut charge = charge(None, "gpt-4o", (1, 0, 1));
        charge.usage.output_tokens = None;
        assert_eq!(listed().cost(&charge), None);
    }

    #[test]
    fn a_gateway_passes_the_maker_s_price_on() {
        assert_eq!(input_price(Some("127.0.0.1"), "gpt-4o"), input_price(None, "gpt-4o"));
        assert!(input_price(Some("my-gateway"), "openai/gpt-4o").is_some());
    }

    #[test]
    fn dated_names_share_the_price_of_their_family() {
        let of = |model| input_price(None, model);
        assert_eq!(of("gpt-4o-2024-08-06"), of("gpt-4o"));
        assert_eq!(of("gpt-4o-2024-05-13"), Some(5_000_000));
        assert_eq!(of("claude-sonnet-4-20250514"), of("claude-sonnet-4"));
        assert_eq!(of("claude-3-5-sonnet-latest"), of("claude-3-5-sonnet"));
        assert_eq!(of("gemini-2.0-flash-001"), of("gemini-2.0-flash"));
        assert_eq!(of("openai/gpt-4.1-mini"), of("gpt-4.1-mini"));
        assert!(of("o3-mini-2025-01-31").is_some());
    }

    #[test]
    fn hosts_are_found_by_their_name_only() {
        assert_eq!(input_price(Some("groq"), "llama-3.1-8b-instant"), Some(50_000));
        assert_eq!(input_price(None, "llama-3.1-8b-instant"), None);
        assert_eq!(input_price(Some("azure"), "gpt-4o"), input_price(Some("openai"), "gpt-4o"));
    }

    #[test]
    fn prices_hold_for_their_time() {
        let book = Book::read(
            r#"{"providers":[{"id":"P","models":[{"names":["m"],"prices":[
                {"between":[60,120],"input":3},{"from":"2026-11-01","input":2},{"input":1}]}]}]}"#,
        )
        .unwrap();
        let cost = |at: &str| {
            let mut charge = charge(Some("p"), "M", (1_000, 0, 0));
            charge.at = at.parse::<Timestamp>().unwrap();
            book.cost(&charge).map(|cost| cost.0)
        };
        assert_eq!(cost("2026-10-31T23:59:59Z"), Some(1_000_000));
        assert_eq!(cost("2026-11-01T00:00:00Z"), Some(2_000_000));
        assert_eq!(cost("2026-11-02T01:30:00Z"), Some(3_000_000));
    }

    #[test]
    fn own_prices_may_hold_with_any_provider() {
        let book = Book::read(
            r#"{"providers":[{"id":"*","models":[{"names":["m"],"prices":[{"input":0,"output":0}]}]},
                {"id":"dear","models":[{"names":["m"],"prices":[{"input":1,"output":1}]}]}]}"#,
        )
        .unwrap();
        let of = |provider| book.own_cost(&charge(provider, "m", (1, 0, 1))).map(|cost| cost.0);
        assert_eq!((of(None), of(Some("x")), of(Some("dear"))), (Some(0), Some(0), Some(2_000)));
    }

    #[test]
    fn wrong_files_are_refused() {
        for text in [
            "[]",
            r#"{"providers":[{"id":"p","models":[{"names":["m"],"prices":[{"input":-1}]}]}]}"#,
            r#"{"providers":[{"id":"p","models":[{"names":["m"],"prices":[{"inptu":1}]}]}]}"#,
            r#"{"providers":[{"id":"p","models":[{"names":["m"],"prices":[]}]}]}"#,
            r#"{"providers":[{"id":"p","models":[{"names":["m"],"prices":[{"from":"x","input":1}]}]}]}"#,
        ] {
            assert!(Book::read(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_listed_prices_are_many() {
        assert!(listed().providers.len() > 40);
    }
}
