//! The parts of an organization's settings.

use leptos::prelude::*;

/// Links to the parts of an organization's settings.
#[component]
pub fn SettingsNav(#[prop(into)] org: Signal<String>, current: &'static str) -> impl IntoView {
    let item = move |part: &'static str, label: &'static str| {
        view! {
            <a
                href=move || format!("/{}/settings/{part}", org.get())
                aria-current=(part == current).then_some("page")
            >
                {label}
            </a>
        }
    };
    view! {
        <nav class="switch" aria-label="Settings">
            {item("keys", "API keys")}
            {item("members", "Members")}
            {item("providers", "Providers")}
            {item("status", "Status")}
        </nav>
    }
}
