//! Looking for a text inside a prompt.

use leptos::prelude::*;

use super::icon::{Icon, Shape};
use crate::format;

/// A form that marks a text in the messages, and the ways from one place to the next.
#[component]
pub fn FindBar(
    /// The page.
    path: String,
    /// Whether the page shows Markdown now; what is found is shown to the letter.
    rendered: bool,
    /// What was looked for.
    wanted: String,
    /// How often it is there.
    count: u32,
    /// How often in texts that are not shown.
    hidden: u32,
) -> impl IntoView {
    let is_asked = !wanted.is_empty();
    let shown = (count - hidden.min(count)) as usize;
    let at = RwSignal::new(0_usize);
    let step = move |by: usize| {
        at.update(|at| *at = (*at + by) % shown.max(1));
        crate::browser::show_mark(at.get_untracked());
    };
    Effect::new(move |_| {
        if shown > 0 {
            crate::browser::after_drawing(|| crate::browser::show_mark(0));
        }
    });
    let said = move || match (shown, hidden) {
        (0, 0) => "no matches".to_owned(),
        (shown, 0) => format!("{} of {}", at.get() + 1, format::count(shown as u64)),
        (0, hidden) => format!("{} not shown", format::count(u64::from(hidden))),
        (shown, hidden) => format!(
            "{} of {}, {} more not shown",
            at.get() + 1,
            format::count(shown as u64),
            format::count(u64::from(hidden))
        ),
    };
    let ways = (shown > 1).then(|| {
        view! {
            <button
                type="button" class="button quiet icon needs-script" aria-label="Previous match"
                title="Previous match" on:click=move |_| step(shown - 1)
            >
                <Icon shape=Shape::Up/>
            </button>
            <button
                type="button" class="button quiet icon needs-script" aria-label="Next match"
                title="Next match" on:click=move |_| step(1)
            >
                <Icon shape=Shape::Down/>
            </button>
        }
    });
    view! {
        <form class="find-bar" method="get" action=path.clone() role="search">
            {rendered.then(|| view! { <input type="hidden" name="view" value="markdown"/> })}
            <label class="visually-hidden" for="find">"Find in messages"</label>
            <input
                class="input" id="find" name="find" type="search" value=wanted
                placeholder="Find in messages" maxlength="200" autocomplete="off"
                spellcheck="false" data-key="/"
            />
            {is_asked.then(|| view! { <span class="faint nowrap" role="status">{said}</span> })}
            {ways}
        </form>
    }
    .into_any()
}
