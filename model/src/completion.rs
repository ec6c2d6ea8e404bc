//! One attempt at a model provider.

use serde::{Deserialize, Serialize};

use crate::dialect::Billed;
use crate::{Json, Micros, NanoUsd, RunError, Timestamp};

/// Tokens of one completion, or of a whole run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Usage {
    /// Tokens of the prompt, cached ones included.
    pub input_tokens: Option<u64>,
    /// Tokens of the prompt that the provider had cached.
    pub cached_input_tokens: Option<u64>,
    /// Tokens of the answer, reasoning included.
    pub output_tokens: Option<u64>,
    /// Tokens of the answer spent on reasoning.
    pub reasoning_tokens: Option<u64>,
}

impl Usage {
    /// Input and output tokens together; `None` when both are unknown.
    #[must_use]
    pub fn total_tokens(&self) -> Option<u64> {
        sum([self.input_tokens, self.output_tokens])
    }

    /// Adds field by field; unknown and known is known.
    #[must_use]
    pub fn plus(&self, other: &Self) -> Self {
        Self {
            input_tokens: sum([self.input_tokens, other.input_tokens]),
            cached_input_tokens: sum([self.cached_input_tokens, other.cached_input_tokens]),
            output_tokens: sum([self.output_tokens, other.output_tokens]),
            reasoning_tokens: sum([self.reasoning_tokens, other.reasoning_tokens]),
        }
    }
}

fn sum(values: [Option<u64>; 2]) -> Option<u64> {
    values.into_iter().flatten().reduce(u64::saturating_add)
}

/// The name of a server's own provider where its address is no well-known one. It says where
/// a request went and not who answered, so it is no part of a version.
pub const DEFAULT_PROVIDER: &str = "default";

/// Where the cost of a completion comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CostSource {
    /// From a list of prices.
    Prices,
    /// From the provider's answer; no list has a price for it.
    Provider,
}

/// One attempt at a provider, with the exact request and response.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Completion {
    /// The provider's name, like `openai`.
    pub provider: Option<String>,
    /// The model as the provider names it.
    pub model: Option<String>,
    /// The request as it went over the wire.
    pub request: Option<Json>,
    /// The response as it came over the wire; a stream is the string of its events.
    pub response: Option<Json>,
    /// Tokens, as far as known.
    pub usage: Option<Usage>,
    /// What the attempt cost; `None` when the price is unknown.
    #[serde(rename = "cost_usd")]
    pub cost: Option<NanoUsd>,
    /// Who says so; `None` when the sender of the run does, or there is no cost.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost_source: Option<CostSource>,
    /// What is charged otherwise, where neither request nor response tell it.
    #[serde(skip)]
    pub billed: Option<Billed>,
    /// From request to the end of the response.
    #[serde(rename = "latency_ms")]
    pub latency: Option<Micros>,
    /// When the request was sent.
    pub started_at: Option<Timestamp>,
    /// Why the model stopped, in the provider's word.
    pub finish_reason: Option<String>,
    /// Why the attempt failed.
    pub error: Option<RunError>,
}
