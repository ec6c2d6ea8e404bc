//! Finds a text inside another, whatever its case.

use crate::data::list::Marked;

/// A text in pieces, those that were looked for marked; `None` when there are none.
#[must_use]
pub fn find(text: &str, wanted: &str) -> Option<Marked> {
    let places = places(text, wanted);
    if places.is_empty() {
        return None;
    }
    let mut marked = Marked::default();
    let mut at = 0;
    for (start, end) in places {
        let between = text.get(at..start).unwrap_or_default();
        if !between.is_empty() {
            marked.pieces.push((false, between.to_owned()));
        }
        marked.pieces.push((true, text.get(start..end).unwrap_or_default().to_owned()));
        at = end;
    }
    let rest = text.get(at..).unwrap_or_default();
    if !rest.is_empty() {
        marked.pieces.push((false, rest.to_owned()));
    }
    Some(marked)
}

/// How often a text is there.
#[must_use]
pub fn count(text: &str, wanted: &str) -> usize {
    places(text, wanted).len()
}

/// The bytes of every place, which do not overlap.
fn places(text: &str, wanted: &str) -> Vec<(usize, usize)> {
    let wanted: Vec<char> = wanted.trim().chars().map(folded).collect();
    let Some(first) = wanted.first() else { return Vec::new() };
    let mut found = Vec::new();
    let mut from = 0;
    for (start, c) in text.char_indices() {
        if start < from || folded(c) != *first {
            continue;
        }
        let mut rest = text.get(start..).unwrap_or_default().char_indices();
        let is_here =
            wanted.iter().all(|want| rest.next().is_some_and(|(_, c)| folded(c) == *want));
        if is_here {
            from = rest.next().map_or(text.len(), |(length, _)| start + length);
            found.push((start, from));
        }
    }
    found
}

/// Without case, one character for each.
fn folded(c: char) -> char {
    let mut lower = c.to_lowercase();
    match (lower.next(), lower.next()) {
        (Some(lower), None) => lower,
        _ => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_is_marked() {
        let marked = find("Zoé and ZOÉ, not zoe", "zoé").unwrap();
        let found: Vec<&str> =
            marked.pieces.iter().filter(|(is, _)| *is).map(|(_, text)| text.as_str()).collect();
        assert_eq!(found, ["Zoé", "ZOÉ"]);
        assert_eq!(marked.text(), "Zoé and ZOÉ, not zoe");
        assert_eq!(count("aaaa", "aa"), 2);
    }

    #[test]
    fn nothing_is_found_of_nothing() {
        assert_eq!(find("text", "  "), None);
        assert_eq!(find("", "a"), None);
        assert_eq!(find("ab", "abc"), None);
    }
}
