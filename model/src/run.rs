//! A run, whole and as an item of a list.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{AgentSlug, Completion, Json, Micros, NanoUsd, RunId, RunVersion, Timestamp, Usage};

/// How a run ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RunStatus {
    /// It gave an output.
    #[default]
    Success,
    /// It ended with an error.
    Failure,
}

/// Where a run came from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// A client library.
    Sdk,
    /// A plain call of the REST interface.
    #[default]
    Api,
    /// The recording proxy.
    Proxy,
    /// The playground of the web app.
    Playground,
    /// A trace.
    Otlp,
    /// A file.
    Import,
}

/// Why a run or an attempt failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunError {
    /// A word for programs.
    pub code: String,
    /// A sentence for people.
    #[serde(default)]
    pub message: String,
    /// Anything more.
    #[serde(default)]
    pub details: Option<Json>,
}

/// A tool that the run called.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ToolCall {
    /// The call's id, as the model gave it.
    pub id: Option<String>,
    /// The tool's name.
    pub name: String,
    /// Its arguments.
    pub input: Option<Json>,
    /// Its result.
    pub output: Option<Json>,
    /// Why it failed.
    pub error: Option<Json>,
}

/// One step of the model's reasoning.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Reasoning {
    /// A heading, if the model gave one.
    pub title: Option<String>,
    /// The thought.
    pub text: String,
}

/// Labels of a run: string to any JSON value.
pub type Metadata = BTreeMap<String, Json>;

/// A run, whole, as it goes out over REST and to pages.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// Its id.
    pub id: RunId,
    /// Its page; filled in at the edge, where the public address is known.
    #[serde(default)]
    pub url: String,
    /// The agent that ran.
    pub agent: AgentSlug,
    /// The number of the shape of its input and output, from 1; 0, and null outside,
    /// until the run is stored.
    #[serde(with = "number_or_null")]
    pub schema: u32,
    /// When it began.
    pub created_at: Timestamp,
    /// How it ended.
    pub status: RunStatus,
    /// What differs from run to run.
    pub input: Option<Json>,
    /// What it gave.
    pub output: Option<Json>,
    /// Why it failed.
    pub error: Option<RunError>,
    /// What produced it.
    pub version: RunVersion,
    /// Its attempts at providers, in order.
    pub completions: Vec<Completion>,
    /// Tools it called.
    pub tool_calls: Vec<ToolCall>,
    /// The model's reasoning.
    pub reasoning: Vec<Reasoning>,
    /// From start to end.
    #[serde(rename = "latency_ms")]
    pub latency: Option<Micros>,
    /// From start to the first token of the answer.
    #[serde(rename = "time_to_first_token_ms")]
    pub time_to_first_token: Option<Micros>,
    /// What it cost; `None` is unknown.
    #[serde(rename = "cost_usd")]
    pub cost: Option<NanoUsd>,
    /// Tokens of all its completions.
    pub usage: Usage,
    /// The conversation it belongs to.
    pub conversation_id: Option<String>,
    /// Its labels.
    pub metadata: Metadata,
    /// Where it ran, like `production`.
    pub environment: Option<String>,
    /// Where it came from.
    pub source: Source,
    /// The run whose answer was served.
    pub cached_from: Option<RunId>,
    /// The trace it is part of.
    pub trace_id: Option<String>,
    /// The span it is.
    pub span_id: Option<String>,
    /// The run that started it.
    pub parent_run_id: Option<RunId>,
    /// The input in at most 255 characters.
    pub input_preview: String,
    /// The output in at most 255 characters.
    pub output_preview: String,
}

/// A run as an item of a list: without completions, tool calls, whole input and output.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunItem {
    /// Its id.
    pub id: RunId,
    /// Its page; filled in at the edge, where the public address is known.
    #[serde(default)]
    pub url: String,
    /// The agent that ran.
    pub agent: AgentSlug,
    /// The number of the shape of its input and output.
    pub schema: u32,
    /// When it began.
    pub created_at: Timestamp,
    /// How it ended.
    pub status: RunStatus,
    /// Why it failed.
    pub error: Option<RunError>,
    /// What produced it.
    pub version: RunVersion,
    /// From start to end.
    #[serde(rename = "latency_ms")]
    pub latency: Option<Micros>,
    /// What it cost; `None` is unknown.
    #[serde(rename = "cost_usd")]
    pub cost: Option<NanoUsd>,
    /// Tokens of all its completions.
    pub usage: Usage,
    /// Its labels.
    pub metadata: Metadata,
    /// The conversation it belongs to.
    pub conversation_id: Option<String>,
    /// Where it ran.
    pub environment: Option<String>,
    /// Where it came from.
    pub source: Source,
    /// The run whose answer was served.
    pub cached_from: Option<RunId>,
    /// The input in at most 255 characters.
    pub input_preview: String,
    /// The output in at most 255 characters.
    pub output_preview: String,
}

impl Run {
    /// Whether its input holds messages.
    #[must_use]
    pub fn is_chat(&self) -> bool {
        self.input.as_ref().is_some_and(|input| input.to_value().get("messages").is_some())
    }
}

impl Run {
    /// The run as one line of JSON. A line break can only stand between the
    /// parts of a value, where a space means the same.
    ///
    /// # Errors
    /// Never; every run can be written as JSON.
    pub fn to_line(&self) -> Result<String, serde_json::Error> {
        let text = serde_json::to_string(self)?;
        Ok(if text.contains(['\n', '\r']) { text.replace(['\n', '\r'], " ") } else { text })
    }
}

impl RunStatus {
    /// The word used in JSON, in searches and in the store.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Failure => "failure",
        }
    }
}

impl Source {
    /// Every source.
    pub const ALL: [Self; 6] =
        [Self::Sdk, Self::Api, Self::Proxy, Self::Playground, Self::Otlp, Self::Import];

    /// The word used in JSON, in searches and in the store.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sdk => "sdk",
            Self::Api => "api",
            Self::Proxy => "proxy",
            Self::Playground => "playground",
            Self::Otlp => "otlp",
            Self::Import => "import",
        }
    }
}

impl fmt::Display for RunStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A number from 1, or null as long as it is 0.
mod number_or_null {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
    pub(super) fn serialize<S: Serializer>(number: &u32, to: S) -> Result<S::Ok, S::Error> {
        (*number > 0).then_some(*number).serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<u32, D::Error> {
        Ok(Option::deserialize(from)?.unwrap_or_default())
    }
}
