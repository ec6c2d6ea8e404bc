//! The parts of a run that were not sent at once.

use model::message::{message_of_output, messages_of_input};
use model::{Json, Run};

use super::clip::{ASKED_CHARS, clip};
use super::message::part_text;
use super::node::node_at;
use super::prompt::{received_in, sent_in};
use super::prompt_text::whole_text;
use crate::data::node::{Node, Spot, SpotField};

/// What stands at a spot, from this item or member on; `None` when nothing is there.
#[must_use]
pub fn read_spot(run: &Run, spot: &Spot, from: u32) -> Option<Node> {
    let tool = |index: u32| run.tool_calls.get(index as usize);
    let json: &Json = match spot.field {
        SpotField::Input => run.input.as_ref()?,
        SpotField::Output => run.output.as_ref()?,
        SpotField::ErrorDetails => run.error.as_ref()?.details.as_ref()?,
        SpotField::ToolInput(index) => tool(index)?.input.as_ref()?,
        SpotField::ToolOutput(index) => tool(index)?.output.as_ref()?,
        SpotField::ToolError(index) => tool(index)?.error.as_ref()?,
        SpotField::InputMessages => {
            return message_part(&messages_of_input(run.input.as_ref()?), spot, from);
        }
        SpotField::OutputMessages => {
            let message = message_of_output(run.output.as_ref()?)?;
            return message_part(&[message], spot, from);
        }
        SpotField::Sent(attempt) => return prompt_part(&sent_in(run, attempt), spot),
        SpotField::Received(attempt) => {
            return prompt_part(received_in(run, attempt).as_slice(), spot);
        }
    };
    node_at(json, &spot.steps, from)
}

/// A part of a message as the text that the prompt shows.
fn prompt_part(messages: &[model::Message], spot: &Spot) -> Option<Node> {
    let [message, part] = spot.steps.as_slice() else { return None };
    let part = messages.get(*message as usize)?.parts.get(*part as usize)?;
    Some(Node::Text(clip(&whole_text(part), ASKED_CHARS)))
}

/// A part of a message; further steps lead into its JSON.
fn message_part(messages: &[model::Message], spot: &Spot, from: u32) -> Option<Node> {
    use model::Part;

    let [message, part, inner @ ..] = spot.steps.as_slice() else { return None };
    let part = messages.get(*message as usize)?.parts.get(*part as usize)?;
    if let Some(text) = part_text(part) {
        return Some(Node::Text(clip(text, ASKED_CHARS)));
    }
    match part {
        Part::ToolCall { input, .. } => node_at(input, inner, from),
        Part::ToolResult { output, .. } => node_at(output, inner, from),
        Part::Other(json) => node_at(json, inner, from),
        _ => None,
    }
}
