//! Why a run failed.

use leptos::prelude::*;
use model::RunId;
use model::search::Field;

use super::filter_link::{FilterLink, Narrow, text_filter};
use super::foreign::{Foreign, foreign};
use super::tree::{Tree, TreeSource};
use crate::data::node::{Spot, SpotField};
use crate::data::run::ErrorDoc;

/// Code, message and details of an error.
#[component]
pub fn RunErrorPanel(org: String, id: RunId, error: ErrorDoc, narrow: Narrow) -> impl IntoView {
    let source = TreeSource { org, run: id };
    let filter = text_filter(Field::Error, &error.code);
    view! {
        <section class="panel run-error" aria-label="Error">
            <p>
                <FilterLink filter narrow><span class="badge bad">{foreign(error.code)}</span></FilterLink>
                <Foreign text=error.message class="run-error-message"/>
            </p>
            {error.details.map(|details| view! {
                <details>
                    <summary>"Details"</summary>
                    <Tree source node=details spot=Spot::field(SpotField::ErrorDetails)/>
                </details>
            })}
        </section>
    }
    .into_any()
}
