//! What went to the model, for reading.

use model::dialect::{
    answer_of_response, messages_of_request, parameters_of_request, tools_of_request,
};
use model::message::{message_of_output, messages_of_input, messages_of_version};
use model::{Completion, Json, Message, MessageRole, Part, Run};

use super::clip::{ASKED_CHARS, RAW_CHARS, clip};
use super::indent::indent;
use super::markdown::markdown;
use super::message::{json_text, media_doc};
use super::now;
use super::run::tool_name;
use crate::data::prompt::{ExchangeDoc, PromptDoc, PromptMessage, PromptPart, RawDoc, ToolDoc};

/// The exchanges of a run; `rendered` asks for texts as Markdown too.
#[must_use]
pub fn prompt_doc(run: &Run, rendered: bool) -> PromptDoc {
    // A run whose client kept no exchange is shown as one, of what the run itself says.
    let whole = [Completion {
        provider: run.version.snapshot.provider.clone(),
        model: run.version.snapshot.model.clone(),
        usage: Some(run.usage),
        cost: run.cost,
        latency: run.latency,
        started_at: Some(run.created_at),
        error: run.error.clone(),
        ..Completion::default()
    }];
    let completions = if run.completions.is_empty() { &whole } else { run.completions.as_slice() };
    let last = completions.len().saturating_sub(1);
    let attempts = completions
        .iter()
        .enumerate()
        .map(|(index, completion)| exchange(run, completion, index == last, rendered));
    PromptDoc {
        id: run.id,
        agent: run.agent.clone(),
        created_at: run.created_at,
        attempts: attempts.collect(),
        rendered,
        now: now(),
    }
}

fn exchange(run: &Run, completion: &Completion, is_last: bool, rendered: bool) -> ExchangeDoc {
    let request = completion.request.as_ref();
    let response = completion.response.as_ref();
    let answer = response.map(|response| answer_of_response(request, response)).unwrap_or_default();
    let error = completion.error.as_ref().or(answer.error.as_ref());
    let messages = request.map_or_else(|| sent_by_run(run), messages_of_request);
    let received = match response {
        Some(_) => answer.message,
        // Only the last attempt can have given the run's output.
        None => {
            run.output.as_ref().filter(|_| is_last).and_then(|output| received_by_run(run, output))
        }
    };
    let tools = request.map_or_else(|| tools_of_version(run), tools_of_request);
    let parameters = request.map_or_else(|| parameters_of_version(run), parameters_of_request);
    ExchangeDoc {
        provider: completion.provider.clone(),
        model: completion.model.clone().or(answer.model),
        is_derived: request.is_none(),
        messages: messages.iter().map(|message| prompt_message(message, rendered)).collect(),
        answer: received.iter().map(|message| prompt_message(message, rendered)).collect(),
        tools: tools.iter().map(tool_doc).collect(),
        parameters: parameters.iter().map(|(name, json)| (name.clone(), json_text(json))).collect(),
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

/// The messages of a run's version, then those of its input or the input itself.
fn sent_by_run(run: &Run) -> Vec<Message> {
    let mut messages = messages_of_version(&run.version.snapshot);
    if let Some(input) = &run.input {
        let own = messages_of_input(input);
        if own.is_empty() {
            messages.push(Message::text(MessageRole::User, json_text(input)));
        } else {
            messages.extend(own);
        }
    }
    messages
}

fn received_by_run(run: &Run, output: &Json) -> Option<Message> {
    if run.is_chat() {
        message_of_output(output)
    } else {
        Some(Message::text(MessageRole::Assistant, json_text(output)))
    }
}

fn tools_of_version(run: &Run) -> Vec<Json> {
    run.version.snapshot.tools.iter().flatten().map(Json::from).collect()
}

fn parameters_of_version(run: &Run) -> Vec<(String, Json)> {
    const SHOWN_ELSEWHERE: [&str; 5] = ["model", "provider", "instructions", "messages", "tools"];
    let settings = run.version.snapshot.to_object();
    let settings = settings.iter().filter(|(name, _)| !SHOWN_ELSEWHERE.contains(&name.as_str()));
    settings.map(|(name, value)| (name.clone(), Json::from(value))).collect()
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
        Part::Reasoning { title, text } => (
            title.clone().map_or("reasoning".to_owned(), |title| format!("reasoning: {title}")),
            text.clone(),
        ),
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
    RawDoc { text: clip(&json_text(json), RAW_CHARS), size_bytes: json.as_str().len() as u64 }
}
