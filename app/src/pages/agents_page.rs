//! The agents of an organization.

use leptos::prelude::*;
use model::{AgentSummary, Timestamp};

use crate::api::agents::{AgentsDoc, list_agents};
use crate::app::SessionResource;
use crate::components::empty_runs::EmptyRuns;
use crate::components::load_error::LoadError;
use crate::components::page_title::PageTitle;
use crate::components::relative_time::RelativeTime;
use crate::components::spinner::Loading;
use crate::format;
use crate::links;
use crate::list_state::{ListScope, ListState};
use crate::page_url::use_path_param;

/// A table of agents with the runs and cost of seven days.
#[component]
pub fn AgentsPage() -> impl IntoView {
    let session = expect_context::<SessionResource>().0;
    let org = use_path_param("org");
    let agents = Resource::new_blocking(move || org.get(), list_agents);
    let retry = Callback::new(move |()| agents.refetch());
    view! {
        <PageTitle text=move || format!("Agents of {}", org.get())/>
        <div class="page">
            <div class="page-head"><h1>"Agents"</h1></div>
            <Suspense fallback=|| view! { <Loading what="agents"/> }>
                {move || Suspend::new(async move {
                    let public_url = session.await.unwrap_or_default().public_url;
                    match agents.await {
                        Ok(doc) if doc.agents.is_empty() => view! {
                            <EmptyRuns org=org.get_untracked() public_url loaded=retry/>
                        }.into_any(),
                        Ok(doc) => view! { <AgentsTable org=org.get_untracked() doc/> }.into_any(),
                        Err(error) => view! { <LoadError error what="these agents" retry/> }.into_any(),
                    }
                })}
            </Suspense>
        </div>
    }
    .into_any()
}

#[component]
fn AgentsTable(org: String, doc: AgentsDoc) -> impl IntoView {
    let AgentsDoc { agents, now } = doc;
    let rows = agents.into_iter().map(|agent| view! { <AgentRow org=org.clone() agent now/> });
    view! {
        <div class="panel table-wrap">
            <table class="table rows agents">
                <thead>
                    <tr>
                        <th>"Agent"</th>
                        <th class="number">"Runs, 7 days"</th>
                        <th class="number">"Failed, 7 days"</th>
                        <th class="number">"Cost, 7 days"</th>
                        <th class="number col-total">"Runs"</th>
                        <th class="number col-total">"Cost"</th>
                        <th class="end">"Last run"</th>
                    </tr>
                </thead>
                <tbody>{rows.collect_view()}</tbody>
            </table>
        </div>
    }
    .into_any()
}

#[component]
fn AgentRow(org: String, agent: AgentSummary, now: Timestamp) -> impl IntoView {
    let slug = agent.slug.to_string();
    let runs = format!("{}/runs", links::agent(&org, &slug));
    let failures = (agent.recent_failure_count > 0).then(|| {
        let scope = ListScope { org: org.clone(), agent: Some(slug.clone()), schema: None };
        let state = ListState { q: "status:failure time:7d".to_owned(), ..ListState::default() };
        let share =
            agent.recent_failure_count as f64 * 100.0 / agent.recent_run_count.max(1) as f64;
        view! {
            <a class="above-row failures" href=state.href(&scope)>
                {format::count(agent.recent_failure_count)}
                <span class="faint">{format!(" {share:.1}%")}</span>
            </a>
        }
    });
    let has_other_name = agent.name != slug;
    view! {
        <tr>
            <td>
                <a class="row-link agent-name" href=runs data-row="">{agent.name}</a>
                {has_other_name.then(|| view! { <span class="faint">" "{slug}</span> })}
            </td>
            <td class="number">{format::count(agent.recent_run_count)}</td>
            <td class="number">{failures}</td>
            <td class="number">{agent.recent_cost.map(format::money)}</td>
            <td class="number col-total">{format::count(agent.run_count)}</td>
            <td class="number col-total">{agent.cost.map(format::money)}</td>
            <td class="end faint nowrap"><RelativeTime at=agent.last_seen now/></td>
        </tr>
    }
    .into_any()
}
