//! Passes a stream of events on as it comes.
//!
//! Each event leaves as soon as it is whole; only the last one waits until the
//! run is kept. The client's pace is the provider's: nothing is read before the
//! client has taken what was read.

use std::time::Duration;

use axum::body::Body;
use bytes::{Bytes, BytesMut};
use futures::{Stream, StreamExt};
use model::edit;
use upstream::{AnswerBytes, UpstreamError};

use super::api::{Api, Meaning};
use super::error::ProxyError;
use super::events::{Events, data_of};
use super::extras::Extras;
use super::labels::member;
use super::recording::Recording;

/// How long to wait for the end of the connection after the end of the answer.
const DRAIN: Duration = Duration::from_millis(50);

/// A stream on its way to the client.
pub struct Passing {
    /// The API that it speaks.
    pub api: Api,
    /// Keeps what comes.
    pub recording: Recording,
    /// What comes.
    pub answer: AnswerBytes,
    /// What is added to the last events.
    pub extras: Extras,
    /// Whether the client asked for the usage.
    pub wants_usage: bool,
    /// The provider's host, for messages.
    pub host: String,
}

impl Passing {
    /// The client's body.
    pub fn into_body(self) -> Body {
        Body::from_stream(self.into_chunks())
    }

    fn into_chunks(mut self) -> impl Stream<Item = Result<Bytes, std::convert::Infallible>> {
        async_stream::stream! {
            let mut events = Events::default();
            let mut is_complete = false;
            // The last event, and whatever follows it.
            let mut last = BytesMut::new();
            let mut latest = Bytes::new();
            let failure = loop {
                let next = if last.is_empty() {
                    self.answer.next().await
                } else {
                    tokio::time::timeout(DRAIN, self.answer.next()).await.ok().flatten()
                };
                let chunk = match next {
                    None => break None,
                    // What breaks after the end breaks nothing.
                    Some(Err(error)) => break (!is_complete).then_some(error),
                    Some(Ok(chunk)) => chunk,
                };
                self.recording.received(&chunk);
                events.push(&chunk);
                let mut ready = BytesMut::new();
                while let Some(event) = events.next_event() {
                    let (meaning, event) = self.look(event);
                    // Comments have no number.
                    if !event.starts_with(b":") {
                        latest = event.clone();
                    }
                    is_complete |= matches!(meaning, Meaning::Complete | Meaning::Last);
                    if meaning == Meaning::Last || !last.is_empty() {
                        last.extend_from_slice(&event);
                    } else {
                        ready.extend_from_slice(&event);
                    }
                }
                if !self.recording.holds_back(events.waiting() + last.len()) {
                    // Of an event in pieces nobody can tell what it means.
                    is_complete = true;
                    ready.extend_from_slice(&last.split());
                    ready.extend_from_slice(&events.take_waiting());
                }
                if !ready.is_empty() {
                    yield Ok(ready.freeze());
                }
            };
            let rest = std::mem::take(&mut events).rest();
            let (meaning, rest) = self.look(rest);
            is_complete |= matches!(meaning, Meaning::Complete | Meaning::Last);
            let failure = failure.or_else(|| {
                (!is_complete).then(|| UpstreamError::Closed { host: self.host.clone() })
            });
            self.recording.finish(failure.as_ref().map(UpstreamError::to_run_error)).await;
            match failure {
                // Half an event would spoil the one that says why.
                Some(error) => {
                    let event = ProxyError::from(&error).to_event(self.api, number_after(&latest));
                    yield Ok(event.into());
                }
                None => {
                    last.extend_from_slice(&rest);
                    if !last.is_empty() {
                        yield Ok(last.freeze());
                    }
                }
            }
        }
    }

    /// What an event means, and how it is passed on.
    fn look(&mut self, event: Bytes) -> (Meaning, Bytes) {
        let Ok(text) = std::str::from_utf8(&event) else { return (Meaning::More, event) };
        let Some(data) = data_of(text).and_then(|place| text.get(place)) else {
            return (Meaning::More, event);
        };
        let meaning = self.api.meaning(data);
        match meaning {
            Meaning::More => {}
            Meaning::Token => self.recording.first_token(),
            Meaning::Complete | Meaning::Last => self.recording.answered(),
        }
        if self.api != Api::Chat || matches!(meaning, Meaning::Token | Meaning::Last) {
            return (meaning, event);
        }
        let recording = &self.recording;
        let changed =
            self.extras.of_event(text, self.wants_usage, |counted| recording.price(counted));
        (meaning, changed.map_or(event, Bytes::from))
    }
}

/// The `sequence_number` that follows an event's; 0 where it has none.
fn number_after(event: &[u8]) -> u64 {
    let number = || {
        let text = std::str::from_utf8(event).ok()?;
        let members = edit::members(text.get(data_of(text)?)?)?;
        member(&members, "sequence_number")?.parse::<u64>().ok()
    };
    number().map_or(0, |number| number.saturating_add(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_tells_the_number_of_the_next() {
        let event = b"event: response.output_text.delta\ndata: {\"type\":\"response.output_text.delta\",\"sequence_number\":7}\n\n";
        assert_eq!(number_after(event), 8);
        assert_eq!(number_after(b"data: {\"choices\":[]}\n\n"), 0);
        assert_eq!(number_after(b""), 0);
    }
}
