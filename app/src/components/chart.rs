//! A drawing of figures over time, with its scale in the page's own text.

use leptos::prelude::*;

use crate::data::stats::ChartDoc;

/// A chart with its title and legend.
#[component]
pub fn Chart(chart: ChartDoc) -> impl IntoView {
    let has_middle = !chart.middle.is_empty();
    let legend = (chart.shapes.len() > 1).then(|| {
        let items = chart.shapes.iter().rev().map(|shape| {
            let class = format!("key {}", shape.class);
            view! { <li><span class=class aria-hidden="true"></span>{shape.label.clone()}</li> }
        });
        view! { <ul class="legend">{items.collect_view()}</ul> }
    });
    let shapes = chart.shapes.into_iter().map(|shape| {
        view! { <path class=shape.class d=shape.path></path> }
    });
    let shapes = shapes.collect_view();
    view! {
        <figure class="chart" style=("--bars", chart.width.max(1).to_string())>
            <figcaption>
                <h2>{chart.title}</h2>
                {legend}
            </figcaption>
            <p class="chart-top">{chart.top}</p>
            <div class="chart-field">
            {has_middle.then(|| view! { <p class="chart-middle">{chart.middle}</p> })}
            <svg
                role="img"
                aria-label=chart.summary
                viewBox=format!("0 0 {} 100", chart.width.max(1))
                preserveAspectRatio="none"
            >
                {has_middle.then(|| view! { <path class="middle" d="M0 50H100000"></path> })}
                {shapes}
            </svg>
            </div>
            <p class="chart-ends"><span>{chart.from}</span><span>{chart.to}</span></p>
        </figure>
    }
    .into_any()
}
