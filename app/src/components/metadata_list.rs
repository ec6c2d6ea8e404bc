//! The labels of a run.

use leptos::prelude::*;

use crate::data::run::MetadataDoc;
use crate::run_links::RunLinks;

/// Labels, each leading to the runs that have it too; nothing without any.
#[component]
pub fn MetadataList(
    agent: String,
    metadata: Vec<MetadataDoc>,
    links: Memo<RunLinks>,
) -> impl IntoView {
    if metadata.is_empty() {
        return ().into_any();
    }
    let rows = metadata.into_iter().map(|item| {
        let agent = agent.clone();
        let value = match item.q {
            Some(q) => view! {
                <a
                    href=move || links.with(|links| links.search(&agent, &q))
                    title="Search for runs with this label"
                >
                    {item.value}
                </a>
            }
            .into_any(),
            None => item.value.into_any(),
        };
        view! { <div><dt class="mono">{item.key}</dt><dd>{value}</dd></div> }
    });
    view! {
        <section class="panel">
            <div class="panel-head"><h2>"Metadata"</h2></div>
            <div class="panel-body"><dl class="facts wide">{rows.collect_view()}</dl></div>
        </section>
    }
    .into_any()
}
