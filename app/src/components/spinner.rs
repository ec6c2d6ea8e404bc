//! Waiting.

use leptos::prelude::*;

/// Says that something is being loaded, after a moment in which it may be there already.
#[component]
pub fn Loading(#[prop(into)] what: String) -> impl IntoView {
    view! {
        <div class="state loading" role="status">
            <span class="spinner" aria-hidden="true"></span>
            {format!("Loading {what}…")}
        </div>
    }
}
