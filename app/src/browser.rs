//! What only a browser can do. On the server all of it does nothing.

pub mod pointer;
pub mod text_field;

/// Copies a text to the clipboard; whether that was allowed.
pub async fn copy_text(text: String) -> bool {
    #[cfg(feature = "hydrate")]
    {
        let clipboard = leptos::prelude::window().navigator().clipboard();
        // Without https a browser has no clipboard to offer.
        if wasm_bindgen::JsValue::from(clipboard.clone()).is_undefined() {
            return false;
        }
        wasm_bindgen_futures::JsFuture::from(clipboard.write_text(&text)).await.is_ok()
    }
    #[cfg(not(feature = "hydrate"))]
    {
        let _ = text;
        false
    }
}

/// Waits.
pub async fn sleep_ms(milliseconds: u32) {
    #[cfg(feature = "hydrate")]
    gloo_timers::future::TimeoutFuture::new(milliseconds).await;
    #[cfg(not(feature = "hydrate"))]
    let _ = milliseconds;
}

/// The present time of the browser's clock.
#[must_use]
pub fn now() -> Option<model::Timestamp> {
    #[cfg(feature = "hydrate")]
    return Some(model::Timestamp(js_sys::Date::now() as i64 * 1_000));
    #[cfg(not(feature = "hydrate"))]
    None
}

/// How many minutes east of UTC the browser's clock is at a moment.
#[must_use]
pub fn minutes_east(at: model::Timestamp) -> i64 {
    #[cfg(feature = "hydrate")]
    {
        let date = js_sys::Date::new(&(at.as_unix_millis() as f64).into());
        -(date.get_timezone_offset() as i64)
    }
    #[cfg(not(feature = "hydrate"))]
    {
        let _ = at;
        0
    }
}

/// A word that no other window has made up; empty on the server.
#[must_use]
pub fn random_word() -> String {
    #[cfg(feature = "hydrate")]
    return format!("{:x}", (js_sys::Math::random() * 9e15) as u64);
    #[cfg(not(feature = "hydrate"))]
    String::new()
}

/// Over which of so many bars of equal width a pointer is, in the drawing that
/// it came from; the drawing keeps getting its moves until the button is let go.
#[must_use]
pub fn bar_at(event: &leptos::ev::PointerEvent, count: usize) -> Option<usize> {
    #[cfg(feature = "hydrate")]
    {
        use wasm_bindgen::JsCast as _;

        let drawing = event.current_target()?.dyn_into::<web_sys::Element>().ok()?;
        if event.type_() == "pointerdown" {
            // Without it a drag that leaves the drawing ends at its edge.
            let _ = drawing.set_pointer_capture(event.pointer_id());
        }
        let field = drawing.get_bounding_client_rect();
        let share = (f64::from(event.client_x()) - field.left()) / field.width().max(1.0);
        let bar = (share.clamp(0.0, 1.0) * count as f64) as usize;
        Some(bar.min(count.checked_sub(1)?))
    }
    #[cfg(not(feature = "hydrate"))]
    {
        let _ = (event, count);
        None
    }
}

/// Whether the element of this id has the focus.
#[must_use]
pub fn has_focus(id: &str) -> bool {
    #[cfg(feature = "hydrate")]
    {
        leptos::prelude::document().active_element().is_some_and(|element| element.id() == id)
    }
    #[cfg(not(feature = "hydrate"))]
    {
        let _ = id;
        false
    }
}

/// Moves the focus to the element of this id.
pub fn focus(id: &str) {
    #[cfg(feature = "hydrate")]
    {
        use wasm_bindgen::JsCast as _;

        let element = leptos::prelude::document().get_element_by_id(id);
        if let Some(element) = element.and_then(|e| e.dyn_into::<web_sys::HtmlElement>().ok()) {
            // An element that cannot be focused stays as it is.
            let _ = element.focus();
        }
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = id;
}

/// How a text came into a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(
    not(feature = "hydrate"),
    allow(dead_code, reason = "only in a browser is anything entered")
)]
pub enum Entry {
    /// Letter by letter.
    Letters,
    /// As a whole: pasted or dropped.
    Whole,
    /// An input method is not done with it.
    Composing,
}

/// How the text of an input event came.
#[must_use]
pub fn entry(event: &leptos::ev::Event) -> Entry {
    #[cfg(feature = "hydrate")]
    {
        use wasm_bindgen::JsCast as _;

        let Some(event) = event.dyn_ref::<web_sys::InputEvent>() else { return Entry::Letters };
        match event.input_type().as_str() {
            _ if event.is_composing() => Entry::Composing,
            "insertFromPaste" | "insertFromDrop" => Entry::Whole,
            _ => Entry::Letters,
        }
    }
    #[cfg(not(feature = "hydrate"))]
    {
        let _ = event;
        Entry::Letters
    }
}

/// Whether the focus stays inside the element that listens for it to go.
#[must_use]
pub fn keeps_focus(event: &leptos::ev::FocusEvent) -> bool {
    #[cfg(feature = "hydrate")]
    {
        use wasm_bindgen::JsCast as _;

        let around =
            event.current_target().and_then(|target| target.dyn_into::<web_sys::Node>().ok());
        let next =
            event.related_target().and_then(|target| target.dyn_into::<web_sys::Node>().ok());
        next.is_some() && around.is_some_and(|around| around.contains(next.as_ref()))
    }
    #[cfg(not(feature = "hydrate"))]
    {
        let _ = event;
        false
    }
}

/// Scrolls what is around the element of this id just enough to show it.
pub fn scroll_to(id: &str) {
    #[cfg(feature = "hydrate")]
    if let Some(element) = leptos::prelude::document().get_element_by_id(id) {
        let options = web_sys::ScrollIntoViewOptions::new();
        options.set_block(web_sys::ScrollLogicalPosition::Nearest);
        element.scroll_into_view_with_scroll_into_view_options(&options);
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = id;
}

/// What the browser keeps under this name.
#[must_use]
pub fn recall(name: &str) -> Option<String> {
    #[cfg(feature = "hydrate")]
    return leptos::prelude::window().local_storage().ok().flatten()?.get_item(name).ok().flatten();
    #[cfg(not(feature = "hydrate"))]
    {
        let _ = name;
        None
    }
}

/// The names that begin like this under which the browser keeps something, in order.
#[must_use]
pub fn recalled_names(begin: &str) -> Vec<String> {
    #[cfg(feature = "hydrate")]
    {
        let Some(storage) = leptos::prelude::window().local_storage().ok().flatten() else {
            return Vec::new();
        };
        let count = storage.length().unwrap_or_default();
        let names = (0..count).filter_map(|index| storage.key(index).ok().flatten());
        let mut names: Vec<String> = names.filter(|name| name.starts_with(begin)).collect();
        names.sort_unstable();
        names
    }
    #[cfg(not(feature = "hydrate"))]
    {
        let _ = begin;
        Vec::new()
    }
}

/// Opens the dialog of this id over the page, or closes it when it is open; not
/// while another one is.
pub fn toggle_dialog(id: &str) {
    #[cfg(feature = "hydrate")]
    {
        use wasm_bindgen::JsCast as _;

        let document = leptos::prelude::document();
        let dialog = document.get_element_by_id(id);
        let Some(dialog) = dialog.and_then(|it| it.dyn_into::<web_sys::HtmlDialogElement>().ok())
        else {
            return;
        };
        if dialog.open() {
            dialog.close();
        } else if document.query_selector("dialog[open]").ok().flatten().is_none() {
            // Fails only when it is open already.
            let _ = dialog.show_modal();
        }
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = id;
}

/// Has the browser keep a text under this name; one that keeps nothing forgets it.
pub fn keep(name: &str, text: &str) {
    #[cfg(feature = "hydrate")]
    if let Some(storage) = leptos::prelude::window().local_storage().ok().flatten() {
        let _ = storage.set_item(name, text);
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = (name, text);
}

/// Puts another path into the address bar, in place of this one; the page stays.
pub fn replace_address(path: &str) {
    #[cfg(feature = "hydrate")]
    if let Ok(history) = leptos::prelude::window().history() {
        let state = history.state().unwrap_or(wasm_bindgen::JsValue::NULL);
        let _ = history.replace_state_with_url(&state, "", Some(path));
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = path;
}

/// Scrolls to the mark of this number and tells it from the others.
pub fn show_mark(number: usize) {
    #[cfg(feature = "hydrate")]
    {
        use wasm_bindgen::JsCast as _;

        let Ok(marks) = leptos::prelude::document().query_selector_all("main mark") else { return };
        for index in 0..marks.length() {
            let mark = marks.item(index).and_then(|mark| mark.dyn_into::<web_sys::Element>().ok());
            let Some(mark) = mark else { continue };
            let is_current = index as usize == number;
            let _ = mark.class_list().toggle_with_force("current", is_current);
            if is_current {
                let options = web_sys::ScrollIntoViewOptions::new();
                options.set_block(web_sys::ScrollLogicalPosition::Center);
                mark.scroll_into_view_with_scroll_into_view_options(&options);
            }
        }
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = number;
}

/// Calls `then` once the page shows what has changed.
pub fn after_drawing(then: impl FnOnce() + 'static) {
    #[cfg(feature = "hydrate")]
    leptos::prelude::request_animation_frame(then);
    #[cfg(not(feature = "hydrate"))]
    let _ = then;
}
