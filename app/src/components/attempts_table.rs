//! What each attempt at a provider took.

use std::sync::Arc;

use leptos::prelude::*;
use model::CostSource;

use super::foreign::foreign;
use crate::data::run::{AttemptDoc, RunDoc};
use crate::format;
use crate::links;

/// The attempts of a run, each leading to its prompt; nothing without any.
#[component]
pub fn AttemptsTable(attempts: Vec<AttemptDoc>, run: Arc<RunDoc>, org: String) -> impl IntoView {
    if attempts.is_empty() {
        return ().into_any();
    }
    let title = if attempts.len() == 1 {
        "Completion".to_owned()
    } else {
        format!("{} completions", attempts.len())
    };
    let prompt = links::prompt(&org, run.agent.as_str(), run.id);
    let rows = (1_u32..).zip(attempts).map(|(number, attempt)| {
        let usage = attempt.usage;
        let tokens = |count: Option<u64>| count.map(format::count);
        view! {
            <tr>
                <td><a href=format!("{prompt}#attempt-{number}")>{format!("#{number}")}</a></td>
                <td>{attempt.provider.map(foreign)}</td>
                <td>{attempt.model.map(foreign)}</td>
                <td>
                    {attempt.finish_reason.map(foreign)}
                    {attempt.error_code.map(|code| view! { <span class="badge bad">{foreign(code)}</span> })}
                </td>
                <td class="number">{tokens(usage.input_tokens)}</td>
                <td class="number">{tokens(usage.cached_input_tokens)}</td>
                <td class="number">{tokens(usage.output_tokens)}</td>
                <td class="number">{tokens(usage.reasoning_tokens)}</td>
                <td class="number">{attempt.latency.map(format::duration)}</td>
                <td class="number">
                    {(attempt.cost_source == Some(CostSource::Provider)).then(|| view! {
                        <span class="badge" title="No price list has this price; the provider’s answer said it.">
                            "from provider"
                        </span>
                        " "
                    })}
                    {attempt.cost.map(format::money)}
                </td>
            </tr>
        }
    });
    view! {
        <section class="panel">
            <div class="panel-head"><h2>{title}</h2></div>
            <div class="table-wrap" tabindex="0" role="region" aria-label="Completions">
                <table class="table">
                    <thead>
                        <tr>
                            <th><span class="visually-hidden">"Number"</span></th>
                            <th>"Provider"</th>
                            <th>"Model"</th>
                            <th>"Finish reason"</th>
                            <th class="number">"In"</th>
                            <th class="number">"Cached"</th>
                            <th class="number">"Out"</th>
                            <th class="number">"Reasoning"</th>
                            <th class="number">"Latency"</th>
                            <th class="number">"Cost"</th>
                        </tr>
                    </thead>
                    <tbody>{rows.collect_view()}</tbody>
                </table>
            </div>
        </section>
    }
    .into_any()
}
