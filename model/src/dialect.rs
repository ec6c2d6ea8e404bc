//! Reads the requests and answers of model providers, whatever their dialect.

use crate::{Json, Message, Reasoning, RunError, ToolCall, Usage};

/// What a response says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answer {
    /// The model's message in the normal form.
    pub message: Option<Message>,
    /// The model's message as the dialect has it.
    pub raw_message: Option<Json>,
    /// Tokens, as far as the response says.
    pub usage: Option<Usage>,
    /// Why the model stopped, in the provider's word.
    pub finish_reason: Option<String>,
    /// The model that answered.
    pub model: Option<String>,
    /// The tools that the model asked for.
    pub tool_calls: Vec<ToolCall>,
    /// What the model thought.
    pub reasoning: Vec<Reasoning>,
    /// Why there is no answer, or only part of one.
    pub error: Option<RunError>,
}

/// The messages of a request in the normal form, instructions first.
#[must_use]
pub fn messages_of_request(_request: &Json) -> Vec<Message> {
    Vec::new()
}

/// What a response says; a stream is the string of its events.
#[must_use]
pub fn answer_of_response(_request: Option<&Json>, _response: &Json) -> Answer {
    Answer::default()
}

/// The tools that a request offers, each as it came.
#[must_use]
pub fn tools_of_request(_request: &Json) -> Vec<Json> {
    Vec::new()
}

/// Everything else that a request asks for (`temperature`, `tool_choice`, …), in its order.
#[must_use]
pub fn parameters_of_request(_request: &Json) -> Vec<(String, Json)> {
    Vec::new()
}
