//! Addresses that lead on to another page.

use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::components::Redirect;
use leptos_router::hooks::use_location;

use crate::api::run::find_agent;
use crate::api::views::default_view;
use crate::components::loaded::Loaded;
use crate::components::views_menu::state_of;
use crate::data::views::ViewDoc;
use crate::links;
use crate::list_state::ListScope;
use crate::page_resource::PageResource;
use crate::page_url::use_path_param;
use crate::pages::not_found_page::NotFoundPage;

/// The query with its `?`, or nothing.
fn current_query() -> String {
    let search = use_location().search.get_untracked();
    if search.is_empty() { search } else { format!("?{search}") }
}

/// Leads on in place of this page: Back would only lead here again.
pub(super) fn instead() -> NavigateOptions {
    NavigateOptions { replace: true, ..NavigateOptions::default() }
}

/// `/{org}/runs/{run}` leads to the run's own page, below its agent.
#[component]
pub fn RunRedirectPage() -> impl IntoView {
    let (org, run) = (use_path_param("org"), use_path_param("run"));
    let query = current_query();
    let agent =
        PageResource::new(move || (org.get(), run.get()), |(org, run)| find_agent(org, run));
    let draw = move |agent: String| {
        let path = links::run(&org.get_untracked(), &agent, run.get_untracked());
        view! { <Redirect path=format!("{path}{query}") options=instead()/> }.into_any()
    };
    view! { <Loaded from=agent what="this run" draw/> }
}

/// `/{org}/agents/{agent}/{schema}` was WorkflowAI's playground.
#[component]
pub fn OldPlaygroundPage() -> impl IntoView {
    let (org, agent) = (use_path_param("org"), use_path_param("agent"));
    if use_path_param("schema").with_untracked(|schema| schema.parse::<u32>().is_err()) {
        return NotFoundPage().into_any();
    }
    let path = links::agent(&org.get_untracked(), &agent.get_untracked());
    view! { <Redirect path=format!("{path}/playground{}", current_query()) options=instead()/> }
        .into_any()
}

/// `/{org}/settings` leads to its first part.
#[component]
pub fn SettingsRedirectPage() -> impl IntoView {
    let org = use_path_param("org");
    view! { <Redirect path=format!("/{}/settings/keys", org.get_untracked()) options=instead()/> }
}

/// `/{org}/agents/{agent}` leads to its runs, as the default view shows them.
#[component]
pub fn AgentRedirectPage() -> impl IntoView {
    let (org, agent) = (use_path_param("org"), use_path_param("agent"));
    let scope = move || ListScope { org: org.get(), agent: Some(agent.get()), schema: None };
    let view = PageResource::new(scope, default_view);
    let draw = move |view: Option<ViewDoc>| {
        let state = view.as_ref().map(state_of).unwrap_or_default();
        view! { <Redirect path=state.href(&untrack(scope)) options=instead()/> }.into_any()
    };
    view! { <Loaded from=view what="this agent" draw/> }
}
