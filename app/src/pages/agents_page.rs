//! The agents of an organization.

use leptos::prelude::*;
use model::limits::PAGE_SIZE;

use crate::agents_state::AgentsState;
use crate::api::agents::{AgentsDoc, list_agents};
use crate::components::agents_search::AgentsSearch;
use crate::components::agents_table::AgentsTable;
use crate::components::empty_runs::{EmptyRuns, FirstRun};
use crate::components::icon::Shape;
use crate::components::loaded::Loaded;
use crate::components::page_title::PageTitle;
use crate::components::pager::{past_end, step};
use crate::format;
use crate::fresh_key::FreshKey;
use crate::page_resource::PageResource;
use crate::page_url::{use_page_query, use_path_param};
use crate::titles;

/// The agents of an organization: searched, sorted, page by page.
#[component]
pub fn AgentsPage() -> impl IntoView {
    let org = use_path_param("org");
    let query = use_page_query();
    let state = Memo::new(move |_| query.with(AgentsState::from_query));
    let agents =
        PageResource::new(move || (org.get(), state.get()), |(org, state)| list_agents(org, state));
    let reload = agents.reload();
    FreshKey::get().forget_when_left();
    let said = RwSignal::new(String::new());
    let title = move || {
        let state = state.get();
        let page = titles::of_search(&state.q, "Agents", &org.get());
        match state.page {
            0 => page,
            number => titles::of(&format!("Page {}", u64::from(number) + 1), &page),
        }
    };
    view! {
        <PageTitle text=title/>
        <div class="page agents-page">
            <div class="page-head">
                <h1>"Agents"</h1>
                <AgentsSearch org state/>
            </div>
            <p class="visually-hidden" role="status">{move || said.get()}</p>
            <Loaded from=agents what="these agents" draw=move |doc: AgentsDoc| {
                let org = org.get_untracked();
                if doc.total == 0 {
                    let AgentsDoc { public_url, live, can_make_keys, .. } = doc;
                    let first_run = FirstRun { public_url, live, can_make_keys };
                    return view! { <EmptyRuns org first_run loaded=reload/> }.into_any();
                }
                view! { <AgentsList org doc state said/> }.into_any()
            }/>
        </div>
    }
    .into_any()
}

/// A page of agents and the ways to those beside it.
#[component]
fn AgentsList(
    org: String,
    doc: AgentsDoc,
    state: Memo<AgentsState>,
    said: RwSignal<String>,
) -> impl IntoView {
    let AgentsDoc { asked, agents, excluded_runs, count, notice, now, .. } = doc;
    let first = u64::from(asked.page) * u64::from(PAGE_SIZE);
    let end = first + agents.len() as u64;
    let noun = if count == 1 { "agent" } else { "agents" };
    let extent = match agents.len() {
        0 => format!("{} {noun}", format::count(count)),
        _ => format!(
            "{}–{} of {} {noun}",
            format::count(first + 1),
            format::count(end),
            format::count(count)
        ),
    };
    let heard = extent.clone();
    Effect::new(move |_| said.set(heard.clone()));
    if agents.is_empty() {
        let (title, href, way) = match count {
            0 => (
                "No matching agents".to_owned(),
                asked.with_q(String::new()).href(&org),
                "Show all agents",
            ),
            _ => (past_end(asked.page, count), asked.with_page(0).href(&org), "Go to first page"),
        };
        return view! {
            <div class="panel">
                <div class="state">
                    <h2>{title}</h2>
                    <p><a class="button" href=href>{way}</a></p>
                </div>
            </div>
        }
        .into_any();
    }
    let page = |number: u32| asked.with_page(number).href(&org);
    let previous = asked.page.checked_sub(1).map(page);
    let next = (end < count).then(|| page(asked.page + 1));
    let pages = (previous.is_some() || next.is_some()).then(|| {
        view! {
            <nav class="list-foot" aria-label="Pages">
                <span>{extent}</span>
                <span class="pager">
                    {step(previous, "Previous", "b", Shape::Left)}
                    {step(next, "Next", "n", Shape::Right)}
                </span>
            </nav>
        }
    });
    view! {
        <div class="panel">
            {notice.map(|notice| view! { <p class="list-notice" role="status">{notice}</p> })}
            <AgentsTable org=org.clone() agents state now/>
            {pages}
        </div>
        {(excluded_runs > 0).then(|| view! {
            <p class="faint">
                {format!("Figures exclude {} from the playground and echo.", format::runs(excluded_runs))}
            </p>
        })}
    }
    .into_any()
}
