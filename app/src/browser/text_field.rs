//! The caret of a text field. Positions are bytes of its text.

use std::ops::Range;

/// What a text field holds and what of it is selected.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Typed {
    /// The text.
    pub text: String,
    /// What is selected; empty where the caret stands.
    pub selected: Range<usize>,
}

/// What the field of this id holds; `None` where there is no such field.
#[must_use]
pub fn read(id: &str) -> Option<Typed> {
    #[cfg(feature = "hydrate")]
    {
        let field = field(id)?;
        let text = field.value();
        let end = text.encode_utf16().count() as u32;
        let at = |units: Option<u32>| byte_at(&text, units.unwrap_or(end));
        let start = at(field.selection_start().ok().flatten());
        let selected = start..at(field.selection_end().ok().flatten()).max(start);
        Some(Typed { text, selected })
    }
    #[cfg(not(feature = "hydrate"))]
    {
        let _ = id;
        None
    }
}

/// Gives the field of this id another text and selection, and the focus.
pub fn write(id: &str, typed: &Typed) {
    #[cfg(feature = "hydrate")]
    if let Some(field) = field(id) {
        // It fails for no text field, and neither does the selection.
        let _ = field.focus();
        if read(id).as_ref() == Some(typed) {
            return;
        }
        if field.value() != typed.text {
            field.set_value(&typed.text);
        }
        let start = units_at(&typed.text, typed.selected.start);
        let end = units_at(&typed.text, typed.selected.end);
        let _ = field.set_selection_range(start, end);
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = (id, typed);
}

#[cfg(feature = "hydrate")]
fn field(id: &str) -> Option<web_sys::HtmlInputElement> {
    use wasm_bindgen::JsCast as _;

    leptos::prelude::document().get_element_by_id(id)?.dyn_into().ok()
}

/// The byte before which so many UTF-16 units stand.
#[cfg(any(feature = "hydrate", test))]
fn byte_at(text: &str, units: u32) -> usize {
    let mut seen = 0;
    for (at, c) in text.char_indices() {
        if seen >= units {
            return at;
        }
        seen += c.len_utf16() as u32;
    }
    text.len()
}

/// How many UTF-16 units stand before a byte.
#[cfg(any(feature = "hydrate", test))]
fn units_at(text: &str, byte: usize) -> u32 {
    text.get(..byte).unwrap_or(text).encode_utf16().count() as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_count_other_units() {
        let text = "é👍a";
        assert_eq!([0, 1, 2, 3, 4, 9].map(|units| byte_at(text, units)), [0, 2, 6, 6, 7, 7]);
        assert_eq!([0, 2, 6, 7, 9].map(|byte| units_at(text, byte)), [0, 1, 3, 4, 4]);
    }
}
