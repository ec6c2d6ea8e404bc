//! Makes readable what JSON allows and text does not: half surrogate pairs.
//!
//! JavaScript leaves them behind when it cuts a text inside an emoji.

use memchr::memmem;

use crate::view::{Kind, View};

/// Fields that are kept byte for byte, whatever they hold.
const EXACT: [&str; 3] = ["input", "output", "completions"];

/// The run with U+FFFD for each half pair outside the exact fields; `None`
/// when there is nothing to repair.
pub(super) fn lone_surrogates(text: &str) -> Option<String> {
    memmem::find(text.as_bytes(), b"\\u")?;
    let run = View::checked(text).filter(|run| run.kind() == Kind::Object)?;
    let mut repaired = String::with_capacity(text.len());
    for span in run.spans() {
        repaired.push(if repaired.is_empty() { '{' } else { ',' });
        let whole = run.raw().get(span.all)?;
        if span.key.is_some_and(|key| EXACT.contains(&key.as_ref())) {
            repaired.push_str(whole);
        } else {
            repair(whole, &mut repaired);
        }
    }
    repaired.push('}');
    (repaired.len() > 1).then_some(repaired)
}

/// The text with U+FFFD for each half pair; `None` when there is nothing to repair.
pub(crate) fn all_lone_surrogates(text: &str) -> Option<String> {
    memmem::find(text.as_bytes(), b"\\u")?;
    let mut repaired = String::with_capacity(text.len());
    repair(text, &mut repaired);
    Some(repaired)
}

fn repair(text: &str, into: &mut String) {
    let mut rest = text;
    while let Some(at) = memchr::memchr(b'\\', rest.as_bytes()) {
        let (before, escape) = rest.split_at(at);
        into.push_str(before);
        let width = match (code_unit(escape), escape.get(6..).and_then(code_unit)) {
            (Some(0xD800..=0xDBFF), Some(0xDC00..=0xDFFF)) => 12,
            (Some(0xD800..=0xDFFF), _) => {
                into.push_str("\\ufffd");
                rest = escape.get(6..).unwrap_or_default();
                continue;
            }
            (Some(_), _) => 6,
            (None, _) => 2,
        };
        let (kept, after) = escape.split_at_checked(width).unwrap_or((escape, ""));
        into.push_str(kept);
        rest = after;
    }
    into.push_str(rest);
}

/// The UTF-16 code unit of a `\u` escape at the start of a text.
fn code_unit(text: &str) -> Option<u32> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    u32::from_str_radix(digits, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn repaired(text: &str) -> String {
        let mut into = String::new();
        repair(text, &mut into);
        into
    }

    #[test]
    fn whole_pairs_and_other_escapes_are_kept() {
        let text = r#""\ud83d\ude00 \u00e9 \\ud83d \n é""#;
        assert_eq!(repaired(text), text);
    }

    #[test]
    fn half_pairs_are_replaced() {
        assert_eq!(repaired(r#""a\ud83d""#), r#""a\ufffd""#);
        assert_eq!(repaired(r#""\ude00\ud83d\n""#), r#""\ufffd\ufffd\n""#);
        assert_eq!(repaired(r#""\ud83d\ud83d\ude00""#), r#""\ufffd\ud83d\ude00""#);
    }

    #[test]
    fn exact_fields_are_left_alone() {
        let text = r#"{ "input" : "\ud83d", "error":{"code":"x","message":"\ud83d"}}"#;
        let expected = r#"{"input" : "\ud83d","error":{"code":"x","message":"\ufffd"}}"#;
        assert_eq!(lone_surrogates(text).unwrap(), expected);
        assert_eq!(lone_surrogates("{\"input\":1"), None);
    }
}
