//! The keyboard in the search field and its chips.

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use model::search::{Caret, Operator, Slot};

use super::{FIELD, SearchField};
use crate::browser::text_field::{self, Typed};
use crate::search_text::{Chip, ChipPart};

/// The id of a part of a chip.
#[must_use]
pub fn part_id(index: usize, part: ChipPart) -> String {
    format!("chip-{index}-{part:?}")
}

/// The parts that a chip has.
#[must_use]
pub fn parts_of(chip: &Chip) -> &'static [ChipPart] {
    match chip.operator {
        Operator::Present => &[ChipPart::Field, ChipPart::Operator],
        _ => &[ChipPart::Field, ChipPart::Operator, ChipPart::Value],
    }
}

/// A key in the field.
pub fn field_key(field: SearchField, event: &KeyboardEvent) {
    // What an input method composes is its own.
    if event.is_composing() || event.ctrl_key() || event.meta_key() || event.alt_key() {
        return;
    }
    let is_handled = match event.key().as_str() {
        "ArrowDown" => field.choose(1),
        "ArrowUp" => field.choose(-1),
        "Enter" => field.enter(),
        "Tab" if !event.shift_key() => field.tab(),
        "Escape" if field.is_open.get_untracked() => {
            field.close();
            true
        }
        "Backspace" => field.walk_back(),
        "ArrowLeft" if !event.shift_key() => field.to_last_chip(),
        _ => false,
    };
    if is_handled {
        event.prevent_default();
    }
}

/// A key on a part of a chip.
pub fn chip_key(field: SearchField, index: usize, part: ChipPart, event: &KeyboardEvent) {
    if event.ctrl_key() || event.meta_key() || event.alt_key() {
        return;
    }
    match event.key().as_str() {
        "ArrowLeft" => field.focus_beside(index, part, false),
        "ArrowRight" => field.focus_beside(index, part, true),
        "Home" => field.focus_chip(0, false),
        "End" | "Escape" => crate::browser::focus(FIELD),
        "Delete" | "Backspace" => {
            field.remove_chip(index);
            crate::browser::after_drawing(move || field.focus_chip(index, false));
        }
        _ => return,
    }
    event.prevent_default();
}

impl SearchField {
    /// Chooses the next or previous of what is offered.
    fn choose(self, step: isize) -> bool {
        if !self.is_open.get_untracked() {
            self.suggest(true);
            return true;
        }
        let count = self.offer.with_untracked(|offer| offer.items.len());
        let next = match (self.active.get_untracked(), step) {
            (None, 1) => Some(0),
            (None, _) => count.checked_sub(1),
            // Past either end nothing is chosen, and the text is as it was.
            (Some(at), _) => at.checked_add_signed(step).filter(|next| *next < count),
        };
        self.active.set(next);
        if let Some(next) = next {
            crate::browser::after_drawing(move || {
                crate::browser::scroll_to(&super::option_id(next));
            });
        }
        true
    }

    /// Takes what is chosen, or completes a value that can only be one; else the
    /// search is made as it is.
    fn enter(self) -> bool {
        let is_fresh = self.is_offer_fresh();
        match self.active.get_untracked().filter(|_| is_fresh) {
            Some(index) => self.take(index),
            None if self.complete_value(is_fresh) => {}
            None => self.submit(),
        }
        true
    }

    /// Completes the value that is being typed from the field's own words, or
    /// else takes the only one that is offered.
    fn complete_value(self, is_fresh: bool) -> bool {
        let Some(Typed { text, selected }) = text_field::read(FIELD) else { return false };
        let before = text.get(..selected.end).unwrap_or_default();
        let Some(Caret { from, slot }) = Caret::at_end(before) else { return false };
        if let Some(word) = slot.only_value() {
            let Slot::Condition { head, .. } = &slot else { return false };
            self.insert(from, &format!("{head}{word}"));
            return true;
        }
        let Slot::Condition { typed, .. } = slot else { return false };
        let only = self.offer.with_untracked(|offer| offer.only_value(&typed));
        if let Some(index) = only.filter(|_| is_fresh) {
            self.take(index);
        }
        is_fresh && only.is_some()
    }

    /// Takes what is chosen, or the first where something was typed; in an
    /// empty field the key leads on.
    fn tab(self) -> bool {
        if !self.is_offer_fresh() {
            return false;
        }
        let is_typing = self.offer.with_untracked(|offer| !offer.text.trim_end().is_empty());
        let index = self.active.get_untracked().or(is_typing.then_some(0));
        if let Some(index) = index {
            self.take(index);
        }
        index.is_some()
    }

    /// Takes the last chip apart, from its end to its beginning.
    fn walk_back(self) -> bool {
        let Some(Typed { text, selected }) = text_field::read(FIELD) else { return false };
        if !selected.is_empty() {
            return false;
        }
        if self.is_walking.get_value() {
            return self.walk_on(text, selected.end);
        }
        let last = self.text.with_untracked(|text| text.chips.len().checked_sub(1));
        let Some(last) = last.filter(|_| selected.end == 0) else { return false };
        let mut text = self.text.get_untracked();
        let Some(chip) = text.reopen(last) else { return false };
        let place = chip.place(match chip.operator {
            Operator::Present => ChipPart::Operator,
            _ => ChipPart::Value,
        });
        text.draft.replace_range(place.clone(), "");
        self.is_walking.set_value(true);
        self.show(text, place.start..place.start);
        self.suggest(true);
        self.send(false);
        true
    }

    /// Takes the operator of the filter before the caret away, or else the field.
    fn walk_on(self, mut draft: String, caret: usize) -> bool {
        let before = draft.get(..caret).unwrap_or_default();
        let Some(Caret { from, slot: Slot::Condition { head, typed, .. } }) = Caret::at_end(before)
        else {
            self.is_walking.set_value(false);
            return false;
        };
        let start = if head.is_empty() && typed.is_empty() {
            self.is_walking.set_value(false);
            let name = Caret::at_end(before.get(..from - 1).unwrap_or_default());
            let start = name.map_or(0, |name| name.from);
            start - usize::from(before.get(..start).is_some_and(|text| text.ends_with('-')))
        } else {
            from
        };
        draft.replace_range(start..caret, "");
        let mut text = self.text.get_untracked();
        text.draft = draft;
        self.show(text, start..start);
        self.suggest(true);
        self.send(false);
        true
    }

    fn to_last_chip(self) -> bool {
        let chips = self.text.with_untracked(|text| text.chips.len());
        let is_at_start = text_field::read(FIELD).is_some_and(|typed| typed.selected == (0..0));
        if chips == 0 || !is_at_start {
            return false;
        }
        self.close();
        self.focus_chip(chips - 1, true);
        true
    }

    /// Moves the focus to the first or last part of a chip; past the chips to the field.
    fn focus_chip(self, index: usize, at_end: bool) {
        let part = self.text.with_untracked(|text| {
            let parts = parts_of(text.chips.get(index)?);
            if at_end { parts.last() } else { parts.first() }
        });
        match part {
            Some(part) => crate::browser::focus(&part_id(index, *part)),
            None => {
                crate::browser::focus(FIELD);
                if let Some(typed) = text_field::read(FIELD) {
                    text_field::write(FIELD, &Typed { selected: 0..0, ..typed });
                }
            }
        }
    }

    fn focus_beside(self, index: usize, part: ChipPart, forward: bool) {
        let beside = self.text.with_untracked(|text| {
            let parts = parts_of(text.chips.get(index)?);
            let at = parts.iter().position(|own| *own == part)?;
            let next = if forward { at.checked_add(1) } else { at.checked_sub(1) };
            parts.get(next?).copied()
        });
        match (beside, forward) {
            (Some(part), _) => crate::browser::focus(&part_id(index, part)),
            (None, true) => self.focus_chip(index + 1, false),
            (None, false) => {
                if let Some(before) = index.checked_sub(1) {
                    self.focus_chip(before, true);
                }
            }
        }
    }
}
