//! Passes an answer on that comes in one piece.

use axum::body::Body;
use bytes::Bytes;
use futures::{Stream, StreamExt};
use http::StatusCode;
use model::json::bytes_without_mark;
use serde::de::IgnoredAny;
use upstream::{AnswerBytes, UpstreamError};

use super::api::Api;
use super::extras::Extras;
use super::recording::Recording;
use crate::rest::body::Room;

/// An answer in one piece on its way to the client.
pub struct Whole {
    /// The API that it speaks.
    pub api: Api,
    /// Its status.
    pub status: StatusCode,
    /// What comes.
    pub answer: AnswerBytes,
    /// Keeps what comes.
    pub recording: Recording,
    /// What is added to it.
    pub extras: Extras,
    /// The provider's host, for messages.
    pub host: String,
}

impl Whole {
    /// The client's body, once the answer is whole and its run handed in. Where there is no
    /// memory to wait for that, the client gets what comes as it comes.
    ///
    /// # Errors
    /// When the answer breaks off, or is none although its status says so; with the
    /// recording, for who tells the client.
    pub async fn into_body(mut self) -> Result<Body, (Recording, UpstreamError)> {
        while let Some(next) = self.answer.next().await {
            let chunk = match next {
                Ok(chunk) => chunk,
                Err(error) => return Err((self.recording, error)),
            };
            let kept = self.recording.kept();
            if !self.recording.received(&chunk) {
                let before = self.recording.whole().slice(..kept);
                return Ok(Body::from_stream(self.into_pieces(before, chunk)));
            }
        }
        let Self { api, status, mut recording, extras, host, .. } = self;
        let body = recording.whole();
        if status.is_success()
            && let Err(error) = check(&body, &host)
        {
            return Err((recording, error));
        }
        recording.answered();
        let recorded = recording.finish(None).await;
        let changed = std::str::from_utf8(&body)
            .ok()
            .filter(|_| api == Api::Chat && status.is_success())
            .and_then(|text| extras.of_answer(text, recorded.cost));
        let body = changed.map_or(body, Bytes::from);
        Ok(until_sent(body, recorded.room))
    }

    /// What came before, this piece, and the rest, of which nothing is kept.
    fn into_pieces(
        mut self,
        before: Bytes,
        piece: Bytes,
    ) -> impl Stream<Item = Result<Bytes, UpstreamError>> {
        async_stream::stream! {
            yield Ok(before);
            yield Ok(piece);
            let mut failure = None;
            while let Some(next) = self.answer.next().await {
                match next {
                    Ok(chunk) => yield Ok(chunk),
                    Err(error) => {
                        failure = Some(error);
                        break;
                    }
                }
            }
            if failure.is_none() {
                self.recording.answered();
            }
            self.recording.finish(failure.as_ref().map(UpstreamError::to_run_error)).await;
            if let Some(error) = failure {
                // The client cannot be told otherwise than by a connection that breaks.
                yield Err(error);
            }
        }
    }
}

/// A body that takes its memory until the client has it.
pub fn until_sent(bytes: Bytes, room: Option<Room>) -> Body {
    struct Sending {
        bytes: Bytes,
        _room: Option<Room>,
    }
    impl AsRef<[u8]> for Sending {
        fn as_ref(&self) -> &[u8] {
            &self.bytes
        }
    }
    Body::from(Bytes::from_owner(Sending { bytes, _room: room }))
}

fn check(body: &[u8], host: &str) -> Result<(), UpstreamError> {
    let host = host.to_owned();
    // Ollama's own stream is JSON after JSON.
    let body = bytes_without_mark(body);
    let values = serde_json::Deserializer::from_slice(body).into_iter::<IgnoredAny>();
    match values.collect::<Result<Vec<_>, _>>() {
        Ok(values) if !values.is_empty() => Ok(()),
        Ok(_) => Err(UpstreamError::Invalid { host, reason: "it is empty".to_owned() }),
        Err(error) if error.is_eof() => Err(UpstreamError::Closed { host }),
        Err(_) => Err(UpstreamError::Invalid { host, reason: "it is no JSON".to_owned() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_one_value_or_several() {
        for body in ["{}", "\u{feff}{\"a\":1}\n", "{\"done\":false}\n{\"done\":true}\n"] {
            assert!(check(body.as_bytes(), "h").is_ok(), "{body:?}");
        }
        let code = |body: &str| check(body.as_bytes(), "h").unwrap_err().code().to_owned();
        assert_eq!(code(""), "upstream_invalid");
        assert_eq!(code("<html>"), "upstream_invalid");
        assert_eq!(code("{\"a\":1}\n{\"b"), "upstream_closed");
    }
}
