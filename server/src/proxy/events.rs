//! Cuts the bytes of a stream into its events, without changing a byte.

use std::ops::Range;

use bytes::{Bytes, BytesMut};
use memchr::memchr;
use model::json::without_mark;

/// An event of this size is no longer waited for but passed on in pieces.
const MAX_EVENT_BYTES: usize = 16 * 1024 * 1024;

/// Bytes that are not a whole event yet.
#[derive(Debug, Default)]
pub struct Events {
    waiting: BytesMut,
    /// How much of `waiting` is known to hold no end of an event.
    searched: usize,
}

impl Events {
    /// Takes more bytes.
    pub fn push(&mut self, bytes: &[u8]) {
        self.waiting.extend_from_slice(bytes);
    }

    /// The next event with the empty line that ends it.
    pub fn next_event(&mut self) -> Option<Bytes> {
        let end = self.end_of_event()?;
        self.searched = 0;
        Some(self.waiting.split_to(end).freeze())
    }

    /// How many bytes wait for the end of their event.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// What waits, although its event has not ended.
    pub fn take_waiting(&mut self) -> Bytes {
        self.searched = 0;
        self.waiting.split().freeze()
    }

    /// What is left when no more bytes come.
    #[must_use]
    pub fn rest(self) -> Bytes {
        self.waiting.freeze()
    }

    fn end_of_event(&mut self) -> Option<usize> {
        let mut line_start = self.searched;
        loop {
            let rest = self.waiting.get(line_start..)?;
            let Some(length) = memchr(b'\n', rest) else {
                self.searched = line_start;
                let is_too_long = self.waiting.len() > MAX_EVENT_BYTES;
                return is_too_long.then_some(self.waiting.len());
            };
            let end = line_start + length + 1;
            // Empty lines before an event belong to it.
            if matches!(rest.get(..length), Some([] | [b'\r']))
                && has_content(&self.waiting, line_start)
            {
                return Some(end);
            }
            line_start = end;
        }
    }
}

fn has_content(bytes: &[u8], end: usize) -> bool {
    bytes.iter().take(end).any(|byte| !matches!(byte, b'\r' | b'\n'))
}

/// Where the data of an event stands in it; `None` when it has none, or more
/// than one line of it.
#[must_use]
pub fn data_of(event: &str) -> Option<Range<usize>> {
    let mut found = None;
    let mut start = 0;
    for line in event.split_inclusive('\n') {
        if let Some(value) = without_mark(line).strip_prefix("data:") {
            if found.is_some() {
                return None;
            }
            let value = value.strip_prefix(' ').unwrap_or(value);
            let from = start + line.len() - value.len();
            found = Some(from..from + value.trim_end_matches(['\r', '\n']).len());
        }
        start += line.len();
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(pieces: &[&str]) -> (Vec<String>, String) {
        let mut events = Events::default();
        let mut found = Vec::new();
        for piece in pieces {
            events.push(piece.as_bytes());
            while let Some(event) = events.next_event() {
                found.push(String::from_utf8(event.to_vec()).unwrap());
            }
        }
        (found, String::from_utf8(events.rest().to_vec()).unwrap())
    }

    #[test]
    fn a_mark_before_the_data_is_passed_over() {
        let event = "\u{feff}data: {}\n\n";
        assert_eq!(&event[data_of(event).unwrap()], "{}");
    }

    #[test]
    fn events_are_whole_however_the_bytes_come() {
        let text = ": hi\n\nevent: a\r\ndata: {}\r\n\r\n\ndata: [DONE]\n\ndata: tail";
        let expected = [": hi\n\n", "event: a\r\ndata: {}\r\n\r\n", "\ndata: [DONE]\n\n"];
        let whole = cut(&[text]);
        assert_eq!(whole.0, expected);
        assert_eq!(whole.1, "data: tail");
        for size in 1..text.len() {
            let pieces: Vec<&str> = text
                .as_bytes()
                .chunks(size)
                .map(|piece| std::str::from_utf8(piece).unwrap())
                .collect();
            assert_eq!(cut(&pieces), whole, "{size}");
        }
    }

    #[test]
    fn an_endless_event_is_not_kept_back() {
        let mut events = Events::default();
        let piece = vec![b'x'; MAX_EVENT_BYTES];
        events.push(&piece);
        assert_eq!(events.next_event(), None);
        events.push(b"x");
        assert_eq!(events.next_event().unwrap().len(), MAX_EVENT_BYTES + 1);
    }

    #[test]
    fn data_is_found_in_an_event() {
        let of = |event: &'static str| data_of(event).map(|range| &event[range]);
        assert_eq!(of("event: x\ndata: {\"a\":1}\r\n\r\n"), Some("{\"a\":1}"));
        assert_eq!(of("data:[DONE]\n\n"), Some("[DONE]"));
        assert_eq!(of(": comment\n\n"), None);
        assert_eq!(of("data: {\ndata: }\n\n"), None);
    }
}
