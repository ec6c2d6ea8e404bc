//! A list of prices, and finding one in it.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use model::dialect::Tier;
use model::json::without_mark;
use model::{Charge, NanoUsd};
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::amount::Prices;
use super::names::{self, Names, without_suffixes};

/// The name of prices that hold with any provider, in an operator's own file.
const ANY: &str = "*";
const BEDROCK: &str = "aws";
const GOOGLE: &str = "google";
/// Makers of models that others serve as well, under the same names.
const OPEN_WEIGHTS: [&str; 6] =
    ["cohere", "deepseek", "minimax", "mistral", "moonshotai", "zhipuai"];
/// Vendors that stand before one name, as in `openrouter/openai/gpt-4o`.
const MAX_VENDORS: usize = 3;
const MAX_SHARE: f64 = 100.0;

/// Other names of providers, as instrumentations and gateways write them.
const ALIASES: [(&str, &str); 11] = [
    ("gcp.vertex_ai", "google"),
    ("gcp.gemini", "google"),
    ("vertex_ai", "google"),
    ("aws.bedrock", "aws"),
    ("mistral_ai", "mistral"),
    ("x_ai", "x-ai"),
    ("together_ai", "together"),
    ("fireworks_ai", "fireworks"),
    ("cohere_chat", "cohere"),
    ("deep_seek", "deepseek"),
    ("open_router", "openrouter"),
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
    tiers: Tiers,
    models: Vec<Model>,
    by_name: HashMap<String, usize>,
}

/// What a class of service costs, as a share of the listed prices.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Tiers {
    batch: Option<f64>,
    flex: Option<f64>,
    priority: Option<f64>,
}

#[derive(Debug, Deserialize)]
struct Model {
    #[serde(flatten)]
    known_by: Names,
    prices: Vec<Prices>,
}

/// What a book says of a model in a class of service.
#[derive(Debug)]
pub(super) struct Entry<'a> {
    model: &'a Model,
    /// The share of the prices that the class costs, as far as known.
    scale: Option<f64>,
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
    #[serde(default)]
    tiers: Tiers,
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
    /// A class of service has no share of the price.
    #[error("{provider}: the tiers need a share of the prices each, from 0 to {MAX_SHARE}")]
    UnsoundTier {
        /// The provider.
        provider: String,
    },
}

impl Book {
    pub(super) fn open(path: &Path) -> Result<Self, PricesError> {
        let text = std::fs::read_to_string(path)
            .map_err(|cause| PricesError::Unreadable { path: path.to_owned(), cause })?;
        Self::read(&text)
    }

    pub(super) fn read(text: &str) -> Result<Self, PricesError> {
        let file: File = serde_json::from_str(without_mark(text))?;
        let providers = file.providers.into_iter().map(Provider::new);
        Ok(Self { providers: providers.collect::<Result<_, _>>()? })
    }

    /// What an operator's own file says: its provider's prices, then those for any.
    pub(super) fn own(&self, charge: &Charge<'_>) -> Option<Entry<'_>> {
        let model = charge.model.trim().to_lowercase();
        let named = charge.provider.and_then(|name| self.called(name));
        let named = named.and_then(|provider| self.of_provider(provider, &model, charge));
        let any = || self.providers.iter().find(|provider| provider.id == ANY);
        named.or_else(|| any()?.entry(&model, charge))
    }

    pub(super) fn cost(&self, charge: &Charge<'_>) -> Option<NanoUsd> {
        self.entry(charge)?.cost(charge)
    }

    fn entry(&self, charge: &Charge<'_>) -> Option<Entry<'_>> {
        let model = charge.model.trim().to_lowercase();
        let bedrock = || {
            let bedrock = self.called(BEDROCK).filter(|_| names::is_of_bedrock(&model))?;
            self.of_provider(bedrock, &model, charge)
        };
        if let Some(provider) = charge.provider.and_then(|name| self.called(name)) {
            // A maker's client can ask Bedrock, which shows only in the model's name.
            return self.of_provider(provider, &model, charge).or_else(bedrock);
        }
        if charge.provider.is_some_and(names::is_own_host) {
            return None;
        }
        if names::is_of_bedrock(&model) {
            return bedrock();
        }
        if names::is_of_google(&model) {
            return self.of_provider(self.called(GOOGLE)?, &model, charge);
        }
        // Anybody may serve a model whose weights are open, at any price.
        if names::has_open_weights(&model) {
            return None;
        }
        let model = model.strip_prefix("models/").unwrap_or(&model);
        if let Some((vendor, name)) = model.split_once('/')
            && let Some(provider) = self.called(vendor)
        {
            return self.of_provider(provider, name, charge);
        }
        let is_told = |maker: &Provider| {
            charge.provider.is_none() || !OPEN_WEIGHTS.contains(&maker.id.as_str())
        };
        let makers = self.providers.iter().filter(|provider| provider.makes.makes(model));
        makers.filter(|maker| is_told(maker)).find_map(|maker| maker.entry(model, charge))
    }

    /// What a provider, or one whose prices it passes on, asks for a model by any of
    /// its names there.
    fn of_provider<'a>(
        &'a self,
        provider: &'a Provider,
        model: &str,
        charge: &Charge<'_>,
    ) -> Option<Entry<'a>> {
        let also = provider.also.iter().filter(|id| !OPEN_WEIGHTS.contains(&id.as_str()));
        let also = also.filter_map(|id| self.called(id));
        let sellers: Vec<&Provider> = std::iter::once(provider).chain(also).collect();
        let mut names = names::without_places(model);
        // The provider itself, or whose model it sells, may stand before the name.
        for _ in 0..MAX_VENDORS {
            let inner = names.last().and_then(|name| name.split_once('/'));
            let Some((vendor, inner)) = inner else { break };
            let is_seller = |it: &Provider| sellers.iter().any(|seller| seller.id == it.id);
            if !self.called(vendor).is_some_and(is_seller) {
                break;
            }
            names.extend(names::without_places(inner));
        }
        let scale = provider.scale(charge.billed.tier);
        let mut models =
            names.iter().flat_map(|name| sellers.iter().filter_map(|seller| seller.find(name)));
        models.next().map(|model| Entry { model, scale })
    }

    fn called(&self, name: &str) -> Option<&Provider> {
        let name = name.trim().to_lowercase();
        let by_id = |id: &str| self.providers.iter().find(|provider| provider.id == id);
        let alias = || {
            let known = ALIASES.iter().find(|(alias, _)| *alias == name).map(|(_, id)| *id);
            // Whatever else stands in such a name: `azure-openai`, `azure.ai.openai`.
            by_id(known.or_else(|| name.contains("azure").then_some("azure"))?)
        };
        let called = || self.providers.iter().find(|provider| provider.called.knows(&name));
        by_id(&name).or_else(alias).or_else(called)
    }
}

impl Provider {
    fn new(file: FileProvider) -> Result<Self, PricesError> {
        let FileProvider { id, called, makes, also, tiers, models } = file;
        let shares = [tiers.batch, tiers.flex, tiers.priority];
        if !shares.into_iter().flatten().all(|share| (0.0..=MAX_SHARE).contains(&share)) {
            return Err(PricesError::UnsoundTier { provider: id });
        }
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
        Ok(Self { id: id.to_lowercase(), called, makes, also, tiers, models, by_name })
    }

    fn entry(&self, model: &str, charge: &Charge<'_>) -> Option<Entry<'_>> {
        let names = names::without_places(model);
        let model = names.into_iter().find_map(|name| self.find(name))?;
        Some(Entry { model, scale: self.scale(charge.billed.tier) })
    }

    /// What a class of service costs beside the listed price; `None` when that is not known.
    fn scale(&self, tier: Option<Tier>) -> Option<f64> {
        match tier {
            None | Some(Tier::Standard) => Some(1.0),
            Some(Tier::Batch) => self.tiers.batch,
            Some(Tier::Flex) => self.tiers.flex,
            Some(Tier::Priority) => self.tiers.priority,
            Some(Tier::Other) => None,
        }
    }

    /// A model by its whole name, by a part that is listed, by its name without a date.
    fn find(&self, model: &str) -> Option<&Model> {
        let at = |name: &str| self.by_name.get(name).and_then(|at| self.models.get(*at));
        let undated =
            |name: &str| at(name).filter(|it| !it.known_by.lists_other_dates(name, model));
        at(model)
            .or_else(|| self.models.iter().find(|it| it.known_by.knows_model(model)))
            .or_else(|| without_suffixes(model).into_iter().find_map(undated))
    }
}

impl Entry<'_> {
    /// What the tokens cost; `None` when no price holds at the time, none of the
    /// class of service is known, or one of some tokens is not.
    pub(super) fn cost(&self, charge: &Charge<'_>) -> Option<NanoUsd> {
        let prices = self.model.prices.iter().find(|prices| prices.hold(charge.at))?;
        prices.cost(charge, self.scale?)
    }
}

#[cfg(test)]
mod tests;
