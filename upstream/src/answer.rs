//! Sends a request and reads its answer, keeping the bytes as they come.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use eventsource_stream::{EventStreamError, Eventsource};
use futures::stream::BoxStream;
use futures::{StreamExt, TryStreamExt};
use model::Json;
use model::json::bytes_without_mark;
use reqwest::header::{CONTENT_TYPE, HeaderMap};
use serde_json::Value;

use crate::client::AnswerBytes;
use crate::provider::{Provider, ProviderKind};
use crate::reading::{Piece, pieces, provider_error};
use crate::{Upstream, UpstreamError, echo};

/// How long to wait for the end of the connection after the end of the answer.
const DRAIN: Duration = Duration::from_millis(50);

/// The bytes of an answer as they came, kept beside the reading of them.
#[derive(Clone, Default)]
pub(crate) struct Transcript(Arc<Mutex<Received>>);

#[derive(Default)]
struct Received {
    bytes: Vec<u8>,
    is_event_stream: bool,
}

impl Transcript {
    fn with<T>(&self, with: impl FnOnce(&mut Received) -> T) -> T {
        with(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// What came, as the response of an exchange.
    pub(crate) fn take(&self) -> Option<Json> {
        let Received { bytes, is_event_stream } = self.with(std::mem::take);
        if bytes.is_empty() {
            return None;
        }
        let text = String::from_utf8_lossy(&bytes);
        match Json::from_text(&text) {
            Ok(body) if !is_event_stream => Some(body),
            _ => Some(Json::string(&text)),
        }
    }
}

/// The pieces of the answer to a request; what came is noted in `transcript`.
pub(crate) fn answer(
    upstream: Upstream,
    provider: Provider,
    request: Json,
    transcript: Transcript,
) -> BoxStream<'static, Result<Piece, UpstreamError>> {
    async_stream::try_stream! {
        let host = provider.host();
        let (status, is_event_stream, chunks) = open(&upstream, &provider, request).await?;
        transcript.with(|received| received.is_event_stream = is_event_stream);
        let noted = transcript.clone();
        let chunks = chunks.inspect_ok(move |chunk| {
            noted.with(|received| received.bytes.extend_from_slice(chunk));
        });
        if (200..300).contains(&status) && is_event_stream {
            let mut read = read_events(host, chunks.boxed());
            while let Some(piece) = read.next().await {
                yield piece?;
            }
        } else {
            chunks.try_for_each(|_| async { Ok(()) }).await?;
            for piece in transcript.with(|received| read_body(&host, status, &received.bytes))? {
                yield piece;
            }
        }
    }
    .boxed()
}

/// Sends the request; gives the status, whether events follow, and the body.
async fn open(
    upstream: &Upstream,
    provider: &Provider,
    request: Json,
) -> Result<(u16, bool, AnswerBytes), UpstreamError> {
    if provider.kind() == ProviderKind::Echo {
        let delay = upstream.options().echo_word_delay;
        return Ok((200, true, echo::answer(&request, delay)));
    }
    let body = Bytes::copy_from_slice(request.as_str().as_bytes());
    let response = upstream.post(provider, "chat/completions", HeaderMap::new(), body).await?;
    let content_type = response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let is_event_stream =
        content_type.is_some_and(|kind| kind.to_ascii_lowercase().contains("text/event-stream"));
    let status = response.status().as_u16();
    Ok((status, is_event_stream, upstream.bounded(provider.host(), response)))
}

fn read_events(
    host: String,
    chunks: AnswerBytes,
) -> BoxStream<'static, Result<Piece, UpstreamError>> {
    async_stream::try_stream! {
        let mut events = chunks.eventsource();
        let mut is_complete = false;
        while let Some(event) = events.next().await {
            let event = event.map_err(|error| match error {
                EventStreamError::Transport(error) => error,
                EventStreamError::Utf8(_) => invalid(&host, "it is not UTF-8"),
                EventStreamError::Parser(_) => invalid(&host, "it is no stream of events"),
            })?;
            if event.data.trim() == "[DONE]" {
                is_complete = true;
                yield Piece::End;
                // Reading to the end lets the connection be used again.
                let rest = async { while let Some(Ok(_)) = events.next().await {} };
                let _ = tokio::time::timeout(DRAIN, rest).await;
                break;
            }
            let chunk: Value = serde_json::from_str(&event.data)
                .map_err(|_| invalid(&host, "one of its events is no JSON"))?;
            for piece in pieces(&host, &chunk)? {
                is_complete |= matches!(piece, Piece::FinishReason(_));
                yield piece;
            }
        }
        if !is_complete {
            Err(UpstreamError::Closed { host })?;
        }
    }
    .boxed()
}

fn read_body(host: &str, status: u16, body: &[u8]) -> Result<Vec<Piece>, UpstreamError> {
    if !(200..300).contains(&status) {
        return Err(provider_error(host, status, body));
    }
    match serde_json::from_slice(bytes_without_mark(body)) {
        Ok(answer) => pieces(host, &answer),
        Err(error) if error.is_eof() => Err(UpstreamError::Closed { host: host.to_owned() }),
        Err(_) => Err(invalid(host, "it is no JSON")),
    }
}

fn invalid(host: &str, reason: &str) -> UpstreamError {
    UpstreamError::Invalid { host: host.to_owned(), reason: reason.to_owned() }
}
