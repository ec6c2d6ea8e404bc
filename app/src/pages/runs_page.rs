//! The runs of an agent, or of all agents of an organization.

use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use crate::api::runs::list_runs;
use crate::components::loaded::Loaded;
use crate::components::page_title::PageTitle;
use crate::components::run_drawer::RunDrawer;
use crate::components::runs_list::RunsList;
use crate::fresh_key::FreshKey;
use crate::list_state::{ListScope, ListState};
use crate::page_resource::PageResource;
use crate::page_url::use_page_query;
use crate::pages::not_found_page::NotFoundPage;
use crate::titles;

/// A list of runs with its search, and the run that is open over it.
#[component]
pub fn RunsPage() -> impl IntoView {
    let params = use_params_map();
    let schema = params.with_untracked(|params| params.get("schema"));
    if schema.is_some_and(|schema| schema.parse::<u32>().is_err()) {
        return NotFoundPage().into_any();
    }
    let query = use_page_query();
    let scope = Memo::new(move |_| params.with(ListScope::from_params));
    let state = Memo::new(move |_| query.with(ListState::from_query));
    let first = PageResource::new(
        move || scope.get(),
        move |scope| list_runs(scope, state.with_untracked(ListState::query)),
    );
    FreshKey::get().forget_when_left();
    let heading = move || {
        scope.with(|scope| match &scope.agent {
            Some(agent) => format!("{agent} runs"),
            None => format!("Runs of {}", scope.org),
        })
    };
    view! {
        <PageTitle text=move || scope.with(|scope| state.with(|state| titles::of_list(scope, state)))/>
        <div class="page list-page">
            <h1 class="visually-hidden">{heading}</h1>
            <Loaded from=first what="these runs" draw=move |first| {
                view! { <RunsList scope=scope.get_untracked() state first/> }.into_any()
            }/>
        </div>
        <RunDrawer scope state/>
    }
    .into_any()
}
