//! The search field's state and what can be done with it.
//!
//! The text before the caret is what suggestions are asked for; the whole text
//! is what is searched. Letters are followed once they rest and replace the
//! address; a finished filter is followed at once and is an entry of the
//! history, so that Back undoes it.

mod keys;
mod offer;
mod suggesting;

use std::ops::Range;

use leptos::prelude::*;
use model::SearchError;
use model::search::{Caret, Slot, ends_in_quotes, nearest_field};

pub use keys::{chip_key, field_key, part_id, parts_of};
pub use offer::{Offer, OfferItem, option_id};

use crate::browser::text_field::{self, Typed};
use crate::list_state::ListScope;
use crate::recent_searches;
use crate::search_text::{ChipPart, Finished, SearchParts, SearchText};
use offer::Take;
use suggesting::Suggesting;

/// The id of the field.
pub const FIELD: &str = "q";
/// How long typing rests before the list follows it.
const REST_MS: u32 = 40;
/// How long typing rests before what is unfinished counts as wrong.
const LONG_REST_MS: u32 = 700;

/// A search to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Search {
    /// The search.
    pub q: String,
    /// Whether it goes on from the one in the address, rather than following it.
    pub replaces: bool,
}

/// The search field.
#[derive(Clone, Copy)]
pub struct SearchField {
    /// What it holds.
    pub text: RwSignal<SearchText>,
    /// What can be taken.
    pub offer: RwSignal<Offer>,
    /// Whether the offer is shown.
    pub is_open: RwSignal<bool>,
    /// What of the offer is chosen.
    pub active: RwSignal<Option<usize>>,
    /// Whether typing has rested for long.
    pub is_resting: RwSignal<bool>,
    scope: Signal<ListScope>,
    search: Callback<Search>,
    suggesting: Suggesting,
    /// The last search that this field made; any other in the address came from elsewhere.
    made: StoredValue<String>,
    /// Whether the address is that of letters, which the next ones replace.
    is_on_letters: StoredValue<bool>,
    /// Counts what was typed, to know what came last.
    typed_count: StoredValue<u32>,
    /// Whether Backspace is taking a chip apart.
    is_walking: StoredValue<bool>,
}

impl SearchField {
    /// A field that begins with the search of the address and follows it.
    pub fn new(q: Signal<String>, scope: Signal<ListScope>, search: Callback<Search>) -> Self {
        let first = q.get_untracked();
        let field = Self {
            text: RwSignal::new(SearchText::of(&first)),
            offer: RwSignal::default(),
            is_open: RwSignal::new(false),
            active: RwSignal::new(None),
            is_resting: RwSignal::new(true),
            scope,
            search,
            suggesting: Suggesting::default(),
            made: StoredValue::new(first),
            is_on_letters: StoredValue::new(false),
            typed_count: StoredValue::new(0),
            is_walking: StoredValue::new(false),
        };
        Effect::new(move |_| {
            let q = q.get();
            if field.made.with_value(|made| *made != q) {
                field.text.set(SearchText::of(&q));
                field.made.set_value(q);
                field.is_on_letters.set_value(false);
                field.is_resting.set(true);
                field.close();
            }
        });
        on_cleanup(move || field.suggesting.stop());
        field
    }

    /// Why the search cannot be read, and whether that may only be because it
    /// is not finished.
    #[must_use]
    pub fn problem(self) -> Option<(SearchError, bool)> {
        let problem = self.text.with(SearchText::problem)?;
        let chars = self.text.with(|text| text.draft.chars().count());
        let is_at_end = (problem.position.saturating_add(problem.length)) as usize >= chars;
        let is_typing = !self.is_resting.get() || self.is_open.get();
        Some((
            problem,
            is_typing && (is_at_end || self.text.with(|text| ends_in_quotes(&text.draft))),
        ))
    }

    /// Whether a filter is being typed, so that what it finds by now means little.
    #[must_use]
    pub fn is_composing(self) -> bool {
        if self.is_resting.get() && !self.is_open.get() {
            return false;
        }
        let slot = self.text.with(|text| Caret::at_end(&text.draft)).map(|caret| caret.slot);
        match slot {
            Some(Slot::Name { typed }) => {
                typed.len() > 1 && nearest_field(&typed).starts_with(&typed)
            }
            Some(Slot::Condition { .. }) => true,
            None => false,
        }
    }

    /// Follows what was typed, pasted or dropped into the field.
    pub fn typed(self, is_whole: bool) {
        let Some(typed) = text_field::read(FIELD) else { return };
        let finished = if is_whole { Finished::All } else { Finished::BeforeCaret };
        self.is_walking.set_value(false);
        self.follow(typed.text, typed.selected.end, finished);
    }

    /// Takes a text with its caret up, and makes chips of what is finished.
    fn follow(self, draft: String, caret: usize, finished: Finished) {
        let mut text = self.text.get_untracked();
        let chips = text.chips.len();
        text.draft = draft;
        let caret = text.finish(caret, finished);
        let is_finished = text.chips.len() != chips;
        self.show(text, caret..caret);
        self.suggest(false);
        self.send(is_finished);
    }

    /// Shows a text with a selection, and keeps the focus.
    fn show(self, text: SearchText, selected: Range<usize>) {
        text_field::write(FIELD, &Typed { text: text.draft.clone(), selected });
        self.text.set(text);
    }

    /// Makes the search that the field holds: at once, or when typing rests.
    fn send(self, at_once: bool) {
        self.typed_count.update_value(|count| *count = count.wrapping_add(1));
        if at_once {
            self.is_resting.set(true);
            self.make(true);
            return;
        }
        self.is_resting.set(false);
        let number = self.typed_count.get_value();
        leptos::task::spawn_local(async move {
            let is_last = move || self.typed_count.try_get_value() == Some(number);
            crate::browser::sleep_ms(REST_MS).await;
            // What is not finished yet is no search, and the list need not hear of it.
            if is_last() && !self.is_unfinished() {
                self.make(false);
            }
            crate::browser::sleep_ms(LONG_REST_MS).await;
            if is_last() {
                self.is_resting.set(true);
                if !self.is_unfinished() {
                    self.make(false);
                }
            }
        });
    }

    fn is_unfinished(self) -> bool {
        untrack(|| self.problem().is_some_and(|(_, is_unfinished)| is_unfinished))
    }

    fn make(self, is_finished: bool) {
        let q = self.text.with_untracked(SearchText::q);
        let replaces = self.is_on_letters.get_value();
        self.is_on_letters.set_value(!is_finished && (replaces || !self.is_made(&q)));
        if !self.is_made(&q) {
            self.made.set_value(q.clone());
            self.search.run(Search { q, replaces });
        }
    }

    fn is_made(self, q: &str) -> bool {
        self.made.with_value(|made| made == q)
    }

    /// Finishes what is typed and searches for it, as Enter does.
    pub fn submit(self) {
        self.finish_all();
        self.close();
        self.remember();
    }

    fn finish_all(self) {
        let mut text = self.text.get_untracked();
        let end = text.draft.len();
        text.finish(end, Finished::All);
        if text != self.text.get_untracked() {
            self.text.set(text);
        }
        self.send(true);
    }

    /// The field has lost the focus: what is typed is finished.
    pub fn left(self) {
        self.close();
        self.finish_all();
        self.remember();
    }

    fn remember(self) {
        if self.text.with_untracked(|text| text.problem().is_none()) {
            let q = self.text.with_untracked(SearchText::q);
            recent_searches::add(&self.list(), &q);
        }
    }

    /// The list, as the browser's memory names it.
    fn list(self) -> String {
        self.scope.with_untracked(ListScope::path)
    }

    /// Empties the field.
    pub fn clear(self) {
        self.show(SearchText::default(), 0..0);
        self.send(true);
    }

    /// Adds a search to what the field holds.
    pub fn add(self, q: &str) {
        let all = SearchParts::read(&self.text.with_untracked(SearchText::q)).and(q);
        let text = SearchText::of(&all);
        let end = text.draft.len();
        self.show(text, end..end);
        self.send(true);
        self.close();
    }

    /// Makes text of a chip again, with one of its parts selected.
    pub fn edit_chip(self, index: usize, part: ChipPart) {
        let mut text = self.text.get_untracked();
        let Some(chip) = text.reopen(index) else { return };
        self.show(text, chip.place(part));
        self.suggest(true);
    }

    /// Takes a chip away.
    pub fn remove_chip(self, index: usize) {
        self.text.update(|text| {
            if index < text.chips.len() {
                text.chips.remove(index);
            }
        });
        self.send(true);
    }

    /// Takes what was offered.
    pub fn take(self, index: usize) {
        let Some(item) = self.offer.with_untracked(|offer| offer.items.get(index).cloned()) else {
            return;
        };
        let Some(typed) = text_field::read(FIELD) else { return };
        self.is_walking.set_value(false);
        match item.take {
            Take::Search(q) => {
                let text = SearchText::of(&q);
                let end = text.draft.len();
                self.show(text, end..end);
                self.send(true);
                self.close();
            }
            Take::Insert { text, is_whole: true } => {
                self.insert(self.offer.with_untracked(|offer| offer.from), &text);
            }
            Take::Insert { text, is_whole: false } => {
                let from = self.offer.with_untracked(|offer| offer.from);
                let (draft, caret) = offer::inserted(&typed, from, &text, false);
                self.follow(draft, caret, Finished::BeforeCaret);
                self.suggest(true);
            }
        }
    }

    /// Writes what completes a filter before the caret, from this byte on, and searches.
    fn insert(self, from: usize, text: &str) {
        let Some(typed) = text_field::read(FIELD) else { return };
        self.is_walking.set_value(false);
        let (draft, caret) = offer::inserted(&typed, from, text, true);
        self.follow(draft, caret, Finished::BeforeCaret);
        self.send(true);
        self.close();
    }
}
