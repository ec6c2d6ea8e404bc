//! A list of runs with its search: one component for an agent and for all agents.

use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use model::SearchError;

use super::empty_runs::EmptyRuns;
use super::load_error::LoadError;
use super::pager::{Extent, Pager};
use super::runs_table::{Rows, RunsTable};
use super::search_box::SearchBox;
use super::searched_back::SearchedBack;
use crate::api::runs::list_runs;
use crate::data::list::{RunsAnswer, RunsPage, Searched};
use crate::error::AppError;
use crate::list_state::{ListScope, ListState};
use crate::live_query::live_query;

/// A list of runs that follows its address.
#[component]
pub fn RunsList(
    /// The list.
    scope: ListScope,
    /// What of it is shown.
    state: Memo<ListState>,
    /// What the page was opened with.
    first: RunsAnswer,
) -> impl IntoView {
    let scope = Signal::stored(scope);
    let public_url = StoredValue::new(first.public_url.clone());
    let first = ((first.q.clone(), first.page), first);
    let key = Memo::new(move |_| state.with(|state| (state.q.clone(), state.page)));
    let query = live_query(key, first, move |(q, page)| list_runs(scope.get_untracked(), q, page));
    // The last good page: it stays beside a search that cannot be read.
    let page = Memo::new(move |last: Option<&Option<(u32, RunsPage)>>| {
        query.answer.with(|((_, number), answer)| match answer {
            Ok(RunsAnswer { outcome: Searched::Found(page), .. }) => Some((*number, page.clone())),
            _ => last.cloned().flatten(),
        })
    });
    let problem = Memo::new(move |_| {
        query.answer.with(|(_, answer)| match answer {
            Ok(RunsAnswer { outcome: Searched::BadQuery(error), .. }) => Some(error.clone()),
            Err(AppError::Invalid { field, message, at }) if field == "q" => {
                let (position, length) = at.unwrap_or_default();
                let message = message.clone();
                Some(SearchError { position, length, message, expected: Vec::new() })
            }
            _ => None,
        })
    });
    let failure = Memo::new(move |_| {
        query
            .answer
            .with(|(_, answer)| answer.as_ref().err().cloned())
            .filter(|error| !matches!(error, AppError::Invalid { field, .. } if field == "q"))
    });
    let navigate = use_navigate();
    let search = Callback::new(move |q: String| {
        let (scope, state) = (scope.get_untracked(), state.get_untracked());
        // The first letter makes a new entry of the history, the next ones replace it.
        let replace = !state.q.is_empty() && !q.is_empty();
        let options = NavigateOptions { replace, scroll: false, ..NavigateOptions::default() };
        navigate(&state.with_q(q).href(&scope), options);
    });
    let rows =
        Memo::new(move |_| page.get().map(|(_, page)| Rows { rows: page.rows, now: page.now }));
    let extent = Memo::new(move |_| {
        page.with(|page| {
            page.as_ref().map(|(number, page)| Extent {
                page: *number,
                shown: page.rows.len() as u64,
                count: page.count,
                count_is_exact: page.count_is_exact,
                has_more: page.has_more,
            })
        })
    });
    let said = Memo::new(move |_| {
        extent.with(|extent| extent.as_ref().map(Extent::describe).unwrap_or_default())
    });
    let searched_back_to = Memo::new(move |_| {
        page.with(|page| page.as_ref().and_then(|(_, page)| page.searched_back_to))
    });
    let is_stale = Memo::new(move |_| query.is_stale.get() || problem.with(Option::is_some));
    let has_rows = Memo::new(move |_| {
        rows.with(|rows| rows.as_ref().is_some_and(|rows| !rows.rows.is_empty()))
    });
    let shown_rows = Signal::derive(move || {
        rows.get().unwrap_or_else(|| Rows { rows: Vec::new(), now: model::Timestamp(0) })
    });
    let shown_extent = Signal::derive(move || {
        extent.get().unwrap_or(Extent {
            page: 0,
            shown: 0,
            count: 0,
            count_is_exact: true,
            has_more: false,
        })
    });
    view! {
        <div class="panel list">
            <SearchBox
                q=Signal::derive(move || state.with(|state| state.q.clone()))
                action=Signal::derive(move || scope.with(ListScope::path))
                problem
                search
                found=said
            />
            {move || failure.get().map(|error| view! {
                <LoadError error what="these runs" retry=query.reload/>
            })}
            <SearchedBack at=searched_back_to scope state/>
            {move || match (has_rows.get(), failure.with(Option::is_some)) {
                (true, _) => view! {
                    <RunsTable rows=shown_rows scope state is_stale/>
                    <Pager extent=shown_extent scope state/>
                }.into_any(),
                (false, true) => ().into_any(),
                (false, false) => view! {
                    <NoRows scope state count=Signal::derive(move || shown_extent.get().count)
                        is_wrong=Signal::derive(move || problem.with(Option::is_some))
                        public_url
                        reload=query.reload
                    />
                }.into_any(),
            }}
        </div>
    }
    .into_any()
}

/// A list without rows: nothing matches, or the page lies past the end.
#[component]
fn NoRows(
    scope: Signal<ListScope>,
    state: Memo<ListState>,
    count: Signal<u64>,
    is_wrong: Signal<bool>,
    public_url: StoredValue<String>,
    reload: Callback<()>,
) -> impl IntoView {
    let all = move || ListState::default().href(&scope.get());
    let first = move || state.with(|state| state.with_page(0).href(&scope.get()));
    move || {
        if is_wrong.get() {
            return view! { <p class="state">"The search above cannot be read yet."</p> }
                .into_any();
        }
        if count.get() > 0 {
            return view! {
                <div class="state">
                    <h2>"This page lies past the end"</h2>
                    <p><a class="button" href=first>"To the first page"</a></p>
                </div>
            }
            .into_any();
        }
        let is_fresh = scope.with(|scope| scope.agent.is_none())
            && state.with(|state| state.q.trim().is_empty());
        if is_fresh {
            let public_url = public_url.get_value();
            return view! { <EmptyRuns org=scope.get().org public_url loaded=reload/> }.into_any();
        }
        view! {
            <div class="state">
                <h2>"No run matches"</h2>
                <p>"Take a word away, or look at Syntax beside the search."</p>
                <p><a class="button" href=all>"Show all runs"</a></p>
            </div>
        }
        .into_any()
    }
}
