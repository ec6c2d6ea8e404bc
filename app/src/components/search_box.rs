//! The search.

use leptos::ev::{Event, FocusEvent};
use leptos::prelude::*;
use model::SearchError;

use super::icon::{Icon, Shape};
use super::search_chips::SearchChips;
use super::search_help::SearchHelp;
use super::search_offer::{LISTBOX, SearchOffer};
use super::search_problem::SearchProblem;
use crate::browser::{self, Entry};
use crate::list_state::ListScope;
use crate::search_field::{FIELD, Search, SearchField, field_key, option_id};

const HINT: &str = "Search words, or filters like status:failure latency:>2s";

/// A search that follows what is typed: finished filters as chips, the rest as
/// text. Without a script it is a form that opens the list with `q`.
#[component]
pub fn SearchBox(
    /// The search in the address.
    #[prop(into)]
    q: Signal<String>,
    /// The list that is searched.
    #[prop(into)]
    scope: Signal<ListScope>,
    /// Why the server cannot answer the search in the address.
    #[prop(into)]
    refusal: Signal<Option<SearchError>>,
    /// The address of the list with another search.
    href: Callback<String, String>,
    /// Takes a new search up.
    #[prop(into)]
    search: Callback<Search>,
    /// Is told whether a filter is being typed.
    composing: RwSignal<bool>,
    /// What was found, in words.
    #[prop(into)]
    found: Signal<String>,
    /// What else stands beside the search.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let field = SearchField::new(q, scope, search);
    Effect::new(move |_| {
        let is_composing = field.is_composing();
        if composing.get_untracked() != is_composing {
            composing.set(is_composing);
        }
    });
    let action = move || scope.with(ListScope::path);
    view! {
        <form class="search" method="get" action=action role="search"
            on:submit=move |event| event.prevent_default()
        >
            <SearchInput field refusal/>
            <span class="search-plain no-script">
                <label class="visually-hidden" for="q-plain">"Search runs"</label>
                <input
                    id="q-plain" class="input" type="search" dir="auto" name="q" value=q.get_untracked()
                    placeholder=HINT autocomplete="off" spellcheck="false" maxlength="10000"
                    aria-describedby="q-problem"
                    aria-invalid=field.text.with_untracked(|text| text.problem().is_some().then_some("true"))
                />
                <button class="button" type="submit">"Search"</button>
            </span>
            <p class="search-found" role="status">{move || found.get()}</p>
            <SearchHelp scope choose=move |q: String| field.add(&q)/>
            {children.map(|children| children())}
            <SearchProblem field refusal href/>
        </form>
    }
    .into_any()
}

/// The chips, the field behind them, and what it offers.
#[component]
fn SearchInput(field: SearchField, refusal: Signal<Option<SearchError>>) -> impl IntoView {
    let text = field.text;
    let chip_count = Memo::new(move |_| text.with(|text| text.chips.len()));
    let is_empty =
        Memo::new(move |_| chip_count.get() == 0 && text.with(|text| text.draft.trim().is_empty()));
    let is_wrong = move || match field.problem() {
        Some((_, is_unfinished)) => !is_unfinished,
        None => refusal.with(Option::is_some),
    };
    let hint = move || match chip_count.get() {
        0 => String::new(),
        1 => "1 filter applied. Press Left arrow to edit.".to_owned(),
        count => format!("{count} filters applied. Press Left arrow to edit."),
    };
    view! {
        <div class="search-field needs-script" on:focusout=move |event| leave(field, &event)>
            <label class="visually-hidden" for=FIELD>"Search runs"</label>
            <span class="search-icon"><Icon shape=Shape::Search/></span>
            <div class="search-line" tabindex="-1">
                <SearchChips field/>
                <input
                    id=FIELD
                    type="text"
                    dir="auto"
                    role="combobox"
                    autocomplete="off"
                    autocapitalize="none"
                    spellcheck="false"
                    enterkeyhint="search"
                    maxlength="10000"
                    data-key="/"
                    aria-autocomplete="list"
                    aria-controls=LISTBOX
                    aria-expanded=move || field.is_open.get().to_string()
                    aria-activedescendant=move || field.active.get().map(option_id)
                    aria-invalid=move || is_wrong().then_some("true")
                    aria-describedby="q-problem q-hint"
                    placeholder=move || if chip_count.get() == 0 { HINT } else { "" }
                    value=text.with_untracked(|text| text.draft.clone())
                    prop:value=move || text.with(|text| text.draft.clone())
                    on:input=move |event| typed(field, &event)
                    on:compositionend=move |_| field.typed(false)
                    on:keydown=move |event| field_key(field, &event)
                    on:focus=move |_| {
                        if is_empty.get_untracked() {
                            field.suggest(true);
                        }
                    }
                    on:click=move |_| {
                        if !field.is_open.get_untracked() {
                            field.suggest(is_empty.get_untracked());
                        }
                    }
                />
            </div>
            {move || (!is_empty.get()).then(|| view! {
                <button
                    type="button" class="button quiet icon search-clear" tabindex="-1"
                    aria-label="Clear search" title="Clear search"
                    on:mousedown=|event| event.prevent_default()
                    on:click=move |_| field.clear()
                >
                    <Icon shape=Shape::Close/>
                </button>
            })}
            <kbd class="search-key" aria-hidden="true" hidden=move || !is_empty.get()>"/"</kbd>
            <span id="q-hint" class="visually-hidden">{hint}</span>
            <SearchOffer field/>
        </div>
    }
    .into_any()
}

/// Follows what was typed, but for what an input method still composes.
fn typed(field: SearchField, event: &Event) {
    match browser::entry(event) {
        Entry::Composing => {}
        Entry::Letters => field.typed(false),
        Entry::Whole => field.typed(true),
    }
}

/// What was typed is finished when the focus goes elsewhere than to a chip.
fn leave(field: SearchField, event: &FocusEvent) {
    if !browser::keeps_focus(event) {
        field.left();
    }
}
