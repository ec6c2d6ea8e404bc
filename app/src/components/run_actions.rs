//! The head of a run: what it is, and what can be done with it.

use std::sync::Arc;

use leptos::prelude::*;
use model::search::Field;

use super::copy_button::CopyButton;
use super::filter_link::{FilterLink, Narrow, text_filter};
use super::foreign::foreign;
use super::icon::{Icon, Shape};
use super::relative_time::RelativeTime;
use super::run_place::PlaceNav;
use super::status_dot::StatusBadge;
use crate::data::list::RunPlace;
use crate::data::run::RunDoc;
use crate::format;
use crate::links;
use crate::list_state::Form;
use crate::run_links::RunLinks;

/// The head of a run.
#[component]
pub fn RunHeading(
    org: String,
    run: Arc<RunDoc>,
    place: Option<RunPlace>,
    form: Form,
    links: Memo<RunLinks>,
    narrow: Narrow,
) -> impl IntoView {
    let in_drawer = links.with_untracked(|links| links.in_drawer);
    // Among the runs of one agent its name says nothing to filter by.
    let is_everywhere = links.with_untracked(|links| links.scope.agent.is_none());
    let agent = run.agent.to_string();
    let agent = if is_everywhere {
        let filter = text_filter(Field::Agent, &agent);
        view! { <FilterLink filter narrow>{foreign(agent)}</FilterLink> }.into_any()
    } else {
        foreign(agent)
    };
    let status = run.status;
    let version = run.version.number.map(|number| {
        let shown = view! { <span class="version">{number.to_string()}</span> };
        view! { <FilterLink filter=format!("version:{number}") narrow>{shown}</FilterLink> }
    });
    let title = view! { {agent} {version} };
    let title = if in_drawer {
        view! { <h2 class="run-title">{title}</h2> }.into_any()
    } else {
        view! { <h1 class="run-title">{title}</h1> }.into_any()
    };
    view! {
        <header class="run-head">
            <div class="run-line">
                {title}
                <FilterLink filter=format!("status:{}", status.as_str()) narrow>
                    <StatusBadge status/>
                </FilterLink>
                {run.cached_from.map(|_| view! { <span class="badge accent">"cached"</span> })}
                <span class="run-numbers">
                    <RelativeTime at=run.created_at now=run.now/>
                    {run.latency.map(|latency| view! { <span>{format::duration(latency)}</span> })}
                    {run.cost.map(|cost| view! { <span>{format::money(cost)}</span> })}
                    {run.usage.total_tokens().map(|tokens| view! {
                        <span>{format!("{} tokens", format::tokens(tokens))}</span>
                    })}
                </span>
                {place.map(|place| view! { <PlaceNav place links/> })}
            </div>
            <div class="run-line">
                <RunActions org run=run.clone()/>
                <ViewSwitch run=run.clone() form links/>
                {in_drawer.then(|| {
                    let agent = run.agent.to_string();
                    let id = run.id;
                    view! {
                        <a
                            class="button quiet icon"
                            href=move || links.with(|links| links.page(&agent, id))
                            data-key="o"
                            aria-label="Open full page"
                            title="Open full page"
                        >
                            <Icon shape=Shape::External/>
                        </a>
                    }
                })}
            </div>
        </header>
    }
    .into_any()
}

/// Prompt, playground, copies.
#[component]
fn RunActions(org: String, run: Arc<RunDoc>) -> impl IntoView {
    let agent = run.agent.as_str();
    let prompt = links::prompt(&org, agent, run.id);
    let try_run = links::try_run(&org, agent, &run.version.id.to_string(), run.id);
    let try_input = links::try_input(&org, agent, run.id);
    let origin = run.url.split("/agents/").next().unwrap_or_default();
    let origin = origin.strip_suffix(&format!("/{org}")).unwrap_or(origin);
    let address = format!("{origin}/v1/{org}/agents/{agent}/runs/{}", run.id);
    view! {
        <div class="run-actions">
            <a class="button primary" href=try_run data-key="t">"Try in Playground"</a>
            <a class="button" href=try_input data-key="i">"Try Input in Playground"</a>
            <a class="button" href=prompt data-key="p">"View Prompt"</a>
            <CopyButton
                text=run.url.clone() label="Copy link" done="Link copied"
                shape=Shape::Link shortcut="c"
            />
            <details class="menu">
                <summary class="button quiet icon" aria-label="More actions" title="More actions">
                    <Icon shape=Shape::More/>
                </summary>
                <div class="menu-body start">
                    <CopyButton text=run.id.to_string() label="Copy id" done="Id copied" labelled=true/>
                    <a
                        href=format!("/v1/{org}/agents/{agent}/runs/{}", run.id)
                        rel="external"
                        download=format!("{}.json", run.id)
                    >
                        "Download as JSON"
                    </a>
                    <hr/>
                    <p>"Fetch this run via API"</p>
                    <CopyButton text=curl(&address) label="Copy cURL" done="Command copied" labelled=true/>
                    <CopyButton text=python(&address) label="Copy Python" done="Code copied" labelled=true/>
                    <CopyButton text=typescript(&address) label="Copy TypeScript" done="Code copied" labelled=true/>
                </div>
            </details>
        </div>
    }
    .into_any()
}

fn curl(address: &str) -> String {
    format!("curl -H \"Authorization: Bearer $RUNS_KEY\" {address}")
}

fn python(address: &str) -> String {
    format!(
        "import os\n\nimport requests\n\n\
         answer = requests.get(\n    \"{address}\",\n    \
         headers={{\"Authorization\": f\"Bearer {{os.environ['RUNS_KEY']}}\"}},\n)\n\
         answer.raise_for_status()\nrun = answer.json()\n"
    )
}

fn typescript(address: &str) -> String {
    format!(
        "const answer = await fetch(\"{address}\", {{\n  \
         headers: {{ Authorization: `Bearer ${{process.env.RUNS_KEY}}` }},\n}});\n\
         if (!answer.ok) throw new Error(`HTTP ${{answer.status}}`);\nconst run = await answer.json();\n"
    )
}

/// Readable, to the letter where that differs, or raw.
#[component]
fn ViewSwitch(run: Arc<RunDoc>, form: Form, links: Memo<RunLinks>) -> impl IntoView {
    let agent = run.agent.to_string();
    let id = run.id;
    let is_chat = run.is_chat;
    let all = [("Readable", Form::Readable), ("Verbatim", Form::Verbatim), ("Raw JSON", Form::Raw)];
    let shown = all.into_iter().filter(|(_, it)| is_chat || *it != Form::Verbatim);
    let shown: Vec<AnyView> = shown
        .map(|(label, it)| {
            let agent = agent.clone();
            let href = move || links.with(|links| links.view(&agent, id, it));
            view! {
                <a href=href data-noscroll="" aria-current=(form == it).then_some("true")>{label}</a>
            }
            .into_any()
        })
        .collect();
    view! {
        <nav class="switch spacer" aria-label="Input and output format">
            {shown}
        </nav>
    }
}
