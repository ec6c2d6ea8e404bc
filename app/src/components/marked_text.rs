//! A text with what a search found in it.

use leptos::prelude::*;

use crate::data::list::Marked;

/// A text with what a search found in it.
#[component]
pub fn MarkedText(text: Marked) -> impl IntoView {
    text.pieces
        .into_iter()
        .map(
            |(hit, piece)| {
                if hit { view! { <mark>{piece}</mark> }.into_any() } else { piece.into_any() }
            },
        )
        .collect_view()
}
