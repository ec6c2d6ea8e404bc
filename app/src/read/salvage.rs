//! What of a search can be read when the whole of it cannot.

use std::ops::Range;

use model::{SearchError, SearchQuery};

/// Most tokens that are given up.
const MAX_TOKENS: usize = 20;

/// A search without the tokens that cannot be read; `None` when it cannot be
/// mended by leaving some out.
#[must_use]
pub fn readable_part(q: &str, error: &SearchError) -> Option<SearchQuery> {
    let mut text = q.to_owned();
    let mut wrong = error.byte_range(&text);
    for _ in 0..MAX_TOKENS {
        let token = token_around(&text, &wrong);
        if token.is_empty() {
            return None;
        }
        text.replace_range(token, "");
        match SearchQuery::parse(text.trim()) {
            Ok(query) => return Some(query),
            Err(error) => {
                text = text.trim().to_owned();
                wrong = error.byte_range(&text);
            }
        }
    }
    None
}

/// The token that these bytes are in, or that ends before them.
fn token_around(text: &str, wrong: &Range<usize>) -> Range<usize> {
    let before = text.get(..wrong.start).unwrap_or(text);
    let rest = text.get(wrong.start..).unwrap_or_default();
    // Where something is missing, what stands before it is what is unfinished.
    let is_between = rest.chars().next().is_none_or(char::is_whitespace);
    let before = if is_between { before.trim_end() } else { before };
    let start = before.rfind(char::is_whitespace).map_or(0, |at| at + 1);
    let inside = wrong.end.max(before.len());
    let after = text.get(inside..).unwrap_or_default();
    let end = after.find(char::is_whitespace).map_or(text.len(), |at| inside + at);
    if text.is_char_boundary(start) { start..end.max(start) } else { 0..text.len() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(q: &str) -> Option<String> {
        let error = SearchQuery::parse(q).unwrap_err();
        readable_part(q, &error).map(|query| query.to_string())
    }

    #[test]
    fn tokens_that_cannot_be_read_are_left_out() {
        let of = |q| part(q).unwrap();
        assert_eq!(of("status:failure nosuch:1"), "status:failure");
        assert_eq!(of("nosuch:1 status:failure"), "status:failure");
        assert_eq!(of("nosuch:1 status:failure latency:>banana x:2 tide"), "status:failure tide");
        assert_eq!(of("status:failure latency:>"), "status:failure");
        assert_eq!(of("status:failure model:"), "status:failure");
        assert_eq!(of("tide OR"), "tide");
        assert_eq!(of("é status:broken"), "é");
    }

    #[test]
    fn nothing_readable_is_a_search_for_all() {
        assert_eq!(part("model:").as_deref(), Some(""));
        assert_eq!(part("nosuch:1").as_deref(), Some(""));
    }

    #[test]
    fn an_open_quote_ends_somewhere() {
        assert!(part("status:failure \"late refund").is_some());
        assert!(part("(a OR b").is_some());
        assert!(part(&"nosuch:1 ".repeat(50)).is_none());
    }
}
