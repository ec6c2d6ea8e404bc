//! Addresses that lead on to another page.

use leptos::prelude::*;
use leptos_router::components::Redirect;
use leptos_router::hooks::use_location;

use crate::api::run::find_agent;
use crate::components::load_error::LoadError;
use crate::components::spinner::Loading;
use crate::links;
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
    let agent = Resource::new_blocking(
        move || (org.get(), run.get()),
        |(org, run)| async move {
            let agent = find_agent(org.clone(), run.clone()).await;
            agent.map(|agent| links::run(&org, &agent, run))
        },
    );
    view! {
        <Suspense fallback=|| view! { <Loading what="the run"/> }>
            {move || {
                let query = query.clone();
                Suspend::new(async move {
                    match agent.await {
                        Ok(path) => view! { <Redirect path=format!("{path}{query}")/> }.into_any(),
                        Err(error) => view! { <LoadError error what="this run"/> }.into_any(),
                    }
                })
            }}
        </Suspense>
    }
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
