//! Trying a version on an input.

use leptos::prelude::*;

use crate::api::playground::open_playground;
use crate::components::foreign::foreign;
use crate::components::icon::{Icon, Shape};
use crate::components::loaded::Loaded;
use crate::components::page_title::PageTitle;
use crate::components::playground::answer_column::AnswerColumn;
use crate::components::playground::answer_state::AnswerState;
use crate::components::playground::draft_signals::DraftSignals;
use crate::components::playground::draft_storage;
use crate::components::playground::input_editor::InputEditor;
use crate::components::playground::model_picker::provider_label;
use crate::components::playground::settings_editor::SettingsEditor;
use crate::components::playground::version_editor::VersionEditor;
use crate::data::playground::{Draft, PlaygroundDoc, PlaygroundKey};
use crate::links;
use crate::page_resource::PageResource;
use crate::page_url::{use_page_query, use_path_param};
use crate::titles;

/// A version and an input to edit, and what the model makes of them.
#[component]
pub fn PlaygroundPage() -> impl IntoView {
    let (org, agent) = (use_path_param("org"), use_path_param("agent"));
    let query = use_page_query();
    let key = Memo::new(move |_| {
        let given =
            |name: &str| query.with(|query| query.get(name)).filter(|text| !text.is_empty());
        PlaygroundKey {
            org: org.get(),
            agent: agent.get(),
            version: given("versionId"),
            run: given("taskRunId1"),
            input_run: given("inputTaskRunId"),
        }
    });
    let doc = PageResource::new(move || key.get(), open_playground);
    let title = move || {
        key.with(|key| match key.run.as_ref().or(key.input_run.as_ref()) {
            Some(run) => titles::of_run("Playground", run, &key.agent),
            None => titles::of("Playground", &key.agent),
        })
    };
    view! {
        <PageTitle text=title/>
        <div class="page">
            <Loaded from=doc what="this playground" draw=|doc| {
                view! { <Playground doc/> }.into_any()
            }/>
        </div>
    }
    .into_any()
}

#[component]
fn Playground(doc: PlaygroundDoc) -> impl IntoView {
    let key = StoredValue::new(doc.key.clone());
    let (org, agent) = key.with_value(|key| (key.org.clone(), key.agent.clone()));
    let loaded = Draft { version: doc.version.clone(), input: doc.input.clone() };
    let draft = DraftSignals::new(loaded);
    let state = AnswerState::new(doc.answer.clone());
    let PlaygroundDoc { providers, missing, can_run, .. } = doc.clone();
    let first = providers.first().filter(|name| *name != "echo").cloned();
    let known = StoredValue::new(providers.clone());
    let unknown = Memo::new(move |_| {
        let provider = draft.provider.get();
        known.with_value(|known| !known.contains(&provider)).then_some(provider)
    });
    let can_ask = Memo::new(move |_| can_run && unknown.with(Option::is_none));
    // After the first view, which is the server's: what this browser still has.
    Effect::new(move |begun: Option<()>| {
        if begun.is_none() {
            let begin =
                key.with_value(|key| draft_storage::begin(key, &doc, draft_storage::load(key)));
            draft.write_version(begin.version);
            draft.write_input(begin.input);
        }
    });
    Effect::new(move |seen: Option<()>| {
        let current = draft.read();
        if seen.is_some() {
            key.with_value(|key| draft_storage::save(key, &current));
        }
    });
    // What came of it is at this address from now on, also after a reload.
    Effect::new(move |_| {
        let Some(run) = state.outcome.with(|outcome| outcome.as_ref()?.run) else { return };
        key.update_value(|key| {
            if key.run.as_deref() != Some(run.to_string().as_str()) {
                crate::browser::replace_address(&links::tried(&key.org, &key.agent, run));
                key.run = Some(run.to_string());
                (key.version, key.input_run) = (None, None);
            }
        });
        let current = untrack(move || draft.read());
        key.with_value(|key| draft_storage::save(key, &current));
    });
    on_cleanup(move || state.stop());
    let run = {
        let (org, agent) = (org.clone(), agent.clone());
        move || {
            if can_ask.get_untracked() {
                state.run(org.clone(), agent.clone(), untrack(move || draft.read()));
            }
        }
    };
    run_on_shortcut(run.clone());
    view! {
        <div class="page-head">
            <h1>"Playground"</h1>
            <div class="run-actions needs-script">
                <RunButton state can_ask run/>
            </div>
        </div>
        {missing.into_iter().map(|what| view! { <p class="notice warn" role="status">{foreign(what)}</p> }).collect_view()}
        {(!can_run).then(|| view! {
            <p class="notice">"You have read-only access. Ask an admin for the member role to run prompts."</p>
        })}
        <p class="notice no-script">
            "The playground needs JavaScript to stream responses."
        </p>
        <UnknownProvider org=org.clone() unknown first draft/>
        <div class="playground needs-script">
            <div class="playground-draft">
                <VersionEditor org=org.clone() providers draft/>
                <InputEditor draft/>
                <SettingsEditor draft/>
            </div>
            <div class="playground-answers">
                <AnswerColumn org agent state/>
            </div>
        </div>
    }
    .into_any()
}

/// Runs the draft on Ctrl or Cmd with Enter, wherever on the page the focus is.
fn run_on_shortcut(run: impl Fn() + 'static) {
    let handle = window_event_listener(leptos::ev::keydown, move |event| {
        if event.key() == "Enter" && (event.ctrl_key() || event.meta_key()) {
            event.prevent_default();
            run();
        }
    });
    on_cleanup(move || handle.remove());
}

/// What to do about a provider that nobody has set up.
#[component]
fn UnknownProvider(
    org: String,
    unknown: Memo<Option<String>>,
    /// The first provider that is configured, if there is one.
    first: Option<String>,
    draft: DraftSignals,
) -> impl IntoView {
    let providers = format!("/{org}/settings/providers");
    let use_echo = move |_| {
        draft.provider.set("echo".to_owned());
        draft.model.set("echo".to_owned());
    };
    move || {
        let name = unknown.get()?;
        let (said, set_up) = if name.is_empty() {
            ("No provider selected.".to_owned(), "Set up a provider".to_owned())
        } else {
            (format!("{name} isn't configured."), format!("Set up {name}"))
        };
        let href = format!("{providers}{}", links::query(&[("name", &name)]));
        let first = first.clone().map(|first| {
            let label = format!("Use {}", provider_label(&first));
            view! {
                <button
                    type="button" class="button primary"
                    on:click=move |_| draft.provider.set(first.clone())
                >{label}</button>
            }
        });
        Some(view! {
            <div class="notice warn notice-row needs-script" role="status">
                <p>{foreign(said)}</p>
                {first}
                <a class="button" href=href>{foreign(set_up)}</a>
                <button type="button" class="button" on:click=use_echo>"Use echo (no key needed)"</button>
            </div>
        })
    }
}

/// Run, or stop while an answer comes.
#[component]
fn RunButton(
    state: AnswerState,
    can_ask: Memo<bool>,
    run: impl Fn() + Clone + Send + Sync + 'static,
) -> impl IntoView {
    move || {
        if state.is_running.get() {
            view! {
                <button type="button" class="button" on:click=move |_| state.stop()>
                    <Icon shape=Shape::Stop/>"Stop"
                </button>
            }
            .into_any()
        } else {
            let run = run.clone();
            view! {
                <button
                    type="button" class="button primary" title="Ctrl or Cmd + Enter"
                    disabled=move || !can_ask.get() on:click=move |_| run()
                >
                    <Icon shape=Shape::Play/>"Run"
                </button>
            }
            .into_any()
        }
    }
}
