//! Says that figures do not reach back to the beginning.

use leptos::prelude::*;
use model::Timestamp;

use super::exact_time::ExactTime;

/// From when on runs are counted.
#[component]
pub fn FiguresSince(at: Timestamp) -> impl IntoView {
    view! {
        <p class="overview-notice">
            "Figures since "<ExactTime at/>"; earlier runs aren't included."
        </p>
    }
    .into_any()
}
