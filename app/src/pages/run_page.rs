//! One run on a page of its own.

use leptos::prelude::*;

use crate::components::page_title::PageTitle;
use crate::components::run_content::LiveRun;
use crate::data::run::RunKey;
use crate::list_state::{ListScope, ListState};
use crate::page_url::{use_page_query, use_path_param};
use crate::run_links::RunLinks;
use crate::titles;

/// One run; its query remembers the list that it was opened from.
#[component]
pub fn RunPage() -> impl IntoView {
    let (org, agent, run) = (use_path_param("org"), use_path_param("agent"), use_path_param("run"));
    let query = use_page_query();
    let links = Memo::new(move |_| RunLinks {
        scope: query.with(|query| ListScope::around_run(&org.get(), &agent.get(), query)),
        state: ListState { run: None, ..query.with(ListState::from_query) },
        in_drawer: false,
    });
    let key = Memo::new(move |_| {
        let links = links.get();
        RunKey {
            agent: Some(agent.get()),
            run: run.get(),
            form: links.state.form,
            scope: links.scope,
            q: links.state.q,
        }
    });
    view! {
        <PageTitle text=move || titles::of_run("Run", &run.get(), &agent.get())/>
        <div class="page run-page">
            <LiveRun key_of=key links/>
        </div>
    }
    .into_any()
}
