//! What a list's runs add up to, above the list. It is asked for after the
//! list and never holds it up.

use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;

use super::excluded_runs::ExcludedRuns;
use super::figures_since::FiguresSince;
use super::foreign::foreign;
use super::histogram::Histogram;
use super::live_runs::{Read, Refresher};
use super::load_error::sentence;
use crate::api::stats::read_overview;
use crate::data::stats::OverviewDoc;
use crate::list_state::{ListScope, ListState};
use crate::live_query::live_query;

/// Figures are read again no sooner than this after the last time.
const PACE_MS: u32 = 1_000;

/// Figures and a histogram of the runs that a list's search finds.
#[component]
pub fn RunsOverview(
    scope: Signal<ListScope>,
    state: Memo<ListState>,
    /// The search of what the list shows; the figures are asked for after the list.
    shown_q: Memo<Option<String>>,
    /// The last list that was read; the figures follow it.
    read: Memo<Option<Read>>,
) -> impl IntoView {
    let query = live_query(shown_q, (None, OverviewDoc::default()), move |q: Option<String>| {
        read_overview(scope.get_untracked(), q.unwrap_or_default())
    });
    // A list that is read again, since runs arrived, has other figures too.
    let refresher = Refresher::new(query.is_stale, query.reload, PACE_MS);
    Effect::new(move |last: Option<Option<Read>>| {
        let read = read.get();
        if let (Some(Some(last)), Some(read)) = (&last, &read)
            && last.q == read.q
            && last.live != read.live
        {
            refresher.ask();
        }
        read
    });
    // Figures of the same search are good until there are newer ones.
    let is_stale = Memo::new(move |_| {
        query.is_stale.get() && shown_q.with(|q| query.answer.with(|(asked, _)| asked != q))
    });
    // The last good figures: they stay, faint, until there are newer ones.
    let doc = Memo::new(move |last: Option<&OverviewDoc>| {
        query.answer.with(|(_, answer)| match answer {
            Ok(doc) => doc.clone(),
            Err(_) => last.cloned().unwrap_or_default(),
        })
    });
    let failure = move || {
        query
            .answer
            .with(|(_, answer)| answer.as_ref().err().map(|error| sentence(&error.to_string())))
    };
    let navigate = use_navigate();
    let search = Callback::new(move |q: String| {
        let options = NavigateOptions { scroll: false, ..NavigateOptions::default() };
        let href = state.with_untracked(|state| state.with_q(q).href(&scope.get_untracked()));
        navigate(&href, options);
    });
    let histogram = Memo::new(move |_| doc.with(|doc| doc.histogram.clone().unwrap_or_default()));
    let has_time = Memo::new(move |_| doc.with(|doc| doc.histogram.is_some()));
    let whole_time = move || {
        let without = histogram.with(|histogram| histogram.axis.without_time.clone());
        let is_narrowed = has_time.get()
            && state.with(|state| state.q.contains("time:") && state.q.trim() != without.trim());
        is_narrowed.then(|| {
            let href = state.with(|state| state.with_q(without).href(&scope.get()));
            view! { <a class="button quiet" href=href data-noscroll="">"Reset time range"</a> }
        })
    };
    let figures = move || {
        doc.with(|doc| {
            let figures = doc.figures.iter().map(|figure| {
                view! {
                    <div class:bad=figure.is_bad>
                        <dt>{figure.label.clone()}</dt>
                        <dd>{figure.value.clone()}</dd>
                    </div>
                }
            });
            figures.collect_view()
        })
    };
    view! {
        <section
            class="overview needs-script"
            class:stale=move || is_stale.get()
            aria-label="Summary of these runs"
        >
            <dl class="figures">{figures}</dl>
            {move || has_time.get().then(|| view! { <Histogram doc=histogram.into() search/> })}
            {whole_time}
            {move || failure().map(|failure| view! { <p class="overview-notice">{foreign(failure)}</p> })}
            {move || doc.with(|doc| doc.excluded.clone()).map(|doc| {
                let href = state.with(|state| state.with_q(doc.q.clone()).href(&scope.get()));
                view! { <ExcludedRuns doc href/> }
            })}
            {move || doc.with(|doc| doc.since).map(|at| view! { <FiguresSince at/> })}
        </section>
    }
    .into_any()
}
