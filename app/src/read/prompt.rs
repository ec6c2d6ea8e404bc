//! What went to the model, for reading.

use model::dialect::{
    answer_of_response, messages_of_request, parameters_of_request, tools_of_request,
};
use model::message::{message_of_output, messages_of_input, messages_of_version};
use model::{Completion, Json, Message, MessageRole, Part, Run, Usage};

use super::clip::{ASKED_CHARS, RAW_CHARS, clip};
use super::indent::indent;
use super::markdown::markdown;
use super::message::{json_text, media_doc};
use super::now;
use super::run::tool_name;
use crate::data::prompt::{
    ExchangeDoc, PromptDoc, PromptMessage, PromptPart, RawDoc, ToolDoc,
};

/// The exchanges of a run; `rendered` asks for texts as Markdown too.
#[must_use]
pub fn prompt_doc(run: &Run, rendered: bool) -> PromptDoc {
    let is_derived = run.completions.is_empty();
    let attempts = if is_derived {
        vec![derived(run, rendered)]
    } else {
        run.completions.iter().map(|completion| exchange(completion, rendered)).collect()
    };
    PromptDoc {
        id: run.id,
        agent: run.agent.clone(),
        created_at: run.created_at,
        attempts,
        is_derived,
        now: now(),
    }
}

fn exchange(completion: &Completion, rendered: bool) -> ExchangeDoc {
    let request = completion.request.as_ref();
    let response = completion.response.as_ref();
    let messages = request.map(messages_of_request).unwrap_or_default();
    let answer = response.map(|response| answer_of_response(request, response)).unwrap_or_default();
    let error = completion.error.as_ref().or(answer.error.as_ref());
    ExchangeDoc {
        provider: completion.provider.clone(),
        model: completion.model.clone().or(answer.model),
        messages: messages.iter().map(|message| prompt_message(message, rendered)).collect(),
        answer: answer.message.iter().map(|message| prompt_message(message, rendered)).collect(),
        tools: request.map(tools_of_request).unwrap_or_default().iter().map(tool_doc).collect(),
        parameters: request
            .map(parameters_of_request)
            .unwrap_or_default()
            .iter()
            .map(|(name, value)| (name.clone(), json_text(value)))
            .collect(),
        request: request.map(raw_doc),
        response: response.map(raw_doc),
        usage: completion.usage.unwrap_or_default(),
        cost: completion.cost,
        latency: completion.latency,
        started_at: completion.started_at,
        finish_reason: completion.finish_reason.clone().or(answer.finish_reason),
        error: error.map(|error| (error.code.clone(), error.message.clone())),
    }
}

/// A run whose client sent no exchange: its version's messages and its input.
fn derived(run: &Run, rendered: bool) -> ExchangeDoc {
    let snapshot = &run.version.snapshot;
    let mut messages = messages_of_version(snapshot);
    if let Some(input) = &run.input {
        let own = messages_of_input(input);
        if own.is_empty() {
            messages.push(Message::text(MessageRole::User, json_text(input)));
        } else {
            messages.extend(own);
        }
    }
    let parameters = snapshot.to_object();
    let answer = run.output.as_ref().and_then(|output| {
        if run.is_chat() {
            message_of_output(output)
        } else {
            Some(Message::text(MessageRole::Assistant, json_text(output)))
        }
    });
    ExchangeDoc {
        provider: snapshot.provider.clone(),
        model: snapshot.model.clone(),
        messages: messages.iter().map(|message| prompt_message(message, rendered)).collect(),
        answer: answer.iter().map(|message| prompt_message(message, rendered)).collect(),
        tools: snapshot.tools.iter().flatten().map(|tool| tool_doc(&Json::from(tool))).collect(),
        parameters: parameters
            .iter()
            .filter(|(name, _)| {
                !matches!(
                    name.as_str(),
                    "model" | "provider" | "instructions" | "messages" | "tools"
                )
            })
            .map(|(name, value)| (name.clone(), json_text(&Json::from(value))))
            .collect(),
        request: None,
        response: None,
        usage: Usage { ..run.usage },
        cost: run.cost,
        latency: run.latency,
        started_at: Some(run.created_at),
        finish_reason: None,
        error: run.error.as_ref().map(|error| (error.code.clone(), error.message.clone())),
    }
}

fn prompt_message(message: &Message, rendered: bool) -> PromptMessage {
    PromptMessage {
        role: message.role.to_string(),
        parts: message.parts.iter().map(|part| prompt_part(part, rendered)).collect(),
    }
}

fn prompt_part(part: &Part, rendered: bool) -> PromptPart {
    let (label, text) = match part {
        Part::Text(text) => {
            let html = rendered.then(|| markdown(text));
            return PromptPart { label: None, text: text.clone(), html };
        }
        Part::Image(media) => ("image".to_owned(), media_doc("image", media).label),
        Part::Audio(media) => ("audio".to_owned(), media_doc("audio", media).label),
        Part::File(media) => ("file".to_owned(), media_doc("file", media).label),
        Part::ToolCall { name, input, id } => {
            (with_id(format!("tool call {name}"), id.as_deref()), json_text(input))
        }
        Part::ToolResult { id, name, output, is_error } => {
            let what = if *is_error { "tool error" } else { "tool result" };
            let what = [Some(what), name.as_deref()].into_iter().flatten().collect::<Vec<_>>();
            (with_id(what.join(" "), id.as_deref()), json_text(output))
        }
        Part::Reasoning { title, text } => {
            (title.clone().map_or("reasoning".to_owned(), |title| format!("reasoning: {title}")), text.clone())
        }
        Part::Other(json) => ("other".to_owned(), indent(json.as_str())),
    };
    PromptPart { label: Some(label), text: clip(&text, ASKED_CHARS).text, html: None }
}

fn with_id(what: String, id: Option<&str>) -> String {
    id.map_or(what.clone(), |id| format!("{what} ({id})"))
}

fn tool_doc(tool: &Json) -> ToolDoc {
    ToolDoc { name: tool_name(&tool.to_value()), definition: indent(tool.as_str()) }
}

/// A stream, which is the string of its events, is shown as that text.
fn raw_doc(json: &Json) -> RawDoc {
    RawDoc {
        text: clip(&json_text(json), RAW_CHARS),
        size_bytes: json.as_str().len() as u64,
    }
}
