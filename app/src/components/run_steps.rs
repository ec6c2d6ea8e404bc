//! What happened inside a run: tools and reasoning.

use leptos::prelude::*;
use model::RunId;
use model::search::Field;

use super::filter_link::{FilterLink, Narrow, text_filter};
use super::foreign::foreign;
use super::tree::{TreeSource, node_view};
use crate::data::node::{Node, Spot, SpotField};
use crate::data::run::{ReasoningDoc, ToolCallDoc};

/// Tool calls with arguments and results; nothing without any.
#[component]
pub fn ToolCallsPanel(
    org: String,
    id: RunId,
    calls: Vec<ToolCallDoc>,
    narrow: Narrow,
) -> impl IntoView {
    if calls.is_empty() {
        return ().into_any();
    }
    let title = if calls.len() == 1 {
        "1 tool call".to_owned()
    } else {
        format!("{} tool calls", calls.len())
    };
    let source = TreeSource { org, run: id };
    let calls = (0_u32..).zip(calls).map(|(index, call)| {
        let part =
            |label: &'static str, node: Option<Node>, field: SpotField| {
                node.map(|node| view! {
                <div class="step-part">
                    <h3>{label}</h3>
                    <div class="tree">{node_view(&source, node, Spot::field(field), 0)}</div>
                </div>
            })
            };
        let failed = call.error.is_some();
        let filter = text_filter(Field::Tool, &call.name);
        view! {
            <li class="step">
                <p class="part-head">
                    <FilterLink filter narrow><code>{foreign(call.name)}</code></FilterLink>
                    {failed.then(|| view! { <span class="badge bad">"failed"</span> })}
                    <span class="faint mono">{call.id.map(foreign)}</span>
                </p>
                <div class="step-parts">
                    {part("Arguments", call.input, SpotField::ToolInput(index))}
                    {part("Result", call.output, SpotField::ToolOutput(index))}
                    {part("Error", call.error, SpotField::ToolError(index))}
                </div>
            </li>
        }
    });
    view! {
        <section class="panel">
            <div class="panel-head"><h2>{title}</h2></div>
            <ol class="steps">{calls.collect_view()}</ol>
        </section>
    }
    .into_any()
}

/// What the model thought; nothing without any.
#[component]
pub fn ReasoningPanel(steps: Vec<ReasoningDoc>) -> impl IntoView {
    if steps.is_empty() {
        return ().into_any();
    }
    let steps = steps.into_iter().map(|step| {
        view! {
            <li class="step">
                {step.title.map(|title| view! { <h3>{foreign(title)}</h3> })}
                <div class="message-text">
                    {foreign(step.text.text)}
                    {(step.text.more_chars > 0).then_some("…")}
                </div>
            </li>
        }
    });
    view! {
        <section class="panel">
            <div class="panel-head"><h2>"Reasoning"</h2></div>
            <ol class="steps">{steps.collect_view()}</ol>
        </section>
    }
    .into_any()
}
