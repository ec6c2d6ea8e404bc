//! What went to the model in a run, and what came back.

use leptos::prelude::*;

use crate::api::run::read_prompt;
use crate::components::copy_button::CopyButton;
use crate::components::exchange_view::{ExchangeView, is_any_cut, whole_text};
use crate::components::find_bar::FindBar;
use crate::components::icon::{Icon, Shape};
use crate::components::loaded::Loaded;
use crate::components::page_title::PageTitle;
use crate::components::relative_time::RelativeTime;
use crate::components::tree::TreeSource;
use crate::data::prompt::PromptDoc;
use crate::links;
use crate::page_resource::PageResource;
use crate::page_url::{use_page_query, use_path_param};
use crate::titles;

/// Every attempt of a run at a provider: messages, tools, parameters, raw bodies.
#[component]
pub fn PromptPage() -> impl IntoView {
    let (org, agent, run) = (use_path_param("org"), use_path_param("agent"), use_path_param("run"));
    let query = use_page_query();
    let rendered =
        Memo::new(move |_| query.with(|query| query.get_str("view") == Some("markdown")));
    let wanted = Memo::new(move |_| query.with(|query| query.get("find")).unwrap_or_default());
    let prompt = PageResource::new(
        move || (org.get(), agent.get(), run.get(), rendered.get(), wanted.get()),
        |(org, agent, run, rendered, wanted)| read_prompt(org, agent, run, rendered, wanted),
    );
    view! {
        <PageTitle text=move || titles::of_run("Prompt", &run.get(), &agent.get())/>
        <div class="page prompt-page">
            <Loaded from=prompt what="this prompt" draw=move |doc| {
                view! { <Prompt org=org.get_untracked() doc/> }.into_any()
            }/>
        </div>
    }
    .into_any()
}

#[component]
fn Prompt(org: String, doc: PromptDoc) -> impl IntoView {
    let agent = doc.agent.to_string();
    let run = links::run(&org, &agent, doc.id);
    let path = links::prompt(&org, &agent, doc.id);
    let all = whole_text(&doc.attempts);
    let label = if is_any_cut(&doc.attempts) { "Copy what is shown" } else { "Copy all" };
    let is_kept = doc.attempts.iter().any(|exchange| !exchange.is_derived);
    let download = format!("/v1{run}{}", if is_kept { "/completions" } else { "" });
    let file = format!("{}.json", doc.id);
    let source = TreeSource { org: org.clone(), run: doc.id };
    let (count, rendered) = (doc.attempts.len(), doc.rendered);
    let attempts = (1..).zip(doc.attempts).map(|(number, exchange)| {
        view! {
            <ExchangeView number count exchange source=source.clone()/>
        }
    });
    view! {
        <div class="page-head">
            <div class="prompt-title">
                <a class="button quiet icon" href=run data-key="Escape" aria-label="Back to the run" title="Back to the run">
                    <Icon shape=Shape::Left/>
                </a>
                <h1>"Prompt"</h1>
                <span class="faint">{agent}" · "<RelativeTime at=doc.created_at now=doc.now/></span>
            </div>
            <FindBar
                path=path.clone() rendered wanted=doc.wanted
                count=doc.found_count hidden=doc.hidden_count
            />
            <div class="prompt-tools">
                <nav class="switch" aria-label="Form of the messages">
                    <a href=path.clone() data-noscroll="" aria-current=(!rendered).then_some("true")>"Verbatim"</a>
                    <a href=format!("{path}?view=markdown") data-noscroll="" aria-current=rendered.then_some("true")>"Markdown"</a>
                </nav>
                <CopyButton text=all label done="Prompt copied" labelled=true/>
                <a class="button quiet" href=download rel="external" download=file>"Download"</a>
            </div>
        </div>
        {attempts.collect_view()}
    }
    .into_any()
}
