//! A time to the millisecond.

use leptos::prelude::*;
use model::Timestamp;

use super::zone::Zone;
use crate::format;

/// A time in the reader's own zone, with UTC on hover. The server's view is in
/// UTC; a script of the document writes the reader's time before anything is
/// seen, so that nothing changes under their eyes.
#[component]
pub fn ExactTime(at: Timestamp) -> impl IntoView {
    let zone = Zone::here();
    let shown = move || format::exact_in(at, zone.offset(at));
    view! {
        <time class="nowrap" datetime=format::iso(at) title=format::exact(at) data-local="exact">
            {shown}
        </time>
    }
    .into_any()
}
