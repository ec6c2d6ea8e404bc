//! The answer of one model, as it comes.

use futures::StreamExt;
use futures::future::{AbortHandle, abortable};
use leptos::prelude::*;

use crate::api::playground::run_draft;
use crate::components::load_error::sentence;
use crate::data::playground::{AnswerDoc, Draft, Outcome, PlaygroundEvent};
use crate::error::AppError;

/// The answer of one model; each column of the playground has one.
#[derive(Clone, Copy)]
pub struct AnswerState {
    /// The model that answers, or answered: not the draft's, which goes on changing.
    pub model: RwSignal<String>,
    pub text: RwSignal<String>,
    pub reasoning: RwSignal<String>,
    /// Whether the run has more than is shown.
    pub is_cut: RwSignal<bool>,
    /// Names and arguments of the tools that the model asked for.
    pub tool_calls: RwSignal<Vec<(String, String)>>,
    pub outcome: RwSignal<Option<Outcome>>,
    /// Why nothing was run: what is wrong, and in which field.
    pub problem: RwSignal<Option<String>>,
    pub is_running: RwSignal<bool>,
    on_its_way: StoredValue<Option<AbortHandle>>,
}

impl AnswerState {
    /// With the answer that there is, or nothing yet.
    #[must_use]
    pub fn new(answer: Option<AnswerDoc>) -> Self {
        let outcome = answer.as_ref().map(|answer| answer.outcome.clone());
        let AnswerDoc { text, reasoning, tool_calls, is_cut, .. } = answer.unwrap_or_default();
        let model = outcome.as_ref().map(|outcome| outcome.model.clone()).unwrap_or_default();
        Self {
            model: RwSignal::new(model),
            text: RwSignal::new(text),
            reasoning: RwSignal::new(reasoning),
            is_cut: RwSignal::new(is_cut),
            tool_calls: RwSignal::new(tool_calls),
            outcome: RwSignal::new(outcome),
            problem: RwSignal::new(None),
            is_running: RwSignal::new(false),
            on_its_way: StoredValue::new(None),
        }
    }

    /// Asks anew; an answer that is still coming is stopped.
    pub fn run(self, org: String, agent: String, draft: Draft) {
        self.stop();
        self.model.set(draft.version.model.clone());
        self.text.set(String::new());
        self.reasoning.set(String::new());
        self.tool_calls.set(Vec::new());
        self.is_cut.set(false);
        self.outcome.set(None);
        self.problem.set(None);
        self.is_running.set(true);
        let (answer, handle) = abortable(self.follow(org, agent, draft));
        self.on_its_way.set_value(Some(handle));
        leptos::task::spawn_local(async move {
            if answer.await.is_ok() {
                self.is_running.set(false);
            }
        });
    }

    /// Stops listening; the server notices, stops the model and stores what came.
    pub fn stop(self) {
        if let Some(handle) = self.on_its_way.try_update_value(Option::take).flatten() {
            handle.abort();
        }
        self.is_running.set(false);
    }

    async fn follow(self, org: String, agent: String, draft: Draft) {
        let mut stream = match run_draft(org, agent, draft).await {
            Ok(stream) => Box::pin(stream.into_inner()),
            Err(error) => {
                self.problem.set(Some(explain(&error)));
                return;
            }
        };
        let mut rest = String::new();
        while let Some(piece) = stream.next().await {
            match piece {
                Ok(piece) => rest.push_str(&piece),
                Err(error) => {
                    self.problem.set(Some(explain(&error)));
                    return;
                }
            }
            while let Some(end) = rest.find('\n') {
                let line: String = rest.drain(..=end).collect();
                if let Ok(event) = serde_json::from_str(&line) {
                    self.take(event);
                }
            }
        }
        if self.outcome.with_untracked(Option::is_none) {
            self.problem.set(Some("The connection was lost before the response ended.".to_owned()));
        }
    }

    fn take(self, event: PlaygroundEvent) {
        match event {
            PlaygroundEvent::Text(text) => self.text.update(|all| all.push_str(&text)),
            PlaygroundEvent::Reasoning(text) => self.reasoning.update(|all| all.push_str(&text)),
            PlaygroundEvent::ToolCall(name, arguments) => self.tool_calls.update(|calls| {
                if let Some(name) = name {
                    calls.push((name, String::new()));
                }
                if let Some((_, all)) = calls.last_mut() {
                    all.push_str(&arguments);
                }
            }),
            PlaygroundEvent::Done(outcome) => {
                self.model.set(outcome.model.clone());
                self.outcome.set(Some(*outcome));
            }
        }
    }
}

fn explain(error: &AppError) -> String {
    match error {
        AppError::Invalid { field, message, .. } => sentence(&format!("{field}: {message}")),
        other => sentence(&other.to_string()),
    }
}
