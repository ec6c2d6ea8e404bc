//! The search for agents.

use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;

use super::icon::{Icon, Shape};
use crate::agents_state::AgentsState;
use crate::links;
use crate::typed_search::TypedSearch;

/// How long typing rests before the list follows it.
const REST_MS: u32 = 80;

/// A field that the list of agents follows; without a script a form.
#[component]
pub fn AgentsSearch(org: Memo<String>, state: Memo<AgentsState>) -> impl IntoView {
    let navigate = use_navigate();
    let search = move |q: String| {
        let options =
            NavigateOptions { replace: true, scroll: false, ..NavigateOptions::default() };
        navigate(
            &state.with_untracked(|state| state.with_q(q)).href(&org.get_untracked()),
            options,
        );
    };
    let first = state.with_untracked(|state| state.q.clone());
    let typed = Signal::derive(move || state.with(|state| state.q.clone()));
    let field = TypedSearch::new(typed, REST_MS, search);
    let sort = move || state.with(|state| state.sort.clone());
    view! {
        <form
            class="page-search"
            method="get"
            action=move || links::agents(&org.get())
            role="search"
            on:submit=move |event| {
                event.prevent_default();
                field.send_now();
            }
        >
            <label class="visually-hidden" for="agents-q">"Search agents"</label>
            <span class="page-search-icon" aria-hidden="true"><Icon shape=Shape::Search/></span>
            <input
                class="input" id="agents-q" name="q" type="search" placeholder="Search agents"
                maxlength="200" autocomplete="off" autocapitalize="none" spellcheck="false" data-key="/"
                value=first
                prop:value=move || field.text.get()
                on:input=move |event| field.typed(event_target_value(&event))
            />
            {move || Some(sort()).filter(|sort| !sort.is_empty()).map(|sort| view! {
                <input type="hidden" name="sort" value=sort/>
            })}
        </form>
    }
    .into_any()
}
