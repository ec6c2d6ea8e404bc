//! Looking for a text inside a prompt.

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;

use super::icon::{Icon, Shape};
use crate::api::run::MAX_FIND_CHARS;
use crate::data::prompt::{PromptDoc, PromptKey};
use crate::format;
use crate::links;
use crate::typed_search::TypedSearch;

/// How long typing rests before it is looked for.
const REST_MS: u32 = 120;

/// How often a text was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// The text; empty when nothing was looked for.
    wanted: String,
    /// How often it is in what is shown.
    shown: usize,
    /// How often it is in texts that are not shown.
    hidden: u32,
}

impl Found {
    /// What was found in a prompt.
    #[must_use]
    pub fn of(doc: &PromptDoc) -> Self {
        Self {
            wanted: doc.wanted.clone(),
            shown: doc.found_count.saturating_sub(doc.hidden_count) as usize,
            hidden: doc.hidden_count,
        }
    }

    /// The same in words, seen from one of the places.
    fn describe(&self, at: usize) -> String {
        let (shown, hidden) = (format::count(self.shown as u64), format::count(self.hidden.into()));
        match (self.shown, self.hidden) {
            _ if self.wanted.is_empty() => String::new(),
            (0, 0) => "no matches".to_owned(),
            (_, 0) => format!("{} of {shown}", at + 1),
            (0, _) => format!("{hidden} not shown"),
            _ => format!("{} of {shown}, {hidden} more not shown", at + 1),
        }
    }
}

/// A field that marks a text in the messages while it is typed, and the ways from
/// one place to the next; without a script a form.
#[component]
pub fn FindBar(
    /// The prompt.
    key_of: Memo<PromptKey>,
    /// What was found in it.
    found: Signal<Found>,
) -> impl IntoView {
    let path = move || key_of.with(|key| links::prompt(&key.org, &key.agent, &key.run));
    let navigate = use_navigate();
    let send = move |wanted: String| {
        let options =
            NavigateOptions { replace: true, scroll: false, ..NavigateOptions::default() };
        let form = if key_of.with_untracked(|key| key.rendered) { "markdown" } else { "" };
        let query = links::query(&[("view", form), ("find", &wanted)]);
        navigate(&format!("{}{query}", untrack(path)), options);
    };
    let first = key_of.with_untracked(|key| key.wanted.clone());
    let wanted = Signal::derive(move || key_of.with(|key| key.wanted.clone()));
    let field = TypedSearch::new(wanted, REST_MS, send);
    let at = RwSignal::new(0_usize);
    let step = move |by: usize| {
        at.update(|at| *at = (*at + by) % found.with_untracked(|found| found.shown).max(1));
        crate::browser::show_mark(at.get_untracked());
    };
    let back = move || step(found.with_untracked(|found| found.shown).saturating_sub(1));
    Effect::new(move |_| {
        at.set(0);
        if found.with(|found| found.shown > 0) {
            crate::browser::after_drawing(|| crate::browser::show_mark(0));
        }
    });
    let on_enter = move |event: KeyboardEvent| {
        if event.key() != "Enter" {
            return;
        }
        event.prevent_default();
        match (field.send_now(), event.shift_key()) {
            (true, _) => {}
            (false, false) => step(1),
            (false, true) => back(),
        }
    };
    let has_ways = Memo::new(move |_| found.with(|found| found.shown > 1));
    view! {
        <form class="find-bar" method="get" action=path role="search">
            {move || key_of.with(|key| key.rendered).then(|| view! {
                <input type="hidden" name="view" value="markdown"/>
            })}
            <label class="visually-hidden" for="find">"Find in messages"</label>
            <input
                class="input" id="find" name="find" type="search" dir="auto" value=first
                prop:value=move || field.text.get()
                placeholder="Find in messages" maxlength=MAX_FIND_CHARS autocomplete="off"
                spellcheck="false" data-key="/"
                on:input=move |event| field.typed(event_target_value(&event))
                on:keydown=on_enter
            />
            <span class="faint nowrap" role="status">
                {move || found.with(|found| found.describe(at.get()))}
            </span>
            <Show when=move || has_ways.get()>
                <button
                    type="button" class="button quiet icon needs-script" aria-label="Previous match"
                    title="Previous match (Shift Enter)" on:click=move |_| back()
                >
                    <Icon shape=Shape::Up/>
                </button>
                <button
                    type="button" class="button quiet icon needs-script" aria-label="Next match"
                    title="Next match (Enter)" on:click=move |_| step(1)
                >
                    <Icon shape=Shape::Down/>
                </button>
            </Show>
        </form>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_counted_in_words() {
        let found =
            |wanted: &str, shown, hidden| Found { wanted: wanted.to_owned(), shown, hidden };
        assert_eq!(found("", 0, 0).describe(0), "");
        assert_eq!(found("a", 0, 0).describe(0), "no matches");
        assert_eq!(found("a", 3, 0).describe(1), "2 of 3");
        assert_eq!(found("a", 0, 2).describe(0), "2 not shown");
        assert_eq!(found("a", 3, 1_200).describe(0), "1 of 3, 1,200 more not shown");
    }
}
