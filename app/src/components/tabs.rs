//! The tabs below the header.

use leptos::prelude::*;

/// A page that a tab leads to.
pub struct Tab {
    /// What it is called.
    pub label: &'static str,
    /// Where it is.
    pub href: String,
    /// Whether it is shown.
    pub is_current: bool,
    /// The keys that lead there.
    pub shortcut: Option<&'static str>,
}

/// A row of tabs.
#[component]
pub fn Tabs(label: &'static str, tabs: Vec<Tab>) -> impl IntoView {
    let items = tabs.into_iter().map(|tab| {
        view! {
            <li>
                <a
                    href=tab.href
                    aria-current=tab.is_current.then_some("page")
                    data-key=tab.shortcut
                >
                    {tab.label}
                </a>
            </li>
        }
    });
    view! {
        <nav class="tabs" aria-label=label>
            <ul>{items.collect_view()}</ul>
        </nav>
    }
}
