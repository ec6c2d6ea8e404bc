//! Streams that are no server-sent events: JSON values one after another.

use serde_json::value::RawValue;

use crate::json::without_mark;
use crate::view::View;

/// Whether a text is such a stream, by what it begins with.
pub(super) fn is_stream(text: &str) -> bool {
    without_mark(text).trim_start().starts_with(['{', '['])
}

/// The values of a stream: one a line, as Ollama sends them, or a list, as Gemini
/// does, which has no end when the stream was cut off.
pub(super) fn values(text: &str) -> Vec<&str> {
    let text = without_mark(text).trim_start();
    let by_line = || text.lines().map(|line| without_mark(line).trim());
    if by_line().next().is_some_and(|first| View::checked(first).is_some()) {
        // A line that is broken spoils only itself.
        return by_line().filter(|line| View::checked(line).is_some()).collect();
    }
    let mut values = Vec::new();
    let mut rest = text.strip_prefix('[').unwrap_or(text);
    loop {
        rest = rest.trim_start_matches([',', ' ', '\t', '\r', '\n']);
        let mut reader = serde_json::Deserializer::from_str(rest).into_iter::<&RawValue>();
        let Some(Ok(value)) = reader.next() else { return values };
        values.push(value.get());
        rest = rest.get(reader.byte_offset()..).unwrap_or_default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_found_in_lines_and_lists() {
        let expected = [r#"{"a":1}"#, r#"{"b":[2]}"#];
        for text in [
            "{\"a\":1}\n{\"b\":[2]}\n",
            "\u{feff}{\"a\":1}\r\n\r\n{\"b\":[2]}\r\n{\"c\":",
            "{\"a\":1}\nno json\n\u{feff}{\"b\":[2]}",
            "[{\"a\":1}\n,\r\n{\"b\":[2]}",
            "[{\"a\":1},{\"b\":[2]}\n]",
            "[{\"a\":1},\n{\"b\":[2]},\n{\"c",
        ] {
            assert!(is_stream(text), "{text:?}");
            assert_eq!(values(text), expected, "{text:?}");
        }
        assert_eq!(values("{\n  \"a\": 1\n}\n{\n  \"b\": 2\n}").len(), 2);
        assert!(values("{ no").is_empty());
        assert!(!is_stream("data: {}"));
    }
}
