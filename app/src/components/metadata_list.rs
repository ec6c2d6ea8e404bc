//! The labels of a run.

use leptos::prelude::*;

use super::filter_link::{FilterLink, Narrow};
use super::foreign::foreign;
use crate::data::run::MetadataDoc;

/// Labels, each leading to the runs that have it too; nothing without any.
#[component]
pub fn MetadataList(metadata: Vec<MetadataDoc>, narrow: Narrow) -> impl IntoView {
    if metadata.is_empty() {
        return ().into_any();
    }
    let rows = metadata.into_iter().map(|item| {
        let value = match item.q {
            Some(filter) => {
                view! { <FilterLink filter narrow>{foreign(item.value)}</FilterLink> }.into_any()
            }
            None => foreign(item.value),
        };
        view! { <div><dt class="mono">{foreign(item.key)}</dt><dd>{value}</dd></div> }
    });
    view! {
        <section class="panel">
            <div class="panel-head"><h2>"Metadata"</h2></div>
            <div class="panel-body"><dl class="facts wide">{rows.collect_view()}</dl></div>
        </section>
    }
    .into_any()
}
