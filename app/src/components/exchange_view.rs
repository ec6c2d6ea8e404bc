//! One exchange with a model provider.

use leptos::prelude::*;

use super::copy_button::CopyButton;
use super::exact_time::ExactTime;
use super::foreign::foreign;
use super::prompt_messages::{PromptMessages, is_cut, message_text};
use super::tree::TreeSource;
use crate::data::node::{Spot, SpotField};
use crate::data::prompt::{ExchangeDoc, RawDoc, ToolDoc};
use crate::format;

/// Messages, tools, parameters and raw bodies of one exchange.
#[component]
pub fn ExchangeView(
    /// Which attempt it is, from 1.
    number: usize,
    /// How many attempts there are.
    count: usize,
    exchange: ExchangeDoc,
    /// The run, for what is too long to be sent at once.
    source: TreeSource,
) -> impl IntoView {
    let facts = facts(&exchange);
    let index = u32::try_from(number).unwrap_or(u32::MAX).saturating_sub(1);
    let more = Some((source.clone(), Spot::field(SpotField::Received(index))));
    let title = match count {
        1 => "Completion".to_owned(),
        _ => format!("Completion {number} of {count}"),
    };
    let has_answer = !exchange.answer.is_empty();
    let was_kept = exchange.response.is_some() || exchange.error.is_some();
    let no_answer = if was_kept { "No response." } else { "The response wasn't recorded." };
    view! {
        <section class="exchange" id=format!("attempt-{number}") aria-label=title.clone()>
            <header class="exchange-head">
                <h2>{title.clone()}</h2>
                <dl class="exchange-facts">
                    {facts.into_iter().map(|(name, value)| view! {
                        <div><dt>{name}</dt><dd>{value}</dd></div>
                    }).collect_view()}
                </dl>
            </header>
            {exchange.error.map(|(code, message)| view! {
                <p class="notice bad"><strong>{foreign(code)}</strong>" "{foreign(message)}</p>
            })}
            {exchange.is_derived.then(|| view! {
                <p class="notice">
                    "The raw request wasn't recorded. Reconstructed from the run's version and input:"
                </p>
            })}
            <Settings
                parameters=exchange.parameters later_parameters=exchange.later_parameters
                tools=exchange.tools later_tools=exchange.later_tools
            />
            <h3 class="prompt-part-title">"Request"</h3>
            <PromptMessages
                messages=exchange.messages later_count=exchange.later_count
                more=Some((source.clone(), Spot::field(SpotField::Sent(index))))
            />
            <h3 class="prompt-part-title">"Response"</h3>
            {if has_answer {
                view! { <PromptMessages messages=exchange.answer later_count=0 more/> }.into_any()
            } else {
                view! { <p class="state small">{no_answer}</p> }.into_any()
            }}
            {exchange.request.map(|raw| view! { <RawBody title="Raw request" raw/> })}
            {exchange.response.map(|raw| view! { <RawBody title="Raw response" raw/> })}
        </section>
    }
    .into_any()
}

fn facts(exchange: &ExchangeDoc) -> Vec<(&'static str, AnyView)> {
    let usage = exchange.usage;
    let tokens = |count: Option<u64>| count.map(|count| foreign(format::count(count)));
    let named = |text: &Option<String>| text.clone().map(foreign);
    let all = [
        ("Provider", named(&exchange.provider)),
        ("Model", named(&exchange.model)),
        ("Input tokens", tokens(usage.input_tokens)),
        ("cached", tokens(usage.cached_input_tokens)),
        ("out", tokens(usage.output_tokens)),
        ("reasoning", tokens(usage.reasoning_tokens)),
        ("Cost", Some(foreign(format::cost(exchange.cost, exchange.cost_source)))),
        ("Latency", exchange.latency.map(|latency| foreign(format::duration(latency)))),
        ("Started", exchange.started_at.map(|at| view! { <ExactTime at/> }.into_any())),
        ("Finish reason", named(&exchange.finish_reason)),
    ];
    all.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
}

/// Parameters and tools, where there are any.
#[component]
fn Settings(
    parameters: Vec<(String, String)>,
    later_parameters: u32,
    tools: Vec<ToolDoc>,
    later_tools: u32,
) -> impl IntoView {
    let later = |count: u32, what: &str| {
        (count > 0).then(|| view! {
            <p class="faint">{format!("{} more {what} are in the download", format::count(u64::from(count)))}</p>
        })
    };
    let has_parameters = !parameters.is_empty();
    let has_tools = !tools.is_empty();
    let parameters = parameters.into_iter().map(|(name, value)| {
        let is_long = value.contains('\n');
        view! {
            <div class:long=is_long><dt class="mono">{foreign(name)}</dt><dd><pre>{foreign(value)}</pre></dd></div>
        }
    });
    let parameters = parameters.collect_view();
    let tools = tools.into_iter().map(|tool| {
        view! {
            <details class="tool">
                <summary><code>{foreign(tool.name)}</code></summary>
                <pre tabindex="0" dir="ltr">{foreign(tool.definition.text)}</pre>
                {more_characters(tool.definition.more_chars)}
            </details>
        }
    });
    let tools = tools.collect_view();
    view! {
        {has_parameters.then(|| view! {
            <details class="panel fold" open>
                <summary>"Parameters"</summary>
                <dl class="facts settings">{parameters}</dl>
                {later(later_parameters, "parameters")}
            </details>
        })}
        {has_tools.then(|| view! {
            <details class="panel fold" open>
                <summary>"Tools"</summary>
                <div class="tools">{tools}</div>
                {later(later_tools, "tools")}
            </details>
        })}
    }
}

fn more_characters(count: u32) -> AnyView {
    (count > 0).then(|| view! {
        <p class="faint">
            {format!("{} more characters; download the run to see them", format::count(u64::from(count)))}
        </p>
    })
    .into_any()
}

/// A raw body, folded.
#[component]
fn RawBody(title: &'static str, raw: RawDoc) -> impl IntoView {
    let text = raw.text.text;
    let cut = more_characters(raw.text.more_chars);
    view! {
        <details class="panel fold raw-body">
            <summary>{title}" "<span class="faint">{format::bytes(raw.size_bytes)}</span></summary>
            <div class="raw-copy"><CopyButton text=text.clone() label=format!("Copy {}", title.to_lowercase()) done="Copied"/></div>
            <pre class="raw-json" tabindex="0" dir="ltr">{foreign(text)}</pre>
            {cut}
        </details>
    }
}

/// Whether not all that was said is there.
#[must_use]
pub fn is_any_cut(attempts: &[ExchangeDoc]) -> bool {
    attempts.iter().any(|exchange| {
        exchange.later_count > 0 || exchange.messages.iter().chain(&exchange.answer).any(is_cut)
    })
}

/// Everything that was said, as plain text, as far as it is there.
#[must_use]
pub fn whole_text(attempts: &[ExchangeDoc]) -> String {
    let many = attempts.len() > 1;
    let texts = (1..).zip(attempts).map(|(number, exchange)| {
        let head = if many { format!("# Completion {number}\n\n") } else { String::new() };
        let messages = exchange.messages.iter().chain(&exchange.answer);
        let messages: Vec<String> = messages
            .map(|message| format!("[{}]\n{}", message.role, message_text(message)))
            .collect();
        format!("{head}{}", messages.join("\n\n"))
    });
    texts.collect::<Vec<_>>().join("\n\n")
}

#[cfg(test)]
mod tests {
    use crate::data::prompt::{PromptMessage, PromptPart};

    use super::*;

    #[test]
    fn the_whole_text_names_its_speakers() {
        let message = |role: &str, text: &str| PromptMessage {
            role: role.to_owned(),
            parts: vec![PromptPart {
                label: None,
                text: crate::data::node::Clip::whole(text),
                found: None,
                html: None,
            }],
            later_parts: 0,
        };
        let exchange = ExchangeDoc {
            provider: None,
            model: None,
            is_derived: false,
            messages: vec![message("user", "hi")],
            later_count: 0,
            answer: vec![message("assistant", "hello")],
            tools: Vec::new(),
            later_tools: 0,
            parameters: Vec::new(),
            later_parameters: 0,
            request: None,
            response: None,
            usage: model::Usage::default(),
            cost: None,
            cost_source: None,
            latency: None,
            started_at: None,
            finish_reason: None,
            error: None,
        };
        assert_eq!(whole_text(&[exchange]), "[user]\nhi\n\n[assistant]\nhello");
    }
}
