//! One run for reading.

use model::message::messages_of_version;
use model::{Completion, Json, Run, RunError, RunVersion, Version};
use serde_json::Value;

use super::clip::{MESSAGE_CHARS, TREE_CHARS, clip, short};
use super::indent::indent;
use super::metadata::metadata_docs;
use super::node::node;
use super::now;
use super::page_room::PageRoom;
use super::prompt_text::{Room, TextForm};
use super::value::{input_doc, output_doc};
use crate::data::run::{AttemptDoc, ErrorDoc, ReasoningDoc, RunDoc, ToolCallDoc, VersionDoc};
use crate::list_state::Form;

/// Most tool calls and steps of reasoning that a page shows.
const MAX_STEPS: usize = 200;
/// Most labels, settings and tools that a page shows.
const MAX_LABELS: usize = 200;
/// Versions whose messages a page of versions has room for.
const VERSIONS: usize = 10;

/// A run; `url` is the address of its own page, `form` is how input and output are shown.
#[must_use]
pub fn run_doc(run: &Run, url: String, form: Form) -> RunDoc {
    let is_chat = run.is_chat();
    let mut room = PageRoom::of_steps();
    RunDoc {
        id: run.id,
        agent: run.agent.clone(),
        schema: run.schema,
        created_at: run.created_at,
        status: run.status,
        error: run.error.as_ref().map(|error| error_doc(error, &mut room)),
        version: version_doc(&run.version, VERSIONS),
        input: run.input.as_ref().map(|json| input_doc(json, is_chat, form)),
        output: run.output.as_ref().map(|json| output_doc(json, is_chat, form)),
        is_chat,
        attempts: run.completions.iter().take(MAX_STEPS).map(attempt_doc).collect(),
        tool_calls: run
            .tool_calls
            .iter()
            .take(MAX_STEPS)
            .map(|call| tool_call_doc(call, &mut room))
            .collect(),
        reasoning: run
            .reasoning
            .iter()
            .take(MAX_STEPS)
            .map(|step| reasoning_doc(step, &mut room))
            .collect(),
        left_out: left_out(run),
        latency: run.latency,
        time_to_first_token: run.time_to_first_token,
        cost: run.cost,
        usage: run.usage,
        conversation_id: run.conversation_id.clone(),
        metadata: metadata_docs(&run.metadata, MAX_LABELS),
        environment: run.environment.clone(),
        source: run.source,
        cached_from: run.cached_from,
        trace_id: run.trace_id.clone(),
        parent_run_id: run.parent_run_id,
        url,
        now: now(),
    }
}

/// What of a run its page leaves out, in words.
fn left_out(run: &Run) -> Vec<String> {
    let all = [
        ("completions", run.completions.len(), MAX_STEPS),
        ("tool calls", run.tool_calls.len(), MAX_STEPS),
        ("steps of reasoning", run.reasoning.len(), MAX_STEPS),
        ("metadata keys", run.metadata.len(), MAX_LABELS),
        ("settings", run.version.snapshot.extra.len(), MAX_LABELS),
        ("tools", run.version.snapshot.tools.as_ref().map_or(0, Vec::len), MAX_LABELS),
    ];
    let long = all.into_iter().filter(|(_, count, most)| count > most);
    long.map(|(what, count, most)| {
        format!("{} more {what}", crate::format::count((count - most) as u64))
    })
    .collect()
}

fn error_doc(error: &RunError, room: &mut PageRoom) -> ErrorDoc {
    ErrorDoc {
        code: short(&error.code),
        message: clip(&error.message, TREE_CHARS).text,
        details: error
            .details
            .as_ref()
            .filter(|details| details.as_str() != "null")
            .map(|details| node(details, room)),
    }
}

fn attempt_doc(completion: &Completion) -> AttemptDoc {
    AttemptDoc {
        provider: completion.provider.as_deref().map(short),
        model: completion.model.as_deref().map(short),
        usage: completion.usage.unwrap_or_default(),
        cost: completion.cost,
        cost_source: completion.cost_source,
        latency: completion.latency,
        started_at: completion.started_at,
        finish_reason: completion.finish_reason.as_deref().map(short),
        error_code: completion.error.as_ref().map(|error| short(&error.code)),
    }
}

fn tool_call_doc(call: &model::ToolCall, room: &mut PageRoom) -> ToolCallDoc {
    let mut present = |json: &Option<Json>| {
        json.as_ref().filter(|json| json.as_str() != "null").map(|json| node(json, room))
    };
    ToolCallDoc {
        id: call.id.as_deref().map(short),
        name: short(&call.name),
        input: present(&call.input),
        output: present(&call.output),
        error: present(&call.error),
    }
}

fn reasoning_doc(step: &model::Reasoning, room: &mut PageRoom) -> ReasoningDoc {
    ReasoningDoc { title: step.title.as_deref().map(short), text: room.message(&step.text) }
}

/// What produced a run; so many versions share a page.
#[must_use]
pub fn version_doc(version: &RunVersion, versions: usize) -> VersionDoc {
    let snapshot = &version.snapshot;
    let chars = (VERSIONS * MESSAGE_CHARS / versions.max(VERSIONS)).max(TREE_CHARS);
    let mut settings: Vec<(String, String)> = snapshot
        .extra
        .iter()
        .take(MAX_LABELS)
        .map(|(key, value)| (short(key), clip(&setting(value), TREE_CHARS).text))
        .collect();
    if let Some(max_tokens) = snapshot.max_tokens {
        settings.insert(0, ("max_tokens".to_owned(), max_tokens.to_string()));
    }
    let template = Version { messages: snapshot.messages.clone(), ..Version::default() };
    let (messages, later_count) = Room::shared_by(versions.max(VERSIONS))
        .fill(&messages_of_version(&template), TextForm::Verbatim);
    VersionDoc {
        id: version.id,
        number: version.number,
        model: snapshot.model.as_deref().map(short),
        provider: snapshot.provider.as_deref().map(short),
        temperature: snapshot.temperature,
        settings,
        instructions: snapshot.instructions.as_deref().map(|text| clip(text, chars)),
        messages,
        later_count,
        tools: snapshot.tools.iter().flatten().take(MAX_LABELS).map(tool_name).collect(),
        output_schema: snapshot
            .output_schema
            .as_ref()
            .map(|schema| clip(&indent(&schema.to_string()), chars)),
    }
}

fn setting(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// The name of a tool, wherever its dialect has it.
#[must_use]
pub fn tool_name(tool: &Value) -> String {
    ["/function/name", "/name", "/toolSpec/name", "/type"]
        .iter()
        .find_map(|path| tool.pointer(path)?.as_str())
        .or_else(|| tool.as_str())
        .map_or_else(|| "unnamed".to_owned(), short)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn tools_have_names_in_every_dialect() {
        assert_eq!(tool_name(&json!({"type": "function", "function": {"name": "a"}})), "a");
        assert_eq!(tool_name(&json!({"name": "b", "input_schema": {}})), "b");
        assert_eq!(tool_name(&json!("@search")), "@search");
        assert_eq!(tool_name(&json!({"type": "web_search"})), "web_search");
        assert_eq!(tool_name(&json!(1)), "unnamed");
    }
}
