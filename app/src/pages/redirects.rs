//! Addresses that lead on to another page.

use leptos::prelude::*;
use leptos_router::components::Redirect;
use leptos_router::hooks::use_location;

use crate::api::run::find_agent;
use crate::components::loaded::Loaded;
use crate::links;
use crate::page_resource::PageResource;
use crate::page_url::use_path_param;

/// The query with its `?`, or nothing.
fn current_query() -> String {
    let search = use_location().search.get_untracked();
    if search.is_empty() { search } else { format!("?{search}") }
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
        view! { <Redirect path=format!("{path}{query}")/> }.into_any()
    };
    view! { <Loaded from=agent what="this run" draw/> }
}

/// `/{org}/agents/{agent}/{schema}` was WorkflowAI's playground.
#[component]
pub fn OldPlaygroundPage() -> impl IntoView {
    let (org, agent) = (use_path_param("org"), use_path_param("agent"));
    let path = links::agent(&org.get_untracked(), &agent.get_untracked());
    view! { <Redirect path=format!("{path}/playground{}", current_query())/> }
}

/// `/{org}/settings` leads to its first part.
#[component]
pub fn SettingsRedirectPage() -> impl IntoView {
    let org = use_path_param("org");
    view! { <Redirect path=format!("/{}/settings/keys", org.get_untracked())/> }
}

/// `/{org}/agents/{agent}` leads to its runs.
#[component]
pub fn AgentRedirectPage() -> impl IntoView {
    let (org, agent) = (use_path_param("org"), use_path_param("agent"));
    view! { <Redirect path=format!("{}/runs", links::agent(&org.get_untracked(), &agent.get_untracked()))/> }
}
