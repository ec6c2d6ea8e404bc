//! The time below charts, in the reader's own zone, which it names.

use leptos::prelude::*;
use model::Timestamp;

use super::zone::Zone;
use crate::data::stats::AxisDoc;
use crate::format;

/// Most moments that are named below a chart.
const MOMENTS: usize = 5;

/// When some bars were, as a person writes it. Whole days are days of UTC,
/// wherever the reader is.
#[must_use]
pub fn bars_name(axis: &AxisDoc, first: usize, last: usize, zone: Zone) -> String {
    let Some((from, to)) = axis.span(first, last) else { return String::new() };
    let seen = |at: Timestamp| if axis.has_days { at } else { zone.east(at) };
    format::stretch(seen(from), seen(to), zone.year())
}

/// The zone that the bars of a chart are named in.
#[must_use]
pub fn zone_name(axis: &AxisDoc, zone: Zone) -> String {
    let last = axis.edges.last().map(|edge| Timestamp(*edge)).filter(|_| !axis.has_days);
    format::zone(last.map_or(0, |at| zone.offset(at)))
}

/// Round moments below the bars that begin there, and the zone. Pages hide
/// what depends on the zone until it is known.
#[component]
pub fn TimeAxis(#[prop(into)] axis: Signal<AxisDoc>) -> impl IntoView {
    let zone = Zone::here();
    let ticks = move || {
        axis.with(|axis| {
            let seen = |edge: &i64| match axis.has_days {
                true => Timestamp(*edge),
                false => zone.east(Timestamp(*edge)),
            };
            let edges: Vec<Timestamp> = axis.edges.iter().map(seen).collect();
            let (Some(from), Some(to)) = (edges.first(), edges.last()) else {
                return Vec::new();
            };
            let ticks = format::round_moments(*from, *to, MOMENTS).into_iter().map(|(at, name)| {
                let share = share(&edges, at);
                let place = format!("{:.2}%", share * 100.0);
                // Near the end a name stands before its moment.
                let class = if share > 0.85 { "before" } else { "" };
                view! { <span class=class style=("--at", place)>{name}</span> }
            });
            ticks.map(IntoAny::into_any).collect::<Vec<AnyView>>()
        })
    };
    view! {
        <p class="time-axis zoned" aria-hidden="true">
            {ticks}
            <span class="zone">{move || axis.with(|axis| zone_name(axis, zone))}</span>
        </p>
    }
    .into_any()
}

/// Where a moment lies among bars of equal width, from 0 to 1.
fn share(edges: &[Timestamp], at: Timestamp) -> f64 {
    let mut bars = edges.windows(2).enumerate();
    let place = bars.find_map(|(bar, edge)| match edge {
        [from, to] if (from.0..to.0).contains(&at.0) => {
            Some(bar as f64 + (at.0 - from.0) as f64 / (to.0 - from.0) as f64)
        }
        _ => None,
    });
    let count = edges.len().saturating_sub(1).max(1);
    place.unwrap_or_default() / count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_lie_between_the_bars_that_they_lie_between() {
        let edges = [0, 10, 30].map(Timestamp);
        assert_eq!(share(&edges, Timestamp(0)), 0.0);
        assert_eq!(share(&edges, Timestamp(5)), 0.25);
        assert_eq!(share(&edges, Timestamp(20)), 0.75);
    }
}
