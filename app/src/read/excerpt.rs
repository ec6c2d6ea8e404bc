//! A text around the places that a search found in it.

use super::mark::Hit;
use crate::data::list::Marked;

/// Most characters of an excerpt.
const MAX_CHARS: usize = 255;
/// A place this near to the beginning is seen without cutting the text.
const NEAR_CHARS: usize = 40;
/// How much of the text is left before a place.
const LEAD_CHARS: usize = 20;
/// About what a reader sees of a line, in bytes.
const SEEN_BYTES: usize = 80;

/// A text with its places marked. Where none of them would be seen at its
/// beginning, it begins shortly before those that show most.
#[must_use]
pub fn excerpt(text: &str, hits: &[Hit]) -> Marked {
    let from = beginning(text, hits);
    let rest = text.get(from..).unwrap_or_default();
    let to = rest.char_indices().nth(MAX_CHARS).map_or(text.len(), |(at, _)| from + at);
    let mut pieces = Vec::new();
    if from > 0 {
        push(&mut pieces, false, "…");
    }
    let mut at = from;
    for hit in hits {
        let start = hit.range.start.clamp(at, to);
        let end = hit.range.end.clamp(start, to);
        push(&mut pieces, false, text.get(at..start).unwrap_or_default());
        push(&mut pieces, true, text.get(start..end).unwrap_or_default());
        at = end;
    }
    push(&mut pieces, false, text.get(at..to).unwrap_or_default());
    if to < text.len() {
        push(&mut pieces, false, "…");
    }
    Marked { pieces }
}

fn push(pieces: &mut Vec<(bool, String)>, is_hit: bool, text: &str) {
    if text.is_empty() {
        return;
    }
    match pieces.last_mut() {
        Some((last, piece)) if *last == is_hit => piece.push_str(text),
        _ => pieces.push((is_hit, text.to_owned())),
    }
}

/// The byte at which an excerpt begins.
fn beginning(text: &str, hits: &[Hit]) -> usize {
    let mut best: Option<(usize, usize)> = None;
    for (index, hit) in hits.iter().enumerate() {
        let mut terms: Vec<usize> = hits
            .iter()
            .skip(index)
            .take_while(|other| other.range.end <= hit.range.start + SEEN_BYTES)
            .map(|other| other.term)
            .collect();
        terms.sort_unstable();
        terms.dedup();
        if best.is_none_or(|(count, _)| terms.len() > count) {
            best = Some((terms.len(), hit.range.start));
        }
    }
    let Some((_, start)) = best else { return 0 };
    let before = text.get(..start).unwrap_or_default();
    if before.chars().nth(NEAR_CHARS).is_none() {
        return 0;
    }
    let lead = before.char_indices().rev().nth(LEAD_CHARS - 1).map_or(0, |(at, _)| at);
    // A whole word first, where there is a space to begin after.
    let word = before.get(lead..).and_then(|lead| lead.find(char::is_whitespace));
    word.map_or(lead, |space| {
        let after = before.get(lead + space..).unwrap_or_default();
        lead + space + (after.len() - after.trim_start().len())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hit(text: &str, part: &str, term: usize) -> Hit {
        let start = text.find(part).unwrap();
        Hit { range: start..start + part.len(), term }
    }

    fn shown(text: &str, hits: &[Hit]) -> String {
        let pieces = excerpt(text, hits).pieces.into_iter();
        pieces.map(|(is_hit, piece)| if is_hit { format!("[{piece}]") } else { piece }).collect()
    }

    #[test]
    fn what_is_near_the_beginning_leaves_the_text_whole() {
        let text = "The tide was late";
        assert_eq!(shown(text, &[hit(text, "tide", 0)]), "The [tide] was late");
        assert_eq!(shown(text, &[]), text);
    }

    #[test]
    fn what_is_deep_is_shown_with_a_little_before_it() {
        let text = format!("{}then the tide was late", "Nothing of note here. ".repeat(40));
        assert_eq!(shown(&text, &[hit(&text, "tide", 0)]), "…here. then the [tide] was late");
    }

    #[test]
    fn the_place_that_shows_most_is_chosen() {
        let text = format!("{0}tide {0} tide and late {0}", "Nothing of note here. ".repeat(20));
        let second = text.rfind("tide").unwrap();
        let hits = [
            hit(&text, "tide", 0),
            Hit { range: second..second + 4, term: 0 },
            hit(&text, "late", 1),
        ];
        let shown = shown(&text, &hits);
        assert!(shown.starts_with("…of note here.  [tide] and [late]"), "{shown}");
        assert!(shown.ends_with('…'));
    }

    #[test]
    fn overlapping_places_are_one() {
        let text = "late refund";
        let hits = [hit(text, "late refund", 0), hit(text, "late", 1), hit(text, "refund", 2)];
        assert_eq!(shown(text, &hits), "[late refund]");
    }
}
