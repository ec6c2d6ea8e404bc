//! A drawing of figures over time, with its scale in the page's own text.

use leptos::ev::{KeyboardEvent, MouseEvent, PointerEvent};
use leptos::prelude::*;

use super::time_axis::{TimeAxis, bars_name};
use super::zone::Zone;
use crate::data::stats::{AxisDoc, ChartDoc};
use crate::list_state::{ListScope, ListState};

/// A chart with its title and legend. A bar tells its values under the pointer
/// and the arrow keys, and leads to its runs.
#[component]
pub fn Chart(
    chart: ChartDoc,
    /// The bars of all charts of a page.
    axis: Signal<AxisDoc>,
    /// The runs that the charts are of.
    scope: StoredValue<ListScope>,
    /// The bar that is looked at, in all charts of a page.
    pointed: RwSignal<Option<usize>>,
) -> impl IntoView {
    let zone = Zone::here();
    let bars = axis.with_untracked(AxisDoc::bars).max(1);
    let said = StoredValue::new(chart.said);
    let title = chart.title.clone();
    let told = Memo::new(move |_| {
        let bar = pointed.get()?;
        let when = axis.with(|axis| bars_name(axis, bar, bar, zone));
        said.with_value(|said| Some(format!("{when}: {}", said.get(bar)?)))
    });
    let href = move || {
        let q = axis.with(|axis| match pointed.get() {
            Some(bar) => axis.q(bar, bar),
            None => axis.q(0, axis.bars().saturating_sub(1)),
        });
        let state = ListState { q: q.unwrap_or_default(), ..ListState::default() };
        scope.with_value(|scope| state.href(scope))
    };
    let label = move || match told.get() {
        Some(told) => format!("{title}, {told}"),
        None => format!("{title}: arrow keys read the values, Enter shows the runs"),
    };
    let is_first_touch = StoredValue::new(false);
    let on_down = move |event: PointerEvent| {
        let bar = crate::browser::bar_at(&event, bars);
        // A finger cannot look before it presses.
        let is_new = event.pointer_type() == "touch" && pointed.get_untracked() != bar;
        is_first_touch.set_value(is_new);
        pointed.set(bar);
    };
    let on_click = move |event: MouseEvent| {
        if is_first_touch.get_value() {
            event.prevent_default();
        }
    };
    let on_key = move |event: KeyboardEvent| {
        let last = bars - 1;
        let bar = match (event.key().as_str(), pointed.get_untracked()) {
            ("ArrowRight", Some(bar)) => Some((bar + 1).min(last)),
            ("ArrowLeft", Some(bar)) => Some(bar.saturating_sub(1)),
            ("ArrowRight" | "Home", _) => Some(0),
            ("ArrowLeft" | "End", _) => Some(last),
            ("Escape", Some(_)) => None,
            _ => return,
        };
        event.prevent_default();
        event.stop_propagation();
        pointed.set(bar);
    };
    let has_focus = RwSignal::new(false);
    let leave = move || pointed.set(None);
    // A finger that is lifted leaves before it clicks, and its value stays to be read.
    let on_leave = move |event: PointerEvent| {
        if event.pointer_type() != "touch" {
            leave();
        }
    };
    let legend = (chart.shapes.len() > 1).then(|| {
        let items = chart.shapes.iter().rev().map(|shape| {
            let class = format!("key {}", shape.class);
            view! { <li><span class=class aria-hidden="true"></span>{shape.label.clone()}</li> }
        });
        view! { <ul class="legend">{items.collect_view()}</ul> }
    });
    let lines = chart.ticks.iter().map(|tick| {
        let y = 100.0 - f64::from(tick.permille) / 10.0;
        view! { <path class="line-across" d=format!("M0 {y}H{bars}")></path> }
    });
    let lines = lines.collect_view();
    let ticks = chart.ticks.into_iter().map(|tick| {
        let share = f64::from(tick.permille) / 1_000.0;
        view! { <span style=("--share", share.to_string())>{tick.label}</span> }
    });
    let ticks = ticks.collect_view();
    let shapes = chart.shapes.into_iter().map(|shape| {
        view! { <path class=shape.class d=shape.path></path> }
    });
    let shapes = shapes.collect_view();
    view! {
        <figure class="chart" style=("--bars", bars.to_string())>
            <figcaption>
                <h2>{chart.title}</h2>
                {legend}
            </figcaption>
            <div class="chart-field">
                <p class="chart-ticks" aria-hidden="true">{ticks}</p>
                <div class="chart-plot">
                    <svg
                        role="img"
                        aria-label=chart.summary
                        viewBox=format!("0 0 {bars} 100")
                        preserveAspectRatio="none"
                    >
                        {lines}
                        {move || pointed.get().map(|bar| view! {
                            <rect class="band" x=bar.to_string() y="0" width="1" height="100"></rect>
                        })}
                        {shapes}
                    </svg>
                    <a
                        class="chart-hit needs-script" href=href aria-label=label
                        on:pointermove=move |event| pointed.set(crate::browser::bar_at(&event, bars))
                        on:pointerdown=on_down
                        on:pointerleave=on_leave
                        on:click=on_click
                        on:keydown=on_key
                        on:focus=move |_| has_focus.set(true)
                        on:blur=move |_| {
                            has_focus.set(false);
                            leave();
                        }
                    ></a>
                    <TimeAxis axis/>
                </div>
            </div>
            <p class="chart-said">{move || told.get()}</p>
            <p class="visually-hidden" role="status">
                {move || has_focus.get().then(|| told.get()).flatten()}
            </p>
        </figure>
    }
    .into_any()
}
