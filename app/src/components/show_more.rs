//! What was too large to be sent at once, on demand.

use leptos::prelude::*;

use super::foreign::{Foreign, foreign};
use super::load_error::sentence;
use super::tree::{TreeSource, entries_view, node_view};
use crate::api::run::read_spot;
use crate::data::node::{Clip, Node, Spot};
use crate::error::AppError;
use crate::format;

/// Where a demand stands.
#[derive(Clone)]
enum Demand {
    Open,
    Asked,
    Failed(String),
    Answered(Node),
}

fn demand(source: TreeSource, spot: Spot, from: u32) -> (ReadSignal<Demand>, Callback<()>) {
    let (state, set_state) = signal(Demand::Open);
    let ask = Callback::new(move |()| {
        let (source, spot) = (source.clone(), spot.clone());
        set_state.set(Demand::Asked);
        leptos::task::spawn_local(async move {
            let answer = read_spot(source.org, source.run, spot, from).fetch().await;
            let next = match answer {
                Ok(node) => Demand::Answered(node),
                Err(AppError::NotFound) => Demand::Failed("This no longer exists.".to_owned()),
                Err(error) => Demand::Failed(sentence(&error.to_string())),
            };
            // Nothing is left to tell when the reader has moved on.
            let _ = set_state.try_set(next);
        });
    });
    (state, ask)
}

/// More items or members of a list or object, or all of a folded one.
#[component]
pub fn MoreNodes(
    source: TreeSource,
    spot: Spot,
    /// The first item or member that is missing.
    from: u32,
    #[prop(into)] label: String,
    depth: usize,
) -> impl IntoView {
    let (state, ask) = demand(source.clone(), spot.clone(), from);
    move || match state.get() {
        Demand::Answered(node) => answered(&source, node, &spot, from, depth),
        state => button(state, label.clone(), ask),
    }
}

fn answered(source: &TreeSource, node: Node, spot: &Spot, from: u32, depth: usize) -> AnyView {
    let (entries, count): (Vec<_>, u32) = match node {
        Node::List { items, count } => {
            let items = (from..).zip(items);
            (items.map(|(index, item)| (index, index.to_string(), item)).collect(), count)
        }
        Node::Object { members, count } => {
            let members = (from..).zip(members);
            (members.map(|(index, (key, member))| (index, key, member)).collect(), count)
        }
        other => return node_view(source, other, spot.clone(), depth),
    };
    let next = from.saturating_add(entries.len() as u32);
    let rows = entries_view(source, entries, spot, depth);
    let rest = (next < count).then(|| {
        let label = format!("{} more", format::count(u64::from(count - next)));
        view! { <MoreNodes source=source.clone() spot=spot.clone() from=next label depth/> }
            .into_any()
    });
    view! { <dl class="tree-level">{rows}</dl> {rest} }.into_any()
}

/// A text that can be shown to its end.
#[component]
pub fn MoreText(source: TreeSource, clip: Clip, spot: Spot) -> impl IntoView {
    let (state, ask) = demand(source, spot, 0);
    let more = format!("Show {} more characters", format::count(u64::from(clip.more_chars)));
    move || match state.get() {
        Demand::Answered(Node::Text(whole)) => {
            let cut = (whole.more_chars > 0).then(|| view! {
                <span class="faint">
                    {format!(" … {} more; download the run to see them", format::count(u64::from(whole.more_chars)))}
                </span>
            });
            view! { <Foreign text=whole.text class="json-text"/> {cut} }.into_any()
        }
        state => view! {
            <Foreign text=clip.text.clone() class="json-text"/>"…"
            {button(state, more.clone(), ask)}
        }
        .into_any(),
    }
}

fn button(state: Demand, label: String, ask: Callback<()>) -> AnyView {
    let is_asked = matches!(state, Demand::Asked);
    let failure = match state {
        Demand::Failed(why) => Some(why),
        _ => None,
    };
    view! {
        <button type="button" class="show-more" disabled=is_asked on:click=move |_| ask.run(())>
            {if is_asked { "Loading…".to_owned() } else { label }}
        </button>
        {failure.map(|why| view! { <span class="problem" role="alert">{foreign(why)}</span> })}
    }
    .into_any()
}
