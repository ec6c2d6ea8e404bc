//! JSON as a readable tree: one line per member, folded where it is deep.

use leptos::prelude::*;
use model::RunId;

use super::foreign::{Foreign, foreign};
use super::show_more::{MoreNodes, MoreText};
use crate::data::node::{Clip, Node, Spot};
use crate::format;

/// Where the parts of a tree that were not sent can be asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TreeSource {
    /// The organization.
    pub org: String,
    /// The run.
    pub run: RunId,
}

/// Levels that begin open.
const OPEN_LEVELS: usize = 3;

/// A value as a tree.
#[component]
pub fn Tree(source: TreeSource, node: Node, spot: Spot) -> impl IntoView {
    view! { <div class="tree">{node_view(&source, node, spot, 0)}</div> }.into_any()
}

/// A value at some depth of a tree.
pub fn node_view(source: &TreeSource, node: Node, spot: Spot, depth: usize) -> AnyView {
    match node {
        Node::Word(word) => word_view(word),
        Node::Text(clip) => text_view(source, clip, spot),
        Node::List { count: 0, .. } => {
            view! { <span class="json-empty">"empty list"</span> }.into_any()
        }
        Node::Object { count: 0, .. } => {
            view! { <span class="json-empty">"empty object"</span> }.into_any()
        }
        Node::List { items, count } => {
            let shown = items.len() as u32;
            let entries = (0_u32..)
                .zip(items)
                .map(|(index, item)| (index, index.to_string(), item))
                .collect();
            branch_view(source, entries, shown, count, spot, depth, "item")
        }
        Node::Object { members, count } => {
            let shown = members.len() as u32;
            let entries =
                (0_u32..).zip(members).map(|(index, (key, member))| (index, key, member)).collect();
            branch_view(source, entries, shown, count, spot, depth, "key")
        }
        Node::Folded { label } => {
            view! { <MoreNodes source=source.clone() spot from=0 label depth/> }.into_any()
        }
    }
}

/// Items or members, those after the first ones on demand.
fn branch_view(
    source: &TreeSource,
    entries: Vec<(u32, String, Node)>,
    shown: u32,
    count: u32,
    spot: Spot,
    depth: usize,
    unit: &'static str,
) -> AnyView {
    let rows = entries_view(source, entries, &spot, depth);
    let rest = (shown < count).then(|| {
        let label = format!("{} more", format::count(u64::from(count - shown)));
        view! { <MoreNodes source=source.clone() spot from=shown label depth/> }
    });
    if depth == 0 {
        return view! { <dl class="tree-level">{rows}</dl> {rest} }.into_any();
    }
    let ending = if count == 1 { "" } else { "s" };
    let label = format!("{} {unit}{ending}", format::count(u64::from(count)));
    view! {
        <details class="tree-branch" open=depth < OPEN_LEVELS>
            <summary>{label}</summary>
            <dl class="tree-level">{rows}</dl>
            {rest}
        </details>
    }
    .into_any()
}

/// Entries with their keys, each a row.
pub fn entries_view(
    source: &TreeSource,
    entries: Vec<(u32, String, Node)>,
    spot: &Spot,
    depth: usize,
) -> AnyView {
    entries
        .into_iter()
        .map(|(index, key, node)| {
            let value = node_view(source, node, spot.step(index), depth + 1);
            view! { <div class="tree-row"><dt>{foreign(key)}</dt><dd>{value}</dd></div> }
        })
        .collect_view()
        .into_any()
}

/// `null`, `true`, `false` or a number.
fn word_view(word: String) -> AnyView {
    let is_number = word.starts_with(|c: char| c.is_ascii_digit() || c == '-');
    let class = if is_number { "json-number" } else { "json-word" };
    view! { <span class=class>{word}</span> }.into_any()
}

fn text_view(source: &TreeSource, clip: Clip, spot: Spot) -> AnyView {
    if clip.text.is_empty() {
        return view! { <span class="json-empty">"empty text"</span> }.into_any();
    }
    if clip.more_chars == 0 {
        return view! { <Foreign text=clip.text class="json-text"/> }.into_any();
    }
    view! { <MoreText source=source.clone() clip spot/> }.into_any()
}
