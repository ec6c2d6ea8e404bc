//! Texts that did not come from Runs itself.

use leptos::prelude::*;

use crate::format::visible::{Piece, pieces};

/// A text from elsewhere: what browsers drop or change is a visible sign, its
/// direction is its own, and it turns nothing around it. Every text that a
/// client, a model or a person wrote goes through here, or through
/// [`crate::format::visible()`] where only a plain text can stand.
#[component]
pub fn Foreign(
    #[prop(into)] text: String,
    /// How it looks.
    #[prop(optional)]
    class: Option<&'static str>,
) -> impl IntoView {
    view! { <bdi class=class>{pieces_view(&text)}</bdi> }.into_any()
}

/// The same without a look of its own.
pub fn foreign(text: impl Into<String>) -> AnyView {
    view! { <Foreign text/> }.into_any()
}

/// The pieces of a text, inside an element that isolates it.
pub fn pieces_view(text: &str) -> AnyView {
    let mut pieces = pieces(text).into_iter().map(piece_view).collect::<Vec<_>>();
    match (pieces.pop(), pieces.is_empty()) {
        (Some(only), true) => only,
        (last, _) => {
            pieces.extend(last);
            pieces.into_any()
        }
    }
}

fn piece_view(piece: Piece) -> AnyView {
    match piece {
        Piece::Plain(text) => text.into_any(),
        Piece::Sign { sign, name } => {
            view! { <bdi class="sign" title=name>{sign}</bdi> }.into_any()
        }
    }
}
