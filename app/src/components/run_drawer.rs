//! The run that is open over a list.

use leptos::prelude::*;

use super::icon::{Icon, Shape};
use super::run_content::LiveRun;
use super::run_row::row_id;
use crate::data::run::RunKey;
use crate::list_state::{ListScope, ListState};
use crate::run_links::RunLinks;

/// The run that the list's address names, beside the list; nothing when it names none.
#[component]
pub fn RunDrawer(scope: Memo<ListScope>, state: Memo<ListState>) -> impl IntoView {
    let is_open = Memo::new(move |_| state.with(|state| state.run.is_some()));
    // Where the reader was in the list is where they are when the run is closed.
    Effect::new(move |last: Option<Option<String>>| {
        let run = state.with(|state| state.run.clone());
        if let (Some(last), None) = (last.flatten(), &run) {
            crate::browser::focus(&row_id(last));
        }
        run
    });
    view! {
        {move || is_open.get().then(|| view! { <OpenDrawer scope state/> })}
    }
}

#[component]
fn OpenDrawer(scope: Memo<ListScope>, state: Memo<ListState>) -> impl IntoView {
    let links =
        Memo::new(move |_| RunLinks { scope: scope.get(), state: state.get(), in_drawer: true });
    let key = Memo::new(move |_| {
        let (scope, state) = (scope.get(), state.get());
        RunKey {
            // A list of all agents names none.
            agent: scope.agent.clone(),
            run: state.run.unwrap_or_default(),
            form: state.form,
            scope,
            q: state.q,
        }
    });
    Effect::new(|_| crate::browser::focus("drawer"));
    view! {
        <aside class="drawer" id="drawer" tabindex="-1" aria-label="Run" data-drawer="">
            <a
                class="button quiet icon drawer-close"
                href=move || links.with(RunLinks::list)
                data-noscroll=""
                data-key="Escape"
                aria-label="Close the run"
                title="Close (Esc)"
            >
                <Icon shape=Shape::Close/>
            </a>
            <LiveRun key_of=key links/>
        </aside>
    }
    .into_any()
}
