//! What the playground works with.

use model::{Micros, NanoUsd, RunId, Usage, VersionId};
use serde::{Deserialize, Serialize};

/// A model that the playground can ask.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelChoice {
    /// The provider's name.
    pub provider: String,
    /// The model.
    pub model: String,
}

/// The models that can be asked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelsDoc {
    /// The models, provider by provider.
    pub models: Vec<ModelChoice>,
    /// Providers whose models could not be listed, and why.
    pub silent: Vec<(String, String)>,
}

/// What a playground is asked to open with, as its address says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlaygroundKey {
    /// The organization.
    pub org: String,
    /// The agent.
    pub agent: String,
    /// The version.
    pub version: Option<String>,
    /// The run whose input, and if need be version, is loaded.
    pub run: Option<String>,
    /// The run whose input alone is loaded.
    pub input_run: Option<String>,
}

/// What a playground opens with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PlaygroundDoc {
    /// What it was asked to open with.
    pub key: PlaygroundKey,
    /// The names of the providers, the built-in echo last.
    pub providers: Vec<String>,
    /// The version to begin with.
    pub version: VersionDraft,
    /// Whether prompt and model stay as they were, if the browser still has them.
    pub keeps_version: bool,
    /// The input to begin with.
    pub input: InputDraft,
    /// Whether the input stays as it was, if the browser still has it.
    pub keeps_input: bool,
    /// What came of the run that it was opened with.
    pub answer: Option<AnswerDoc>,
    /// What was asked for and is not there.
    pub missing: Vec<String>,
    /// Whether the reader may run anything.
    pub can_run: bool,
}

/// What a model answered.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct AnswerDoc {
    /// Its text, or the beginning of it.
    pub text: String,
    /// Whether the run has more than is here.
    #[serde(default)]
    pub is_cut: bool,
    /// What it thought.
    pub reasoning: String,
    /// Names and arguments of the tools that it asked for.
    pub tool_calls: Vec<(String, String)>,
    /// What it took.
    pub outcome: Outcome,
}

/// A version as it is edited.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct VersionDraft {
    /// The number or id that it came from, for people.
    pub name: String,
    /// The provider.
    pub provider: String,
    /// The model.
    pub model: String,
    /// The temperature as it is written; empty is absent.
    pub temperature: String,
    /// Instructions of a structured agent.
    pub instructions: String,
    /// System messages, or a message template.
    pub messages: Vec<MessageDraft>,
    /// Every other setting as a JSON object: tools, output schema, `top_p` and so on.
    pub settings: String,
    /// What is too large to be edited here.
    #[serde(default)]
    pub kept: Option<KeptVersion>,
}

/// The parts of a version that are too large to be edited in a page. They stay
/// on the server and are sent as they are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptVersion {
    /// The version that has them.
    pub id: VersionId,
    /// A run that has them too.
    pub run: Option<RunId>,
    /// How many messages before those that are edited.
    pub messages: u32,
    /// Whether its instructions are among them.
    pub instructions: bool,
    /// Whether its other settings are among them.
    pub settings: bool,
    /// Bytes of all of them.
    pub size_bytes: u64,
}

/// An input as it is edited.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct InputDraft {
    /// Whether it holds messages.
    pub is_chat: bool,
    /// Its messages.
    pub messages: Vec<MessageDraft>,
    /// The JSON of it, or of what stands beside its messages.
    pub json: String,
    /// What is too large to be edited here.
    #[serde(default)]
    pub kept: Option<KeptInput>,
}

/// The parts of an input that are too large to be edited in a page. They stay on
/// the server and are sent as they are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptInput {
    /// The run whose input has them.
    pub run: RunId,
    /// How many messages before those that are edited.
    pub messages: u32,
    /// Whether its JSON, or what stands beside its messages, is among them.
    pub json: bool,
    /// Bytes of all of them.
    pub size_bytes: u64,
}

/// A message as it is edited.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageDraft {
    /// Who speaks.
    pub role: String,
    /// Its text, or the JSON of the whole message.
    pub content: String,
    /// Whether `content` is the JSON of the whole message, since it holds more than text.
    pub is_json: bool,
}

/// What the playground is asked to run, and the state that the browser keeps.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// The version.
    pub version: VersionDraft,
    /// The input.
    pub input: InputDraft,
}

/// A line of the playground's answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlaygroundEvent {
    /// More text.
    Text(String),
    /// More reasoning.
    Reasoning(String),
    /// More of a tool call: its name when it begins, more of its arguments.
    ToolCall(Option<String>, String),
    /// The end.
    Done(Box<Outcome>),
}

/// How a run of the playground ended.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// The model that answered, as the provider names it.
    pub model: String,
    /// The run, unless it could not be stored.
    pub run: Option<RunId>,
    /// Code and message of its error.
    pub error: Option<(String, String)>,
    /// From start to end.
    pub latency: Option<Micros>,
    /// From start to the first token.
    pub time_to_first_token: Option<Micros>,
    /// What it cost.
    pub cost: Option<NanoUsd>,
    /// Tokens.
    pub usage: Usage,
}
