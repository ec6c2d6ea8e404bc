//! A conversation.

use leptos::prelude::*;

use super::foreign::foreign;
use super::show_more::MoreText;
use super::tree::{TreeSource, node_view};
use crate::data::node::{Clip, Node, Spot};
use crate::data::value::{MediaDoc, MessageDoc, PartDoc};
use crate::format::{self, visible};

/// Messages, one after another.
#[component]
pub fn MessageList(
    source: TreeSource,
    messages: Vec<MessageDoc>,
    /// How many messages before them are not shown.
    earlier_count: u32,
    /// The field of the messages.
    spot: Spot,
) -> impl IntoView {
    let earlier = (earlier_count > 0).then(|| view! {
        <p class="faint">
            {format!("{} earlier messages are in View Prompt and in the download", format::count(u64::from(earlier_count)))}
        </p>
    });
    let messages = messages.into_iter().map(|message| {
        let spot = spot.step(message.index);
        view! { <MessageCard source=source.clone() message spot/> }
    });
    view! { {earlier} <ol class="messages">{messages.collect_view()}</ol> }.into_any()
}

#[component]
fn MessageCard(source: TreeSource, message: MessageDoc, spot: Spot) -> impl IntoView {
    let class = format!("message {}", role_class(&message.role));
    let is_empty = message.parts.is_empty();
    let later = (message.later_parts > 0).then(|| {
        let count = format::count(u64::from(message.later_parts));
        view! { <p class="faint">{format!("{count} more parts are in the download")}</p> }
    });
    let parts = (0_u32..)
        .zip(message.parts)
        .map(|(index, part)| part_view(&source, part, spot.step(index)));
    view! {
        <li class=class>
            <p class="message-role">{foreign(message.role)}</p>
            {parts.collect_view()}
            {later}
            {is_empty.then(|| view! { <p class="json-empty">"empty message"</p> })}
        </li>
    }
    .into_any()
}

/// A class only for the roles that have a look of their own.
fn role_class(role: &str) -> &'static str {
    match role {
        "system" | "developer" => "of-system",
        "user" => "of-user",
        "assistant" => "of-assistant",
        "tool" => "of-tool",
        _ => "",
    }
}

fn part_view(source: &TreeSource, part: PartDoc, spot: Spot) -> AnyView {
    let node = |node: Node, spot: Spot| view! { <div class="tree">{node_view(source, node, spot, 0)}</div> };
    match part {
        PartDoc::Text(clip) => text_view(source, clip, spot),
        PartDoc::Markdown { html, more_chars } => view! {
            <div class="markdown" dir="auto" inner_html=html></div>
            {(more_chars > 0).then(|| view! {
                <p class="faint">
                    {format!("… {} more characters, which Verbatim can show", format::count(u64::from(more_chars)))}
                </p>
            })}
        }
        .into_any(),
        PartDoc::Media(media) => media_view(media),
        PartDoc::ToolCall { id, name, input } => view! {
            <div class="part-box">
                <p class="part-head"><span class="badge">"tool call"</span><code>{foreign(name)}</code><span class="faint mono">{id.map(foreign)}</span></p>
                {node(input, spot)}
            </div>
        }
        .into_any(),
        PartDoc::ToolResult { id, name, output, is_error } => view! {
            <div class="part-box">
                <p class="part-head">
                    {if is_error {
                        view! { <span class="badge bad">"tool error"</span> }
                    } else {
                        view! { <span class="badge">"tool result"</span> }
                    }}
                    <code>{name.map(foreign)}</code>
                    <span class="faint mono">{id.map(foreign)}</span>
                </p>
                {node(output, spot)}
            </div>
        }
        .into_any(),
        PartDoc::Reasoning { title, text } => view! {
            <details class="part-box">
                <summary>{foreign(title.unwrap_or_else(|| "Reasoning".to_owned()))}</summary>
                {text_view(source, text, spot)}
            </details>
        }
        .into_any(),
        PartDoc::Other(value) => view! { <div class="part-box">{node(value, spot)}</div> }.into_any(),
    }
}

fn text_view(source: &TreeSource, clip: Clip, spot: Spot) -> AnyView {
    if clip.more_chars > 0 {
        return view! { <div class="message-text"><MoreText source=source.clone() clip spot/></div> }.into_any();
    }
    view! { <div class="message-text">{foreign(clip.text)}</div> }.into_any()
}

fn media_view(media: MediaDoc) -> AnyView {
    let label = format!("{}: {}", media.kind, visible(&media.label));
    match (media.picture, media.href) {
        (Some(picture), _) => view! { <img class="picture" src=picture alt=label loading="lazy"/> }.into_any(),
        (None, Some(href)) => view! {
            <a class="media-link" href=href rel="noopener noreferrer external" target="_blank">{foreign(label)}</a>
        }
        .into_any(),
        (None, None) => view! { <span class="badge">{foreign(label)}</span> }.into_any(),
    }
}
