//! Which model is asked.

use leptos::prelude::*;

use super::draft_signals::DraftSignals;
use crate::api::playground::list_models;
use crate::components::foreign::foreign;
use crate::data::playground::{ModelChoice, ModelsDoc};
use crate::format::visible;

/// A provider's name for people.
#[must_use]
pub fn provider_label(name: &str) -> String {
    match name {
        "echo" => "echo (built in)".to_owned(),
        model::DEFAULT_PROVIDER => "default provider".to_owned(),
        _ => visible(name).into_owned(),
    }
}

/// Provider and model. The model is a field with suggestions, since a model
/// that is no longer listed must stay as it is.
#[component]
pub fn ModelPicker(org: String, providers: Vec<String>, draft: DraftSignals) -> impl IntoView {
    let (models, set_models) = signal(ModelsDoc::default());
    Effect::new(move |_| {
        let org = org.clone();
        leptos::task::spawn_local(async move {
            if let Ok(found) = list_models(org).fetch().await {
                let _ = set_models.try_set(found);
            }
        });
    });
    let known = StoredValue::new(providers.clone());
    // A provider of old runs that is not set up here.
    let unknown = Memo::new(move |_| {
        let provider = draft.provider.get();
        known.with_value(|known| !known.contains(&provider)).then_some(provider)
    });
    let suggestions = Memo::new(move |_| {
        let provider = draft.provider.get();
        let is_of = |choice: &&ModelChoice| choice.provider == provider;
        models.with(|doc| {
            let of: Vec<String> =
                doc.models.iter().filter(is_of).map(|c| c.model.clone()).collect();
            if of.is_empty() { doc.models.iter().map(|c| c.model.clone()).collect() } else { of }
        })
    });
    let choose = move |event| {
        let provider = event_target_value(&event);
        if provider == "echo" {
            draft.model.set("echo".to_owned());
        }
        draft.provider.set(provider);
    };
    let hint = move || {
        if draft.provider.get() == "echo" {
            return Some(
                "Not a language model – repeats your input, so you can try the playground without a key."
                    .to_owned(),
            );
        }
        let provider = draft.provider.get();
        models.with(|doc| {
            let silent = doc.silent.iter().find(|(name, _)| *name == provider);
            silent.map(|(_, why)| format!("Couldn't list models: {why}."))
        })
    };
    view! {
        <div class="form-row">
            <div class="field">
                <label for="provider">"Provider"</label>
                <select class="input" id="provider" prop:value=move || draft.provider.get() on:change=choose>
                    {move || unknown.get().map(|name| view! {
                        <option value=name.clone()>
                            {if name.is_empty() { "Select…".to_owned() } else { format!("{} (not configured)", visible(&name)) }}
                        </option>
                    })}
                    {providers.into_iter().map(|name| {
                        let label = provider_label(&name);
                        let is_chosen = draft.provider.with_untracked(|chosen| *chosen == name);
                        view! { <option value=name selected=is_chosen>{label}</option> }
                    }).collect_view()}
                </select>
            </div>
            <div class="field wide">
                <label for="model">"Model"</label>
                <input
                    class="input" id="model" list="models" autocomplete="off" spellcheck="false"
                    prop:value=move || draft.model.get()
                    on:input=move |event| draft.model.set(event_target_value(&event))
                />
                <datalist id="models">
                    {move || suggestions.get().into_iter().map(|name| view! { <option value=name></option> }).collect_view()}
                </datalist>
            </div>
            <div class="field narrow">
                <label for="temperature">"Temperature"</label>
                <input
                    class="input" id="temperature" inputmode="decimal" autocomplete="off"
                    placeholder="default"
                    prop:value=move || draft.temperature.get()
                    on:input=move |event| draft.temperature.set(event_target_value(&event))
                />
            </div>
        </div>
        <p class="hint" role="status">{move || hint().map(foreign)}</p>
    }
    .into_any()
}
