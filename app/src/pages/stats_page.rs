//! The figures of an agent's runs.

use leptos::prelude::*;

use crate::api::stats::read_stats;
use crate::components::chart::Chart;
use crate::components::excluded_runs::ExcludedRuns;
use crate::components::figures_since::FiguresSince;
use crate::components::foreign::foreign;
use crate::components::loaded::Loaded;
use crate::components::page_title::PageTitle;
use crate::components::time_axis::{bars_name, zone_name};
use crate::components::zone::Zone;
use crate::data::stats::{AxisDoc, ChoiceDoc, StatsDoc, TableDoc};
use crate::format::visible::visible;
use crate::links;
use crate::list_state::{ListScope, ListState};
use crate::page_resource::PageResource;
use crate::page_url::{use_page_query, use_path_param};
use crate::titles;

/// Figures, charts over time, and tables.
#[component]
pub fn StatsPage() -> impl IntoView {
    let (org, agent) = (use_path_param("org"), use_path_param("agent"));
    let query = use_page_query();
    let scope =
        Memo::new(move |_| ListScope { org: org.get(), agent: Some(agent.get()), schema: None });
    let asked = Memo::new(move |_| {
        let part = |name| query.with(|query| query.get(name)).unwrap_or_default();
        (part("q"), part("by"))
    });
    let stats = PageResource::new(
        move || (scope.get(), asked.get()),
        |(scope, (q, by))| read_stats(scope, q, by),
    );
    view! {
        <PageTitle text=move || asked.with(|(q, _)| titles::of_search(q, "Stats", &agent.get()))/>
        <div class="page">
            <div class="page-head"><h1>"Stats"</h1></div>
            <Loaded from=stats what="these figures" draw=move |doc| {
                let by = asked.with_untracked(|(_, by)| by.clone());
                view! { <StatsView scope=scope.get_untracked() by doc/> }.into_any()
            }/>
        </div>
    }
    .into_any()
}

#[component]
fn StatsView(scope: ListScope, by: String, doc: StatsDoc) -> impl IntoView {
    let path =
        format!("{}/stats", links::agent(&scope.org, scope.agent.as_deref().unwrap_or_default()));
    let runs = ListState { q: doc.q.clone(), ..ListState::default() }.href(&scope);
    let mend = doc.mend.map(|q| {
        let href = format!("{path}{}", links::query(&[("q", &q), ("by", &by)]));
        view! { " " <a href=href>"Search for " <code>{foreign(q)}</code></a> }
    });
    let is_readable = !doc.figures.is_empty();
    let figures = doc.figures.into_iter().map(|figure| {
        view! {
            <div class:bad=figure.is_bad><dt>{figure.label}</dt><dd>{figure.value}</dd></div>
        }
    });
    let has_charts = !doc.charts.is_empty();
    let axis = Signal::stored(doc.axis);
    let (pointed, of_charts) = (RwSignal::new(None), StoredValue::new(scope.clone()));
    let charts = doc.charts.into_iter().map(|chart| {
        view! { <Chart chart axis scope=of_charts pointed/> }
    });
    let charts = charts.collect_view();
    let groups = doc.groups.map(|table| {
        view! {
            <section class="panel" aria-labelledby="stats-groups">
                <div class="panel-head">
                    <h2 id="stats-groups">{foreign(table.title.clone())}</h2>
                    {choices("Group by", &path, &doc.q, doc.properties)}
                </div>
                {figures_table(&scope, axis, table)}
            </section>
        }
    });
    view! {
        <form class="stats-search" method="get" action=path.clone() role="search">
            <label class="visually-hidden" for="q">"Search runs"</label>
            <input
                id="q"
                class="input"
                type="search"
                dir="auto"
                name="q"
                value=doc.q.clone()
                placeholder="Filter, e.g. status:failure time:7d"
                maxlength="10000"
                autocomplete="off"
                autocapitalize="none"
                spellcheck="false"
                data-key="/"
            />
            {(!by.is_empty()).then(|| view! { <input type="hidden" name="by" value=by.clone()/> })}
            <button class="button" type="submit">"Search"</button>
            <a class="button quiet" href=runs>"View runs"</a>
        </form>
        {doc.excluded.map(|excluded| {
            let href = format!("{path}{}", links::query(&[("q", &excluded.q), ("by", &by)]));
            view! { <ExcludedRuns doc=excluded href/> }
        })}
        {doc.since.map(|at| view! { <FiguresSince at/> })}
        {doc.notice.map(|notice| view! {
            <p class="list-notice" role="status">{foreign(notice)}{mend}</p>
        })}
        <section class="panel" aria-labelledby="stats-time">
            <div class="panel-head">
                <h2 id="stats-time">"Over time"</h2>
                {choices("Interval", &path, &doc.q, doc.buckets)}
            </div>
            <dl class="figures">{figures.collect_view()}</dl>
            {has_charts.then(|| view! { <div class="charts">{charts}</div> })}
            {(!has_charts).then(|| view! {
                <div class="state small">
                    <p>{if is_readable { "No matching runs." } else { "Correct the search to see figures." }}</p>
                </div>
            })}
            {has_charts.then(|| view! {
                <details class="stats-table">
                    <summary>"Show as table"</summary>
                    {figures_table(&scope, axis, doc.over_time)}
                </details>
            })}
        </section>
        {groups}
    }
    .into_any()
}

fn choices(label: &'static str, path: &str, q: &str, choices: Vec<ChoiceDoc>) -> AnyView {
    let links = choices.into_iter().map(|choice| {
        let href = format!("{path}{}", links::query(&[("q", q), ("by", &choice.by)]));
        view! {
            <a href=href data-noscroll="" aria-current=choice.is_current.then_some("true")>
                {foreign(choice.label)}
            </a>
        }
    });
    view! { <span class="spacer faint" aria-hidden="true">{label}</span>
    <nav class="switch" aria-label=label>{links.collect_view()}</nav> }
    .into_any()
}

fn figures_table(scope: &ListScope, axis: Signal<AxisDoc>, table: TableDoc) -> AnyView {
    let zone = Zone::here();
    let is_time = table.rows.iter().any(|row| row.bar.is_some());
    let heads =
        table.heads.into_iter().map(|head| view! { <th scope="col" class="number">{head}</th> });
    let rows = table.rows.into_iter().map(|row| {
        let cells = row.cells.into_iter().map(|cell| view! { <td class="number">{cell}</td> });
        let name = match row.bar.map(|bar| bar as usize) {
            Some(bar) => {
                let name = move || axis.with(|axis| bars_name(axis, bar, bar, zone));
                view! { <span class="zoned">{name}</span> }.into_any()
            }
            None => foreign(row.subject),
        };
        let bar = row.bar.map(|bar| bar as usize);
        let q = row.q.or_else(|| axis.with_untracked(|axis| axis.q(bar?, bar?)));
        let subject = match q {
            Some(q) => {
                let state = ListState { q, ..ListState::default() };
                view! { <a href=state.href(scope)>{name}</a> }.into_any()
            }
            None => name,
        };
        view! { <tr><th scope="row">{subject}</th>{cells.collect_view()}</tr> }
    });
    let subject = table.subject;
    let head = subject.clone();
    let head = move || match is_time {
        true => foreign(format!("{head} ({})", axis.with(|axis| zone_name(axis, zone)))),
        false => foreign(head.clone()),
    };
    view! {
        // Reachable by keyboard, since it scrolls on a narrow screen.
        <div class="table-wrap" tabindex="0" role="region" aria-label=format!("{}, table", visible(&subject))>
            <table class="table stats">
                <thead><tr><th scope="col">{head}</th>{heads.collect_view()}</tr></thead>
                <tbody>{rows.collect_view()}</tbody>
            </table>
        </div>
        {table.notice.map(|notice| view! { <p class="overview-notice">{notice}</p> })}
    }
    .into_any()
}
