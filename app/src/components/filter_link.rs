//! Values that can be filtered by.

use leptos::ev::MouseEvent;
use leptos::prelude::*;
use leptos_router::hooks::use_navigate;
use model::search::{Field, Value};

use crate::format::visible;
use crate::search_text::opposite;

/// The address of a list with one more filter, given as the grammar writes it.
pub type Narrow = Callback<String, String>;

/// The filter for one value of a text field, as the grammar writes it.
#[must_use]
pub fn text_filter(field: Field, value: &str) -> String {
    format!("{field}:{}", Value::Text(value.to_owned()))
}

/// A value that leads to the runs of the list that have it too; with Alt to
/// those that have not.
#[component]
pub fn FilterLink(
    /// The filter, as the grammar writes it.
    filter: String,
    /// The list that it narrows.
    narrow: Narrow,
    /// The value as it is shown.
    children: Children,
) -> impl IntoView {
    filter_link(filter, narrow, children().into_any())
}

/// Not generic, so that it is compiled once.
fn filter_link(filter: String, narrow: Narrow, shown: AnyView) -> AnyView {
    // No search can name such a value.
    if filter.contains('\0') {
        return shown;
    }
    let excluded = opposite(&filter);
    let title = format!("Filter by {} (Alt-click: all others)", visible(&filter));
    let navigate = use_navigate();
    let exclude = move |event: MouseEvent| {
        if event.alt_key() && event.button() == 0 {
            event.prevent_default();
            navigate(&narrow.run(excluded.clone()), Default::default());
        }
    };
    view! {
        <a class="filter-link" href=move || narrow.run(filter.clone()) title=title on:click=exclude>
            {shown}
        </a>
    }
    .into_any()
}
