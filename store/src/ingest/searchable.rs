//! What searches read of a run: made once, when the run is written.

use std::collections::HashSet;

use model::fold::fold;
use model::leaves::{LeafLimits, Scalar, visit};
use model::search::Number;
use model::{Json, Run};

use crate::condition::order_of;
use crate::leaf;

/// Bytes of folded text that words and phrases find of one run.
const MAX_TEXT_BYTES: usize = 4 * 1024 * 1024;

/// Different places of one input or output that filters find.
const MAX_PLACES: usize = 5_000;
/// Values of one input or output that filters compare. That something is there,
/// and how long an array is, they know beyond.
const MAX_VALUES: usize = 20_000;

/// The columns that searches read.
#[derive(Debug, Default)]
pub(super) struct Searchable {
    pub(super) text: String,
    pub(super) segment_paths: Vec<String>,
    pub(super) segment_ends: Vec<u32>,
    pub(super) leaves: Vec<String>,
    pub(super) number_paths: Vec<String>,
    pub(super) number_doubles: Vec<f64>,
    pub(super) number_integers: Vec<i128>,
}

impl Searchable {
    pub(super) fn of(run: &Run) -> Self {
        let mut searchable = Self::default();
        for (side, json) in [("input", &run.input), ("output", &run.output)] {
            if let Some(json) = json {
                searchable.add_side(side, json);
            }
        }
        if let Some(error) = &run.error {
            searchable.add_text(leaf::ERROR, &error.code);
            searchable.add_text(leaf::ERROR, &error.message);
        }
        for (key, value) in &run.metadata {
            searchable.add_metadata(key, value);
        }
        searchable.leaves.sort_unstable();
        searchable.leaves.dedup();
        searchable
    }

    fn add_side(&mut self, side: &str, json: &Json) {
        let limits = LeafLimits::default();
        let mut places: HashSet<String> = HashSet::new();
        let mut values = 0;
        visit(json, limits.max_depth, limits.max_path_bytes, |path, scalar| {
            // Past the limit on places the text is still found by its words.
            let path = path.filter(|path| {
                places.contains(*path)
                    || (places.len() < MAX_PLACES && places.insert((*path).to_owned()))
            });
            let place = path.map_or_else(|| side.to_owned(), |path| leaf::place(side, path));
            match &scalar {
                Scalar::Text(text) => self.add_text(&place, text),
                Scalar::Number(text) => self.add_text(&place, text),
                _ => {}
            }
            if path.is_some() {
                let is_value = !matches!(scalar, Scalar::Container | Scalar::Length(_));
                values += usize::from(is_value);
                if is_value && values > MAX_VALUES {
                    self.leaves.push(place);
                } else {
                    self.add_leaf(place, &scalar);
                }
            }
            true
        });
    }

    fn add_metadata(&mut self, key: &str, json: &Json) {
        let limits = LeafLimits::default();
        let place = leaf::metadata_place(key);
        let mut places = 0;
        visit(json, limits.max_depth, limits.max_path_bytes, |path, scalar| {
            places += 1;
            match path {
                // A key is one name however deep its value: elements of a list count as its values.
                Some("" | "[]") => {
                    if let Scalar::Text(text) = &scalar {
                        self.leaves.extend(leaf::folded_entry(&place, text));
                    }
                    self.add_leaf(place.clone(), &scalar);
                }
                _ => self.leaves.push(place.clone()),
            }
            places < limits.max_entries
        });
    }

    fn add_text(&mut self, place: &str, text: &str) {
        let room = MAX_TEXT_BYTES.saturating_sub(self.text.len());
        // Folding can lengthen a text, but what is far beyond the room need not be folded.
        let near = text.get(..text.floor_char_boundary(room.saturating_mul(2))).unwrap_or(text);
        let folded = fold(near);
        let folded = folded.get(..folded.floor_char_boundary(room)).unwrap_or_default().trim_end();
        if folded.is_empty() {
            return;
        }
        // Folding leaves no line breaks, so nothing is found across two values.
        self.text.push_str(folded);
        self.text.push('\n');
        if let Ok(end) = u32::try_from(self.text.len()) {
            self.segment_paths.push(place.to_owned());
            self.segment_ends.push(end);
        }
    }

    fn add_leaf(&mut self, place: String, scalar: &Scalar<'_>) {
        match scalar {
            Scalar::Text(text) => self.leaves.push(leaf::text_entry(&place, text)),
            Scalar::Number(text) => {
                if let Some(number) = Number::parse(text) {
                    self.add_number(&place, number);
                }
            }
            Scalar::Length(length) => self.add_number(&place, Number::from_u64(*length)),
            Scalar::Bool(value) => self.leaves.push(leaf::bool_entry(&place, *value)),
            Scalar::Null => {
                self.leaves.push(leaf::null_entry(&place));
                return;
            }
            Scalar::Container => {}
        }
        self.leaves.push(place);
    }

    fn add_number(&mut self, place: &str, number: Number) {
        let (double, integer) = order_of(number);
        self.leaves.push(leaf::number_entry(place, number));
        self.number_paths.push(place.to_owned());
        self.number_doubles.push(double);
        self.number_integers.push(integer);
    }
}
