//! The keyboard.
//!
//! A control says which key presses it with the attribute `data-key`; rows of a
//! list say that `j` and `k` reach them with `data-row`. So this file knows no
//! page, and a key works wherever its control is shown. Single letters can be
//! switched off, since speech input may type them unintended (WCAG 2.1.4).

use leptos::prelude::*;

/// Listens to the keyboard, and marks the document as one with a script.
#[component]
pub fn Shortcuts() -> impl IntoView {
    #[cfg(feature = "hydrate")]
    browser::listen();
}

/// Where the browser remembers that single letters are switched off.
#[cfg(feature = "hydrate")]
pub const STORAGE_KEY: &str = "runs-shortcuts";

#[cfg(feature = "hydrate")]
mod browser {
    use std::time::Duration;

    use leptos::ev::{self, KeyboardEvent, MouseEvent};
    use leptos::prelude::*;
    use leptos_router::hooks::use_location;
    use wasm_bindgen::JsCast as _;
    use web_sys::{Element, HtmlElement, Node};

    use super::STORAGE_KEY;

    /// How long the first key of two waits for the second.
    const SEQUENCE: Duration = Duration::from_millis(1_200);

    pub fn listen() {
        let first_key = StoredValue::new(None::<String>);
        let keys = window_event_listener(ev::keydown, move |event| on_key(&event, first_key));
        let clicks = window_event_listener(ev::click, |event| close_menus(&event));
        on_cleanup(move || {
            keys.remove();
            clicks.remove();
        });
        Effect::new(|_| {
            if let Some(root) = document().document_element() {
                let _ = root.class_list().add_1("scripted");
            }
        });
        let path = use_location().pathname;
        Effect::new(move |previous: Option<String>| {
            let path = path.get();
            // After following a link the page begins at its top for everyone.
            if previous.is_some_and(|previous| previous != path) {
                crate::browser::focus("main");
            }
            path
        });
    }

    fn on_key(event: &KeyboardEvent, first_key: StoredValue<Option<String>>) {
        if is_palette_key(event) {
            // Browsers have a use of their own for it.
            event.prevent_default();
            super::super::palette::toggle_palette();
            return;
        }
        if event.default_prevented() || event.ctrl_key() || event.meta_key() || event.alt_key() {
            return;
        }
        let key = event.key();
        if key == "Escape" {
            on_escape(event);
            return;
        }
        let is_blocked = is_typing() || has_open_dialog() || is_switched_off();
        if is_blocked || key.chars().count() != 1 {
            return;
        }
        let keys = match first_key.try_update_value(Option::take).flatten() {
            Some(first) => format!("{first} {key}"),
            None => key,
        };
        let is_handled = match keys.as_str() {
            "g" => {
                first_key.set_value(Some(keys));
                set_timeout(move || first_key.set_value(None), SEQUENCE);
                true
            }
            "j" => press("]", "[data-drawer] ") || move_row(1),
            "k" => press("[", "[data-drawer] ") || move_row(-1),
            keys => press(keys, ""),
        };
        if is_handled {
            event.prevent_default();
        }
    }

    fn is_palette_key(event: &KeyboardEvent) -> bool {
        (event.ctrl_key() || event.meta_key())
            && !event.alt_key()
            && !event.shift_key()
            && event.key().eq_ignore_ascii_case("k")
    }

    /// Closes what is open, from the front to the back.
    fn on_escape(event: &KeyboardEvent) {
        if has_open_dialog() {
            return;
        }
        let menu = document().query_selector("details.menu[open]").ok().flatten();
        if let Some(menu) = menu {
            let _ = menu.remove_attribute("open");
            if let Some(summary) = menu.query_selector("summary").ok().flatten() {
                focus(&summary);
            }
        } else if is_typing() {
            if let Some(field) = active() {
                let _ = field.unchecked_into::<HtmlElement>().blur();
            }
        } else if !press("Escape", "") {
            return;
        }
        event.prevent_default();
    }

    fn close_menus(event: &MouseEvent) {
        let target = event.target().and_then(|target| target.dyn_into::<Node>().ok());
        let Ok(menus) = document().query_selector_all("details.menu[open]") else { return };
        for index in 0..menus.length() {
            let menu = menus.get(index).and_then(|menu| menu.dyn_into::<Element>().ok());
            if let Some(menu) = menu.filter(|menu| !menu.contains(target.as_ref())) {
                let _ = menu.remove_attribute("open");
            }
        }
    }

    /// Presses the last visible control of these keys; fields get the focus.
    fn press(keys: &str, within: &str) -> bool {
        let selector = format!("{within}[data-key=\"{}\"]", keys.replace(['"', '\\'], ""));
        let Ok(found) = document().query_selector_all(&selector) else { return false };
        let control = (0..found.length())
            .rev()
            .filter_map(|index| found.get(index)?.dyn_into::<HtmlElement>().ok())
            .find(|control| control.get_client_rects().length() > 0);
        match control {
            None => false,
            Some(control) => {
                if let Some(input) = control.dyn_ref::<web_sys::HtmlInputElement>() {
                    let _ = input.focus();
                    input.select();
                } else {
                    control.click();
                }
                true
            }
        }
    }

    fn move_row(step: i64) -> bool {
        let Ok(rows) = document().query_selector_all("[data-row]") else { return false };
        let count = i64::from(rows.length());
        let active = active();
        let current = (0..rows.length())
            .find(|index| rows.get(*index).as_ref() == active.as_ref().map(AsRef::<Node>::as_ref));
        let next = current.map_or(0, |current| (i64::from(current) + step).clamp(0, count - 1));
        let row = u32::try_from(next).ok().and_then(|next| rows.get(next));
        match row.and_then(|row| row.dyn_into::<Element>().ok()) {
            Some(row) => {
                focus(&row);
                true
            }
            None => false,
        }
    }

    fn focus(element: &Element) {
        if let Some(element) = element.dyn_ref::<HtmlElement>() {
            let _ = element.focus();
        }
    }

    fn active() -> Option<Element> {
        document().active_element()
    }

    fn is_typing() -> bool {
        active().is_some_and(|element| {
            matches!(element.tag_name().as_str(), "INPUT" | "TEXTAREA" | "SELECT")
                && !matches!(element.get_attribute("type").as_deref(), Some("checkbox" | "radio"))
        })
    }

    fn has_open_dialog() -> bool {
        document().query_selector("dialog[open]").ok().flatten().is_some()
    }

    fn is_switched_off() -> bool {
        let storage = window().local_storage().ok().flatten();
        storage.and_then(|storage| storage.get_item(STORAGE_KEY).ok().flatten()).as_deref()
            == Some("off")
    }
}
