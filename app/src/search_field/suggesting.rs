//! Asking for suggestions, the newest question alone.

use futures::future::{AbortHandle, abortable};
use leptos::prelude::*;
use model::search::{Caret, Slot};

use super::{FIELD, Offer, SearchField};
use crate::api::suggest::suggest;
use crate::browser::text_field;
use crate::recent_searches;

/// The question that is on its way.
#[derive(Clone, Copy)]
pub(super) struct Suggesting(StoredValue<Option<AbortHandle>>);

impl Default for Suggesting {
    fn default() -> Self {
        Self(StoredValue::new(None))
    }
}

impl Suggesting {
    /// Drops the question, which the server notices.
    pub(super) fn stop(self) {
        if let Some(question) = self.0.try_update_value(Option::take).flatten() {
            question.abort();
        }
    }
}

impl SearchField {
    /// Offers what can stand at the caret; unless asked to, not after every
    /// word, where it would only cover the list.
    pub fn suggest(self, is_asked_for: bool) {
        self.suggesting.stop();
        let Some(typed) = text_field::read(FIELD) else { return };
        let text = typed.text.get(..typed.selected.start).unwrap_or_default().to_owned();
        let is_empty = typed.text.trim().is_empty();
        let is_wanted = is_asked_for
            || match Caret::at_end(&text).map(|caret| caret.slot) {
                Some(Slot::Name { typed }) => !typed.is_empty(),
                Some(Slot::Condition { .. }) => true,
                None => false,
            };
        if !is_wanted {
            self.close();
            return;
        }
        let recent = if is_empty { recent_searches::read(&self.list()) } else { Vec::new() };
        let scope = self.scope.get_untracked();
        let (question, handle) = abortable(suggest(scope, text.clone()).fetch());
        self.suggesting.0.set_value(Some(handle));
        leptos::task::spawn_local(async move {
            // Without suggestions the field is used as before.
            let Ok(Ok(found)) = question.await else { return };
            let offer = Offer::new(text, recent, found);
            self.is_open.set(!offer.items.is_empty());
            self.active.set(None);
            self.offer.set(offer);
        });
    }

    /// Shows the offer no longer.
    pub fn close(self) {
        self.suggesting.stop();
        self.is_open.set(false);
        self.active.set(None);
    }

    /// Whether the offer is for the text as it stands now.
    pub(super) fn is_offer_fresh(self) -> bool {
        let Some(typed) = text_field::read(FIELD) else { return false };
        let text = typed.text.get(..typed.selected.start).unwrap_or_default();
        self.is_open.get_untracked() && self.offer.with_untracked(|offer| offer.text == text)
    }
}
