//! What is said when time was up before a search had looked at everything.

use leptos::prelude::*;
use model::Timestamp;

use super::exact_time::ExactTime;
use crate::list_state::{ListScope, ListState};

/// How far back a search looked, and the way to go on with what is older.
#[component]
pub fn SearchedBack(
    /// Everything since then was looked at.
    #[prop(into)]
    at: Signal<Option<Timestamp>>,
    #[prop(into)] scope: Signal<ListScope>,
    #[prop(into)] state: Signal<ListState>,
) -> impl IntoView {
    move || {
        let at = at.get()?;
        let href = state.with(|state| state.with_q(older(&state.q, at)).href(&scope.get()));
        Some(view! {
            <p class="state" role="status">
                "Searched back to "<ExactTime at/>"; older runs weren't searched. "
                <a href=href>"Load older runs"</a>
            </p>
        })
    }
}

/// The same search for what is older. The end of the search stays the end, since
/// its last word may be unfinished.
fn older(q: &str, at: Timestamp) -> String {
    // OR binds loosest, so such a search stays whole in parentheses only.
    let q = if q.contains("OR") { format!("({q})") } else { q.to_owned() };
    format!("time:<{at} {}", q.trim_start())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn going_on_asks_the_same_of_what_is_older() {
        let at: Timestamp = "2026-10-01T12:00:00.5Z".parse().unwrap();
        assert_eq!(older("refu", at), format!("time:<{at} refu"));
        assert_eq!(older("refund ", at), format!("time:<{at} refund "));
        assert_eq!(older("a OR b", at), format!("time:<{at} (a OR b)"));
        for q in ["refund", "a OR b", "\"late refund\"", "status:failure"] {
            assert!(model::SearchQuery::parse(&older(q, at)).is_ok(), "{q}");
        }
    }
}
