//! What went to the model in a run, and what came back.

use leptos::prelude::*;

use crate::api::run::read_prompt;
use crate::components::copy_button::CopyButton;
use crate::components::exchange_view::{ExchangeView, is_any_cut, whole_text};
use crate::components::find_bar::{FindBar, Found};
use crate::components::foreign::foreign;
use crate::components::icon::{Icon, Shape};
use crate::components::load_error::LoadError;
use crate::components::loaded::Loaded;
use crate::components::page_title::PageTitle;
use crate::components::relative_time::RelativeTime;
use crate::components::tree::TreeSource;
use crate::data::prompt::{PromptAnswer, PromptDoc, PromptKey};
use crate::format;
use crate::links;
use crate::live_query::live_query;
use crate::page_resource::PageResource;
use crate::page_url::{use_page_query, use_path_param};
use crate::titles;

/// Every attempt of a run at a provider: messages, tools, parameters, raw bodies.
#[component]
pub fn PromptPage() -> impl IntoView {
    let (org, agent, run) = (use_path_param("org"), use_path_param("agent"), use_path_param("run"));
    let query = use_page_query();
    let key = Memo::new(move |_| PromptKey {
        org: org.get(),
        agent: agent.get(),
        run: run.get(),
        rendered: query.with(|query| query.get_str("view") == Some("markdown")),
        wanted: query.with(|query| query.get("find")).unwrap_or_default(),
    });
    let first = PageResource::new(|| (), move |()| read_prompt(key.get_untracked()));
    view! {
        <PageTitle text=move || titles::of_run("Prompt", &run.get(), &agent.get())/>
        <div class="page prompt-page">
            <Loaded from=first what="this prompt" draw=move |first| {
                view! { <FollowedPrompt key_of=key first/> }.into_any()
            }/>
        </div>
    }
    .into_any()
}

/// A prompt that follows its address; the last one stays until the next is there.
#[component]
fn FollowedPrompt(key_of: Memo<PromptKey>, first: PromptAnswer) -> impl IntoView {
    let query = live_query(key_of, (first.asked.clone(), first), read_prompt);
    let answer = query.answer;
    let found = Memo::new(move |_| {
        answer.with(|(_, answer)| answer.as_ref().ok().map(|answer| Found::of(&answer.prompt)))
    });
    let head = move || {
        answer.with(|(key, answer)| {
            let answer = answer.as_ref().ok()?;
            Some(view! { <PromptHead key=key.clone() doc=answer.prompt.clone()/> })
        })
    };
    let body = move || {
        answer.with(|(key, answer)| match answer {
            Ok(answer) => attempts(&key.org, answer.prompt.clone()),
            Err(error) => view! {
                <LoadError error=error.clone() what="this prompt" retry=query.reload/>
            }
            .into_any(),
        })
    };
    let is_there = Memo::new(move |_| found.with(Option::is_some));
    view! {
        {head}
        <Show when=move || is_there.get()>
            <FindBar key_of found=Signal::derive(move || found.get().unwrap_or_default())/>
        </Show>
        <div class="attempts" class:stale=move || query.is_stale.get()>{body}</div>
    }
    .into_any()
}

fn attempts(org: &str, doc: PromptDoc) -> AnyView {
    let source = TreeSource { org: org.to_owned(), run: doc.id };
    let count = doc.attempts.len();
    let attempts = (1..).zip(doc.attempts).map(|(number, exchange)| {
        view! { <ExchangeView number count exchange source=source.clone()/> }
    });
    let later = (doc.later_count > 0).then(|| view! {
        <p class="faint">
            {format!("{} more completions are in the download", format::count(u64::from(doc.later_count)))}
        </p>
    });
    view! { {attempts.collect_view()} {later} }.into_any()
}

/// What the prompt is of, and what can be done with it.
#[component]
fn PromptHead(key: PromptKey, doc: PromptDoc) -> impl IntoView {
    let agent = doc.agent.to_string();
    let run = links::run(&key.org, &agent, doc.id);
    let path = links::prompt(&key.org, &agent, doc.id);
    let all = whole_text(&doc.attempts);
    let label = if is_any_cut(&doc.attempts) { "Copy what is shown" } else { "Copy all" };
    let is_kept = doc.attempts.iter().any(|exchange| !exchange.is_derived);
    let download = format!("/v1{run}{}", if is_kept { "/completions" } else { "" });
    let file = format!("{}.json", doc.id);
    let rendered = doc.rendered;
    view! {
        <div class="page-head">
            <div class="prompt-title">
                <a class="button quiet icon" href=run data-key="Escape" aria-label="Back to the run" title="Back to the run">
                    <Icon shape=Shape::Left/>
                </a>
                <h1>"Prompt"</h1>
                <span class="faint">{foreign(agent)}" · "<RelativeTime at=doc.created_at now=doc.now/></span>
            </div>
            <div class="prompt-tools">
                <nav class="switch" aria-label="Message format">
                    <a href=path.clone() data-noscroll="" aria-current=(!rendered).then_some("true")>"Verbatim"</a>
                    <a href=format!("{path}?view=markdown") data-noscroll="" aria-current=rendered.then_some("true")>"Markdown"</a>
                </nav>
                <CopyButton text=all label done="Prompt copied" labelled=true/>
                <a class="button quiet" href=download rel="external" download=file>"Download"</a>
            </div>
        </div>
    }
    .into_any()
}
