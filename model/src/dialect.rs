//! Reads the requests and answers of model providers, whatever their dialect.
//!
//! OpenAI's chat completions and the many that copy them, OpenAI's responses,
//! Anthropic's messages and Gemini's `generateContent` are told by their shape.
//! What is not recognised gives empty answers, never an error.

use std::borrow::Cow;

use crate::json::without_mark;
use crate::message::read;
use crate::view::{Kind, View};
use crate::{Json, Message, NanoUsd, Part, Reasoning, RunError, ToolCall, Usage};

mod anthropic;
mod billed;
mod delta;
mod error;
pub mod form;
mod gemini;
mod nested;
mod ollama;
mod openai_chat;
mod openai_responses;
mod request;
mod sse;
mod stream;
mod tier;
mod tool_calls;
mod usage;
mod values;

pub use billed::{Billed, of_exchange as billed_of_exchange, of_usage as billed_of_usage};
pub(crate) use error::of_reason as error_of_reason;
pub(crate) use request::Request;
pub use tier::Tier;
pub(crate) use tool_calls::ToolCalls;

/// What a response says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answer {
    /// The model's message in the normal form.
    pub message: Option<Message>,
    /// The model's message as the dialect has it.
    pub raw_message: Option<Json>,
    /// Tokens, as far as the response says.
    pub usage: Option<Usage>,
    /// What the provider says that it charged.
    pub cost: Option<NanoUsd>,
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

/// What one dialect finds in a response, before it is put into the normal form.
#[derive(Debug, Default)]
struct Found {
    /// The JSON text of the model's message.
    message: Option<String>,
    usage: Option<Usage>,
    cost: Option<NanoUsd>,
    finish_reason: Option<String>,
    model: Option<String>,
    error: Option<RunError>,
}

/// The messages of a request in the normal form, instructions first.
#[must_use]
pub fn messages_of_request(request: &Json) -> Vec<Message> {
    let body = unwrapped(request);
    let Some(request) = Request::read(View::of(&body)) else { return Vec::new() };
    request.messages().iter().filter_map(|raw| View::checked(raw)).map(read::message).collect()
}

/// The tools that a request offers, each as it came.
#[must_use]
pub fn tools_of_request(request: &Json) -> Vec<Json> {
    let body = unwrapped(request);
    let request = Request::read(View::of(&body));
    request.map(|request| request.tools()).unwrap_or_default()
}

/// Everything else that a request asks for (`temperature`, `tool_choice`, …), in its order.
#[must_use]
pub fn parameters_of_request(request: &Json) -> Vec<(String, Json)> {
    let body = unwrapped(request);
    let request = Request::read(View::of(&body));
    request.map(|request| request.parameters()).unwrap_or_default()
}

/// What a response says; a stream is the string of its events.
///
/// The request only helps where the response does not repeat what was asked.
#[must_use]
pub fn answer_of_response(request: Option<&Json>, response: &Json) -> Answer {
    let body = unwrapped(response);
    let view = View::of(&body);
    let found = match view.kind() {
        Kind::Text => view.text().and_then(|text| stream::fold_text(&text)),
        Kind::List => stream::fold_list(view),
        Kind::Object => whole(view),
        _ => None,
    };
    let mut answer = found.map(Answer::from_found).unwrap_or_default();
    if answer.model.is_none() {
        answer.model = request.and_then(model_of_request);
    }
    answer
}

/// The tokens that a usage object counts, in the words of any provider.
#[must_use]
pub fn usage_of(usage: &Json) -> Option<Usage> {
    usage::read(View::of(usage))
}

/// The model that a request asks for.
pub(crate) fn model_of_request(request: &Json) -> Option<String> {
    Request::read(View::of(&unwrapped(request)))?.model()
}

/// An answer that came in one piece.
fn whole(view: View<'_>) -> Option<Found> {
    let body = view.object();
    let found = openai_chat::whole(&body)
        .or_else(|| openai_responses::whole(&body))
        .or_else(|| anthropic::whole(&body))
        .or_else(|| gemini::whole(&body))
        .or_else(|| nested::whole(&body))
        .or_else(|| ollama::whole(&body));
    let error = error::of_body(&body);
    match found {
        Some(found) => Some(Found { error: found.error.or(error), ..found }),
        None => error.map(|error| Found { error: Some(error), ..Found::default() }),
    }
}

/// A body that was stored as a string of JSON rather than as JSON.
pub(crate) fn unwrapped(json: &Json) -> Cow<'_, Json> {
    let view = View::of(json);
    let inner = view.text().filter(|text| values::is_stream(text));
    match inner.and_then(|text| Json::from_text(without_mark(&text)).ok()) {
        Some(body) => Cow::Owned(body),
        None => Cow::Borrowed(json),
    }
}

impl Answer {
    fn from_found(found: Found) -> Self {
        let raw_message = found.message.and_then(|text| Json::from_text(&text).ok());
        let message = raw_message.as_ref().map(|raw| read::message(View::of(raw)));
        let mut answer = Self {
            raw_message,
            usage: found.usage,
            cost: found.cost,
            error: found.error.or_else(|| error::of_reason(found.finish_reason.as_deref()?)),
            finish_reason: found.finish_reason,
            model: found.model,
            ..Self::default()
        };
        let mut calls = ToolCalls::default();
        for part in message.iter().flat_map(|message| &message.parts) {
            calls.note(part);
            if let Part::Reasoning { title, text } = part
                && !text.is_empty()
            {
                answer.reasoning.push(Reasoning { title: title.clone(), text: text.clone() });
            }
        }
        answer.tool_calls = calls.into_vec();
        answer.message = message;
        answer
    }
}
