//! A list of runs with its search: one component for an agent and for all agents.

use std::sync::Arc;

use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use model::SearchError;

use super::empty_runs::{EmptyRuns, FirstRun};
use super::foreign::foreign;
use super::list_tools::ListTools;
use super::live_runs::{LiveRuns, Read};
use super::load_error::LoadError;
use super::pager::{Extent, Pager, past_end};
use super::runs_overview::RunsOverview;
use super::runs_table::{Rows, RunsTable};
use super::search_box::SearchBox;
use super::searched_back::SearchedBack;
use crate::api::runs::list_runs;
use crate::data::list::{ColumnDoc, RunsAnswer, RunsPage, Searched};
use crate::error::AppError;
use crate::list_state::{ListQuery, ListScope, ListState};
use crate::live_query::live_query;
use crate::search_field::Search;

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
    let first_run = StoredValue::new(FirstRun {
        public_url: first.public_url.clone(),
        live: first.live.clone(),
        can_make_keys: first.can_make_keys,
    });
    let first = (first.asked.clone(), first);
    let key = Memo::new(move |_| state.with(ListState::query));
    let query = live_query(key, first, move |asked| list_runs(scope.get_untracked(), asked));
    let composing = RwSignal::new(false);
    // The last good page: it stays beside a search that cannot be read, and
    // while a filter is being typed that finds nothing yet.
    let shown = Memo::new(move |last: Option<&Option<Shown>>| {
        let last = last.and_then(Option::as_ref);
        query.answer.with(|(asked, answer)| {
            let found = answer.as_ref().ok().and_then(|answer| Shown::of(asked, &answer.outcome));
            match (found, last) {
                (Some(found), Some(last)) if composing.get() && found.page.rows.is_empty() => {
                    Some(Shown { is_held: true, ..last.clone() })
                }
                (Some(found), _) => Some(found),
                (None, last) => last.cloned(),
            }
        })
    });
    let page = Memo::new(move |_| {
        shown.with(|shown| shown.as_ref().map(|shown| (shown.number, shown.page.clone())))
    });
    let part = Memo::new(move |_| {
        query.answer.with(|(_, answer)| match answer {
            Ok(RunsAnswer { outcome: Searched::BadQuery { part, .. }, .. }) => part.clone(),
            _ => None,
        })
    });
    let shown_q =
        Memo::new(move |_| shown.with(|shown| shown.as_ref().map(|shown| shown.q.clone())));
    let problem = Memo::new(move |_| {
        query.answer.with(|(_, answer)| match answer {
            Ok(answer) => answer.outcome.error().cloned(),
            Err(AppError::Invalid { field, message, at }) if field == "q" => {
                let (position, length) = at.unwrap_or_default();
                let message = message.clone();
                Some(SearchError {
                    position,
                    length,
                    message,
                    expected: Vec::new(),
                    suggestion: None,
                })
            }
            Err(_) => None,
        })
    });
    // The rows that are kept beside a search that cannot be read are told to be older.
    let unread = Memo::new(move |_| shown_q.get().filter(|_| problem.with(Option::is_some)));
    let is_unread = Memo::new(move |_| unread.with(Option::is_some));
    // What the grammar refuses the field itself knows, and where.
    let refusal = Memo::new(move |_| {
        problem.get().filter(|_| query.answer.with(|(_, answer)| answer.is_err()))
    });
    let failure = Memo::new(move |_| {
        query
            .answer
            .with(|(_, answer)| answer.as_ref().err().cloned())
            .filter(|error| !matches!(error, AppError::Invalid { field, .. } if field == "q"))
    });
    let navigate = use_navigate();
    let search = Callback::new(move |Search { q, replaces }: Search| {
        let (scope, state) = (scope.get_untracked(), state.get_untracked());
        let options =
            NavigateOptions { replace: replaces, scroll: false, ..NavigateOptions::default() };
        navigate(&state.with_q(q).href(&scope), options);
    });
    let rows = Memo::new(move |_| {
        page.get().map(|(_, page)| Rows {
            columns: Arc::new(page.columns),
            rows: page.rows,
            now: page.now,
        })
    });
    let columns = Memo::new(move |last: Option<&Arc<Vec<ColumnDoc>>>| {
        let shown = rows.with(|rows| rows.as_ref().map(|rows| Arc::clone(&rows.columns)));
        shown.or_else(|| last.cloned()).unwrap_or_default()
    });
    let notice = Memo::new(move |_| page.with(|page| page.as_ref()?.1.notice.clone()));
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
    // In live mode lists are read all the time, and the old one is good until then.
    let is_live = Memo::new(move |_| state.with(|state| state.live && state.page == 0));
    let is_stale = Memo::new(move |_| {
        (query.is_stale.get() && !is_live.get()) || problem.with(Option::is_some)
    });
    let is_held =
        Memo::new(move |_| shown.with(|shown| shown.as_ref().is_some_and(|shown| shown.is_held)));
    let read = Memo::new(move |last: Option<&Option<Read>>| {
        query.answer.with(|(_, answer)| match answer {
            Ok(RunsAnswer { outcome: Searched::Found(page), asked, live, .. }) => Some(Read {
                q: asked.q.clone(),
                live: live.clone(),
                ids: page.rows.iter().map(|row| row.id.to_string()).collect(),
            }),
            _ => last.cloned().flatten(),
        })
    });
    let has_rows = Memo::new(move |_| {
        rows.with(|rows| rows.as_ref().is_some_and(|rows| !rows.rows.is_empty()))
    });
    let shown_rows = Signal::derive(move || {
        rows.get().unwrap_or_else(|| Rows {
            columns: Arc::default(),
            rows: Vec::new(),
            now: model::Timestamp(0),
        })
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
                scope
                refusal
                href=Callback::new(move |q: String| {
                    state.with(|state| state.with_q(q).href(&scope.get()))
                })
                search
                composing
                found=said
            />
            <div class="list-head">
                <RunsOverview scope state shown_q read/>
                <ListTools scope state columns/>
            </div>
            <LiveRuns scope state read is_stale=query.is_stale is_unread reload=query.reload/>
            {move || unread.get().map(|q| view! {
                <p class="list-notice" role="status">
                    {match q.is_empty() {
                        true => view! { "Invalid search. Still showing all runs." }.into_any(),
                        false => view! {
                            "Invalid search. Still showing runs that match " <code>{foreign(q)}</code> "."
                        }.into_any(),
                    }}
                </p>
            })}
            {move || notice.get().map(|notice| view! {
                <p class="list-notice" role="status">{foreign(notice)}</p>
            })}
            {move || failure.get().map(|error| view! {
                <LoadError error what="these runs" retry=query.reload/>
            })}
            <SearchedBack at=searched_back_to scope state/>
            {move || match (has_rows.get(), failure.with(Option::is_some)) {
                (true, _) => view! {
                    <RunsTable rows=shown_rows scope state is_stale is_held/>
                    <Pager extent=shown_extent scope state/>
                }.into_any(),
                (false, true) => ().into_any(),
                (false, false) => view! {
                    <NoRows scope state count=Signal::derive(move || shown_extent.get().count)
                        is_wrong=Signal::derive(move || problem.with(Option::is_some))
                        first_run
                        part
                        reload=query.reload
                    />
                }.into_any(),
            }}
        </div>
    }
    .into_any()
}

/// The page that is shown.
#[derive(Clone, Debug, PartialEq)]
struct Shown {
    number: u32,
    page: RunsPage,
    /// The search that found it.
    q: String,
    /// Whether it stands in for a page without rows.
    is_held: bool,
}

impl Shown {
    fn of(asked: &ListQuery, outcome: &Searched) -> Option<Self> {
        let page = outcome.page()?.clone();
        Some(Self { number: asked.page, page, q: asked.q.clone(), is_held: false })
    }
}

/// A list without rows: nothing matches, or the page lies past the end.
#[component]
fn NoRows(
    scope: Signal<ListScope>,
    state: Memo<ListState>,
    count: Signal<u64>,
    is_wrong: Signal<bool>,
    first_run: StoredValue<FirstRun>,
    part: Memo<Option<String>>,
    reload: Callback<()>,
) -> impl IntoView {
    let all = move || state.with(|state| state.with_q(String::new()).href(&scope.get()));
    let first = move || state.with(|state| state.with_page(0).href(&scope.get()));
    move || {
        if is_wrong.get() {
            let part = part.get().map(|q| {
                let href = state.with(|state| state.with_q(q.clone()).href(&scope.get()));
                view! {
                    <p><a href=href>"Search only for " <code>{foreign(q)}</code></a></p>
                }
            });
            return view! {
                <div class="state">
                    <h2>"Invalid search"</h2>
                    <p>"Correct the search above to see runs."</p>
                    {part}
                </div>
            }
            .into_any();
        }
        if count.get() > 0 {
            let title = past_end(state.with(|state| state.page), count.get());
            return view! {
                <div class="state">
                    <h2>{title}</h2>
                    <p><a class="button" href=first>"Go to first page"</a></p>
                </div>
            }
            .into_any();
        }
        let is_fresh = scope.with(|scope| scope.agent.is_none())
            && state.with(|state| state.q.trim().is_empty());
        if is_fresh {
            let first_run = first_run.get_value();
            return view! { <EmptyRuns org=scope.get().org first_run loaded=reload/> }.into_any();
        }
        view! {
            <div class="state">
                <h2>"No matching runs"</h2>
                <p>"Try removing a term, or see the search help."</p>
                <p><a class="button" href=all>"Show all runs"</a></p>
            </div>
        }
        .into_any()
    }
}
