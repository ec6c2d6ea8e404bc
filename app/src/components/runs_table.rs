//! The table of runs.

use std::sync::Arc;

use leptos::prelude::*;
use model::Timestamp;

use super::filter_link::Narrow;
use super::foreign::foreign;
use super::resize_handle::{ResizeHandle, Resizing};
use super::run_row::RunRowView;
use super::sort_head::{ListOrder, sort_link};
use crate::data::list::{ColumnDoc, ColumnKind, RunRow};
use crate::format::visible;
use crate::list_state::{ListScope, ListState};
use crate::search_text::SearchParts;

/// The rows of a page of runs.
#[derive(Clone, PartialEq)]
pub struct Rows {
    /// What of each run is shown.
    pub columns: Arc<Vec<ColumnDoc>>,
    /// The runs.
    pub rows: Vec<RunRow>,
    /// When they were read.
    pub now: Timestamp,
}

impl ColumnDoc {
    /// The class of its cells.
    #[must_use]
    pub fn class(&self) -> String {
        let name = match self.kind {
            ColumnKind::Status => "status",
            ColumnKind::Agent => "agent",
            ColumnKind::Input => "input",
            ColumnKind::Output => "output",
            ColumnKind::Version => "version",
            ColumnKind::Latency => "latency",
            ColumnKind::Tokens => "tokens",
            ColumnKind::Cost => "cost",
            ColumnKind::Time => "time end",
            ColumnKind::Other => "other",
        };
        format!("col-{name}{}", if self.is_number { " number" } else { "" })
    }

    /// Its width in pixels; input and output take what is left, and at least this.
    #[must_use]
    pub fn pixels(&self) -> u32 {
        self.width.map_or(
            match self.kind {
                ColumnKind::Status => 36,
                ColumnKind::Latency | ColumnKind::Tokens => 84,
                // A billionth of a dollar has twelve characters.
                ColumnKind::Cost => 112,
                ColumnKind::Time => 104,
                ColumnKind::Other if self.is_number => 104,
                ColumnKind::Other => 152,
                ColumnKind::Agent => 176,
                ColumnKind::Version => 192,
                ColumnKind::Input | ColumnKind::Output => 200,
            },
            u32::from,
        )
    }
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
    /// Whether the rows stand in for those of a search that is not finished.
    #[prop(into)]
    is_held: Signal<bool>,
) -> impl IntoView {
    let columns = Memo::new(move |_| rows.with(|rows| Arc::clone(&rows.columns)));
    let is_chosen = move || state.with(|state| !state.columns.is_empty());
    let resizing = Resizing::new(columns, scope, state);
    let order = ListOrder {
        sort: Signal::derive(move || state.with(|state| state.sort.clone())),
        usual: "time",
        href: Callback::new(move |sort| {
            state.with(|state| state.with_sort(sort).href(&scope.get()))
        }),
    };
    // Chosen columns are all shown, so the table grows beyond a narrow page.
    let least = move || {
        is_chosen().then(|| {
            let pixels: u32 = columns.with(|columns| {
                let widths = columns.iter().enumerate();
                widths.map(|(at, column)| resizing.width(at).unwrap_or(column.pixels())).sum()
            });
            format!("{pixels}px")
        })
    };
    let keyed = move || {
        let Rows { columns, rows, now } = rows.get();
        rows.into_iter().map(|row| (row, now, Arc::clone(&columns))).collect::<Vec<_>>()
    };
    // The search is read once for the links of all rows.
    let parts = Memo::new(move |_| state.with(|state| SearchParts::read(&state.q)));
    let narrow = Narrow::new(move |filter: String| {
        let q = parts.with(|parts| parts.with(&filter));
        state.with(|state| state.with_q(q).href(&scope.get()))
    });
    view! {
        <div class="table-wrap" class:stale=move || is_stale.get() class:held=move || is_held.get()>
            <table
                class="table rows runs"
                class:chosen=is_chosen
                style:min-inline-size=least
                aria-busy=move || is_stale.get().then_some("true")
            >
                <thead>
                    <tr>{move || columns.with(|columns| heads(columns, order, resizing))}</tr>
                </thead>
                <tbody>
                    // What a search marks is part of the key: a row is drawn once per key.
                    <For
                        each=keyed
                        key=|(row, _, columns)| {
                            (row.id, row.input.clone(), row.output.clone(), Arc::clone(columns))
                        }
                        let((row, now, columns))
                    >
                        <RunRowView row now columns scope state narrow/>
                    </For>
                </tbody>
            </table>
        </div>
    }
}

fn heads(columns: &[ColumnDoc], order: ListOrder, resizing: Resizing) -> AnyView {
    let heads = columns.iter().enumerate().map(|(position, column)| {
        let key = match column.kind {
            ColumnKind::Latency => Some("latency"),
            ColumnKind::Tokens => Some("tokens"),
            ColumnKind::Cost => Some("cost"),
            ColumnKind::Time => Some("time"),
            _ => None,
        };
        let title = column.title.clone();
        let own = column.width.map(u32::from);
        let width = move || resizing.width(position).or(own).map(|width| format!("{width}px"));
        let (aria_sort, content) = match (key, column.kind) {
            (Some(key), _) => {
                let (aria_sort, link) = sort_link(order, key, title.clone());
                (Some(aria_sort), link)
            }
            (None, ColumnKind::Status) => {
                let name = title.clone();
                (None, view! { <span class="visually-hidden">{name}</span> }.into_any())
            }
            (None, _) => (None, foreign(title.clone())),
        };
        view! {
            <th
                class=column.class()
                scope="col"
                style:inline-size=width
                title=visible(&column.name).into_owned()
                aria-sort=move || aria_sort.and_then(|order| order.get())
            >
                {content}
                <ResizeHandle position title pixels=column.pixels() resizing/>
            </th>
        }
    });
    heads.collect_view().into_any()
}
