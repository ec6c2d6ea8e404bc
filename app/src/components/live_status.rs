//! What a screen reader is told when something on the page has changed.

use leptos::prelude::*;

/// Reads a text aloud when it changes.
#[component]
pub fn LiveStatus(#[prop(into)] text: Signal<String>) -> impl IntoView {
    view! { <p class="visually-hidden" role="status">{move || text.get()}</p> }
}
