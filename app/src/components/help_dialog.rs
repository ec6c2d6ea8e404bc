//! Which keys do what.

use leptos::prelude::*;

use super::icon::{Icon, Shape};
#[cfg(feature = "hydrate")]
use super::shortcuts::STORAGE_KEY;

const ID: &str = "help";

const GROUPS: [(&str, &[(&str, &str)]); 5] = [
    (
        "Everywhere",
        &[
            ("/", "Search"),
            ("Ctrl K or ⌘ K", "Go to an agent, a page, a search or a run"),
            ("?", "This help"),
            ("Esc", "Back, or close what is open"),
            ("g a", "Agents"),
            ("g r", "Runs"),
            ("g v", "Versions"),
            ("g t", "Stats"),
            ("g p", "Playground"),
            ("g s", "Settings"),
        ],
    ),
    (
        "In a list",
        &[
            ("j", "Next row"),
            ("k", "Previous row"),
            ("Enter", "Open the run"),
            ("n", "Next page"),
            ("b", "Previous page"),
            ("l", "Toggle live mode"),
            (".", "Show new runs"),
        ],
    ),
    (
        "On a run",
        &[
            ("[", "Newer run"),
            ("]", "Older run"),
            ("p", "View the prompt"),
            ("t", "Try in the playground"),
            ("i", "Try the input in the playground"),
            ("c", "Copy the link"),
            ("o", "Open full page"),
        ],
    ),
    ("In a prompt", &[("Enter", "Next match"), ("Shift Enter", "Previous match")]),
    ("In the playground", &[("Ctrl Enter or ⌘ Enter", "Run")]),
];

/// The dialog; [`open_help`] opens it.
#[component]
pub fn HelpDialog() -> impl IntoView {
    let groups = GROUPS.map(|(title, keys)| {
        view! {
            <section>
                <h3>{title}</h3>
                <dl class="keys">
                    {keys.iter().map(|(key, what)| view! {
                        <div>
                            <dt>{key.split(' ').map(key_view).collect_view()}</dt>
                            <dd>{*what}</dd>
                        </div>
                    }).collect_view()}
                </dl>
            </section>
        }
    });
    view! {
        <dialog id=ID class="dialog" aria-labelledby="help-title">
            <div class="dialog-head">
                <h2 id="help-title">"Keyboard"</h2>
                <form method="dialog">
                    <button class="button quiet icon" aria-label="Close">
                        <Icon shape=Shape::Close/>
                    </button>
                </form>
            </div>
            <div class="key-groups">{groups.into_iter().collect_view()}</div>
            <SingleKeys/>
        </dialog>
    }
}

fn key_view(key: &'static str) -> AnyView {
    match key {
        "or" => view! { <span class="faint">"or"</span> }.into_any(),
        key => view! { <kbd>{key}</kbd> }.into_any(),
    }
}

/// Whether single letters do anything, remembered in this browser.
#[component]
fn SingleKeys() -> impl IntoView {
    let (is_on, set_on) = signal(true);
    Effect::new(move |_| set_on.set(read_choice()));
    view! {
        <label class="check">
            <input
                type="checkbox"
                prop:checked=move || is_on.get()
                checked
                on:change=move |event| {
                    let is_on = event_target_checked(&event);
                    set_on.set(is_on);
                    write_choice(is_on);
                }
            />
            "Enable single-key shortcuts"
        </label>
    }
}

#[cfg(feature = "hydrate")]
fn read_choice() -> bool {
    let storage = window().local_storage().ok().flatten();
    storage.and_then(|s| s.get_item(STORAGE_KEY).ok().flatten()).as_deref() != Some("off")
}

#[cfg(feature = "hydrate")]
fn write_choice(is_on: bool) {
    if let Some(storage) = window().local_storage().ok().flatten() {
        // A browser that keeps nothing forgets the choice with the page.
        let _ = storage.set_item(STORAGE_KEY, if is_on { "on" } else { "off" });
    }
}

/// Opens the dialog.
pub fn open_help() {
    crate::browser::toggle_dialog(ID);
}

#[cfg(not(feature = "hydrate"))]
fn read_choice() -> bool {
    true
}

#[cfg(not(feature = "hydrate"))]
fn write_choice(_is_on: bool) {}
