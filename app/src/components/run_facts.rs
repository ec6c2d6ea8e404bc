//! The facts of a run: what it took, and what produced it.

use std::sync::Arc;

use leptos::prelude::*;
use model::search::Field;
use model::{CostSource, NanoUsd, RunId, Unsearched};

use super::copy_button::CopyButton;
use super::exact_time::ExactTime;
use super::filter_link::{FilterLink, Narrow, text_filter};
use super::foreign::foreign;
use super::prompt_messages::{PromptMessages, message_text};
use crate::data::run::{RunDoc, VersionDoc};
use crate::format;
use crate::run_links::RunLinks;

/// Bytes of a version's messages that are shown without being unfolded.
const SHORT_PROMPT: usize = 2_000;

/// The facts of a run, those that can be searched for as links. `is_alone` says that
/// no other run is of its conversation.
#[component]
pub fn RunFacts(
    run: Arc<RunDoc>,
    is_alone: bool,
    unsearched: Unsearched,
    links: Memo<RunLinks>,
    narrow: Narrow,
) -> impl IntoView {
    let search = move |text: String, filter: String| {
        view! { <FilterLink filter narrow>{foreign(text)}</FilterLink> }.into_any()
    };
    let version = &run.version;
    let usage = run.usage;
    // A sum with such a part is no better than that part.
    let by_provider = Some(CostSource::Provider);
    let is_by_provider = run.attempts.iter().any(|attempt| attempt.cost_source == by_provider);
    let cost_source = by_provider.filter(|_| is_by_provider);
    let tokens = |count: Option<u64>| count.map(|count| plain(format::count(count)));
    let named = |field: Field, value: &Option<String>| {
        value.as_ref().map(|value| search(value.clone(), text_filter(field, value)))
    };
    let other = move |id: RunId| {
        view! { <a class="mono" href=move || links.with(|links| links.run(id))>{id.to_string()}</a> }.into_any()
    };
    // A conversation without another turn has nothing but the run's own id.
    let is_own = is_alone && run.conversation_id.as_ref() == Some(&run.id.to_string());
    let conversation = named(Field::Conversation, &run.conversation_id).filter(|_| !is_own);
    let facts: Vec<(&'static str, Option<AnyView>)> = vec![
        ("Time", Some(view! { <ExactTime at=run.created_at/> }.into_any())),
        ("Latency", run.latency.map(|value| plain(format::duration(value)))),
        (
            "Time to first token",
            run.time_to_first_token.map(|value| plain(format::duration(value))),
        ),
        ("Cost", Some(cost(run.cost, cost_source))),
        ("Input tokens", tokens(usage.input_tokens)),
        ("Cached input tokens", tokens(usage.cached_input_tokens.filter(|count| *count > 0))),
        ("Output tokens", tokens(usage.output_tokens)),
        ("Reasoning tokens", tokens(usage.reasoning_tokens.filter(|count| *count > 0))),
        (
            "Version",
            Some(match version.number {
                Some(number) => search(number.to_string(), format!("version:{number}")),
                None => search(version.id.to_string(), format!("version:{}", version.id)),
            }),
        ),
        ("Model", named(Field::Model, &version.model)),
        ("Provider", named(Field::Provider, &version.provider)),
        (
            "Temperature",
            version
                .temperature
                .map(|value| search(format::temperature(value), format!("temperature:{value}"))),
        ),
        (
            "Schema",
            (run.schema > 0)
                .then(|| search(run.schema.to_string(), format!("schema:{}", run.schema))),
        ),
        ("Environment", named(Field::Environment, &run.environment)),
        ("Source", Some(search(run.source.to_string(), format!("source:{}", run.source)))),
    ];
    let ids: Vec<(&'static str, Option<AnyView>)> = vec![
        (
            "Id",
            Some(
                view! {
                    <span class="mono">{run.id.to_string()}</span>
                    <CopyButton text=run.id.to_string() label="Copy id" done="Id copied"/>
                }
                .into_any(),
            ),
        ),
        ("Conversation", conversation),
        ("Trace", named(Field::Trace, &run.trace_id)),
        ("Served from run", run.cached_from.map(other)),
        ("Parent run", run.parent_run_id.map(other)),
        ("Not searched", format::unsearched(&unsearched).map(plain_text)),
    ];
    view! {
        <section class="panel">
            <div class="panel-head"><h2>"Details"</h2></div>
            <div class="panel-body">
                <dl class="facts">{rows(facts)}</dl>
                <dl class="facts wide settings">{rows(ids)}</dl>
                <VersionFacts version=version.clone()/>
            </div>
        </section>
    }
    .into_any()
}

/// The facts that are known.
fn rows(facts: Vec<(&'static str, Option<AnyView>)>) -> AnyView {
    let known = facts.into_iter().filter_map(|(name, value)| Some((name, value?)));
    known
        .map(|(name, value)| view! { <div><dt>{name}</dt><dd>{value}</dd></div> })
        .collect_view()
        .into_any()
}

fn plain_text(text: String) -> AnyView {
    view! { <span>{text}</span> }.into_any()
}

/// What a run cost, with every digit on hover.
fn cost(cost: Option<NanoUsd>, source: Option<CostSource>) -> AnyView {
    let exact = cost.map(format::exact_money);
    view! { <span class="number" title=exact>{format::cost(cost, source)}</span> }.into_any()
}

fn plain(text: String) -> AnyView {
    view! { <span class="number">{text}</span> }.into_any()
}

/// What else a version says: settings, tools, prompt and output schema.
#[component]
pub fn VersionFacts(version: VersionDoc) -> impl IntoView {
    let has_settings = !version.settings.is_empty();
    let has_messages = !version.messages.is_empty();
    let prompt_chars: usize =
        version.messages.iter().map(|message| message_text(message).len()).sum();
    let is_prompt_short = prompt_chars <= SHORT_PROMPT;
    let settings = version.settings.into_iter().map(|(name, value)| {
        view! {
            <div><dt>{foreign(name)}</dt><dd class="mono">{foreign(value)}</dd></div>
        }
    });
    let settings = settings.collect_view();
    let tools = (!version.tools.is_empty()).then(|| view! {
        <p class="version-tools">
            <span class="faint">"Tools "</span>
            {version.tools.into_iter().map(|name| view! { <code class="badge">{foreign(name)}</code> }).collect_view()}
        </p>
    });
    view! {
        {has_settings.then(|| view! { <dl class="facts settings">{settings}</dl> })}
        {tools}
        {version.instructions.map(|clip| view! {
            <details class="instructions">
                <summary>"Instructions"</summary>
                <div class="message-text">
                    {foreign(clip.text)}
                    {(clip.more_chars > 0).then_some("… the rest is in View Prompt")}
                </div>
            </details>
        })}
        {has_messages.then(|| view! {
            <details class="instructions" open=is_prompt_short>
                <summary>"Prompt"</summary>
                <PromptMessages messages=version.messages later_count=version.later_count/>
            </details>
        })}
        {version.output_schema.map(|clip| view! {
            <details class="instructions">
                <summary>"Output schema"</summary>
                <pre class="verbatim" tabindex="0">{foreign(clip.text)}{(clip.more_chars > 0).then_some("…")}</pre>
            </details>
        })}
    }
    .into_any()
}
