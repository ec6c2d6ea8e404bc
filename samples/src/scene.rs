//! What happens in a run, before it is put into anyone's wire format.

use crate::Language;

/// Who says something in a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Speaker {
    User,
    Assistant,
}

/// Something said in a conversation.
#[derive(Debug)]
pub(crate) struct Turn {
    pub(crate) speaker: Speaker,
    pub(crate) text: String,
}

/// A tool that is called, and what it gives.
#[derive(Debug)]
pub(crate) struct ToolUse {
    pub(crate) id: String,
    pub(crate) name: &'static str,
    /// JSON.
    pub(crate) arguments: String,
    /// JSON.
    pub(crate) result: String,
}

/// A step of reasoning.
#[derive(Debug)]
pub(crate) struct Thought {
    pub(crate) title: &'static str,
    pub(crate) text: String,
}

/// What stays the same from run to run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Prompt {
    /// Instructions, with the input as a message of its own.
    #[default]
    Instructions,
    /// A system message before a conversation.
    SystemMessage,
    /// A system message and a user message with places for the input's variables.
    Template(&'static str),
}

/// What happens in a run.
#[derive(Debug, Default)]
pub(crate) struct Scene {
    pub(crate) prompt: Prompt,
    /// The instructions or the system message.
    pub(crate) system: String,
    /// What is said after it, the question last.
    pub(crate) turns: Vec<Turn>,
    /// The input of the run: JSON.
    pub(crate) input: String,
    /// What the model says in the end; JSON when there is an output schema.
    pub(crate) answer: String,
    /// Tools that the model calls before it answers.
    pub(crate) tool_uses: Vec<ToolUse>,
    /// What the model thinks before it answers.
    pub(crate) thoughts: Vec<Thought>,
}

impl Scene {
    pub(crate) fn say(&mut self, speaker: Speaker, text: String) {
        self.turns.push(Turn { speaker, text });
    }
}

/// What a scene is made for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moment {
    /// The place in the conversation, from 0.
    pub(crate) turn: u32,
    /// The day since 1970.
    pub(crate) day: u32,
    pub(crate) language: Language,
}

impl Moment {
    /// The date so many days before, like `2026-11-22`.
    pub(crate) fn date_before(&self, days: u32) -> String {
        let day = i64::from(self.day.saturating_sub(days));
        let mut text = model::Timestamp(day * model::time::DAY_US).to_string();
        text.truncate(10);
        text
    }
}
