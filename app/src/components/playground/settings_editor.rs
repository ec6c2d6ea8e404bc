//! The settings of a version that have no field of their own.

use leptos::prelude::*;

use super::draft_signals::DraftSignals;

/// Every setting of the version but model, temperature and prompt, as JSON.
#[component]
pub fn SettingsEditor(draft: DraftSignals) -> impl IntoView {
    let has_settings = draft.settings.with_untracked(|settings| !settings.is_empty());
    view! {
        <section class="panel">
            <details class="fold" open=has_settings>
                <summary>"Other settings"</summary>
                <div class="panel-body form">
                    <div class="field">
                        <label for="settings">"Parameters, tools and output schema (JSON)"</label>
                        <textarea
                            class="input code" id="settings" rows="4" spellcheck="false"
                            placeholder="{\"max_tokens\": 500, \"top_p\": 0.9, \"tools\": []}"
                            prop:value=move || draft.settings.get()
                            on:input=move |event| draft.settings.set(event_target_value(&event))
                        ></textarea>
                    </div>
                </div>
            </details>
        </section>
    }
    .into_any()
}
