//! Runs over time above their list. A stretch of time is chosen by dragging
//! over it, or with two sliders from the keyboard.

use leptos::ev::{KeyboardEvent, PointerEvent};
use leptos::prelude::*;

use super::time_axis::{TimeAxis, bars_name};
use super::zone::Zone;
use crate::data::stats::HistogramDoc;

/// The first and the last bar that are chosen, in either order.
type Stretch = (usize, usize);

/// Bars of runs, stacked by how they ended.
#[component]
pub fn Histogram(
    /// What is drawn.
    doc: Signal<HistogramDoc>,
    /// Takes up a search for the runs of a stretch of time.
    search: Callback<String>,
) -> impl IntoView {
    let chosen = RwSignal::new(None::<Stretch>);
    let is_dragging = StoredValue::new(false);
    let (pointed, set_pointed) = signal(None::<usize>);
    let zone = Zone::here();
    let last = move || doc.with(|doc| doc.axis.bars().saturating_sub(1));
    let apply = move || {
        let Some((one, other)) = chosen.get_untracked() else { return };
        if let Some(q) = doc.with_untracked(|doc| doc.axis.q(one, other)) {
            search.run(q);
        }
    };
    // Another drawing has other bars; the same with more runs in them has not.
    let bars = Memo::new(move |_| doc.with(|doc| doc.axis.starts.clone()));
    Effect::new(move |_| {
        bars.track();
        chosen.set(None);
    });
    let on_down = move |event: PointerEvent| {
        if event.button() != 0 {
            return;
        }
        if let Some(bar) = crate::browser::bar_at(&event, last() + 1) {
            is_dragging.set_value(true);
            chosen.set(Some((bar, bar)));
        }
    };
    let on_move = move |event: PointerEvent| {
        let bar = crate::browser::bar_at(&event, last() + 1);
        set_pointed.set(bar);
        if let Some(bar) = bar.filter(|_| is_dragging.get_value()) {
            chosen.update(|chosen| *chosen = chosen.map(|(from, _)| (from, bar)));
        }
    };
    let on_up = move |_| {
        if is_dragging.get_value() {
            is_dragging.set_value(false);
            apply();
        }
    };
    let on_cancel = move |_| {
        is_dragging.set_value(false);
        chosen.set(None);
    };
    let on_key = move |event: KeyboardEvent| match event.key().as_str() {
        "Enter" => {
            event.prevent_default();
            apply();
        }
        "Escape" if chosen.with_untracked(Option::is_some) => {
            event.prevent_default();
            chosen.set(None);
        }
        _ => {}
    };
    let band = move || {
        let (one, other) = chosen.get()?;
        Some((one.min(other), one.max(other)))
    };
    let label = move |bar: usize| {
        doc.with(|doc| {
            let when = bars_name(&doc.axis, bar, bar, zone);
            Some(format!("{when}: {}", doc.chart.said.get(bar)?))
        })
    };
    let said = move || match (band(), pointed.get()) {
        (Some((from, to)), _) if from != to => {
            Some(doc.with(|doc| bars_name(&doc.axis, from, to, zone)))
        }
        (Some((bar, _)), _) | (None, Some(bar)) => label(bar),
        (None, None) => Some(doc.with(|doc| doc.earlier.clone())),
    };
    let slider = move |name: &'static str, is_start: bool| {
        let value = move || match (chosen.get(), is_start) {
            (Some((from, _)), true) => from,
            (Some((_, to)), false) => to,
            (None, true) => 0,
            (None, false) => last(),
        };
        view! {
            <input
                type="range"
                min="0"
                max=move || last().to_string()
                prop:value=move || value().to_string()
                aria-label=name
                aria-valuetext=move || label(value())
                aria-describedby="histogram-how"
                on:keydown=on_key
                on:input=move |event| {
                    let bar = event_target_value(&event).parse().unwrap_or(0);
                    chosen.update(|chosen| {
                        let (from, to) = chosen.unwrap_or((0, last()));
                        *chosen = Some(if is_start { (bar, to) } else { (from, bar) });
                    });
                }
            />
        }
    };
    view! {
        <div
            class="histogram" role="group" aria-label="Runs over time"
            style=("--bars", move || (last() + 1).to_string())
        >
            <svg
                role="img"
                aria-label=move || doc.with(|doc| doc.chart.summary.clone())
                viewBox=move || format!("0 0 {} 100", last() + 1)
                preserveAspectRatio="none"
                on:pointerdown=on_down
                on:pointermove=on_move
                on:pointerup=on_up
                on:pointercancel=on_cancel
                on:pointerleave=move |_| set_pointed.set(None)
            >
                <rect class="floor" x="0" y="99" width="100%" height="1"></rect>
                {move || band().or(pointed.get().map(|bar| (bar, bar))).map(|(from, to)| view! {
                    <rect class="band" x=from.to_string() y="0" width=(to - from + 1).to_string() height="100"></rect>
                })}
                {move || doc.with(|doc| doc.chart.shapes.iter().map(|shape| view! {
                    <path class=shape.class.clone() d=shape.path.clone()></path>
                }).collect_view())}
            </svg>
            <div class="histogram-foot">
                <TimeAxis axis=Signal::derive(move || doc.with(|doc| doc.axis.clone()))/>
                <p class="histogram-said" aria-hidden="true">{said}</p>
            </div>
            <div class="histogram-sliders">
                {slider("First bar", true)}
                {slider("Last bar", false)}
                <span id="histogram-how">"Enter to zoom in, Escape to cancel"</span>
            </div>
        </div>
    }
    .into_any()
}
