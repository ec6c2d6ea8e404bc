//! A time as people say it.

use leptos::prelude::*;
use model::Timestamp;

use super::clock::Clock;
use crate::format;

/// How long ago something was, seen from `now`, with the exact time on hover:
/// UTC in the server's view, then the reader's own zone.
#[component]
pub fn RelativeTime(at: Timestamp, now: Timestamp) -> impl IntoView {
    let clock = use_context::<Clock>();
    let present =
        move || clock.and_then(|clock| clock.0.get()).filter(|at| *at > now).unwrap_or(now);
    let (title, set_title) = signal(format::exact(at));
    // Only for a reader who looks: a page has many times, and each takes a while.
    let localize = move |_| {
        if let Some(local) = crate::browser::local_time(at) {
            set_title.set(format!("{local}\n{}", format::exact(at)));
        }
    };
    view! {
        <time datetime=format::iso(at) title=move || title.get() on:pointerenter=localize>
            {move || format::relative(at, present())}
        </time>
    }
}
