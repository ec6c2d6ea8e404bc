//! The table of agents.

use leptos::prelude::*;
use model::{AgentSortKey, Timestamp};

use super::foreign::foreign;
use super::relative_time::RelativeTime;
use super::sort_head::{ListOrder, SortHead};
use crate::agents_state::AgentsState;
use crate::api::agents::AgentRow;
use crate::data::stats::ShapeDoc;
use crate::format;
use crate::links;
use crate::list_state::{ListScope, ListState};

/// Agents with what their runs add up to, in all and over seven days.
#[component]
pub fn AgentsTable(
    org: String,
    agents: Vec<AgentRow>,
    /// What of the agents is shown.
    state: Memo<AgentsState>,
    /// When they were read.
    now: Timestamp,
) -> impl IntoView {
    // A column of nothing would tell those without a cache nothing.
    let saves = agents.iter().any(|agent| agent.cached_run_count > 0);
    let order = {
        let org = org.clone();
        ListOrder {
            sort: Signal::derive(move || state.with(|state| state.sort.clone())),
            usual: AgentSortKey::LastRun.as_str(),
            href: Callback::new(move |sort| state.with(|state| state.with_sort(sort).href(&org))),
        }
    };
    let head = |key: AgentSortKey, title: &'static str, class: &'static str| {
        view! { <SortHead order key=key.as_str() title class/> }
    };
    let rows =
        agents.into_iter().map(|agent| view! { <AgentLine org=org.clone() agent now saves/> });
    view! {
        <div class="table-wrap">
            <table class="table rows agents">
                <thead>
                    <tr>
                        {head(AgentSortKey::Name, "Agent", "")}
                        {head(AgentSortKey::RecentRuns, "Runs, 7 days", "number")}
                        {head(AgentSortKey::RecentFailures, "Failed, 7 days", "number")}
                        {head(AgentSortKey::RecentCost, "Cost, 7 days", "number")}
                        {head(AgentSortKey::Runs, "Runs", "number col-total")}
                        {head(AgentSortKey::Cost, "Cost", "number col-total")}
                        {saves.then(|| view! { <th class="number col-total">"Cache savings"</th> })}
                        {head(AgentSortKey::LastRun, "Last run", "end")}
                    </tr>
                </thead>
                <tbody>{rows.collect_view()}</tbody>
            </table>
        </div>
    }
    .into_any()
}

/// Bars of seven days; the number beside them says what they add up to.
fn spark(days: Vec<ShapeDoc>) -> Option<AnyView> {
    if days.is_empty() {
        return None;
    }
    let bars = days.into_iter().map(|shape| view! { <path class=shape.class d=shape.path></path> });
    let bars = bars.collect_view();
    let view = view! {
        <svg class="spark" viewBox="0 0 7 100" preserveAspectRatio="none" aria-hidden="true">{bars}</svg>
    };
    Some(view.into_any())
}

#[component]
fn AgentLine(org: String, agent: AgentRow, now: Timestamp, saves: bool) -> impl IntoView {
    let slug = agent.slug.to_string();
    let runs = format!("{}/runs", links::agent(&org, &slug));
    let failures = (agent.recent_failure_count > 0).then(|| {
        let scope = ListScope { org: org.clone(), agent: Some(slug.clone()), schema: None };
        let state = ListState {
            q: format!("status:failure time:7d {}", links::WITHOUT_TRIES),
            ..ListState::default()
        };
        let share = agent.recent_failure_count as f64 / agent.recent_run_count.max(1) as f64;
        let title = format!(
            "{} of {} failed",
            format::count(agent.recent_failure_count),
            format::runs(agent.recent_run_count)
        );
        view! {
            <a class="above-row failures" href=state.href(&scope) title=title>
                {format::share(share)}
            </a>
        }
    });
    let saved = (agent.cached_run_count > 0).then(|| {
        let times = format::runs(agent.cached_run_count);
        let time = agent.saved_time.map(|time| format!(", {} saved", format::duration(time)));
        let title = format!("{times} served from cache{}", time.unwrap_or_default());
        view! { <span title=title>{agent.saved_cost.map_or_else(|| times.clone(), format::money)}</span> }
    });
    let has_other_name = agent.name != slug;
    view! {
        <tr>
            <td>
                <a class="row-link agent-name" href=runs data-row="">{foreign(agent.name)}</a>
                {has_other_name.then(|| view! { <span class="faint">" "{foreign(slug)}</span> })}
            </td>
            <td class="number">
                {spark(agent.days)}
                <span class="spark-count">{format::count(agent.recent_run_count)}</span>
            </td>
            <td class="number">{failures}</td>
            <td class="number">{agent.recent_cost.map(format::money)}</td>
            <td class="number col-total">{format::count(agent.run_count)}</td>
            <td class="number col-total">{agent.cost.map(format::money)}</td>
            {saves.then(|| view! { <td class="number col-total">{saved}</td> })}
            <td class="end faint nowrap"><RelativeTime at=agent.last_seen now/></td>
        </tr>
    }
    .into_any()
}
