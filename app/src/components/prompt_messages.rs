//! Messages exactly as they were sent or received.

use leptos::prelude::*;

use super::copy_button::CopyButton;
use super::foreign::foreign;
use super::marked_text::MarkedText;
use super::show_more::MoreText;
use super::tree::TreeSource;
use crate::data::node::Spot;
use crate::data::prompt::{PromptMessage, PromptPart};
use crate::format;

/// Messages, each with its own copy button.
#[component]
pub fn PromptMessages(
    messages: Vec<PromptMessage>,
    /// How many messages after them are not shown.
    later_count: u32,
    /// Where the rest of long texts can be asked for.
    #[prop(optional_no_strip)]
    more: Option<(TreeSource, Spot)>,
) -> impl IntoView {
    if messages.is_empty() {
        return view! { <p class="state small">"No messages."</p> }.into_any();
    }
    let items = (0_u32..).zip(messages).map(|(index, message)| {
        let more = more.as_ref().map(|(source, spot)| (source.clone(), spot.step(index)));
        message_view(message, more)
    });
    let items: Vec<AnyView> = items.collect();
    let later = (later_count > 0).then(|| view! {
        <p class="faint">{format!("{} more messages are in the download", format::count(u64::from(later_count)))}</p>
    });
    view! { <ol class="prompt-messages">{items}</ol> {later} }.into_any()
}

fn message_view(message: PromptMessage, more: Option<(TreeSource, Spot)>) -> AnyView {
    let text = message_text(&message);
    let class = match message.role.as_str() {
        "system" | "developer" => "prompt-message of-system",
        "assistant" => "prompt-message of-assistant",
        "tool" => "prompt-message of-tool",
        _ => "prompt-message",
    };
    let (label, done) = if is_cut(&message) {
        ("Copy start of message", "Start of message copied")
    } else {
        ("Copy message", "Message copied")
    };
    let later = (message.later_parts > 0).then(|| {
        let count = format::count(u64::from(message.later_parts));
        view! { <p class="faint">{format!("{count} more parts are in the download")}</p> }
    });
    let parts = (0_u32..).zip(message.parts).map(|(index, part)| {
        part_view(part, more.as_ref().map(|(source, spot)| (source.clone(), spot.step(index))))
    });
    let parts: Vec<AnyView> = parts.collect();
    view! {
        <li class=class>
            <div class="prompt-message-head">
                <span class="message-role">{foreign(message.role)}</span>
                <CopyButton text label done/>
            </div>
            {parts}
            {later}
        </li>
    }
    .into_any()
}

fn part_view(part: PromptPart, more: Option<(TreeSource, Spot)>) -> AnyView {
    let PromptPart { label, text, found, html } = part;
    let label = label.map(
        |label| view! { <p class="part-head"><span class="badge">{foreign(label)}</span></p> },
    );
    let rest = (text.more_chars > 0)
        .then(|| format!("… {} more characters", format::count(u64::from(text.more_chars))));
    let body = match (html, rest, more) {
        (_, rest, _) if found.is_some() => view! {
            <pre class="verbatim">{found.map(|text| view! { <MarkedText text/> })}</pre>
            {rest.map(|rest| view! { <p class="faint">{rest}</p> })}
        }
        .into_any(),
        (Some(html), rest, _) => view! {
            <div class="markdown" dir="auto" inner_html=html></div>
            {rest.map(|rest| view! { <p class="faint">{rest}", which Verbatim can show"</p> })}
        }
        .into_any(),
        (None, Some(_), Some((source, spot))) => view! {
            <div class="verbatim"><MoreText source clip=text spot/></div>
        }
        .into_any(),
        (None, rest, _) => view! {
            <pre class="verbatim">{foreign(text.text)}</pre>
            {rest.map(|rest| view! { <p class="faint">{rest}</p> })}
        }
        .into_any(),
    };
    view! { {label} {body} }.into_any()
}

/// Whether a message is not there to its end.
#[must_use]
pub fn is_cut(message: &PromptMessage) -> bool {
    message.later_parts > 0 || message.parts.iter().any(|part| part.text.more_chars > 0)
}

/// A message as plain text, as far as it is there.
#[must_use]
pub fn message_text(message: &PromptMessage) -> String {
    let parts = message.parts.iter().map(|part| match &part.label {
        Some(label) => format!("({label})\n{}", part.text.text),
        None => part.text.text.clone(),
    });
    parts.collect::<Vec<_>>().join("\n")
}
