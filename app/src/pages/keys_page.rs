//! The API keys of an organization.

use leptos::prelude::*;
use model::{Role, Scope, Timestamp};

use crate::api::settings::{create_key, list_keys, revoke_key};
use crate::app::SessionResource;
use crate::components::copy_button::CopyButton;
use crate::components::foreign::foreign;
use crate::components::load_error::sentence;
use crate::components::loaded::Loaded;
use crate::components::page_title::PageTitle;
use crate::components::relative_time::RelativeTime;
use crate::components::settings_nav::SettingsNav;
use crate::data::session::Session;
use crate::data::settings::{KeyDoc, KeysDoc};
use crate::error::AppError;
use crate::format::visible;
use crate::fresh_key::FreshKey;
use crate::page_resource::PageResource;
use crate::page_url::use_path_param;
use crate::titles;

/// Lists, makes and revokes keys.
#[component]
pub fn KeysPage() -> impl IntoView {
    let session = expect_context::<SessionResource>().0;
    let org = use_path_param("org");
    let keys = PageResource::new(move || org.get(), list_keys);
    let reload = keys.reload();
    view! {
        <PageTitle text=move || titles::of("Keys", &org.get())/>
        <div class="page narrow">
            <div class="page-head">
                <h1>"Settings"</h1>
                <SettingsNav org current="keys"/>
            </div>
            <Loaded from=session what="your role" draw=move |session: Session| {
                let can_manage = session.role(&org.get_untracked()) >= Some(Role::Admin);
                can_manage.then(|| view! { <NewKeyPanel org reload/> }).into_any()
            }/>
            <Loaded from=keys what="the keys" draw=move |doc| {
                view! { <KeysTable org=org.get_untracked() doc reload/> }.into_any()
            }/>
        </div>
    }
    .into_any()
}

/// An error as a sentence, without the name of the field beside which it stands.
fn explain(error: &AppError) -> String {
    match error {
        AppError::Invalid { message, .. } => sentence(message),
        other => sentence(&other.to_string()),
    }
}

#[component]
fn NewKeyPanel(org: Memo<String>, reload: Callback<()>) -> impl IntoView {
    let (name, set_name) = signal(String::new());
    let scopes = RwSignal::new(vec![Scope::Ingest, Scope::Read]);
    let (made, set_made) = signal(None::<String>);
    let fresh_key = FreshKey::get();
    let (problem, set_problem) = signal(None::<String>);
    let create = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        set_problem.set(None);
        set_made.set(None);
        leptos::task::spawn_local(async move {
            let made =
                create_key(org.get_untracked(), name.get_untracked(), scopes.get_untracked());
            match made.fetch().await {
                Ok(key) => {
                    fresh_key.keep(org.get_untracked(), key.clone());
                    set_made.set(Some(key));
                    set_name.set(String::new());
                    reload.run(());
                }
                Err(error) => set_problem.set(Some(explain(&error))),
            }
        });
    };
    view! {
        <section class="panel">
            <div class="panel-head"><h2>"New key"</h2></div>
            <form class="panel-body form" on:submit=create>
                <div class="form-row">
                    <div class="field">
                        <label for="key-name">"Name"</label>
                        <input
                            class="input" id="key-name" dir="auto" required maxlength="100" autocomplete="off"
                            placeholder="For example, production"
                            value=""
                            prop:value=move || name.get()
                            on:input=move |event| set_name.set(event_target_value(&event))
                        />
                    </div>
                    <ScopeChecks scopes/>
                    <button class="button primary" type="submit">"Create key"</button>
                </div>
                <p class="problem" role="alert">{move || problem.get().map(foreign)}</p>
                <div role="status">
                    {move || made.get().map(|key| view! {
                        <div class="notice good">
                            <p>"Copy your key now – you won't see it again."</p>
                            <div class="code-box">
                                <pre tabindex="0">{key.clone()}</pre>
                                <CopyButton text=key label="Copy key" done="Key copied"/>
                            </div>
                        </div>
                    })}
                </div>
            </form>
        </section>
    }
    .into_any()
}

#[component]
fn ScopeChecks(scopes: RwSignal<Vec<Scope>>) -> impl IntoView {
    let describe = |scope| match scope {
        Scope::Ingest => "ingest – send runs",
        Scope::Read => "read – read runs and open pages",
        Scope::Admin => "admin – delete agents, read metrics",
    };
    let checks = Scope::ALL.map(|scope| {
        let is_on = move || scopes.with(|scopes| scopes.contains(&scope));
        view! {
            <label class="check">
                <input
                    type="checkbox"
                    checked=scopes.with_untracked(|scopes| scopes.contains(&scope))
                    prop:checked=is_on
                    on:change=move |event| {
                        let is_on = event_target_checked(&event);
                        scopes.update(|scopes| {
                            scopes.retain(|other| *other != scope);
                            if is_on {
                                scopes.push(scope);
                            }
                        });
                    }
                />
                {describe(scope)}
            </label>
        }
    });
    view! { <fieldset class="checks"><legend>"Scopes"</legend>{checks.into_iter().collect_view()}</fieldset> }
        .into_any()
}

#[component]
fn KeysTable(org: String, doc: KeysDoc, reload: Callback<()>) -> impl IntoView {
    let KeysDoc { keys, can_manage, now } = doc;
    let is_empty = keys.is_empty();
    let rows = keys.into_iter().map(|key| {
        view! {
            <KeyRow org=org.clone() key_doc=key can_manage now reload/>
        }
    });
    let rows = rows.collect_view();
    view! {
        <section class="panel">
            <div class="panel-head"><h2>"API keys"</h2></div>
            {if is_empty {
                view! { <p class="state small">"No keys yet."</p> }.into_any()
            } else {
                view! {
                    <div class="table-wrap">
                        <table class="table keys-table">
                            <thead>
                                <tr>
                                    <th>"Name"</th>
                                    <th>"Key"</th>
                                    <th>"Scopes"</th>
                                    <th class="end">"Created"</th>
                                    <th><span class="visually-hidden">"Actions"</span></th>
                                </tr>
                            </thead>
                            <tbody>{rows}</tbody>
                        </table>
                    </div>
                }.into_any()
            }}
        </section>
    }
    .into_any()
}

/// A key; revoking asks once more in place.
#[component]
fn KeyRow(
    org: String,
    key_doc: KeyDoc,
    can_manage: bool,
    now: Timestamp,
    reload: Callback<()>,
) -> impl IntoView {
    let (is_asked, set_asked) = signal(false);
    let (problem, set_problem) = signal(None::<String>);
    let scopes = key_doc
        .scopes
        .iter()
        .map(|scope| view! { <span class="badge">{scope.to_string()}</span>" " });
    let scopes = scopes.collect_view();
    let label = format!("Revoke {}", visible(&key_doc.name));
    let id = key_doc.id;
    let revoke = move |_| {
        if !is_asked.get_untracked() {
            set_asked.set(true);
            return;
        }
        let (org, id) = (org.clone(), id.clone());
        leptos::task::spawn_local(async move {
            match revoke_key(org, id).fetch().await {
                Ok(()) => reload.run(()),
                Err(error) => {
                    let _ = set_problem.try_set(Some(explain(&error)));
                }
            }
        });
    };
    view! {
        <tr>
            <td>{foreign(key_doc.name)}</td>
            <td class="mono">{key_doc.prefix}"…"</td>
            <td>{scopes}</td>
            <td class="end faint nowrap"><RelativeTime at=key_doc.created_at now/></td>
            <td class="end">
                {can_manage.then(|| view! {
                    <button
                        type="button"
                        class="button quiet danger needs-script"
                        aria-label=label
                        on:click=revoke
                        on:blur=move |_| set_asked.set(false)
                    >
                        {move || if is_asked.get() { "Confirm revocation" } else { "Revoke" }}
                    </button>
                })}
                <span class="problem" role="alert">{move || problem.get().map(foreign)}</span>
            </td>
        </tr>
    }
    .into_any()
}
