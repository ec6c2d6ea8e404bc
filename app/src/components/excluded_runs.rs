//! Says which runs figures leave out.

use leptos::prelude::*;

use crate::data::stats::ExcludedDoc;
use crate::format;

/// How many runs of the playground and of echo are not counted, with a link that counts them.
#[component]
pub fn ExcludedRuns(
    doc: ExcludedDoc,
    /// The address of the same figures with these runs in.
    href: String,
) -> impl IntoView {
    let runs = if doc.runs == 1 { "run" } else { "runs" };
    view! {
        <p class="overview-notice">
            {format!("Excludes {} {runs} from the playground and echo. ", format::count(doc.runs))}
            <a href=href data-noscroll="">"Include"</a>
        </p>
    }
    .into_any()
}
