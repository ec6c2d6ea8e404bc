//! What only a browser can do. On the server all of it does nothing.

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

/// A time in the reader's own zone and manner.
#[must_use]
pub fn local_time(at: model::Timestamp) -> Option<String> {
    #[cfg(feature = "hydrate")]
    {
        let date = js_sys::Date::new(&(at.as_unix_millis() as f64).into());
        let options = js_sys::Object::new();
        for (name, value) in [("dateStyle", "medium"), ("timeStyle", "long")] {
            // Setting a property of a plain object cannot fail.
            let _ = js_sys::Reflect::set(&options, &name.into(), &value.into());
        }
        Some(date.to_locale_string("default", &options).into())
    }
    #[cfg(not(feature = "hydrate"))]
    {
        let _ = at;
        None
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
