//! What went to the model in a run, and what came back.

use model::{AgentSlug, CostSource, Micros, NanoUsd, RunId, Timestamp, Usage};
use serde::{Deserialize, Serialize};

use super::list::Marked;
use super::node::Clip;

/// Which prompt a page shows, and how.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PromptKey {
    /// The organization.
    pub org: String,
    /// The agent.
    pub agent: String,
    /// The run's id, as the address has it.
    pub run: String,
    /// Whether texts are asked for as Markdown too.
    pub rendered: bool,
    /// What is looked for in the messages; may be empty.
    pub wanted: String,
}

/// A prompt, with what was asked for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PromptAnswer {
    /// What was asked.
    pub asked: PromptKey,
    /// What went to the model, and what came back.
    pub prompt: PromptDoc,
}

/// The exchanges of a run with model providers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PromptDoc {
    /// The run.
    pub id: RunId,
    /// Its agent.
    pub agent: AgentSlug,
    /// When it began.
    #[serde(with = "crate::data::moment")]
    pub created_at: Timestamp,
    /// Its attempts, in order. Without any the run's own version and input stand as one.
    pub attempts: Vec<ExchangeDoc>,
    /// How many exchanges after them are not sent.
    pub later_count: u32,
    /// Whether its texts are rendered as Markdown too.
    pub rendered: bool,
    /// What was looked for in its messages; may be empty.
    pub wanted: String,
    /// How often that is there.
    pub found_count: u32,
    /// How often of these in texts that are not shown.
    pub hidden_count: u32,
    /// When it was read.
    #[serde(with = "crate::data::moment")]
    pub now: Timestamp,
}

/// One exchange.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExchangeDoc {
    /// The provider.
    pub provider: Option<String>,
    /// The model.
    pub model: Option<String>,
    /// Whether the client kept no request, so that the messages are put
    /// together from the run's version and input.
    pub is_derived: bool,
    /// The messages that were sent, or the first of them.
    pub messages: Vec<PromptMessage>,
    /// How many messages after them are not shown.
    pub later_count: u32,
    /// The messages that came back.
    pub answer: Vec<PromptMessage>,
    /// The tools offered, or the first of them, each with its definition.
    pub tools: Vec<ToolDoc>,
    /// How many tools after them are not sent.
    pub later_tools: u32,
    /// The parameters, or the first of them, as text.
    pub parameters: Vec<(String, String)>,
    /// How many parameters after them are not sent.
    pub later_parameters: u32,
    /// The request, indented.
    pub request: Option<RawDoc>,
    /// The response, indented; a stream as it came.
    pub response: Option<RawDoc>,
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
    /// Code and message of its error.
    pub error: Option<(String, String)>,
}

/// A message, as text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PromptMessage {
    /// Who speaks.
    pub role: String,
    /// What it holds, or the first of it.
    pub parts: Vec<PromptPart>,
    /// How many parts after them are not sent.
    pub later_parts: u32,
}

/// A part of a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PromptPart {
    /// What it is, where it is no plain text: `tool call search`, `image`.
    pub label: Option<String>,
    /// Its text, exactly; JSON indented. The beginning of it when it is long.
    pub text: Clip,
    /// The text with what was looked for, where it is there.
    pub found: Option<Marked>,
    /// The text as HTML, safe to show, when Markdown was asked for and it is text.
    pub html: Option<String>,
}

/// A tool that the model could call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToolDoc {
    /// Its name.
    pub name: String,
    /// Its definition, indented, or the beginning of it.
    pub definition: Clip,
}

/// Raw JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RawDoc {
    /// The JSON, indented, or its beginning.
    pub text: Clip,
    /// Bytes of it as it went over the wire.
    pub size_bytes: u64,
}
