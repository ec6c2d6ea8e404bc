//! The API key that was made last in this window.
//!
//! A key is given once, in the answer that makes it. For a first run's command to
//! carry it from the page of the keys to that of the runs it stays in the memory
//! of this page, and nowhere else: a reload, signing out and leaving the list end it.

use leptos::prelude::*;

/// The key that was made last, with its organization.
#[derive(Clone, Copy)]
pub struct FreshKey(RwSignal<Option<(String, String)>>);

/// Makes room for it, around every page.
pub fn provide_fresh_key() {
    provide_context(FreshKey(RwSignal::new(None)));
}

impl FreshKey {
    /// The one of this app.
    #[must_use]
    pub fn get() -> Self {
        expect_context()
    }

    /// Keeps a key that was just made.
    pub fn keep(self, org: String, key: String) {
        self.0.set(Some((org, key)));
    }

    /// The key, if it is this organization's.
    #[must_use]
    pub fn of(self, org: &str) -> Option<String> {
        self.0.with(|kept| kept.as_ref().filter(|(own, _)| own == org).map(|(_, key)| key.clone()))
    }

    /// Forgets it.
    pub fn forget(self) {
        // On the server it may be gone before the page is.
        let _ = self.0.try_set(None);
    }

    /// Forgets it when the page that calls this is left.
    pub fn forget_when_left(self) {
        on_cleanup(move || self.forget());
    }
}
