//! What searches read of a run: made once, when the run is written.

mod encoded;
mod share;

use std::borrow::Cow;
use std::collections::HashMap;

use model::fold::fold;
use model::leaves::{LeafLimits, Scalar, visit};
use model::run::Metadata;
use model::search::Number;
use model::{Json, Run, Unsearched};

use crate::condition::order_of;
use crate::index_term;

/// Bytes of folded text that words and phrases find of one run. Input, output and error
/// share them, so that no long input hides an output, and then the texts of each.
const MAX_TEXT_BYTES: usize = 4 * 1024 * 1024;
/// Numbers of one list that words find.
const MAX_LISTED_NUMBERS: u32 = 2_000;
/// How far back a cut looks for the end of a word.
const MAX_WORD_BYTES: usize = 64;

/// Different places of one input or output that filters find.
const MAX_PLACES: usize = 5_000;
/// Values of one input or output that filters compare. That something is there,
/// and how long an array is, they know beyond.
const MAX_VALUES: usize = 20_000;

/// Values inside of one run's metadata that filters compare.
const MAX_INSIDE_METADATA: usize = 5_000;
/// Bytes of folded text inside of one run's metadata that `~` finds.
const MAX_TEXT_INSIDE_METADATA: usize = 256 * 1024;

/// Which of a run's metadata is meant.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Depth {
    /// The keys with their values and what is inside of these.
    All,
    /// Only what is inside.
    Inside,
}

/// What was taken of the places inside of metadata so far.
#[derive(Default)]
struct InsideMetadata {
    values: usize,
    text_bytes: usize,
}

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
    pub(super) unsearched: Unsearched,
}

/// A text to search, and its place.
struct Text<'a> {
    place: String,
    text: Cow<'a, str>,
}

impl Searchable {
    pub(super) fn of(run: &Run) -> Self {
        let mut searchable = Self::default();
        let mut texts: [Vec<Text<'_>>; 3] = Default::default();
        for (texts, (side, json)) in
            texts.iter_mut().zip([("input", &run.input), ("output", &run.output)])
        {
            if let Some(json) = json {
                searchable.add_side(side, json, texts);
            }
        }
        if let (Some(error), Some(texts)) = (&run.error, texts.last_mut()) {
            for text in [&error.code, &error.message] {
                let text = Text { place: index_term::ERROR.to_owned(), text: text.as_str().into() };
                searchable.take_text(texts, text);
            }
        }
        searchable.add_texts(&texts);
        searchable.add_metadata(&run.metadata, Depth::All);
        searchable.leaves.sort_unstable();
        searchable.leaves.dedup();
        searchable
    }

    /// What `runs` did not have of the places inside of metadata; empty where there are none.
    pub(super) fn inside_of(metadata: &Metadata) -> Self {
        let mut searchable = Self::default();
        searchable.add_metadata(metadata, Depth::Inside);
        searchable.leaves.sort_unstable();
        searchable.leaves.dedup();
        searchable
    }

    fn add_side<'a>(&mut self, side: &str, json: &'a Json, texts: &mut Vec<Text<'a>>) {
        let limits = LeafLimits::default();
        // How many numbers each place has.
        let mut places: HashMap<String, u32> = HashMap::new();
        let mut numbers_elsewhere = 0;
        let mut values = 0;
        visit(json, limits.max_depth, limits.max_path_bytes, |path, scalar| {
            // Past the limit on places the text is still found by its words.
            let path = path.filter(|path| {
                let is_known = places.contains_key(*path);
                if !is_known && places.len() < MAX_PLACES {
                    places.insert((*path).to_owned(), 0);
                }
                is_known || places.contains_key(*path)
            });
            let place = path.map_or_else(|| side.to_owned(), |path| index_term::place(side, path));
            match &scalar {
                Scalar::Text(text) => {
                    self.take_text(texts, Text { place: place.clone(), text: text.clone() });
                }
                Scalar::Number(text) => {
                    let numbers = path.and_then(|path| places.get_mut(path));
                    let numbers = numbers.unwrap_or(&mut numbers_elsewhere);
                    *numbers += 1;
                    if *numbers <= MAX_LISTED_NUMBERS {
                        texts.push(Text { place: place.clone(), text: (*text).into() });
                    } else {
                        self.unsearched.numbers += 1;
                    }
                }
                _ => {}
            }
            let is_value = !matches!(scalar, Scalar::Container | Scalar::Length(_));
            if path.is_some() {
                values += usize::from(is_value);
                if is_value && values > MAX_VALUES {
                    self.unsearched.values += 1;
                    self.leaves.push(place);
                } else {
                    self.add_leaf(place, &scalar);
                }
            } else {
                self.unsearched.places += u64::from(is_value);
            }
            true
        });
    }

    /// Takes a text without its encoded parts.
    fn take_text<'a>(&mut self, texts: &mut Vec<Text<'a>>, text: Text<'a>) {
        let mut parts = encoded::encoded_parts(&text.text).into_iter().peekable();
        if parts.peek().is_none() {
            return texts.push(text);
        }
        let mut from = 0;
        let end = text.text.len();
        let gaps = parts.chain(std::iter::once(end..end));
        for part in gaps {
            self.unsearched.encoded_bytes += part.len() as u64;
            let between = text.text.get(from..part.start).unwrap_or_default();
            if !between.trim().is_empty() {
                let (place, between) = (text.place.clone(), between.to_owned().into());
                texts.push(Text { place, text: between });
            }
            from = part.end;
        }
    }

    fn add_texts(&mut self, sides: &[Vec<Text<'_>>]) {
        let lengths: Vec<Vec<usize>> = sides
            .iter()
            .map(|texts| texts.iter().map(|text| folded_length(&text.text)).collect())
            .collect();
        let sums: Vec<usize> = lengths.iter().map(|lengths| lengths.iter().sum()).collect();
        let budgets = share::share(MAX_TEXT_BYTES, &sums);
        for ((texts, lengths), budget) in sides.iter().zip(&lengths).zip(budgets) {
            let shares = share::share(budget, lengths);
            for ((Text { place, text }, length), share) in texts.iter().zip(lengths).zip(shares) {
                if *length <= share {
                    self.add_text(place, text);
                    continue;
                }
                let (beginning, end) = ends(text, share / 2 * text.len() / length);
                self.add_text(place, beginning);
                self.add_text(place, end);
                self.unsearched.text_bytes += (text.len() - beginning.len() - end.len()) as u64;
            }
        }
    }

    fn add_metadata(&mut self, metadata: &Metadata, depth: Depth) {
        let limits = LeafLimits::default();
        let mut inside = InsideMetadata::default();
        for (key, json) in metadata {
            let place = index_term::metadata_place(key);
            let mut values = 0;
            let mut is_cut = false;
            visit(json, limits.max_depth, limits.max_path_bytes, |path, scalar| {
                values += 1;
                if let Scalar::Text(text) = &scalar {
                    is_cut |= text.len() > index_term::MAX_FOLDED_BYTES;
                }
                match (path, depth) {
                    (Some(""), Depth::All) => {
                        self.add_value(&place, &scalar, usize::MAX);
                    }
                    (Some("") | None, Depth::Inside) => {}
                    (None, Depth::All) => self.leaves.push(place.clone()),
                    (Some(path), _) => {
                        is_cut |= !self.add_inside(&place, path, &scalar, depth, &mut inside);
                    }
                }
                is_cut |= values >= limits.max_entries;
                values < limits.max_entries
            });
            self.unsearched.metadata += u64::from(is_cut);
        }
    }

    /// A value at a place inside of what a metadata key holds; says whether there was room
    /// for all of it.
    fn add_inside(
        &mut self,
        place: &str,
        path: &str,
        scalar: &Scalar<'_>,
        depth: Depth,
        inside: &mut InsideMetadata,
    ) -> bool {
        if path == "[]" && depth == Depth::All {
            self.add_value(place, scalar, usize::MAX);
        }
        if inside.values >= MAX_INSIDE_METADATA {
            return false;
        }
        inside.values += 1;
        let mut has_room = true;
        // An element of a list is also a value of the list itself.
        let list = path.strip_suffix("[]").filter(|list| !list.is_empty());
        for path in std::iter::once(path).chain(list) {
            let room = MAX_TEXT_INSIDE_METADATA.saturating_sub(inside.text_bytes);
            let written = self.add_value(&index_term::inside_metadata(place, path), scalar, room);
            inside.text_bytes += written.unwrap_or_default();
            has_room &= written.is_some();
        }
        has_room
    }

    /// A value in metadata, with the folded text that `~` looks at where there is
    /// room for it; gives how long that is, and nothing where there was no room.
    fn add_value(&mut self, place: &str, scalar: &Scalar<'_>, room: usize) -> Option<usize> {
        let folded = match scalar {
            Scalar::Text(text) => index_term::folded_term(place, text),
            _ => None,
        };
        self.add_leaf(place.to_owned(), scalar);
        let length = folded.as_ref().map_or(0, String::len);
        if length > room {
            return None;
        }
        self.leaves.extend(folded);
        Some(length)
    }

    fn add_text(&mut self, place: &str, text: &str) {
        // A few characters become many; then what comes last has less room than its share.
        let room = (MAX_TEXT_BYTES + MAX_TEXT_BYTES / 4).saturating_sub(self.text.len());
        let folded = fold(text);
        let cut = folded.get(..folded.floor_char_boundary(room)).unwrap_or_default();
        self.unsearched.text_bytes += (folded.len() - cut.len()) as u64;
        let folded = cut.trim_end();
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
            Scalar::Text(text) => self.leaves.push(index_term::text_term(&place, text)),
            Scalar::Number(text) => {
                if let Some(number) = Number::parse(text) {
                    self.add_number(&place, number);
                }
            }
            Scalar::Length(length) => self.add_number(&place, Number::from_u64(*length)),
            Scalar::Bool(value) => self.leaves.push(index_term::bool_term(&place, *value)),
            Scalar::Null => {
                self.leaves.push(index_term::null_term(&place));
                return;
            }
            Scalar::Container => {}
        }
        self.leaves.push(place);
    }

    fn add_number(&mut self, place: &str, number: Number) {
        let (double, integer) = order_of(number);
        self.leaves.push(index_term::number_term(place, number));
        self.number_paths.push(place.to_owned());
        self.number_doubles.push(double);
        self.number_integers.push(integer);
    }
}

/// About how long a text is once it is folded: characters of scripts without spaces, of
/// three bytes and more, get a space each.
fn folded_length(text: &str) -> usize {
    let wide = text.bytes().filter(|byte| *byte >= 0xe0).count();
    text.len() + wide
}

/// The beginning and the end of a text, each of at most so many bytes and of whole words.
fn ends(text: &str, bytes: usize) -> (&str, &str) {
    let most = text.floor_char_boundary(bytes);
    let beginning = text.get(..most).unwrap_or_default();
    let near = beginning.len() - beginning.len().min(MAX_WORD_BYTES);
    let cut = beginning.rfind(char::is_whitespace).filter(|at| *at >= near);
    let beginning = beginning.get(..cut.unwrap_or(most)).unwrap_or_default();

    let least = text.ceil_char_boundary(text.len().saturating_sub(bytes));
    let end = text.get(least..).unwrap_or_default();
    let cut = end.find(char::is_whitespace).filter(|at| *at <= MAX_WORD_BYTES);
    (beginning, end.get(cut.unwrap_or(0)..).unwrap_or_default())
}
