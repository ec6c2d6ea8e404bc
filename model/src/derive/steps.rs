//! What happened between the attempts: tools called, thoughts thought.

use crate::dialect::{self, Answer, ToolCalls};
use crate::{Completion, Reasoning, ToolCall};

/// The calls that the answers ask for, with the results that later requests carry.
pub(super) fn tool_calls(completions: &[Completion], answers: &[Answer]) -> Vec<ToolCall> {
    let mut calls = ToolCalls::default();
    for (completion, answer) in completions.iter().zip(answers) {
        let request = completion.request.as_ref().filter(|_| calls.is_waiting());
        for message in request.map(dialect::messages_of_request).unwrap_or_default() {
            message.parts.iter().for_each(|part| calls.note_result(part));
        }
        answer.tool_calls.iter().for_each(|call| calls.push(call.clone()));
    }
    calls.into_vec()
}

/// The thoughts of all answers.
pub(super) fn reasoning(answers: &[Answer]) -> Vec<Reasoning> {
    answers.iter().flat_map(|answer| answer.reasoning.iter().cloned()).collect()
}
