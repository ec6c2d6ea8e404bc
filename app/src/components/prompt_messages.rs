//! Messages exactly as they were sent or received.

use leptos::prelude::*;

use super::copy_button::CopyButton;
use crate::data::prompt::{PromptMessage, PromptPart};

/// Messages, each with its own copy button.
#[component]
pub fn PromptMessages(messages: Vec<PromptMessage>) -> impl IntoView {
    if messages.is_empty() {
        return view! { <p class="state small">"No messages."</p> }.into_any();
    }
    let items = messages.into_iter().map(|message| {
        let text = message_text(&message);
        let class = match message.role.as_str() {
            "system" | "developer" => "prompt-message of-system",
            "assistant" => "prompt-message of-assistant",
            "tool" => "prompt-message of-tool",
            _ => "prompt-message",
        };
        view! {
            <li class=class>
                <div class="prompt-message-head">
                    <span class="message-role">{message.role}</span>
                    <CopyButton text label="Copy message" done="Message copied"/>
                </div>
                {message.parts.into_iter().map(part_view).collect_view()}
            </li>
        }
    });
    view! { <ol class="prompt-messages">{items.collect_view()}</ol> }.into_any()
}

fn part_view(part: PromptPart) -> AnyView {
    let label = part
        .label
        .map(|label| view! { <p class="part-head"><span class="badge">{label}</span></p> });
    let body = match part.html {
        Some(html) => view! { <div class="markdown" inner_html=html></div> }.into_any(),
        None => view! { <pre class="verbatim">{part.text}</pre> }.into_any(),
    };
    view! { {label} {body} }.into_any()
}

/// A message as plain text.
#[must_use]
pub fn message_text(message: &PromptMessage) -> String {
    let parts = message.parts.iter().map(|part| match &part.label {
        Some(label) => format!("({label})\n{}", part.text),
        None => part.text.clone(),
    });
    parts.collect::<Vec<_>>().join("\n")
}
