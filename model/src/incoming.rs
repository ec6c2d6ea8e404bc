//! A run as it comes in, and what it becomes once checked and completed.

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::dialect::Billed;
use crate::limits::MAX_RUN_BYTES;
use crate::run::Metadata;
use crate::shape::Shape;
use crate::{
    Completion, Json, Micros, NanoUsd, Reasoning, Run, RunError, RunId, RunStatus, Source,
    Timestamp, ToolCall, Usage, Version, derive,
};

pub(crate) mod checks;
mod invalid;
pub(crate) mod repair;

pub use invalid::InvalidRun;

/// A run as a client sends it; all but the agent may be missing.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct IncomingRun {
    /// A UUID: the run's id, or the client's own name for the run.
    pub id: Option<String>,
    /// The agent's name; it is made a slug.
    pub agent: Option<String>,
    /// The number of the shape of input and output, from 1.
    pub schema: Option<u32>,
    /// When the run began.
    pub created_at: Option<Timestamp>,
    /// How it ended; an error makes it a failure whatever stands here.
    pub status: Option<RunStatus>,
    /// What differs from run to run.
    pub input: Option<Json>,
    /// What it gave.
    pub output: Option<Json>,
    /// Why it failed.
    pub error: Option<RunError>,
    /// What produced it.
    pub version: Option<Version>,
    /// Its attempts at providers, in order.
    pub completions: Option<Vec<Completion>>,
    /// Tools it called.
    pub tool_calls: Option<Vec<ToolCall>>,
    /// The model's reasoning.
    pub reasoning: Option<Vec<Reasoning>>,
    /// From start to end.
    #[serde(rename = "latency_ms")]
    pub latency: Option<Micros>,
    /// From start to the first token of the answer.
    #[serde(rename = "time_to_first_token_ms")]
    pub time_to_first_token: Option<Micros>,
    /// What it cost.
    #[serde(rename = "cost_usd")]
    pub cost: Option<NanoUsd>,
    /// Tokens of all its completions.
    pub usage: Option<Usage>,
    /// The conversation it belongs to.
    pub conversation_id: Option<String>,
    /// Its labels.
    pub metadata: Option<Metadata>,
    /// Where it ran, like `production`.
    pub environment: Option<String>,
    /// Where it came from.
    pub source: Option<Source>,
    /// The run whose answer was served.
    pub cached_from: Option<RunId>,
    /// The trace it is part of.
    pub trace_id: Option<String>,
    /// The span it is.
    pub span_id: Option<String>,
    /// The run that started it.
    pub parent_run_id: Option<RunId>,
    /// Key paths, like `input.user.email`, to remove before anything is stored.
    pub private_fields: Option<Vec<String>>,
    /// Only goes out; ignored, so that an export can be imported.
    pub url: IgnoredAny,
    /// Only goes out; ignored, so that an export can be imported.
    pub input_preview: IgnoredAny,
    /// Only goes out; ignored, so that an export can be imported.
    pub output_preview: IgnoredAny,
}

/// A checked and completed run, ready for the store.
#[derive(Clone, Debug, PartialEq)]
pub struct NewRun {
    /// The run. Its version has no number yet, its `url` is empty, and its
    /// `schema` is 0 where [`NewRun::schema`] is a shape.
    pub run: Run,
    /// A client's own id that could not be the run's id; names the run for retries.
    pub client_key: Option<uuid::Uuid>,
    /// What decides the number of the run's schema.
    pub schema: SchemaHint,
}

/// What decides the number of a run's schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SchemaHint {
    /// The number itself: the client gave it, or the run is a chat.
    Number(u32),
    /// The shape of a structured run, to which the store gives a number per agent.
    Shape(Shape),
}

/// What a run cannot know by itself.
pub struct CompleteContext<'a> {
    /// The present.
    pub now: Timestamp,
    /// Random bits for an id, should one be minted.
    pub random: u128,
    /// Where the run came in, unless it says so itself.
    pub default_source: Source,
    /// What tokens cost.
    pub price: &'a Price<'a>,
}

/// What a provider charges for tokens of a model; `None` is unknown.
pub type Price<'a> = dyn Fn(&Charge<'_>) -> Option<NanoUsd> + 'a;

/// Tokens to be priced.
#[derive(Clone, Copy, Debug)]
pub struct Charge<'a> {
    /// The provider's name.
    pub provider: Option<&'a str>,
    /// The model.
    pub model: &'a str,
    /// The tokens.
    pub usage: Usage,
    /// Those of them that may have a price of their own.
    pub billed: Billed,
    /// When they were used.
    pub at: Timestamp,
}

impl IncomingRun {
    /// Reads one run.
    ///
    /// # Errors
    /// When the text is no JSON or too long, a field is unknown, missing or of the wrong type.
    pub fn parse(text: &str) -> Result<Self, InvalidRun> {
        if text.len() > MAX_RUN_BYTES {
            return Err(InvalidRun::too_large());
        }
        // serde would take a list for the fields in their order.
        if text.trim_start().starts_with('[') {
            return Err(InvalidRun::not_an_object());
        }
        // The reader that knows where it is costs more, so only failures pay for it.
        serde_json::from_str(text).or_else(|_| match repair::lone_surrogates(text) {
            Some(repaired) => Self::read_slowly(&repaired),
            None => Self::read_slowly(text),
        })
    }

    fn read_slowly(text: &str) -> Result<Self, InvalidRun> {
        let mut reader = serde_json::Deserializer::from_str(text);
        let run = serde_path_to_error::deserialize(&mut reader).map_err(InvalidRun::unreadable)?;
        reader.end().map_err(|error| InvalidRun::not_json(&error))?;
        Ok(run)
    }

    /// Checks the run, takes private fields out, and derives what is missing where it can be.
    ///
    /// # Errors
    /// When a field breaks a rule; the error names the field and the rule.
    pub fn complete(self, context: &CompleteContext<'_>) -> Result<NewRun, InvalidRun> {
        derive::complete(self, context)
    }
}
