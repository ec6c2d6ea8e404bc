//! A run as a row of the table.

use leptos::ev::MouseEvent;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use model::search::Field;
use model::{RunStatus, Timestamp};

use super::filter_link::{FilterLink, Narrow, text_filter};
use super::marked_text::MarkedText;
use super::relative_time::RelativeTime;
use super::status_dot::StatusDot;
use crate::data::list::RunRow;
use crate::format;
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
    scope: Signal<ListScope>,
    state: Signal<ListState>,
    narrow: Narrow,
) -> impl IntoView {
    let id = row.id;
    let agent = row.agent.to_string();
    let is_everywhere = scope.with_untracked(|scope| scope.agent.is_none());
    let href = {
        let agent = agent.clone();
        move || {
            let scope = scope.get();
            let query = state.with(|state| scope.run_query(&state.q));
            format!("{}{query}", links::run(&scope.org, &agent, id))
        }
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
    let is_open =
        move || state.with(|state| state.run.as_ref().is_some_and(|run| *run == id.to_string()));
    let output_class = match row.status {
        RunStatus::Success => "col-output",
        RunStatus::Failure => "col-output error-text",
    };
    let output_title = row.output.text();
    let input_title = row.input.text();
    view! {
        <tr class:selected=is_open>
            <td class="col-status">
                <FilterLink filter=format!("status:{}", row.status.as_str()) narrow>
                    <StatusDot status=row.status/>
                </FilterLink>
            </td>
            {is_everywhere.then(|| view! {
                <td class="col-agent">
                    <FilterLink filter=text_filter(Field::Agent, &agent) narrow>{agent}</FilterLink>
                </td>
            })}
            <td class="col-input" title=input_title>
                <a class="row-link" id=row_id(id) href=href data-row="" on:click=open>
                    {if row.input.pieces.iter().all(|(_, piece)| piece.is_empty()) {
                        view! { <span class="faint">"no input"</span> }.into_any()
                    } else {
                        view! { <MarkedText text=row.input/> }.into_any()
                    }}
                </a>
            </td>
            <td class=output_class title=output_title><MarkedText text=row.output/></td>
            <td class="col-version">
                {row.version.map(|number| view! {
                    <FilterLink filter=format!("version:{number}") narrow>
                        <span class="version">{number.to_string()}</span>
                    </FilterLink>
                })}
                {row.is_cached.then(|| view! {
                    <FilterLink filter="cached:true".to_owned() narrow>
                        <span class="badge accent">"cached"</span>
                    </FilterLink>
                })}
                {row.model.map(|model| view! {
                    <FilterLink filter=text_filter(Field::Model, &model) narrow>
                        <span class="faint">{model}</span>
                    </FilterLink>
                })}
            </td>
            <td class="col-latency number">{row.latency.map(format::duration)}</td>
            <td class="col-tokens number">{row.tokens.map(format::tokens)}</td>
            <td class="col-cost number">{row.cost.map(format::money)}</td>
            <td class="col-time end faint"><RelativeTime at=row.created_at now/></td>
        </tr>
    }
}
