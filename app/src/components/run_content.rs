//! A run as it is read, on its own page and in the drawer.

use std::sync::Arc;

use leptos::prelude::*;
use model::RunStatus;

use super::attempts_table::AttemptsTable;
use super::conversation::Conversation;
use super::filter_link::Narrow;
use super::load_error::LoadError;
use super::loaded::Loaded;
use super::metadata_list::MetadataList;
use super::run_actions::RunHeading;
use super::run_error::RunErrorPanel;
use super::run_facts::RunFacts;
use super::run_steps::{ReasoningPanel, ToolCallsPanel};
use super::value_panel::ValuePanel;
use crate::api::run::read_run;
use crate::data::node::SpotField;
use crate::data::run::{RunAnswer, RunKey};
use crate::live_query::live_query;
use crate::page_resource::PageResource;
use crate::run_links::RunLinks;

/// A run that follows its address; the last one stays until the next is there.
#[component]
pub fn LiveRun(key_of: Memo<RunKey>, links: Memo<RunLinks>) -> impl IntoView {
    let first = PageResource::new(|| (), move |()| read_run(key_of.get_untracked()));
    let draw = move |first| view! { <FollowedRun key_of links first/> }.into_any();
    view! { <Loaded from=first what="this run" draw/> }
}

#[component]
fn FollowedRun(key_of: Memo<RunKey>, links: Memo<RunLinks>, first: RunAnswer) -> impl IntoView {
    let query = live_query(key_of, (first.asked.clone(), first), read_run);
    view! {
        <div class="run" class:stale=move || query.is_stale.get()>
            {move || query.answer.with(|(key, answer)| match answer {
                Ok(answer) => {
                    view! { <RunContent key=key.clone() answer=answer.clone() links/> }.into_any()
                }
                Err(error) => view! {
                    <LoadError error=error.clone() what="this run" retry=query.reload/>
                }.into_any(),
            })}
        </div>
    }
    .into_any()
}

/// A run.
#[component]
fn RunContent(key: RunKey, answer: RunAnswer, links: Memo<RunLinks>) -> impl IntoView {
    let RunKey { form, scope, .. } = key;
    let RunAnswer { mut run, place, turns, unsearched, .. } = answer;
    let org = scope.org;
    let id = run.id;
    let (input, output, error) = (run.input.take(), run.output.take(), run.error.take());
    let no_output = match run.status {
        RunStatus::Failure => "No output – run failed.",
        RunStatus::Success => "No output recorded.",
    };
    let calls = std::mem::take(&mut run.tool_calls);
    let steps = std::mem::take(&mut run.reasoning);
    let metadata = std::mem::take(&mut run.metadata);
    let attempts = std::mem::take(&mut run.attempts);
    let left_out = std::mem::take(&mut run.left_out);
    let run = Arc::new(run);
    let narrow = Narrow::new(move |filter: String| links.with(|links| links.narrowed(&filter)));
    view! {
        <RunHeading org=org.clone() run=run.clone() place form links narrow/>
        {error.map(|error| view! { <RunErrorPanel org=org.clone() id error narrow/> })}
        <div class="panes">
            <ValuePanel
                title="Input" org=org.clone() id value=input form
                field=SpotField::Input messages=SpotField::InputMessages
                missing="No input recorded."
            />
            <ValuePanel
                title="Output" org=org.clone() id value=output form
                field=SpotField::Output messages=SpotField::OutputMessages
                missing=no_output
            />
        </div>
        <ToolCallsPanel org=org.clone() id calls narrow/>
        <ReasoningPanel steps/>
        <div class="run-details">
            <RunFacts run=run.clone() is_alone=turns.is_empty() unsearched links narrow/>
            <div class="run-side">
                <MetadataList metadata narrow/>
                <Conversation turns run=run.clone() links/>
            </div>
        </div>
        <AttemptsTable attempts run=run.clone() org/>
        {(!left_out.is_empty()).then(|| view! {
            <p class="faint">{format!("Only in the download: {}.", left_out.join(", "))}</p>
        })}
    }
    .into_any()
}
