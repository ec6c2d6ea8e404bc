//! What went to the model, for reading.

use std::borrow::Cow;

use model::dialect::{
    answer_of_response, messages_of_request, parameters_of_request, tools_of_request,
};
use model::message::{message_of_output, messages_of_input, messages_of_version};
use model::{Completion, Json, Message, MessageRole, Run};

use super::clip::{MESSAGE_CHARS, RAW_CHARS, TREE_CHARS, clip, short};
use super::indent::indent;
use super::message::json_text;
use super::now;
use super::prompt_text::{Room, TextForm, count_in};
use super::run::tool_name;
use crate::data::prompt::{ExchangeDoc, PromptDoc, RawDoc, ToolDoc};

/// Most exchanges, and most tools or parameters of all exchanges, that a page shows.
const MAX_EXCHANGES: usize = 100;
const MAX_SETTINGS: usize = 200;
/// Characters of the tools, and of the parameters, of a page.
const SETTINGS_CHARS: usize = 200_000;

/// The exchanges of a run. While something is wanted, texts are shown to the letter.
#[must_use]
pub fn prompt_doc(run: &Run, rendered: bool, wanted: &str) -> PromptDoc {
    let form = match (wanted.trim(), rendered) {
        ("", true) => TextForm::Markdown,
        ("", false) => TextForm::Verbatim,
        (wanted, _) => TextForm::Finding(wanted),
    };
    let completions = completions(run);
    let count = completions.len();
    let mut all = 0;
    let shown = completions.iter().take(MAX_EXCHANGES);
    let attempts: Vec<ExchangeDoc> = (1..)
        .zip(shown)
        .map(|(number, completion)| {
            let place = Place { count, is_last: number == count };
            let (sent, received) = (sent(run, completion), received(run, completion, place));
            if let TextForm::Finding(wanted) = form {
                all += count_in(&sent, wanted) + count_in(received.as_slice(), wanted);
            }
            exchange(run, completion, place, (&sent, received.as_slice()), form)
        })
        .collect();
    let shown = attempts.iter().flat_map(|it| it.messages.iter().chain(&it.answer));
    let shown = shown.flat_map(|message| &message.parts).filter_map(|part| part.found.as_ref());
    let shown: usize = shown.map(|it| it.pieces.iter().filter(|(is_hit, _)| *is_hit).count()).sum();
    let small = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    PromptDoc {
        id: run.id,
        agent: run.agent.clone(),
        created_at: run.created_at,
        attempts,
        later_count: small(count.saturating_sub(MAX_EXCHANGES)),
        rendered: form == TextForm::Markdown,
        wanted: wanted.trim().to_owned(),
        found_count: small(all),
        hidden_count: small(all.saturating_sub(shown)),
        now: now(),
    }
}

/// A run whose client kept no exchange is shown as one, of what the run itself says.
fn completions(run: &Run) -> Cow<'_, [Completion]> {
    if !run.completions.is_empty() {
        return Cow::Borrowed(&run.completions);
    }
    Cow::Owned(vec![Completion {
        provider: run.version.snapshot.provider.as_deref().map(short),
        model: run.version.snapshot.model.as_deref().map(short),
        usage: Some(run.usage),
        cost: run.cost,
        latency: run.latency,
        started_at: Some(run.created_at),
        error: run.error.clone(),
        ..Completion::default()
    }])
}

/// An attempt's place among all.
#[derive(Clone, Copy)]
struct Place {
    count: usize,
    is_last: bool,
}

fn exchange(
    run: &Run,
    completion: &Completion,
    place: Place,
    (sent, received): (&[Message], &[Message]),
    form: TextForm<'_>,
) -> ExchangeDoc {
    let request = completion.request.as_ref();
    let response = completion.response.as_ref();
    let answer = response.map(|response| answer_of_response(request, response)).unwrap_or_default();
    let error = completion.error.as_ref().or(answer.error.as_ref());
    let tools = request.map_or_else(|| tools_of_version(run), tools_of_request);
    let parameters = request.map_or_else(|| parameters_of_version(run), parameters_of_request);
    let shared_by = place.count.min(MAX_EXCHANGES);
    let room = Room::shared_by(shared_by);
    let most = (MAX_SETTINGS / shared_by).max(10);
    let parameter_chars = setting_chars(parameters.len().min(most) * shared_by);
    let chars = setting_chars(tools.len().min(most) * shared_by);
    let later = |count: usize| u32::try_from(count.saturating_sub(most)).unwrap_or(u32::MAX);
    let (messages, later_count) = room.fill(sent, form);
    ExchangeDoc {
        provider: completion.provider.as_deref().map(short),
        model: completion.model.as_deref().or(answer.model.as_deref()).map(short),
        is_derived: request.is_none(),
        messages,
        later_count,
        answer: room.fill(received, form).0,
        tools: tools.iter().take(most).map(|tool| tool_doc(tool, chars)).collect(),
        later_tools: later(tools.len()),
        parameters: parameters
            .iter()
            .take(most)
            .map(|(name, json)| (short(name), clip(&json_text(json), parameter_chars).text))
            .collect(),
        later_parameters: later(parameters.len()),
        request: request.map(|json| raw_doc(json, shared_by)),
        response: response.map(|json| raw_doc(json, shared_by)),
        usage: completion.usage.unwrap_or_default(),
        cost: completion.cost,
        cost_source: completion.cost_source,
        latency: completion.latency,
        started_at: completion.started_at,
        finish_reason: completion
            .finish_reason
            .clone()
            .or(answer.finish_reason)
            .as_deref()
            .map(short),
        error: error.map(|error| (short(&error.code), clip(&error.message, MESSAGE_CHARS).text)),
    }
}

/// The messages that went to the model in the attempt of this index.
#[must_use]
pub fn sent_in(run: &Run, index: u32) -> Vec<Message> {
    let completions = completions(run);
    completions.get(index as usize).map_or_else(Vec::new, |completion| sent(run, completion))
}

/// What came back in the attempt of this index.
#[must_use]
pub fn received_in(run: &Run, index: u32) -> Option<Message> {
    let completions = completions(run);
    let index = index as usize;
    let count = completions.len();
    received(run, completions.get(index)?, Place { count, is_last: index + 1 == count })
}

fn received(run: &Run, completion: &Completion, place: Place) -> Option<Message> {
    match &completion.response {
        Some(response) => answer_of_response(completion.request.as_ref(), response).message,
        None => received_by_run(run, place.is_last),
    }
}

fn sent(run: &Run, completion: &Completion) -> Vec<Message> {
    completion.request.as_ref().map_or_else(|| sent_by_run(run), messages_of_request)
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

/// Only the last attempt can have given the run's output.
fn received_by_run(run: &Run, is_last: bool) -> Option<Message> {
    let output = run.output.as_ref().filter(|_| is_last)?;
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

/// Characters of each of so many settings.
fn setting_chars(count: usize) -> usize {
    (SETTINGS_CHARS / count.max(1)).clamp(TREE_CHARS, MESSAGE_CHARS)
}

fn tool_doc(tool: &Json, chars: usize) -> ToolDoc {
    let name = short(&tool_name(&tool.to_value()));
    ToolDoc { name, definition: clip(&indent(tool.as_str()), chars) }
}

/// A stream, which is the string of its events, is shown as that text. The
/// bodies of all attempts share the page.
fn raw_doc(json: &Json, attempts: usize) -> RawDoc {
    let chars = (RAW_CHARS / attempts.max(1)).max(TREE_CHARS);
    RawDoc { text: clip(&json_text(json), chars), size_bytes: json.as_str().len() as u64 }
}
