//! The runs of an agent, or of all agents of an organization.

use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use crate::api::runs::list_runs;
use crate::app::SessionResource;
use crate::components::load_error::LoadError;
use crate::components::page_title::PageTitle;
use crate::components::run_drawer::RunDrawer;
use crate::components::runs_list::RunsList;
use crate::components::spinner::Loading;
use crate::list_state::{ListScope, ListState};
use crate::page_url::use_page_query;

/// A list of runs with its search, and the run that is open over it.
#[component]
pub fn RunsPage() -> impl IntoView {
    let session = expect_context::<SessionResource>().0;
    let params = use_params_map();
    let query = use_page_query();
    let scope = Memo::new(move |_| params.with(ListScope::from_params));
    let state = Memo::new(move |_| query.with(ListState::from_query));
    let first = Resource::new_blocking(
        move || scope.get(),
        move |scope| {
            let (q, page) = state.with_untracked(|state| (state.q.clone(), state.page));
            async move {
                let answer = list_runs(scope.clone(), q.clone(), page).await;
                (scope, (q, page), answer)
            }
        },
    );
    let title = move || {
        scope.with(|scope| match &scope.agent {
            Some(agent) => format!("{agent} runs"),
            None => format!("Runs of {}", scope.org),
        })
    };
    view! {
        <PageTitle text=title/>
        <div class="page list-page">
            <h1 class="visually-hidden">{title}</h1>
            <Suspense fallback=|| view! { <Loading what="runs"/> }>
                {move || Suspend::new(async move {
                    match first.await {
                        (scope, key, answer @ Ok(_)) => {
                            let public_url = session.await.unwrap_or_default().public_url;
                            view! { <RunsList scope state first=(key, answer) public_url/> }.into_any()
                        }
                        (_, _, Err(error)) => {
                            let retry = Callback::new(move |()| first.refetch());
                            view! { <LoadError error what="this list" retry/> }.into_any()
                        }
                    }
                })}
            </Suspense>
        </div>
        <RunDrawer scope state/>
    }
    .into_any()
}
