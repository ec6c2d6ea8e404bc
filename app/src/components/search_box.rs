//! The search.

use leptos::prelude::*;
use model::SearchError;

use super::icon::{Icon, Shape};
use super::search_help::SearchHelp;

/// How long typing must rest before the search follows it.
const REST_MS: u32 = 70;

/// A search that follows what is typed. Without a script it is a form that
/// opens the list with `q`.
#[component]
pub fn SearchBox(
    /// The search in the address.
    #[prop(into)]
    q: Signal<String>,
    /// The address of the list.
    #[prop(into)]
    action: Signal<String>,
    /// Why the search cannot be read.
    #[prop(into)]
    problem: Signal<Option<SearchError>>,
    /// Takes a new search up.
    #[prop(into)]
    search: Callback<String>,
    /// What was found, in words.
    #[prop(into)]
    found: Signal<String>,
) -> impl IntoView {
    // What the field holds; the address follows it, and it the address.
    let text = RwSignal::new(q.get_untracked());
    let generation = StoredValue::new(0_u32);
    // The last search that this field sent; any other in the address came from elsewhere.
    let sent = StoredValue::new(q.get_untracked());
    let take_up = move |typed: String| {
        text.set(typed.clone());
        let number = generation.try_update_value(|number| {
            *number += 1;
            *number
        });
        leptos::task::spawn_local(async move {
            crate::browser::sleep_ms(REST_MS).await;
            if generation.try_get_value() == number {
                sent.set_value(typed.clone());
                search.run(typed);
            }
        });
    };
    Effect::new(move |_| {
        let q = q.get();
        if sent.with_value(|sent| *sent != q) {
            sent.set_value(q.clone());
            text.set(q);
        }
    });
    let choose = Callback::new(move |example: String| {
        let typed = text.get_untracked();
        let typed = typed.trim();
        let typed = if typed.is_empty() { example } else { format!("{typed} {example}") };
        take_up(format!("{typed} "));
        crate::browser::focus("q");
    });
    view! {
        <form class="search" method="get" action=move || action.get() role="search"
            on:submit=move |event| {
                event.prevent_default();
                search.run(text.get_untracked());
            }
        >
            <label class="visually-hidden" for="q">"Search runs"</label>
            <span class="search-icon"><Icon shape=Shape::Search/></span>
            <input
                id="q"
                class="input"
                type="search"
                name="q"
                placeholder="Search words, or filters like status:failure latency:>2s"
                autocomplete="off"
                autocapitalize="none"
                spellcheck="false"
                maxlength="10000"
                data-key="/"
                value=q.get_untracked()
                prop:value=move || text.get()
                aria-invalid=move || problem.with(Option::is_some).then_some("true")
                aria-describedby="q-problem"
                on:input=move |event| take_up(event_target_value(&event))
            />
            <kbd class="search-key needs-script" aria-hidden="true">"/"</kbd>
            <p class="search-found" role="status">{move || found.get()}</p>
            <SearchHelp choose/>
            <button class="button no-script" type="submit">"Search"</button>
            <p id="q-problem" class="search-problem" role="status">
                {move || problem.get().map(|problem| view! {
                    <Problem problem text=text.get()/>
                })}
            </p>
        </form>
    }
}

/// The search with its wrong part marked, and what is wrong with it.
#[component]
fn Problem(problem: SearchError, text: String) -> impl IntoView {
    let (before, wrong, after) = split(&text, problem.position, problem.length);
    view! {
        <span class="search-echo" aria-hidden="true">
            {before}
            <span class="wrong">{if wrong.is_empty() { "\u{2038}".to_owned() } else { wrong }}</span>
            {after}
        </span>
        <span>{problem.message}</span>
    }
}

/// The text before, at and after these characters.
fn split(text: &str, position: u32, length: u32) -> (String, String, String) {
    let mut chars = text.chars();
    let before = chars.by_ref().take(position as usize).collect();
    let wrong = chars.by_ref().take(length as usize).collect();
    (before, wrong, chars.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_characters() {
        let split = split("é latency:x y", 10, 1);
        assert_eq!(split, ("é latency:".to_owned(), "x".to_owned(), " y".to_owned()));
    }

    #[test]
    fn positions_beyond_the_end_mark_nothing() {
        assert_eq!(super::split("a", 5, 1), ("a".to_owned(), String::new(), String::new()));
    }
}
