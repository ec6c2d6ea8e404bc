//! The table of runs.

use leptos::prelude::*;
use model::Timestamp;

use super::filter_link::Narrow;
use super::run_row::RunRowView;
use crate::data::list::RunRow;
use crate::list_state::{ListScope, ListState};
use crate::search_text::SearchParts;

/// The rows of a page of runs.
#[derive(Clone, PartialEq)]
pub struct Rows {
    /// The runs.
    pub rows: Vec<RunRow>,
    /// When they were read.
    pub now: Timestamp,
}

/// A table of runs, one line each.
#[component]
pub fn RunsTable(
    /// The rows.
    #[prop(into)]
    rows: Signal<Rows>,
    /// The list that they are of.
    #[prop(into)]
    scope: Signal<ListScope>,
    /// What of the list is shown.
    #[prop(into)]
    state: Signal<ListState>,
    /// Whether a newer answer is on its way.
    #[prop(into)]
    is_stale: Signal<bool>,
) -> impl IntoView {
    let is_everywhere = move || scope.with(|scope| scope.agent.is_none());
    let keyed = move || {
        let Rows { rows, now } = rows.get();
        rows.into_iter().map(|row| (row, now)).collect::<Vec<_>>()
    };
    // The search is read once for the links of all rows.
    let parts = Memo::new(move |_| state.with(|state| SearchParts::read(&state.q)));
    let narrow = Narrow::new(move |filter: String| {
        let q = parts.with(|parts| parts.with(&filter));
        state.with(|state| state.with_q(q).href(&scope.get()))
    });
    view! {
        <div class="table-wrap" class:stale=move || is_stale.get()>
            <table class="table rows runs" aria-busy=move || is_stale.get().then_some("true")>
                <thead>
                    <tr>
                        <th class="col-status"><span class="visually-hidden">"Status"</span></th>
                        {move || is_everywhere().then(|| view! { <th class="col-agent">"Agent"</th> })}
                        <th class="col-input">"Input"</th>
                        <th class="col-output">"Output"</th>
                        <th class="col-version">"Version"</th>
                        <th class="col-latency number">"Latency"</th>
                        <th class="col-tokens number">"Tokens"</th>
                        <th class="col-cost number">"Cost"</th>
                        <th class="col-time end">"Time"</th>
                    </tr>
                </thead>
                <tbody>
                    // What a search marks is part of the key: a row is drawn once per key.
                    <For
                        each=keyed
                        key=|(row, _)| (row.id, row.input.clone(), row.output.clone())
                        let((row, now))
                    >
                        <RunRowView row now scope state narrow/>
                    </For>
                </tbody>
            </table>
        </div>
    }
}
