//! What the search field offers, below it.

use leptos::prelude::*;

use super::foreign::Foreign;
use crate::format;
use crate::search_field::{OfferItem, SearchField, option_id};

/// The id of the list of what is offered.
pub const LISTBOX: &str = "q-options";

/// What can be taken with the arrows, Enter and Tab, or the mouse; nothing
/// while nothing is offered.
#[component]
pub fn SearchOffer(field: SearchField) -> impl IntoView {
    let count = move || field.offer.with(|offer| offer.items.len());
    let said = move || match (field.is_open.get(), count()) {
        (false, _) => String::new(),
        (true, 1) => "1 suggestion".to_owned(),
        (true, count) => format!("{count} suggestions"),
    };
    view! {
        <span class="visually-hidden" role="status">{said}</span>
        {move || field.is_open.get().then(|| offer_view(field))}
    }
}

fn offer_view(field: SearchField) -> AnyView {
    let groups = move || {
        let groups = field.offer.with(|offer| offer.groups());
        let groups = groups.into_iter().map(|(group, items)| {
            let items = items.into_iter().map(|(index, item)| item_view(field, index, item));
            view! {
                <div role="group" aria-label=group>
                    <p class="offer-group" aria-hidden="true">{group}</p>
                    {items.collect_view()}
                </div>
            }
        });
        groups.collect_view()
    };
    let note = move || field.offer.with(|offer| offer.note.clone());
    view! {
        <div class="search-offer" on:mousedown=|event| event.prevent_default()>
            <div role="listbox" id=LISTBOX tabindex="-1" aria-label="Suggestions">{groups}</div>
            <p class="offer-foot">
                <span><kbd>"↑"</kbd><kbd>"↓"</kbd>" to select"</span>
                <span><kbd>"Tab"</kbd>" to accept"</span>
                <span><kbd>"Esc"</kbd>" to close"</span>
                <span class="offer-note">{note}</span>
            </p>
        </div>
    }
    .into_any()
}

fn item_view(field: SearchField, index: usize, item: OfferItem) -> AnyView {
    let is_active = move || field.active.get() == Some(index);
    view! {
        <div
            role="option" id=option_id(index) class="offer-item"
            aria-selected=move || is_active().to_string()
            on:click=move |_| field.take(index)
        >
            <Foreign text=item.label class="offer-label"/>
            <Foreign text=item.hint class="offer-hint"/>
            {item.count.map(|count| view! { <span class="offer-count">{format::count(count)}</span> })}
        </div>
    }
    .into_any()
}
