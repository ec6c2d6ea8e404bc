//! Where a run stands in its list, and the runs beside it.

use leptos::prelude::*;
use model::RunId;

use super::icon::{Icon, Shape};
use crate::data::list::RunPlace;
use crate::format;
use crate::run_links::RunLinks;

/// `Run 12 of 340`, with the ways to the runs before and after it.
#[component]
pub fn PlaceNav(place: RunPlace, links: Memo<RunLinks>) -> impl IntoView {
    let count = format::list_count(place.count, place.count_is_exact);
    let text = match place.position {
        Some(position) => format!("Run {} of {count}", format::count(position)),
        None => format!("Run of {count}"),
    };
    view! {
        <nav class="run-place" aria-label="Neighbouring runs">
            <span class="number">{text}</span>
            {step(place.newer, links, "Newer run", "[", Shape::Up)}
            {step(place.older, links, "Older run", "]", Shape::Down)}
        </nav>
    }
}

fn step(
    id: Option<RunId>,
    links: Memo<RunLinks>,
    label: &'static str,
    key: &'static str,
    shape: Shape,
) -> AnyView {
    match id {
        Some(id) => view! {
            <a
                class="button quiet icon"
                href=move || links.with(|links| links.run(id))
                data-noscroll=""
                data-key=key
                aria-label=label
                title=format!("{label} ({key})")
            >
                <Icon shape/>
            </a>
        }
        .into_any(),
        None => view! {
            <span class="button quiet icon" aria-disabled="true"><Icon shape/></span>
        }
        .into_any(),
    }
}
