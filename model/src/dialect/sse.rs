//! Server-sent events (<https://html.spec.whatwg.org/multipage/server-sent-events.html>).

use std::borrow::Cow;

use crate::json::without_mark;

/// The data of each event of a stream, in order.
///
/// Lenient where recordings are: line ends of any kind, comments, a tail that
/// was cut off, and events that no empty line separates.
pub(super) fn events(text: &str) -> impl Iterator<Item = Cow<'_, str>> {
    // Where streams were put together, a mark stands before later lines, too.
    let lines = lines(text).map(without_mark);
    Events { lines, ready: Vec::new().into_iter() }
}

struct Events<'a, L> {
    lines: L,
    ready: std::vec::IntoIter<Cow<'a, str>>,
}

impl<'a, L: Iterator<Item = &'a str>> Iterator for Events<'a, L> {
    type Item = Cow<'a, str>;

    fn next(&mut self) -> Option<Cow<'a, str>> {
        loop {
            if let Some(data) = self.ready.next() {
                return Some(data);
            }
            let mut data = Vec::new();
            let mut ended = true;
            for line in self.lines.by_ref() {
                if line.is_empty() {
                    ended = false;
                    break;
                }
                if let Some(value) = line.strip_prefix("data:") {
                    data.push(value.strip_prefix(' ').unwrap_or(value));
                }
            }
            self.ready = joined(data).into_iter();
            if ended && self.ready.len() == 0 {
                return None;
            }
        }
    }
}

/// One event's data lines belong together, unless each is JSON by itself.
fn joined(lines: Vec<&str>) -> Vec<Cow<'_, str>> {
    match lines.as_slice() {
        [] => Vec::new(),
        [line] => vec![Cow::Borrowed(*line)],
        [first, ..] if is_json(first) => lines.into_iter().map(Cow::Borrowed).collect(),
        _ => vec![Cow::Owned(lines.join("\n"))],
    }
}

fn is_json(text: &str) -> bool {
    serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok()
}

/// Splits at `\n`, `\r\n` and `\r`.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let current = rest?;
        let Some(end) = memchr::memchr2(b'\n', b'\r', current.as_bytes()) else {
            rest = None;
            return (!current.is_empty()).then_some(current);
        };
        let (line, tail) = current.split_at(end);
        let tail = tail.strip_prefix("\r\n").or_else(|| tail.get(1..)).unwrap_or_default();
        rest = Some(tail);
        Some(line)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn data(text: &str) -> Vec<String> {
        events(text).map(Cow::into_owned).collect()
    }

    #[test]
    fn events_are_read_whatever_their_line_ends() {
        for end in ["\n", "\r\n", "\r"] {
            let text =
                [": hello", "event: x", "data: {\"a\":1}", "", "data:[DONE]", "", ""].join(end);
            assert_eq!(data(&text), ["{\"a\":1}", "[DONE]"], "{end:?}");
        }
    }

    #[test]
    fn data_lines_of_one_event_are_joined() {
        assert_eq!(data("data: {\ndata: }\n\n"), ["{\n}"]);
    }

    #[test]
    fn events_without_an_empty_line_between_are_kept_apart() {
        assert_eq!(
            data("data: {\"a\":1}\ndata: {\"b\":2}\ndata: [DONE]\n"),
            ["{\"a\":1}", "{\"b\":2}", "[DONE]"]
        );
    }

    #[test]
    fn a_tail_that_was_cut_off_is_given_as_it_is() {
        assert_eq!(data("\u{feff}data: {}\n\n\n\ndata: {\"a"), ["{}", "{\"a"]);
        assert_eq!(data("\u{feff}data: {}\n\n\u{feff}data: []\n\n"), ["{}", "[]"]);
        assert_eq!(data("no events here"), Vec::<String>::new());
    }
}
