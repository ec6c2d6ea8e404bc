//! The model providers of an organization.

use leptos::prelude::*;
use model::Timestamp;

use crate::api::providers::{list_providers, put_provider, remove_provider};
use crate::components::foreign::foreign;
use crate::components::load_error::sentence;
use crate::components::loaded::Loaded;
use crate::components::page_title::PageTitle;
use crate::components::relative_time::RelativeTime;
use crate::components::settings_nav::SettingsNav;
use crate::data::settings::{ProviderDoc, ProviderDraft, ProvidersDoc};
use crate::error::AppError;
use crate::format::visible;
use crate::page_resource::PageResource;
use crate::page_url::{use_page_query, use_path_param};
use crate::titles;

const OPENAI: &str = "openai";

/// Lists, sets up, changes and removes providers.
#[component]
pub fn ProvidersPage() -> impl IntoView {
    let org = use_path_param("org");
    let providers = PageResource::new(move || org.get(), list_providers);
    let reload = providers.reload();
    let query = use_page_query();
    let is_begun = StoredValue::new(false);
    let draft = RwSignal::new(ProviderDraft { kind: OPENAI.to_owned(), ..Default::default() });
    view! {
        <PageTitle text=move || titles::of("Providers", &org.get())/>
        <div class="page narrow">
            <div class="page-head">
                <h1>"Settings"</h1>
                <SettingsNav org current="providers"/>
            </div>
            <Loaded from=providers what="the providers" draw=move |doc: ProvidersDoc| {
                let can_manage = doc.can_manage;
                // Once: what is typed afterwards outlives a reload of the table.
                let name = query.with_untracked(|query| query.get("name"));
                if let Some(name) = name.filter(|_| !is_begun.get_value()) {
                    draft.set(begun(&name, &doc));
                    is_begun.set_value(true);
                }
                view! {
                    {can_manage.then(|| view! { <ProviderForm org draft reload/> })}
                    <ProvidersTable org=org.get_untracked() doc draft reload/>
                }.into_any()
            }/>
        </div>
    }
    .into_any()
}

/// The form for a provider of this name: as it is configured, else filled in as far as the
/// name tells.
fn begun(name: &str, doc: &ProvidersDoc) -> ProviderDraft {
    let configured = doc.providers.iter().find(|provider| provider.name == name);
    let configured = configured.map(|provider| ProviderDraft {
        name: provider.name.clone(),
        kind: provider.kind.clone(),
        base_url: provider.base_url.clone(),
        key: String::new(),
    });
    let well_known = || doc.well_known.iter().find(|known| known.name == name).cloned();
    configured.or_else(well_known).unwrap_or_else(|| ProviderDraft {
        name: name.to_owned(),
        kind: OPENAI.to_owned(),
        ..ProviderDraft::default()
    })
}

/// An error as a sentence.
fn explain(error: &AppError) -> String {
    match error {
        AppError::Invalid { field, message, .. } if field == "base_url" => {
            format!("Base URL: {message}.")
        }
        AppError::Invalid { field, message, .. } => sentence(&format!("{field}: {message}")),
        other => sentence(&other.to_string()),
    }
}

#[component]
fn ProviderForm(
    org: Memo<String>,
    draft: RwSignal<ProviderDraft>,
    reload: Callback<()>,
) -> impl IntoView {
    let (problem, set_problem) = signal(None::<String>);
    let save = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        set_problem.set(None);
        leptos::task::spawn_local(async move {
            match put_provider(org.get_untracked(), draft.get_untracked()).fetch().await {
                Ok(()) => {
                    draft.set(ProviderDraft { kind: OPENAI.to_owned(), ..Default::default() });
                    reload.run(());
                }
                Err(error) => {
                    let _ = set_problem.try_set(Some(explain(&error)));
                }
            }
        });
    };
    view! {
        <section class="panel">
            <div class="panel-head"><h2>"Add a provider"</h2></div>
            <form class="panel-body form" on:submit=save>
                <div class="form-row">
                    <div class="field">
                        <label for="provider-name">"Name"</label>
                        <input
                            class="input" id="provider-name" dir="auto" required maxlength="60" autocomplete="off"
                            placeholder="openai"
                            prop:value=move || draft.with(|it| it.name.clone())
                            on:input=move |event| draft.update(|it| it.name = event_target_value(&event))
                        />
                    </div>
                    <div class="field">
                        <label for="provider-kind">"Kind"</label>
                        <select
                            class="input" id="provider-kind"
                            prop:value=move || draft.with(|it| it.kind.clone())
                            on:change=move |event| draft.update(|it| it.kind = event_target_value(&event))
                        >
                            <option value="openai">"OpenAI-compatible"</option>
                            <option value="anthropic">"Anthropic"</option>
                        </select>
                    </div>
                    <div class="field wide">
                        <label for="provider-url">"Base URL"</label>
                        <input
                            class="input" id="provider-url" required type="url" autocomplete="off"
                            placeholder="https://api.openai.com/v1"
                            prop:value=move || draft.with(|it| it.base_url.clone())
                            on:input=move |event| draft.update(|it| it.base_url = event_target_value(&event))
                        />
                    </div>
                </div>
                <div class="form-row">
                    <div class="field wide">
                        <label for="provider-key">"Key"</label>
                        <input
                            class="input" id="provider-key" type="password" autocomplete="off"
                            placeholder="Leave blank to keep the current key"
                            prop:value=move || draft.with(|it| it.key.clone())
                            on:input=move |event| draft.update(|it| it.key = event_target_value(&event))
                        />
                    </div>
                    <button class="button primary" type="submit">"Save provider"</button>
                </div>
                <p class="problem" role="alert">{move || problem.get().map(foreign)}</p>
                <p class="faint">"The key is stored encrypted and never shown again."</p>
            </form>
        </section>
    }
    .into_any()
}

#[component]
fn ProvidersTable(
    org: String,
    doc: ProvidersDoc,
    draft: RwSignal<ProviderDraft>,
    reload: Callback<()>,
) -> impl IntoView {
    let ProvidersDoc { providers, shared, can_manage, now, .. } = doc;
    let is_empty = providers.is_empty();
    let rows = providers.into_iter().map(|provider| {
        view! { <ProviderRow org=org.clone() provider can_manage now draft reload/> }
    });
    let rows = rows.collect_view();
    view! {
        <section class="panel">
            <div class="panel-head"><h2>"Providers"</h2></div>
            {if is_empty {
                view! { <p class="state small">"No providers yet."</p> }.into_any()
            } else {
                view! {
                    <div class="table-wrap">
                        <table class="table">
                            <thead>
                                <tr>
                                    <th>"Name"</th>
                                    <th>"Kind"</th>
                                    <th>"Base URL"</th>
                                    <th>"Key"</th>
                                    <th class="end">"Added"</th>
                                    <th><span class="visually-hidden">"Actions"</span></th>
                                </tr>
                            </thead>
                            <tbody>{rows}</tbody>
                        </table>
                    </div>
                }.into_any()
            }}
        </section>
        {(!shared.is_empty()).then(|| view! {
            <p class="faint">"Built in from server configuration: "{foreign(shared.join(", "))}" ("<code>"RUNS_UPSTREAM_URL"</code>")"</p>
        })}
    }
    .into_any()
}

/// A provider; removing asks once more in place.
#[component]
fn ProviderRow(
    org: String,
    provider: ProviderDoc,
    can_manage: bool,
    now: Timestamp,
    draft: RwSignal<ProviderDraft>,
    reload: Callback<()>,
) -> impl IntoView {
    let (is_asked, set_asked) = signal(false);
    let (is_going, set_going) = signal(false);
    let (problem, set_problem) = signal(None::<String>);
    let edited = ProviderDraft {
        name: provider.name.clone(),
        kind: provider.kind.clone(),
        base_url: provider.base_url.clone(),
        key: String::new(),
    };
    let name = provider.name.clone();
    let remove = move |_| {
        if !is_asked.get_untracked() {
            set_asked.set(true);
            return;
        }
        let (org, name) = (org.clone(), name.clone());
        set_going.set(true);
        set_problem.set(None);
        leptos::task::spawn_local(async move {
            match remove_provider(org, name).fetch().await {
                Ok(()) => reload.run(()),
                Err(error) => {
                    let _ = set_going.try_set(false);
                    let _ = set_problem.try_set(Some(explain(&error)));
                }
            }
        });
    };
    let (edit_label, remove_label) = (
        format!("Edit {}", visible(&provider.name)),
        format!("Remove {}", visible(&provider.name)),
    );
    let kind = if provider.kind == OPENAI { "OpenAI-compatible" } else { "Anthropic" };
    view! {
        <tr>
            <td>{foreign(provider.name)}</td>
            <td>{kind}</td>
            <td class="mono">{foreign(provider.base_url)}</td>
            <td>{if provider.has_key { "saved" } else { "none" }}</td>
            <td class="end faint nowrap"><RelativeTime at=provider.created_at now/></td>
            <td class="end nowrap">
                {can_manage.then(|| view! {
                    <button
                        type="button" class="button quiet needs-script" aria-label=edit_label
                        on:click=move |_| draft.set(edited.clone())
                    >"Edit"</button>
                    <button
                        type="button" class="button quiet danger needs-script" aria-label=remove_label
                        disabled=move || is_going.get()
                        on:click=remove
                        on:blur=move |_| set_asked.set(false)
                    >
                        {move || match (is_going.get(), is_asked.get()) {
                            (true, _) => "Removing…",
                            (false, true) => "Confirm removal",
                            (false, false) => "Remove",
                        }}
                    </button>
                })}
                <span class="problem" role="alert">{move || problem.get().map(foreign)}</span>
            </td>
        </tr>
    }
    .into_any()
}
