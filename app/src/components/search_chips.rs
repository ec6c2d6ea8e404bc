//! The finished filters of a search.

use leptos::prelude::*;
use model::Timestamp;
use model::search::{Operator, Precision, TimeBound};

use super::foreign::foreign;
use super::icon::{Icon, Shape};
use super::zone::Zone;
use crate::format::{moment, stretch, visible};
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
    let remove = format!("Remove {}", visible(&chip.text));
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
    let words = |text: &str| foreign(text);
    let (class, shown, title) = match part {
        ChipPart::Field => ("chip-field", words(&chip.field), "Change the field".to_owned()),
        ChipPart::Operator => {
            ("chip-operator", words(chip.operator_words()), "Change the operator".to_owned())
        }
        ChipPart::Value if chip.moments.is_empty() => {
            ("chip-value", words(&chip.value), "Change the value".to_owned())
        }
        ChipPart::Value => {
            ("chip-value", time_view(chip), format!("Change the value {}", chip.value))
        }
    };
    view! {
        <button
            type="button" class=class id=part_id(index, part) tabindex="-1" title=title
            on:mousedown=|event| event.prevent_default()
            on:click=move |_| field.edit_chip(index, part)
            on:keydown=move |event| chip_key(field, index, part, &event)
        >
            {shown}
        </button>
    }
    .into_any()
}

/// The moments of a filter as a person writes them, in the reader's own zone.
fn time_view(chip: &Chip) -> AnyView {
    let (zone, operator, moments) = (Zone::here(), chip.operator, chip.moments.clone());
    let shown = move || {
        let year = zone.year();
        // Days are days of UTC, wherever the reader is.
        let seen = |at: Timestamp, is_day| if is_day { at } else { zone.east(at) };
        if let (Operator::Between, [from, to]) = (operator, moments.as_slice()) {
            let are_days = is_day(from) && is_day(to);
            let (from, to) = (from.start(NEVER), whole(to.end(NEVER)));
            return stretch(seen(from, are_days), seen(to, are_days), year);
        }
        let names = moments.iter().map(|it| {
            let is_day = is_day(it);
            moment(seen(it.start(NEVER), is_day), is_day, year)
        });
        names.collect::<Vec<_>>().join(", ")
    };
    view! { <bdi class="zoned">{shown}</bdi> }.into_any()
}

/// Moments of the calendar do not ask for the present.
const NEVER: Timestamp = Timestamp(0);

fn is_day(bound: &TimeBound) -> bool {
    matches!(bound, TimeBound::Moment { precision: Precision::Day, .. })
}

/// The end of a range that includes its last moment, to the second.
fn whole(end: Timestamp) -> Timestamp {
    Timestamp(end.0.div_euclid(1_000_000) * 1_000_000)
}
