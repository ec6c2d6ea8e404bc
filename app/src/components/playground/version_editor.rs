//! The prompt and its model.

use leptos::prelude::*;

use super::draft_signals::DraftSignals;
use super::kept_notice::kept_notice;
use super::messages_editor::MessagesEditor;
use super::model_picker::ModelPicker;

use crate::components::foreign::foreign;
use crate::data::playground::KeptVersion;
use crate::format;

/// What of a version is not here.
fn kept_in_version(kept: &KeptVersion) -> Vec<String> {
    let messages = (kept.messages > 0)
        .then(|| format!("{} earlier prompt messages", format::count(u64::from(kept.messages))));
    let instructions = kept.instructions.then(|| "the instructions".to_owned());
    let settings = kept.settings.then(|| "the other settings".to_owned());
    [messages, instructions, settings].into_iter().flatten().collect()
}

/// Model, instructions and messages.
#[component]
pub fn VersionEditor(org: String, providers: Vec<String>, draft: DraftSignals) -> impl IntoView {
    // Instructions belong to structured agents, but a version may have both.
    let shows_instructions = Memo::new(move |_| {
        let are_kept =
            draft.kept_version.with(|kept| kept.as_ref().is_some_and(|kept| kept.instructions));
        // What would be typed beside those that are sent unchanged would not be sent.
        !are_kept && (!draft.is_chat.get() || draft.instructions.with(|text| !text.is_empty()))
    });
    let shows_messages =
        Memo::new(move |_| draft.is_chat.get() || draft.messages.0.with(|rows| !rows.is_empty()));
    view! {
        <section class="panel">
            <div class="panel-head">
                <h2>"Version"</h2>
                {move || Some(draft.name.get()).filter(|name| !name.is_empty()).map(|name| view! {
                    <span class="faint">"from "<span class="version">{foreign(name)}</span></span>
                })}
            </div>
            <div class="panel-body form">
                <ModelPicker org providers draft/>
                {move || draft.kept_version.get().map(|kept| {
                    let size = kept.size_bytes;
                    kept_notice(kept_in_version(&kept), size, move || draft.kept_version.set(None))
                })}
                {move || shows_instructions.get().then(|| view! {
                    <div class="field">
                        <label for="instructions">"Instructions"</label>
                        <textarea
                            class="input" id="instructions" rows="5" dir="auto"
                            prop:value=move || draft.instructions.get()
                            on:input=move |event| draft.instructions.set(event_target_value(&event))
                        ></textarea>
                    </div>
                })}
                {move || shows_messages.get().then(|| view! {
                    <div class="field">
                        <span class="label">"Prompt messages"</span>
                        <p class="hint">
                            "Sent before the input messages. " <code>"{{ name }}"</code>
                            " inserts an input variable."
                        </p>
                        <MessagesEditor label="Prompt message" messages=draft.messages new_role="system"/>
                    </div>
                })}
            </div>
        </section>
    }
    .into_any()
}
