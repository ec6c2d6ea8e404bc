//! Which run a tool's span belongs to.

use model::ToolCall;

use crate::item::ToolSpan;

/// A run that may have asked for a tool.
pub(crate) struct Caller<'a> {
    pub(crate) span: &'a str,
    pub(crate) parent: Option<&'a str>,
    /// Nanoseconds since 1970.
    pub(crate) end: u64,
    pub(crate) calls: &'a [ToolCall],
}

/// The caller among runs of the same trace: the one that gave the call its id,
/// else the one below which the tool ran, else the last one before it that
/// asked for a tool of this name, else the last one before it with the same
/// parent.
pub(crate) fn caller_of(
    tool: &ToolSpan,
    ancestors: &[String],
    callers: &[Caller<'_>],
) -> Option<usize> {
    let latest = |fits: &dyn Fn(&Caller<'_>) -> bool| {
        let fitting = callers.iter().enumerate().filter(|(_, caller)| fits(caller));
        fitting.max_by_key(|(_, caller)| caller.end).map(|(at, _)| at)
    };
    let before = |caller: &Caller<'_>| caller.end <= tool.start;
    let by_id = tool.call_id.as_deref().and_then(|id| {
        latest(&|caller| caller.calls.iter().any(|call| call.id.as_deref() == Some(id)))
    });
    by_id
        .or_else(|| latest(&|caller| ancestors.iter().any(|span| span == caller.span)))
        .or_else(|| {
            latest(&|caller| {
                before(caller) && caller.calls.iter().any(|call| call.name == tool.name)
            })
        })
        .or_else(|| {
            latest(&|caller| {
                before(caller) && caller.parent.is_some() && caller.parent == tool.parent.as_deref()
            })
        })
}

/// Whether a tool's span is that of a call, which was asked for at `end`.
pub(crate) fn answers(tool: &ToolSpan, call: &ToolCall, end: u64) -> bool {
    match (&tool.call_id, &call.id) {
        (Some(of_tool), Some(of_call)) => of_tool == of_call,
        _ => tool.name == call.name && tool.start >= end,
    }
}

/// Puts what a tool's span says into the calls of its run.
pub(crate) fn attach(calls: &mut Vec<ToolCall>, tool: &ToolSpan) {
    let is_open = |call: &ToolCall| call.output.is_none() && call.error.is_none();
    let by_id = tool
        .call_id
        .as_deref()
        .and_then(|id| calls.iter().position(|call| call.id.as_deref() == Some(id)));
    let place = by_id.or_else(|| {
        // A span with another id than all calls is a call of its own.
        let same = |call: &ToolCall| {
            call.name == tool.name && is_open(call) && (tool.call_id.is_none() || call.id.is_none())
        };
        calls.iter().position(same)
    });
    match place.and_then(|at| calls.get_mut(at)) {
        Some(call) => {
            call.id = call.id.take().or_else(|| tool.call_id.clone());
            call.input = call.input.take().or_else(|| tool.input.clone());
            if is_open(call) {
                call.output.clone_from(&tool.output);
                call.error.clone_from(&tool.error);
            }
        }
        None => calls.push(ToolCall {
            id: tool.call_id.clone(),
            name: tool.name.clone(),
            input: tool.input.clone(),
            output: tool.output.clone(),
            error: tool.error.clone(),
        }),
    }
}
