//! One run, as its page shows it.

use model::{
    AgentSlug, CostSource, Micros, NanoUsd, RunId, RunStatus, Source, Timestamp, Unsearched, Usage,
    VersionId, VersionNumber,
};
use serde::{Deserialize, Serialize};

use super::list::RunPlace;
use super::node::{Clip, Node};
use super::prompt::PromptMessage;
use super::value::ValueDoc;
use crate::list_state::{Form, ListScope};

/// Which run is read, and how.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunKey {
    /// The agent that the address names, if it names one.
    pub agent: Option<String>,
    /// The run's id, as the address has it.
    pub run: String,
    /// How input and output are shown.
    pub form: Form,
    /// The list that it was opened from.
    pub scope: ListScope,
    /// That list's search.
    pub q: String,
}

/// A run with what stands around it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunAnswer {
    /// What was asked for.
    pub asked: RunKey,
    /// The run.
    pub run: RunDoc,
    /// Where it stands in the list that it was opened from; `None` when that
    /// cannot be said in time.
    pub place: Option<RunPlace>,
    /// The runs of its conversation, oldest first, when there are several.
    pub turns: Vec<TurnDoc>,
    /// What searches do not find of it.
    pub unsearched: Unsearched,
}

/// A run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunDoc {
    /// Its id.
    pub id: RunId,
    /// The agent that ran.
    pub agent: AgentSlug,
    /// The number of the shape of its input and output.
    pub schema: u32,
    /// When it began.
    #[serde(with = "crate::data::moment")]
    pub created_at: Timestamp,
    /// How it ended.
    pub status: RunStatus,
    /// Why it failed.
    pub error: Option<ErrorDoc>,
    /// What produced it.
    pub version: VersionDoc,
    /// What went in.
    pub input: Option<ValueDoc>,
    /// What came out.
    pub output: Option<ValueDoc>,
    /// Whether its input holds messages.
    pub is_chat: bool,
    /// Its attempts at providers.
    pub attempts: Vec<AttemptDoc>,
    /// Tools it called.
    pub tool_calls: Vec<ToolCallDoc>,
    /// The model's reasoning.
    pub reasoning: Vec<ReasoningDoc>,
    /// What the page leaves out, in words.
    pub left_out: Vec<String>,
    /// From start to end.
    pub latency: Option<Micros>,
    /// From start to the first token of the answer.
    pub time_to_first_token: Option<Micros>,
    /// What it cost.
    pub cost: Option<NanoUsd>,
    /// Tokens of all its attempts.
    pub usage: Usage,
    /// The conversation it belongs to.
    pub conversation_id: Option<String>,
    /// Its labels.
    pub metadata: Vec<MetadataDoc>,
    /// Where it ran.
    pub environment: Option<String>,
    /// Where it came from.
    pub source: Source,
    /// The run whose answer was served.
    pub cached_from: Option<RunId>,
    /// The trace it is part of.
    pub trace_id: Option<String>,
    /// The run that started it.
    pub parent_run_id: Option<RunId>,
    /// The address of its own page, whole.
    pub url: String,
    /// When it was read; relative times are seen from here.
    #[serde(with = "crate::data::moment")]
    pub now: Timestamp,
}

/// What produced a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VersionDoc {
    /// Its id.
    pub id: VersionId,
    /// Its number.
    pub number: Option<VersionNumber>,
    /// The model.
    pub model: Option<String>,
    /// The provider.
    pub provider: Option<String>,
    /// The sampling temperature.
    pub temperature: Option<f64>,
    /// Every other setting, as text.
    pub settings: Vec<(String, String)>,
    /// The instructions of a structured agent.
    pub instructions: Option<Clip>,
    /// The messages of its template, or the first of them.
    pub messages: Vec<PromptMessage>,
    /// How many messages after them are not shown.
    pub later_count: u32,
    /// The names of its tools.
    pub tools: Vec<String>,
    /// The schema that the output must follow, indented.
    pub output_schema: Option<Clip>,
}

/// Why a run or an attempt failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorDoc {
    /// A word for programs.
    pub code: String,
    /// A sentence for people.
    pub message: String,
    /// Anything more.
    pub details: Option<Node>,
}

/// One attempt at a provider, without what was said.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AttemptDoc {
    /// The provider.
    pub provider: Option<String>,
    /// The model as the provider names it.
    pub model: Option<String>,
    /// Tokens.
    pub usage: Usage,
    /// What it cost.
    pub cost: Option<NanoUsd>,
    /// Who says so.
    pub cost_source: Option<CostSource>,
    /// From request to the end of the response.
    pub latency: Option<Micros>,
    /// When the request was sent.
    #[serde(with = "crate::data::moment::option")]
    pub started_at: Option<Timestamp>,
    /// Why the model stopped.
    pub finish_reason: Option<String>,
    /// The code of its error.
    pub error_code: Option<String>,
}

/// A tool that a run called.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToolCallDoc {
    /// The call's id.
    pub id: Option<String>,
    /// The tool's name.
    pub name: String,
    /// Its arguments.
    pub input: Option<Node>,
    /// Its result.
    pub output: Option<Node>,
    /// Why it failed.
    pub error: Option<Node>,
}

/// One step of the model's reasoning.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReasoningDoc {
    /// A heading.
    pub title: Option<String>,
    /// The thought.
    pub text: Clip,
}

/// A label of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MetadataDoc {
    /// Its key.
    pub key: String,
    /// Its value, for people.
    pub value: String,
    /// The search for the runs that have it too; `None` where the grammar has none.
    pub q: Option<String>,
}

/// A run of the same conversation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TurnDoc {
    /// Its id.
    pub id: RunId,
    /// When it began.
    #[serde(with = "crate::data::moment")]
    pub created_at: Timestamp,
    /// How it ended.
    pub status: RunStatus,
    /// The beginning of its input.
    pub input: String,
    /// The beginning of its output, or its error.
    pub output: String,
}
