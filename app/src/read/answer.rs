//! The answer of a run as the playground shows it.

use model::{Part, Run};

use super::clip::{MESSAGE_CHARS, RAW_CHARS, clip, short};
use super::message::json_text;
use super::prompt::received_in;
use crate::data::playground::{AnswerDoc, Outcome};

/// Tool calls of an answer that a page shows.
const MAX_CALLS: usize = 50;

/// The model of the last attempt, else that of the version.
fn answered_by(run: &Run) -> String {
    let asked = run.completions.last().and_then(|completion| completion.model.clone());
    asked.or_else(|| run.version.snapshot.model.clone()).as_deref().map(short).unwrap_or_default()
}

/// What came of a run: the answer of its last attempt, and what it took.
#[must_use]
pub fn answer_doc(run: &Run) -> AnswerDoc {
    let last = u32::try_from(run.completions.len().saturating_sub(1)).unwrap_or(u32::MAX);
    let mut doc = AnswerDoc {
        outcome: Outcome {
            model: answered_by(run),
            run: Some(run.id),
            error: run
                .error
                .as_ref()
                .map(|error| (short(&error.code), clip(&error.message, MESSAGE_CHARS).text)),
            latency: run.latency,
            time_to_first_token: run.time_to_first_token,
            cost: run.cost,
            usage: run.usage,
        },
        ..AnswerDoc::default()
    };
    let mut calls = 0;
    for part in received_in(run, last).into_iter().flat_map(|message| message.parts) {
        match part {
            Part::Text(text) => doc.text.push_str(&text),
            Part::Reasoning { text, .. } => doc.reasoning.push_str(&text),
            Part::ToolCall { name, input, .. } => {
                calls += 1;
                if calls <= MAX_CALLS {
                    let arguments = clip(&json_text(&input), MESSAGE_CHARS);
                    doc.is_cut |= arguments.more_chars > 0;
                    doc.tool_calls.push((short(&name), arguments.text));
                }
            }
            _ => {}
        }
    }
    let (text, reasoning) = (clip(&doc.text, RAW_CHARS), clip(&doc.reasoning, RAW_CHARS));
    doc.is_cut |= text.more_chars > 0 || reasoning.more_chars > 0 || calls > MAX_CALLS;
    (doc.text, doc.reasoning) = (text.text, reasoning.text);
    doc
}
