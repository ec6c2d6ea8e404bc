//! The finished filters of a search.

use leptos::prelude::*;

use super::icon::{Icon, Shape};
use crate::search_field::{SearchField, chip_key, part_id, parts_of};
use crate::search_text::{Chip, ChipPart};

/// A chip for each finished filter. The keyboard reaches them from the field
/// with the left arrow, so that they are no stops on the way of Tab.
#[component]
pub fn SearchChips(field: SearchField) -> impl IntoView {
    let chips = Memo::new(move |_| field.text.with(|text| text.chips.clone()));
    move || {
        let chips = chips.get();
        (!chips.is_empty()).then(|| {
            let chips = chips.into_iter().enumerate();
            let chips = chips.map(|(index, chip)| chip_view(field, index, chip)).collect_view();
            view! { <ul class="chips" aria-label="Filters">{chips}</ul> }
        })
    }
}

fn chip_view(field: SearchField, index: usize, chip: Chip) -> AnyView {
    let parts = parts_of(&chip).iter().map(|part| part_view(field, index, &chip, *part));
    let parts = parts.collect_view();
    let remove = format!("Remove {}", chip.text);
    view! {
        <li class="chip" class:negated=chip.is_negated>
            {chip.is_negated.then(|| view! { <span class="chip-not">"not"</span> })}
            {parts}
            <button
                type="button" class="chip-remove" tabindex="-1" aria-label=remove.clone() title=remove
                on:mousedown=|event| event.prevent_default()
                on:click=move |_| field.remove_chip(index)
            >
                <Icon shape=Shape::Close/>
            </button>
        </li>
    }
    .into_any()
}

fn part_view(field: SearchField, index: usize, chip: &Chip, part: ChipPart) -> AnyView {
    let (class, shown, title) = match part {
        ChipPart::Field => ("chip-field", chip.field.clone(), "Change the field"),
        ChipPart::Operator => {
            ("chip-operator", chip.operator_words().to_owned(), "Change the operator")
        }
        ChipPart::Value => ("chip-value", chip.value.clone(), "Change the value"),
    };
    view! {
        <button
            type="button" class=class id=part_id(index, part) tabindex="-1" title=title
            on:mousedown=|event| event.prevent_default()
            on:click=move |_| field.edit_chip(index, part)
            on:keydown=move |event| chip_key(field, index, part, &event)
        >
            <bdi>{shown}</bdi>
        </button>
    }
    .into_any()
}
