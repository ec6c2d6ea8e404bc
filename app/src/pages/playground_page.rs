//! Trying a version on an input.

use leptos::prelude::*;

use crate::api::playground::open_playground;
use crate::components::icon::{Icon, Shape};
use crate::components::loaded::Loaded;
use crate::components::page_title::PageTitle;
use crate::components::playground::answer_column::AnswerColumn;
use crate::components::playground::answer_state::AnswerState;
use crate::components::playground::draft_signals::DraftSignals;
use crate::components::playground::draft_storage;
use crate::components::playground::input_editor::InputEditor;
use crate::components::playground::version_editor::VersionEditor;
use crate::data::playground::{Draft, PlaygroundDoc, PlaygroundKey};
use crate::page_resource::PageResource;
use crate::page_url::{use_page_query, use_path_param};

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
    view! {
        <PageTitle text=move || format!("{} playground", agent.get())/>
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
    let state = AnswerState::new();
    let PlaygroundDoc { providers, missing, can_run, .. } = doc.clone();
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
    on_cleanup(move || state.stop());
    let run = {
        let (org, agent) = (org.clone(), agent.clone());
        move || {
            if can_run {
                state.run(org.clone(), agent.clone(), untrack(move || draft.read()));
            }
        }
    };
    let on_key = {
        let run = run.clone();
        move |event: leptos::ev::KeyboardEvent| {
            if event.key() == "Enter" && (event.ctrl_key() || event.meta_key()) {
                event.prevent_default();
                run();
            }
        }
    };
    let title = Signal::derive(move || draft.model.get());
    view! {
        <div class="page-head">
            <h1>"Playground"</h1>
            <div class="run-actions">
                <RunButton state can_run run/>
            </div>
        </div>
        {missing.into_iter().map(|what| view! { <p class="notice warn" role="status">{what}</p> }).collect_view()}
        {(!can_run).then(|| view! {
            <p class="notice">"You may read here. To run something, your role would have to be member."</p>
        })}
        <div class="playground" on:keydown=on_key>
            <div class="playground-draft">
                <VersionEditor org=org.clone() providers draft/>
                <InputEditor draft/>
            </div>
            <div class="playground-answers">
                <AnswerColumn org agent title state/>
            </div>
        </div>
    }
    .into_any()
}

/// Run, or stop while an answer comes.
#[component]
fn RunButton(
    state: AnswerState,
    can_run: bool,
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
                    disabled=!can_run on:click=move |_| run()
                >
                    <Icon shape=Shape::Play/>"Run"
                </button>
            }
            .into_any()
        }
    }
}
