//! A draft, field by field, as it is edited.

use leptos::prelude::*;

use crate::data::playground::{
    Draft, InputDraft, KeptInput, KeptVersion, MessageDraft, VersionDraft,
};

/// Messages that are edited one by one.
#[derive(Clone, Copy)]
pub struct MessageSignals(pub RwSignal<Vec<MessageRow>>);

/// A message that is edited.
#[derive(Clone)]
pub struct MessageRow {
    /// Tells it from every other message.
    pub key: u32,
    /// Who speaks.
    pub role: ArcRwSignal<String>,
    /// Its text, or the JSON of the whole message.
    pub content: ArcRwSignal<String>,
    /// Whether `content` is JSON.
    pub is_json: bool,
}

impl MessageSignals {
    fn new() -> Self {
        Self(RwSignal::new(Vec::new()))
    }

    /// The messages as they stand; follows every change.
    #[must_use]
    pub fn read(self) -> Vec<MessageDraft> {
        let read = |row: &MessageRow| MessageDraft {
            role: row.role.get(),
            content: row.content.get(),
            is_json: row.is_json,
        };
        self.0.with(|rows| rows.iter().map(read).collect())
    }

    fn write(self, messages: Vec<MessageDraft>) {
        self.0.set(Vec::new());
        messages.into_iter().for_each(|message| self.add(message));
    }

    /// Puts a message at the end.
    pub fn add(self, message: MessageDraft) {
        self.0.update(|rows| {
            let key = rows.iter().map(|row| row.key).max().map_or(0, |last| last + 1);
            rows.push(MessageRow {
                key,
                role: ArcRwSignal::new(message.role),
                content: ArcRwSignal::new(message.content),
                is_json: message.is_json,
            });
        });
    }

    /// Takes a message away.
    pub fn remove(self, key: u32) {
        self.0.update(|rows| rows.retain(|row| row.key != key));
    }
}

/// A draft, field by field.
#[derive(Clone, Copy)]
pub struct DraftSignals {
    pub name: RwSignal<String>,
    pub provider: RwSignal<String>,
    pub model: RwSignal<String>,
    pub temperature: RwSignal<String>,
    pub instructions: RwSignal<String>,
    pub messages: MessageSignals,
    pub settings: RwSignal<String>,
    pub kept_version: RwSignal<Option<KeptVersion>>,
    pub is_chat: RwSignal<bool>,
    pub input_messages: MessageSignals,
    pub input_json: RwSignal<String>,
    pub kept_input: RwSignal<Option<KeptInput>>,
}

impl DraftSignals {
    /// The fields of a draft.
    #[must_use]
    pub fn new(draft: Draft) -> Self {
        let text = || RwSignal::new(String::new());
        let signals = Self {
            name: text(),
            provider: text(),
            model: text(),
            temperature: text(),
            instructions: text(),
            messages: MessageSignals::new(),
            settings: text(),
            kept_version: RwSignal::new(None),
            is_chat: RwSignal::new(false),
            input_messages: MessageSignals::new(),
            input_json: text(),
            kept_input: RwSignal::new(None),
        };
        signals.write_version(draft.version);
        signals.write_input(draft.input);
        signals
    }

    /// The draft as it stands; follows every change.
    #[must_use]
    pub fn read(self) -> Draft {
        Draft {
            version: VersionDraft {
                name: self.name.get(),
                provider: self.provider.get(),
                model: self.model.get(),
                temperature: self.temperature.get(),
                instructions: self.instructions.get(),
                messages: self.messages.read(),
                settings: self.settings.get(),
                kept: self.kept_version.get(),
            },
            input: InputDraft {
                is_chat: self.is_chat.get(),
                messages: self.input_messages.read(),
                json: self.input_json.get(),
                kept: self.kept_input.get(),
            },
        }
    }

    /// Replaces the version.
    pub fn write_version(self, version: VersionDraft) {
        self.name.set(version.name);
        self.provider.set(version.provider);
        self.model.set(version.model);
        self.temperature.set(version.temperature);
        self.instructions.set(version.instructions);
        self.messages.write(version.messages);
        self.settings.set(version.settings);
        self.kept_version.set(version.kept);
    }

    /// Replaces the input.
    pub fn write_input(self, input: InputDraft) {
        self.is_chat.set(input.is_chat);
        self.input_messages.write(input.messages);
        self.input_json.set(input.json);
        self.kept_input.set(input.kept);
    }
}
