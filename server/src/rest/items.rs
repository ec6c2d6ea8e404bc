//! Cuts a body into runs, so that a bad one spoils only itself.

use std::borrow::Cow;
use std::ops::Range;

use model::json::without_mark;
use model::limits::MAX_REQUEST_RUNS;
use serde::de::{Deserializer as _, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::error::ApiError;

/// How the runs of a body are written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// One JSON object, or an array of them.
    Json,
    /// One JSON object a line.
    Lines,
}

/// A body's text. Bytes that are no UTF-8 are masked one by one, so that every
/// position stays where it was.
pub struct Text<'a> {
    text: Cow<'a, str>,
    invalid_at: Vec<usize>,
}

/// One run's text within a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Item<'a> {
    /// The text, possibly masked.
    pub text: &'a str,
    /// Whether all of it was UTF-8.
    pub is_utf8: bool,
}

impl<'a> Text<'a> {
    /// Takes a body's bytes.
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Self {
        if let Ok(text) = std::str::from_utf8(bytes) {
            return Self { text: text.into(), invalid_at: Vec::new() };
        }
        let mut text = String::with_capacity(bytes.len());
        let mut invalid_at = Vec::new();
        for chunk in bytes.utf8_chunks() {
            text.push_str(chunk.valid());
            for _ in chunk.invalid() {
                invalid_at.push(text.len());
                text.push('?');
            }
        }
        Self { text: text.into(), invalid_at }
    }

    /// The runs in it.
    ///
    /// # Errors
    /// 413 for more than [`MAX_REQUEST_RUNS`], 400 for a text that is no JSON.
    pub fn items(&self, layout: Layout) -> Result<Vec<Item<'_>>, ApiError> {
        match layout {
            Layout::Lines => {
                let lines = self.text.split('\n').map(|line| without_mark(line).trim());
                let lines = lines.filter(|line| !line.is_empty());
                let lines: Vec<_> = lines.take(MAX_REQUEST_RUNS + 1).collect();
                self.bounded(lines)
            }
            Layout::Json if self.json().trim_start().starts_with('[') => {
                self.bounded(self.array()?)
            }
            Layout::Json => {
                let run: &RawValue = serde_json::from_str(self.json()).map_err(|e| not_json(&e))?;
                self.bounded(vec![run.get()])
            }
        }
    }

    fn json(&self) -> &str {
        without_mark(&self.text)
    }

    fn array(&self) -> Result<Vec<&str>, ApiError> {
        let mut items = Vec::new();
        let mut reader = serde_json::Deserializer::from_str(self.json());
        let outcome = reader.deserialize_seq(Elements(&mut items)).and_then(|()| reader.end());
        match outcome {
            // Counting has stopped, so what follows was not read.
            _ if items.len() > MAX_REQUEST_RUNS => Ok(items),
            Ok(()) => Ok(items),
            Err(error) => Err(not_json(&error)),
        }
    }

    fn bounded<'t>(&'t self, texts: Vec<&'t str>) -> Result<Vec<Item<'t>>, ApiError> {
        if texts.len() > MAX_REQUEST_RUNS {
            return Err(ApiError::too_large(
                format!("the request exceeds {MAX_REQUEST_RUNS} runs; nothing was stored"),
                MAX_REQUEST_RUNS,
            ));
        }
        Ok(texts.into_iter().map(|text| Item { text, is_utf8: self.is_utf8(text) }).collect())
    }

    fn is_utf8(&self, part: &str) -> bool {
        let start = part.as_ptr() as usize - self.text.as_ptr() as usize;
        let range: Range<usize> = start..start + part.len();
        let first = self.invalid_at.partition_point(|&at| at < range.start);
        self.invalid_at.get(first).is_none_or(|at| !range.contains(at))
    }
}

/// Takes an array's elements unread, and stops past the limit.
struct Elements<'a, 'de>(&'a mut Vec<&'de str>);

impl<'de> Visitor<'de> for Elements<'_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an array of runs")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while let Some(item) = seq.next_element::<&RawValue>()? {
            self.0.push(item.get());
            if self.0.len() > MAX_REQUEST_RUNS {
                break;
            }
        }
        Ok(())
    }
}

fn not_json(error: &serde_json::Error) -> ApiError {
    ApiError::bad_request("invalid_json", format!("the body is not JSON: {error}"))
        .with_details(serde_json::json!({ "line": error.line(), "column": error.column() }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(bytes: &[u8], layout: Layout) -> Vec<(String, bool)> {
        let text = Text::new(bytes);
        let items = text.items(layout).unwrap();
        items.into_iter().map(|item| (item.text.to_owned(), item.is_utf8)).collect()
    }

    fn code(bytes: &[u8], layout: Layout) -> &'static str {
        Text::new(bytes).items(layout).unwrap_err().body.code
    }

    #[test]
    fn objects_arrays_and_lines_are_cut() {
        let one = [("{\"a\": 1}".to_owned(), true)];
        assert_eq!(texts(b" {\"a\": 1} ", Layout::Json), one);
        assert_eq!(texts(b"[{\"a\": 1}]", Layout::Json), one);
        assert_eq!(texts(b"\r\n{\"a\": 1}\r\n\r\n", Layout::Lines), one);
        assert_eq!(texts(b"[]", Layout::Json), []);
        assert_eq!(texts(b"", Layout::Lines), []);
    }

    #[test]
    fn a_mark_before_a_body_or_line_is_passed_over() {
        let one = [("{\"a\": 1}".to_owned(), true)];
        for body in ["\u{feff}{\"a\": 1}", "\u{feff}[{\"a\": 1}]", "\u{feff} [{\"a\": 1}]"] {
            assert_eq!(texts(body.as_bytes(), Layout::Json), one, "{body:?}");
        }
        let lines = "\u{feff}{\"a\": 1}\r\n\u{feff}{\"a\": 1}\n\u{feff}\n";
        assert_eq!(texts(lines.as_bytes(), Layout::Lines), [one.clone(), one].concat());
        let spoiled = b"\xef\xbb\xbf{\"a\":\"\xff\"}\n{\"a\": 1}";
        let flags: Vec<_> = texts(spoiled, Layout::Lines).into_iter().map(|it| it.1).collect();
        assert_eq!(flags, [false, true]);
    }

    #[test]
    fn bytes_that_are_no_text_spoil_their_own_item_only() {
        let body = b"[{\"a\":\"\xff\xfe\"},{\"b\":\"\xc3\xa9\"}]";
        let expected = [("{\"a\":\"??\"}".to_owned(), false), ("{\"b\":\"é\"}".to_owned(), true)];
        assert_eq!(texts(body, Layout::Json), expected);
        let lines = b"{\"b\":1}\n{\"a\":\"\xff\"}\nnot json\n";
        let flags: Vec<_> = texts(lines, Layout::Lines).into_iter().map(|(_, ok)| ok).collect();
        assert_eq!(flags, [true, false, true]);
    }

    #[test]
    fn what_is_no_json_is_refused_whole() {
        assert_eq!(code(b"{\"a\":", Layout::Json), "invalid_json");
        assert_eq!(code(b"[{}] x", Layout::Json), "invalid_json");
        assert_eq!(code(b"[{},]", Layout::Json), "invalid_json");
        assert_eq!(code(b"", Layout::Json), "invalid_json");
    }

    #[test]
    fn counting_stops_past_the_limit() {
        let array = format!("[{}1]", "1,".repeat(MAX_REQUEST_RUNS));
        assert_eq!(code(array.as_bytes(), Layout::Json), "too_large");
        assert_eq!(code("1\n".repeat(MAX_REQUEST_RUNS + 1).as_bytes(), Layout::Lines), "too_large");
        assert_eq!(
            texts("1\n".repeat(MAX_REQUEST_RUNS).as_bytes(), Layout::Lines).len(),
            MAX_REQUEST_RUNS
        );
    }
}
