//! The versions of an agent.

use leptos::prelude::*;
use model::Timestamp;

use crate::api::versions::{VersionRow, VersionsDoc, list_versions};
use crate::components::foreign::{Foreign, foreign};
use crate::components::loaded::Loaded;
use crate::components::page_title::PageTitle;
use crate::components::relative_time::RelativeTime;
use crate::components::run_facts::VersionFacts;
use crate::format;
use crate::links;
use crate::list_state::{ListScope, ListState};
use crate::page_resource::PageResource;
use crate::page_url::use_path_param;
use crate::titles;

/// Every version with what its runs add up to.
#[component]
pub fn VersionsPage() -> impl IntoView {
    let (org, agent) = (use_path_param("org"), use_path_param("agent"));
    let versions = PageResource::new(
        move || (org.get(), agent.get()),
        |(org, agent)| list_versions(org, agent),
    );
    view! {
        <PageTitle text=move || titles::of("Versions", &agent.get())/>
        <div class="page">
            <div class="page-head"><h1>"Versions"</h1></div>
            <Loaded from=versions what="these versions" draw=move |doc| {
                let (org, agent) = (org.get_untracked(), agent.get_untracked());
                view! { <VersionList org agent doc/> }.into_any()
            }/>
        </div>
    }
    .into_any()
}

/// The versions that an agent uses; those that were only tried stand folded below them.
#[component]
fn VersionList(org: String, agent: String, doc: VersionsDoc) -> impl IntoView {
    let VersionsDoc { versions, now } = doc;
    let scope = ListScope { org, agent: Some(agent), schema: None };
    let (used, tried): (Vec<_>, Vec<_>) =
        versions.into_iter().partition(|row| row.run_count > 0 || row.playground_run_count == 0);
    let count = tried.len();
    let cards = |rows: Vec<VersionRow>| {
        let scope = scope.clone();
        let cards = rows.into_iter().map(move |row| {
            view! { <VersionCard scope=scope.clone() row now/> }
        });
        view! { <ol class="versions">{cards.collect_view()}</ol> }
    };
    let is_all = used.is_empty();
    view! {
        {cards(used)}
        {(count > 0).then(|| view! {
            <details class="versions-tried" open=is_all>
                <summary>
                    {if count == 1 {
                        "1 version used only in the playground or with echo".to_owned()
                    } else {
                        format!("{} versions used only in the playground or with echo", format::count(count as u64))
                    }}
                </summary>
                {cards(tried)}
            </details>
        })}
    }
    .into_any()
}

#[component]
fn VersionCard(scope: ListScope, row: VersionRow, now: Timestamp) -> impl IntoView {
    let VersionRow { version, last_seen, run_count, playground_run_count, .. } = row;
    let VersionRow { failure_count, cost, latency_p50, .. } = row;
    let name = version.number.map_or_else(|| version.id.to_string(), |number| number.to_string());
    let search = |q: String| ListState { q, ..ListState::default() }.href(&scope);
    let own = format!("version:{name} {}", links::WITHOUT_TRIES);
    let failures = search(format!("{own} status:failure"));
    let runs = search(own);
    let tries = search(format!("version:{name} {}", links::TRIES));
    let agent = links::agent(&scope.org, scope.agent.as_deref().unwrap_or_default());
    let playground = format!("{agent}/playground?versionId={}", version.id);
    view! {
        <li class="panel version-card">
            <div class="version-line">
                <h2 class="version">{name}</h2>
                <span>{version.model.clone().map(foreign)}</span>
                {version.provider.clone().map(|name| view! { <Foreign text=name class="faint"/> })}
                {version.temperature.map(|value| view! {
                    <span class="faint">{format!("temperature {}", format::temperature(value))}</span>
                })}
                <a class="button quiet spacer" href=playground>"Open in Playground"</a>
            </div>
            <p class="version-numbers">
                {(run_count > 0).then(|| view! { <a href=runs>{format::runs(run_count)}</a> })}
                {(playground_run_count > 0).then(|| view! {
                    <a href=tries>{format!("{} from the playground and echo", format::runs(playground_run_count))}</a>
                })}
                {(failure_count > 0).then(|| view! {
                    <a class="failures" href=failures>{format!("{} failed", format::count(failure_count))}</a>
                })}
                {cost.map(|cost| view! { <span>{format::money(cost)}</span> })}
                {latency_p50.map(|latency| view! {
                    <span>{format!("{} median", format::duration(latency))}</span>
                })}
                <span class="faint">"last run "<RelativeTime at=last_seen now/></span>
                <span class="faint mono">{version.id.to_string()}</span>
            </p>
            <VersionFacts version/>
        </li>
    }
    .into_any()
}
