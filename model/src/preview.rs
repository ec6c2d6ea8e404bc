//! Values in one line, for lists.
//!
//! The grammar is WorkflowAI's: `key: value, key: {k: v}, list: [a, b]` without
//! outer braces, text quoted only inside, files as `[[img:url]]`, and `-` for
//! what is empty.

use crate::message::{self, Message, MessageRole, Part};
use crate::view::{Kind, Object, View};
use crate::{Json, Media};

mod line;
mod value;

use line::Line;

/// Messages of a chat that a preview looks at.
const MAX_MESSAGES: usize = 8;

/// Any value in at most 255 characters.
#[must_use]
pub fn of_value(json: &Json) -> String {
    let mut line = Line::default();
    value::write(&mut line, View::of(json), 0);
    line.finish()
}

/// A run's input: of a chat its variables and what was said after the last answer.
#[must_use]
pub fn of_input(input: &Json) -> String {
    let view = View::of(input);
    let messages = view.get("messages").filter(|list| list.kind() == Kind::List);
    let Some(messages) = messages.filter(|_| view.kind() == Kind::Object) else {
        return of_value(input);
    };
    let mut line = Line::default();
    let variables: Vec<_> = view.members().filter(|(key, _)| key != "messages").collect();
    let has_variables = !variables.is_empty();
    value::write_members(&mut line, variables.into_iter(), 0);
    let said = last_said(messages);
    if has_variables && !said.is_empty() {
        line.push(" | ");
    }
    let mut role = None;
    for message in said {
        if role.as_ref() == Some(&message.role) {
            line.push(" ");
        } else {
            line.push(if role.is_some() { " | " } else { "" });
            line.push(title(&message.role));
        }
        write_parts(&mut line, &message);
        role = Some(message.role);
    }
    line.finish()
}

/// A run's output: of a chat the text of the answer, else the tools it asks for.
#[must_use]
pub fn of_output(output: &Json) -> String {
    let view = View::of(output);
    if view.kind() != Kind::Object || !is_message(&view.object()) {
        return of_value(output);
    }
    let message = message::read::message(view);
    let mut line = Line::default();
    let calls: Vec<&Part> =
        message.parts.iter().filter(|part| matches!(part, Part::ToolCall { .. })).collect();
    if calls.is_empty() || message.parts.iter().any(|part| matches!(part, Part::Text(_))) {
        line.push(title(&message.role));
        write_parts(&mut line, &message);
    } else {
        write_calls(&mut line, &calls);
    }
    line.finish()
}

fn is_message(object: &Object<'_>) -> bool {
    object.has("role") && ["content", "parts", "tool_calls"].iter().any(|field| object.has(field))
}

/// The messages after the last one of the model, or the very last one.
fn last_said(list: View<'_>) -> Vec<Message> {
    let mut after = Vec::new();
    let mut last = None;
    for item in list.items() {
        last = Some(item);
        if role_of(item) == MessageRole::Assistant {
            after.clear();
        } else if after.len() < MAX_MESSAGES {
            after.push(item);
        }
    }
    if after.is_empty() {
        after.extend(last);
    }
    // Instructions say little about a run, unless there is nothing else.
    let spoken: Vec<View<'_>> =
        after.iter().copied().filter(|item| !is_instruction(*item)).collect();
    let chosen = if spoken.is_empty() { after } else { spoken };
    chosen.into_iter().map(message::read::message).collect()
}

fn is_instruction(item: View<'_>) -> bool {
    matches!(role_of(item), MessageRole::System | MessageRole::Developer)
}

fn role_of(item: View<'_>) -> MessageRole {
    if let Some(role) = item.get("role").and_then(View::text) {
        return MessageRole::from_word(&role);
    }
    match item.get("type").and_then(View::text).as_deref() {
        Some("reasoning") => MessageRole::Assistant,
        Some(kind) if kind.ends_with("_call") => MessageRole::Assistant,
        Some(kind) if kind.ends_with("_output") => MessageRole::Tool,
        _ => MessageRole::User,
    }
}

fn title(role: &MessageRole) -> &'static str {
    match role {
        MessageRole::Assistant => "Assistant: ",
        MessageRole::Tool => "Tool: ",
        MessageRole::System | MessageRole::Developer => "System: ",
        MessageRole::User | MessageRole::Other(_) => "User: ",
    }
}

fn write_parts(line: &mut Line, message: &Message) {
    let parts = message.parts.iter().filter(|part| !matches!(part, Part::Reasoning { .. }));
    let mut is_first = true;
    for part in parts {
        if !is_first {
            line.push(" ");
        }
        is_first = false;
        match part {
            Part::Text(text) | Part::Reasoning { text, .. } => line.push(text),
            Part::Image(media) => write_media(line, "img", media),
            Part::Audio(media) => write_media(line, "audio", media),
            Part::File(media) => write_media(line, "file", media),
            call @ Part::ToolCall { .. } => write_calls(line, &[call]),
            Part::ToolResult { output, .. } => value::write(line, View::of(output), 0),
            Part::Other(json) => value::write(line, View::of(json), 0),
        }
    }
    if is_first {
        line.push("-");
    }
}

fn write_media(line: &mut Line, kind: &str, media: &Media) {
    line.push_file(kind, media.url.as_deref().unwrap_or_default());
}

/// `tool: name(a: 1)`, or `tools: [a(…), b(…)]`.
fn write_calls(line: &mut Line, calls: &[&Part]) {
    line.push(if calls.len() == 1 { "tool: " } else { "tools: [" });
    let mut is_first = true;
    for call in calls {
        if let Part::ToolCall { name, input, .. } = call {
            line.push(if is_first { "" } else { ", " });
            is_first = false;
            line.push(name);
            line.push("(");
            let input = View::of(input);
            match input.kind() {
                Kind::Object => value::write_members(line, input.members(), 1),
                _ => value::write(line, input, 1),
            }
            line.push(")");
        }
        if line.is_full() {
            return;
        }
    }
    line.push(if calls.len() == 1 { "" } else { "]" });
}
