//! The other runs of a conversation.

use std::sync::Arc;

use leptos::prelude::*;

use super::foreign::Foreign;
use super::relative_time::RelativeTime;
use super::status_dot::StatusDot;
use crate::data::run::{RunDoc, TurnDoc};
use crate::run_links::RunLinks;

/// The runs of a run's conversation, oldest first; nothing when it is alone.
#[component]
pub fn Conversation(turns: Vec<TurnDoc>, run: Arc<RunDoc>, links: Memo<RunLinks>) -> impl IntoView {
    if turns.is_empty() {
        return ().into_any();
    }
    let title = format!("Conversation ({} runs)", turns.len());
    let (current, now) = (run.id, run.now);
    let rows = turns.into_iter().map(|turn| {
        let id = turn.id;
        view! {
            <li>
                <a
                    class="turn"
                    href=move || links.with(|links| links.run(id))
                    aria-current=(id == current).then_some("true")
                >
                    <StatusDot status=turn.status/>
                    <Foreign text=turn.input class="turn-input truncate"/>
                    <Foreign text=turn.output class="turn-output truncate faint"/>
                    <span class="faint nowrap"><RelativeTime at=turn.created_at now/></span>
                </a>
            </li>
        }
    });
    view! {
        <section class="panel">
            <div class="panel-head"><h2>{title}</h2></div>
            <ol class="turns">{rows.collect_view()}</ol>
        </section>
    }
    .into_any()
}
