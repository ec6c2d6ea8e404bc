//! Where pointers are, and how wide what they touch is.

use leptos::ev::{KeyboardEvent, PointerEvent};

/// The place of a pointer and the width of what is around the element that it
/// came from, in pixels; the element keeps getting its moves until it is let go.
#[must_use]
pub fn grip(event: &PointerEvent) -> Option<(f64, f64)> {
    #[cfg(feature = "hydrate")]
    {
        use wasm_bindgen::JsCast as _;

        let handle = event.current_target()?.dyn_into::<web_sys::Element>().ok()?;
        // Without it a quick drag leaves its handle behind.
        let _ = handle.set_pointer_capture(event.pointer_id());
        let around = handle.parent_element()?.get_bounding_client_rect();
        Some((f64::from(event.client_x()), around.width()))
    }
    #[cfg(not(feature = "hydrate"))]
    {
        let _ = event;
        None
    }
}

/// The width of what is around the element that an event came from, in pixels.
#[must_use]
pub fn width_around(event: &KeyboardEvent) -> Option<f64> {
    #[cfg(feature = "hydrate")]
    {
        use wasm_bindgen::JsCast as _;

        let element = event.current_target()?.dyn_into::<web_sys::Element>().ok()?;
        Some(element.parent_element()?.get_bounding_client_rect().width())
    }
    #[cfg(not(feature = "hydrate"))]
    {
        let _ = event;
        None
    }
}
