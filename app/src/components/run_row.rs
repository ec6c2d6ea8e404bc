//! A run as a row of the table.

use std::sync::Arc;

use leptos::ev::MouseEvent;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use model::search::Field;
use model::{RunStatus, Timestamp};

use super::filter_link::{FilterLink, Narrow, text_filter};
use super::foreign::{Foreign, foreign};
use super::marked_text::MarkedText;
use super::relative_time::RelativeTime;
use super::status_dot::StatusDot;
use crate::data::list::{ColumnDoc, ColumnKind, RunRow};
use crate::format::{self, visible};
use crate::links;
use crate::list_state::{ListScope, ListState};

/// The id of the link in a run's row.
#[must_use]
pub fn row_id(run: impl std::fmt::Display) -> String {
    format!("run-{run}")
}

/// A run as a row. Its link leads to the run's own page; a plain click opens
/// the run in the drawer, over the list.
#[component]
pub fn RunRowView(
    row: RunRow,
    now: Timestamp,
    /// What of the run is shown.
    columns: Arc<Vec<ColumnDoc>>,
    scope: Signal<ListScope>,
    state: Signal<ListState>,
    narrow: Narrow,
) -> impl IntoView {
    let id = row.id;
    let is_open =
        move || state.with(|state| state.run.as_ref().is_some_and(|run| *run == id.to_string()));
    // The row's link is its input, or whatever stands first without one.
    let link_at = columns.iter().position(|column| column.kind == ColumnKind::Input).unwrap_or(0);
    let mut others = row.others.iter();
    let cells = columns.iter().enumerate().map(|(position, column)| {
        let other = match column.kind {
            ColumnKind::Other => others.next().cloned().unwrap_or_default(),
            _ => String::new(),
        };
        let title = match column.kind {
            ColumnKind::Input => Some(visible(&row.input.text()).into_owned()),
            ColumnKind::Output => Some(visible(&row.output.text()).into_owned()),
            ColumnKind::Cost => row.cost.map(format::exact_money),
            ColumnKind::Other => Some(visible(&other).into_owned()),
            _ => None,
        };
        let class = match (column.kind, row.status) {
            (ColumnKind::Output, RunStatus::Failure) => "col-output error-text".to_owned(),
            (ColumnKind::Time, _) => format!("{} faint", column.class()),
            _ => column.class(),
        };
        // A link cannot hold another one.
        let is_link = position == link_at;
        let content = content(column.kind, &row, other, now, (!is_link).then_some(narrow));
        let content = match is_link {
            true => row_link(&row, content, column.kind == ColumnKind::Input, scope, state),
            false => content,
        };
        view! { <td class=class title=title>{content}</td> }
    });
    let cells = cells.collect_view();
    view! { <tr class:selected=is_open>{cells}</tr> }
}

fn content(
    kind: ColumnKind,
    row: &RunRow,
    other: String,
    now: Timestamp,
    narrow: Option<Narrow>,
) -> AnyView {
    let filter = |filter: String, shown: AnyView| match narrow {
        Some(narrow) => view! { <FilterLink filter narrow>{shown}</FilterLink> }.into_any(),
        None => shown,
    };
    match kind {
        // It is too small for a link of its own, and as a part of the row it opens the run.
        ColumnKind::Status => view! { <StatusDot status=row.status/> }.into_any(),
        ColumnKind::Agent => {
            let agent = row.agent.to_string();
            filter(text_filter(Field::Agent, &agent), foreign(agent))
        }
        ColumnKind::Input if row.input.pieces.iter().all(|(_, piece)| piece.is_empty()) => {
            view! { <span class="faint">"no input"</span> }.into_any()
        }
        ColumnKind::Input => view! { <MarkedText text=row.input.clone()/> }.into_any(),
        ColumnKind::Output => view! { <MarkedText text=row.output.clone()/> }.into_any(),
        ColumnKind::Version => view! {
            {row.version.map(|number| filter(
                format!("version:{number}"),
                view! { <span class="version">{number.to_string()}</span> }.into_any(),
            ))}
            {row.is_cached.then(|| filter(
                "cached:true".to_owned(),
                view! { <span class="badge accent">"cached"</span> }.into_any(),
            ))}
            {row.model.clone().map(|model| filter(
                text_filter(Field::Model, &model),
                view! { <Foreign text=model class="faint"/> }.into_any(),
            ))}
        }
        .into_any(),
        ColumnKind::Latency => row.latency.map(format::duration).into_any(),
        ColumnKind::Tokens => row.tokens.map(format::tokens).into_any(),
        ColumnKind::Cost => row.cost.map(format::money).into_any(),
        ColumnKind::Time => view! { <RelativeTime at=row.created_at now/> }.into_any(),
        ColumnKind::Other => foreign(other),
    }
}

fn row_link(
    row: &RunRow,
    content: AnyView,
    is_input: bool,
    scope: Signal<ListScope>,
    state: Signal<ListState>,
) -> AnyView {
    let id = row.id;
    let agent = row.agent.to_string();
    let href = move || {
        let scope = scope.get();
        let query = state.with(|state| scope.run_query(&state.q));
        format!("{}{query}", links::run(&scope.org, &agent, id))
    };
    let navigate = use_navigate();
    let open = move |event: MouseEvent| {
        if event.button() != 0
            || event.ctrl_key()
            || event.meta_key()
            || event.shift_key()
            || event.alt_key()
        {
            return;
        }
        event.prevent_default();
        let opened = state.get_untracked().with_run(Some(id.to_string()));
        let options = NavigateOptions { scroll: false, ..NavigateOptions::default() };
        navigate(&opened.href(&scope.get_untracked()), options);
    };
    // Any other cell than the input can be empty, and a link needs a name.
    let name =
        (!is_input).then(|| view! { <span class="visually-hidden">{format!("Run {id}")}</span> });
    view! {
        <a class="row-link" id=row_id(id) href=href data-row="" on:click=open>
            {content}
            {name}
        </a>
    }
    .into_any()
}
