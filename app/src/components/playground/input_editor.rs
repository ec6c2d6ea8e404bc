//! The input of a run to be.

use leptos::prelude::*;

use super::draft_signals::DraftSignals;
use super::kept_notice::kept_notice;
use super::messages_editor::MessagesEditor;

use crate::data::playground::KeptInput;
use crate::format;

/// What of an input is not here.
fn kept_in_input(kept: &KeptInput, is_chat: bool) -> Vec<String> {
    let messages = (is_chat && kept.messages > 0)
        .then(|| format!("{} earlier messages", format::count(u64::from(kept.messages))));
    let what = if is_chat { "the variables" } else { "the input" };
    messages.into_iter().chain(kept.json.then(|| what.to_owned())).collect()
}

/// Messages and variables of a chat, or the JSON of a structured input.
#[component]
pub fn InputEditor(draft: DraftSignals) -> impl IntoView {
    let label = move || if draft.is_chat.get() { "Variables (JSON)" } else { "Input (JSON)" };
    let has_no_json =
        move || draft.kept_input.with(|kept| kept.as_ref().is_some_and(|kept| kept.json));
    let rows = move || if draft.is_chat.get() { "2" } else { "10" };
    view! {
        <section class="panel">
            <div class="panel-head">
                <h2>"Input"</h2>
                <div class="switch" role="group" aria-label="Input type">
                    <button
                        type="button"
                        aria-pressed=move || if draft.is_chat.get() { "true" } else { "false" }
                        on:click=move |_| draft.is_chat.set(true)
                    >"Messages"</button>
                    <button
                        type="button"
                        aria-pressed=move || if draft.is_chat.get() { "false" } else { "true" }
                        on:click=move |_| draft.is_chat.set(false)
                    >"JSON"</button>
                </div>
            </div>
            <div class="panel-body form">
                {move || draft.kept_input.get().map(|kept| {
                    let (size, is_chat) = (kept.size_bytes, draft.is_chat.get());
                    let give_up = move || draft.kept_input.set(None);
                    kept_notice(kept_in_input(&kept, is_chat), size, give_up)
                })}
                {move || draft.is_chat.get().then(|| view! {
                    <MessagesEditor label="Input message" messages=draft.input_messages new_role="user"/>
                })}
                <div class="field" hidden=has_no_json>
                    <label for="input-json">{label}</label>
                    <textarea
                        class="input code" id="input-json" spellcheck="false" rows=rows
                        prop:value=move || draft.input_json.get()
                        on:input=move |event| draft.input_json.set(event_target_value(&event))
                    ></textarea>
                </div>
            </div>
        </section>
    }
    .into_any()
}
