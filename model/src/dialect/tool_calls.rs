//! Tool calls and the results that follow them.

use std::collections::HashMap;

use crate::{Json, Part, ToolCall};

/// Tool calls in their order, found again by their id.
#[derive(Debug, Default)]
pub(crate) struct ToolCalls {
    calls: Vec<ToolCall>,
    by_id: HashMap<String, usize>,
    /// How many have no result yet.
    waiting: usize,
}

impl ToolCalls {
    pub(crate) fn push(&mut self, call: ToolCall) {
        if let Some(id) = &call.id {
            self.by_id.insert(id.clone(), self.calls.len());
        }
        self.waiting += usize::from(call.output.is_none() && call.error.is_none());
        self.calls.push(call);
    }

    /// Takes a part that is a call or a result.
    pub(crate) fn note(&mut self, part: &Part) {
        match part {
            Part::ToolCall { id, name, input } => self.push(ToolCall {
                id: id.clone(),
                name: name.clone(),
                input: Some(input.clone()),
                ..ToolCall::default()
            }),
            other => self.note_result(other),
        }
    }

    /// Takes the first result of a known call.
    pub(crate) fn note_result(&mut self, part: &Part) {
        if let Part::ToolResult { id: Some(id), output, is_error, .. } = part {
            self.attach(id, output, *is_error);
        }
    }

    /// Whether a call has no result yet.
    pub(crate) fn is_waiting(&self) -> bool {
        self.waiting > 0
    }

    fn attach(&mut self, id: &str, output: &Json, is_error: bool) {
        let call = self.by_id.get(id).and_then(|at| self.calls.get_mut(*at));
        let Some(call) = call.filter(|call| call.output.is_none() && call.error.is_none()) else {
            return;
        };
        let place = if is_error { &mut call.error } else { &mut call.output };
        *place = Some(output.clone());
        self.waiting = self.waiting.saturating_sub(1);
    }

    pub(crate) fn into_vec(self) -> Vec<ToolCall> {
        self.calls
    }
}
