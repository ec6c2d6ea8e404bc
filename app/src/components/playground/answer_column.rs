//! One model's answer beside the draft.

use leptos::prelude::*;

use super::answer_state::AnswerState;
use crate::components::copy_button::CopyButton;
use crate::components::foreign::foreign;
use crate::data::playground::Outcome;
use crate::format;
use crate::links;

/// One model's answer, what it took, and the run that it became.
#[component]
pub fn AnswerColumn(org: String, agent: String, state: AnswerState) -> impl IntoView {
    let is_empty = Memo::new(move |_| {
        state.text.with(String::is_empty)
            && state.reasoning.with(String::is_empty)
            && state.tool_calls.with(Vec::is_empty)
            && state.problem.with(Option::is_none)
            && state.outcome.with(Option::is_none)
    });
    view! {
        <section class="panel answer" aria-label="Response">
            <div class="panel-head">
                <h2>"Response"</h2>
                <span class="faint truncate">{move || foreign(state.model.get())}</span>
                <CopyButton text=state.text label="Copy response" done="Response copied"/>
            </div>
            <div class="panel-body answer-body" aria-busy=move || state.is_running.get().then_some("true")>
                {move || is_empty.get().then(|| view! {
                    <p class="faint">
                        {move || if state.is_running.get() { "Waiting for the first token…" } else { "Press Run to see the response." }}
                    </p>
                })}
                {move || Some(state.reasoning.get()).filter(|text| !text.is_empty()).map(|text| view! {
                    <details class="part-box" open>
                        <summary>"Reasoning"</summary>
                        <div class="message-text">{foreign(text)}</div>
                    </details>
                })}
                <div class="answer-text">{move || foreign(state.text.get())}</div>
                {move || state.tool_calls.get().into_iter().map(|(name, arguments)| view! {
                    <div class="part-box">
                        <p class="part-head"><span class="badge">"tool call"</span><code>{foreign(name)}</code></p>
                        <pre dir="ltr">{foreign(arguments)}</pre>
                    </div>
                }).collect_view()}
                {move || state.is_cut.get().then(|| view! {
                    <p class="faint">"Answer truncated here. Open the run to see all of it."</p>
                })}
                {move || state.problem.get().map(|problem| view! {
                    <p class="notice bad" role="alert">{foreign(problem)}</p>
                })}
            </div>
            <div role="status">
                {move || state.outcome.get().map(|outcome| view! {
                    <OutcomeFoot org=org.clone() agent=agent.clone() outcome/>
                })}
            </div>
        </section>
    }
    .into_any()
}

#[component]
fn OutcomeFoot(org: String, agent: String, outcome: Outcome) -> impl IntoView {
    let Outcome { run, error, latency, time_to_first_token, cost, usage, .. } = outcome;
    view! {
        {error.map(|(code, message)| view! {
            <p class="notice bad"><strong>{foreign(code)}</strong>" "{foreign(message)}</p>
        })}
        <p class="list-foot answer-foot">
            {latency.map(|value| view! { <span>{format::duration(value)}</span> })}
            {time_to_first_token.map(|value| view! {
                <span class="faint">{format!("first token {}", format::duration(value))}</span>
            })}
            <span>{cost.map_or("cost unknown".to_owned(), format::money)}</span>
            {usage.total_tokens().map(|count| view! {
                <span class="faint">{format!("{} tokens", format::count(count))}</span>
            })}
            {match run {
                Some(run) => view! {
                    <a class="spacer" href=links::run(&org, &agent, run)>"Open run"</a>
                }.into_any(),
                None => view! { <span class="spacer problem">"The run couldn't be stored."</span> }.into_any(),
            }}
        </p>
    }
    .into_any()
}
