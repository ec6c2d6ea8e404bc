//! The title of a page whose parameters can change while it is shown.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::format::visible;

/// Sets the title to what `text` gives, now and whenever it changes.
///
/// The server reads titles after the page's own values may be gone, so the
/// text is held by a memo that outlives them and has been computed before.
#[component]
pub fn PageTitle(text: impl Fn() -> String + Send + Sync + 'static) -> impl IntoView {
    let title = ArcMemo::new(move |_| visible(&text()).into_owned());
    title.with_untracked(|_| ());
    view! { <Title text=move || title.get()/> }
}
