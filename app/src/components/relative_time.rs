//! A time as people say it.

use leptos::prelude::*;
use model::Timestamp;

use super::clock::Clock;
use super::zone::Zone;
use crate::format;

/// How long ago something was, seen from `now`, with the exact time on hover:
/// UTC in the server's view, then the reader's own zone too.
#[component]
pub fn RelativeTime(at: Timestamp, now: Timestamp) -> impl IntoView {
    let (clock, zone) = (use_context::<Clock>(), Zone::here());
    let present =
        move || clock.and_then(|clock| clock.0.get()).filter(|at| *at > now).unwrap_or(now);
    let (title, set_title) = signal(format::exact(at));
    // Only for a reader who looks: a page has many times, and each takes a while.
    let localize = move |_| {
        let offset = untrack(move || zone.offset(at));
        if offset != 0 {
            set_title.set(format!("{}\n{}", format::exact_in(at, offset), format::exact(at)));
        }
    };
    view! {
        <time
            datetime=format::iso(at) title=move || title.get() data-local="relative"
            on:pointerenter=localize
        >
            {move || format::relative(at, present(), zone.offset(at))}
        </time>
    }
}
