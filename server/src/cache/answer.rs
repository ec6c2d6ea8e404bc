//! One stored answer.

use model::{Json, Micros, NanoUsd, Reasoning, Run, RunId, RunStatus, Timestamp, ToolCall};

/// An answer, and the run that it comes from.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// The run that got it from a provider.
    pub run: RunId,
    /// When that run was made.
    pub created_at: Timestamp,
    /// The response; a stream is the string of its events.
    pub response: Json,
    /// The run's output.
    pub output: Option<Json>,
    /// The tools that the run called for.
    pub tool_calls: Vec<ToolCall>,
    /// The model's reasoning.
    pub reasoning: Vec<Reasoning>,
    /// What the run cost.
    pub cost: Option<NanoUsd>,
    /// How long the run took.
    pub latency: Option<Micros>,
}

impl Answer {
    /// The answer of a run; `None` when it failed or has none of its own.
    #[must_use]
    pub fn of(run: &Run) -> Option<Self> {
        let is_own = run.status == RunStatus::Success && run.cached_from.is_none();
        let last = run.completions.last().filter(|last| is_own && last.error.is_none())?;
        Some(Self {
            run: run.id,
            created_at: run.created_at,
            response: last.response.clone()?,
            output: run.output.clone(),
            tool_calls: run.tool_calls.clone(),
            reasoning: run.reasoning.clone(),
            cost: run.cost,
            latency: run.latency,
        })
    }

    /// Bytes that it takes up in memory, roughly.
    #[must_use]
    pub fn size(&self) -> usize {
        let output = self.output.as_ref().map_or(0, |output| output.as_str().len());
        // Tool calls and reasoning are parts of the response.
        512 + output + 2 * self.response.as_str().len()
    }
}
