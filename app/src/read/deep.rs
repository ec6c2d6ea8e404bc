//! Where in the whole of a run a search found it, when its previews do not show it.

use model::Json;
use model::leaves::{Scalar, visit};

use super::excerpt::excerpt;
use super::mark::{Found, Hit, Marker, Side};
use crate::data::list::Marked;

const MAX_DEPTH: usize = 64;
const MAX_PATH_BYTES: usize = 256;

/// The value of a side that shows most of what is still missing, around it and
/// after its key; `None` when it shows nothing of that. What it shows is added
/// to `found`.
#[must_use]
pub fn deep_excerpt(marker: &Marker, side: Side, json: &Json, found: &mut Found) -> Option<Marked> {
    let mut best: Option<(usize, String, String, Vec<Hit>)> = None;
    visit(json, MAX_DEPTH, MAX_PATH_BYTES, |path, scalar| {
        let text = match &scalar {
            Scalar::Text(text) => text.as_ref(),
            Scalar::Number(text) => text,
            _ => return true,
        };
        let hits = marker.hits(side, text);
        let mut terms: Vec<usize> = hits.iter().map(|hit| hit.term).collect();
        terms.retain(|term| !found.has(*term));
        terms.sort_unstable();
        terms.dedup();
        if terms.len() > best.as_ref().map_or(0, |(count, ..)| *count) {
            best = Some((terms.len(), key(path).to_owned(), text.to_owned(), hits));
        }
        true
    });
    let (_, key, text, hits) = best?;
    found.add(&hits);
    let mut marked = excerpt(&text, &hits);
    if !key.is_empty() {
        marked.pieces.insert(0, (false, format!("{key}: ")));
    }
    Some(marked)
}

/// The last key of a path; none where it says nothing: in messages.
fn key(path: Option<&str>) -> &str {
    let path = path.unwrap_or_default();
    if path.starts_with("messages") || path.starts_with("content") {
        return "";
    }
    path.trim_end_matches("[]").rsplit(['.', ']']).next().unwrap_or_default().trim_matches('"')
}

#[cfg(test)]
mod tests {
    use model::SearchQuery;

    use super::*;

    fn shown(q: &str, json: &str, already: &[&str]) -> Option<String> {
        let marker = Marker::new(&SearchQuery::parse(q).unwrap());
        let mut found = marker.nothing();
        for text in already {
            found.add(&marker.hits(Side::Input, text));
        }
        let json = Json::from_text(json).unwrap();
        let marked = deep_excerpt(&marker, Side::Input, &json, &mut found)?;
        Some(marked.text())
    }

    #[test]
    fn the_value_that_matches_is_shown_after_its_key() {
        let json = r#"{"a":"nothing","notes":[{"text":"the tide"},{"text":"the tide was late"}]}"#;
        assert_eq!(shown("tide late ", json, &[]).as_deref(), Some("text: the tide was late"));
        assert_eq!(shown("tide ", json, &[]).as_deref(), Some("text: the tide"));
        assert_eq!(shown("tide late ", json, &["late"]).as_deref(), Some("text: the tide"));
    }

    #[test]
    fn nothing_new_is_nothing() {
        assert_eq!(shown("tide ", r#"{"a":"the tide"}"#, &["tide"]), None);
        assert_eq!(shown("tide ", r#"{"tide":"a key"}"#, &[]), None);
    }

    #[test]
    fn messages_need_no_key() {
        let json = r#"{"messages":[{"role":"user","content":"Zoé's tide"}]}"#;
        assert_eq!(shown("zoe tide ", json, &[]).as_deref(), Some("Zoé's tide"));
    }
}
