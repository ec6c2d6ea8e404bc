//! An input or output.

use leptos::prelude::*;
use model::RunId;

use super::copy_button::CopyButton;
use super::foreign::foreign;
use super::message_list::MessageList;
use super::tree::{Tree, TreeSource};
use crate::data::node::{Clip, Spot, SpotField};
use crate::data::value::{ValueBody, ValueDoc};
use crate::format;
use crate::list_state::Form;

/// An input or output as chat, as a tree, or as raw JSON.
#[component]
pub fn ValuePanel(
    title: &'static str,
    org: String,
    id: RunId,
    value: Option<ValueDoc>,
    form: Form,
    /// The field that holds it.
    field: SpotField,
    /// Its messages.
    messages: SpotField,
    /// What is said where there is no value.
    missing: &'static str,
) -> impl IntoView {
    let size = value.as_ref().map(|value| format::bytes(value.size_bytes));
    let source = TreeSource { org, run: id };
    let body = match value.map(|value| value.body) {
        None => view! { <p class="state small">{missing}</p> }.into_any(),
        Some(ValueBody::Tree(node)) => {
            view! { <Tree source node spot=Spot::field(field)/> }.into_any()
        }
        Some(ValueBody::Raw(clip)) => view! { <RawJson clip/> }.into_any(),
        Some(ValueBody::Chat { messages: list, earlier_count, rest }) => view! {
            {rest.map(|rest| view! {
                <Tree source=source.clone() node=rest spot=Spot::field(field)/>
            })}
            <MessageList source messages=list earlier_count spot=Spot::field(messages)/>
        }
        .into_any(),
    };
    view! {
        <section class="panel value" class:raw=form == Form::Raw>
            <div class="panel-head">
                <h2>{title}</h2>
                <span class="faint">{size}</span>
            </div>
            // It scrolls, and for the keyboard what scrolls has to take the focus.
            <div class="panel-body" tabindex="0" role="group" aria-label=title>{body}</div>
        </section>
    }
    .into_any()
}

#[component]
fn RawJson(clip: Clip) -> impl IntoView {
    let more = (clip.more_chars > 0).then(|| view! {
        <p class="faint">
            {format!("{} more characters; download the run to see them", format::count(u64::from(clip.more_chars)))}
        </p>
    });
    let is_whole = clip.more_chars == 0;
    let text = clip.text;
    view! {
        {is_whole.then(|| view! {
            <div class="raw-copy"><CopyButton text=text.clone() label="Copy JSON" done="JSON copied"/></div>
        })}
        <pre class="raw-json" tabindex="0" dir="ltr">{foreign(text)}</pre>
        {more}
    }
}
