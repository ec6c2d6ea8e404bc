//! Light or dark.

use leptos::prelude::*;

use super::icon::{Icon, Shape};

/// The cookie that keeps the choice.
pub const THEME_COOKIE: &str = "theme";

/// A theme that a reader chose; without one the system's holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Theme {
    Light,
    Dark,
}

impl Theme {
    /// The word in the cookie and on the document.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// The theme of a word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        match word {
            "light" => Some(Self::Light),
            "dark" => Some(Self::Dark),
            _ => None,
        }
    }
}

/// A button that changes between light and dark.
#[component]
pub fn ThemeToggle() -> impl IntoView {
    view! {
        <button
            type="button"
            class="button quiet icon needs-script"
            title="Toggle light and dark theme"
            aria-label="Toggle light and dark theme"
            on:click=move |_| toggle()
        >
            <Icon shape=Shape::Theme/>
        </button>
    }
}

#[cfg(feature = "hydrate")]
fn toggle() {
    use wasm_bindgen::JsCast as _;

    let Some(root) = document().document_element() else { return };
    let chosen = root.get_attribute("data-theme").as_deref().and_then(Theme::from_word);
    let is_dark = match chosen {
        Some(theme) => theme == Theme::Dark,
        None => window()
            .match_media("(prefers-color-scheme: dark)")
            .ok()
            .flatten()
            .is_some_and(|query| query.matches()),
    };
    let theme = if is_dark { Theme::Light } else { Theme::Dark };
    // Neither an attribute of this name nor a cookie can be refused.
    let _ = root.set_attribute("data-theme", theme.as_str());
    if let Ok(document) = document().dyn_into::<web_sys::HtmlDocument>() {
        let cookie =
            format!("{THEME_COOKIE}={}; Path=/; Max-Age=31536000; SameSite=Lax", theme.as_str());
        let _ = document.set_cookie(&cookie);
    }
}

#[cfg(not(feature = "hydrate"))]
fn toggle() {}
