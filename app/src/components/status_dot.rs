//! How a run ended, as a mark.

use leptos::prelude::*;
use model::RunStatus;

/// A round mark for success, a square one for failure, each with its word.
#[component]
pub fn StatusDot(status: RunStatus) -> impl IntoView {
    let class = match status {
        RunStatus::Success => "dot",
        RunStatus::Failure => "dot failure",
    };
    view! {
        <span class=class title=status.as_str()></span>
        <span class="visually-hidden">{status.as_str()}</span>
    }
}

/// The same as a word with a ground.
#[component]
pub fn StatusBadge(status: RunStatus) -> impl IntoView {
    let (class, dot) = match status {
        RunStatus::Success => ("badge good", "dot"),
        RunStatus::Failure => ("badge bad", "dot failure"),
    };
    view! {
        <span class=class>
            <span class=dot></span>
            {status.as_str()}
        </span>
    }
}
