//! The prompt and its parameters.

use leptos::prelude::*;

use super::draft_signals::DraftSignals;
use super::messages_editor::MessagesEditor;
use super::model_picker::ModelPicker;

/// Model, instructions or messages, and every other setting.
#[component]
pub fn VersionEditor(org: String, providers: Vec<String>, draft: DraftSignals) -> impl IntoView {
    let has_settings = draft.settings.with_untracked(|settings| !settings.is_empty());
    // Instructions belong to structured agents, but a version may have both.
    let shows_instructions = Memo::new(move |_| {
        !draft.is_chat.get() || draft.instructions.with(|text| !text.is_empty())
    });
    let shows_messages =
        Memo::new(move |_| draft.is_chat.get() || draft.messages.0.with(|rows| !rows.is_empty()));
    view! {
        <section class="panel">
            <div class="panel-head">
                <h2>"Version"</h2>
                {move || Some(draft.name.get()).filter(|name| !name.is_empty()).map(|name| view! {
                    <span class="faint">"from "<span class="version">{name}</span></span>
                })}
            </div>
            <div class="panel-body form">
                <ModelPicker org providers draft/>
                {move || shows_instructions.get().then(|| view! {
                    <div class="field">
                        <label for="instructions">"Instructions"</label>
                        <textarea
                            class="input" id="instructions" rows="5"
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
                <details open=has_settings>
                    <summary>"Other settings"</summary>
                    <div class="field">
                        <label for="settings">"Parameters, tools and output schema (JSON)"</label>
                        <textarea
                            class="input code" id="settings" rows="4" spellcheck="false"
                            placeholder="{\"max_tokens\": 500, \"top_p\": 0.9, \"tools\": []}"
                            prop:value=move || draft.settings.get()
                            on:input=move |event| draft.settings.set(event_target_value(&event))
                        ></textarea>
                    </div>
                </details>
            </div>
        </section>
    }
    .into_any()
}
