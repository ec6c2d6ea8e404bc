//! Messages to edit.

use leptos::prelude::*;

use super::draft_signals::{MessageRow, MessageSignals};
use crate::components::icon::{Icon, Shape};
use crate::data::playground::MessageDraft;

const ROLES: [&str; 5] = ["system", "developer", "user", "assistant", "tool"];

/// Messages to edit, add and take away.
#[component]
pub fn MessagesEditor(
    /// What they are, for people: `Prompt message`.
    label: &'static str,
    messages: MessageSignals,
    /// The role that a new message begins with.
    new_role: &'static str,
) -> impl IntoView {
    let add = move |_| {
        messages.add(MessageDraft { role: new_role.to_owned(), ..MessageDraft::default() });
    };
    view! {
        <ol class="edit-messages">
            <For each=move || messages.0.get() key=|row| row.key let(row)>
                <MessageEditor label messages row/>
            </For>
        </ol>
        <div>
            <button type="button" class="button" on:click=add>"Add message"</button>
        </div>
    }
}

#[component]
fn MessageEditor(label: &'static str, messages: MessageSignals, row: MessageRow) -> impl IntoView {
    let MessageRow { key, role, content, is_json } = row;
    let shown_content = content.clone();
    let head = if is_json {
        view! { <span class="badge">"JSON"</span> }.into_any()
    } else {
        let shown_role = role.clone();
        view! {
            <select
                class="input role-select"
                aria-label=format!("Role of {label}")
                prop:value=move || shown_role.get()
                on:change=move |event| role.set(event_target_value(&event))
            >
                {ROLES.map(|name| view! {
                    <option value=name selected=role.with_untracked(|role| role == name)>{name}</option>
                }).into_iter().collect_view()}
            </select>
        }
        .into_any()
    };
    view! {
        <li class="edit-message">
            <div class="edit-message-head">
                {head}
                <button
                    type="button" class="button quiet icon spacer"
                    aria-label="Remove message" title="Remove message"
                    on:click=move |_| messages.remove(key)
                >
                    <Icon shape=Shape::Close/>
                </button>
            </div>
            <textarea
                class="input" class:code=is_json
                aria-label=label
                dir=(!is_json).then_some("auto")
                spellcheck="false"
                rows="3"
                prop:value=move || shown_content.get()
                on:input=move |event| content.set(event_target_value(&event))
            ></textarea>
        </li>
    }
    .into_any()
}
