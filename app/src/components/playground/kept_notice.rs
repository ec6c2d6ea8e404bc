//! What of a draft is too large to be edited.

use leptos::prelude::*;

use crate::format;

/// That these parts are sent as they are, with a way to leave them out.
pub fn kept_notice(
    what: Vec<String>,
    size_bytes: u64,
    give_up: impl Fn() + Send + Sync + 'static,
) -> AnyView {
    if what.is_empty() {
        return ().into_any();
    }
    let said = format!(
        "Too large to edit here, and sent unchanged: {} ({}).",
        what.join(" and "),
        format::bytes(size_bytes)
    );
    view! {
        <div class="notice notice-row" role="status">
            <p>{said}</p>
            <button type="button" class="button" on:click=move |_| give_up()>"Leave out"</button>
        </div>
    }
    .into_any()
}
