//! The built-in model behind the proxy.

use bytes::BytesMut;
use futures::{StreamExt, stream};
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue, StatusCode};
use model::dialect::form;
use upstream::{AnswerBytes, ECHO, Forwarded, UpstreamError};

/// Its answer as a provider's: a stream, or in one piece.
///
/// # Errors
/// When what it says is no answer.
pub async fn forwarded(
    mut events: AnswerBytes,
    wants_stream: bool,
) -> Result<Forwarded, UpstreamError> {
    let (kind, body) = if wants_stream {
        ("text/event-stream", events)
    } else {
        let mut text = BytesMut::new();
        while let Some(chunk) = events.next().await {
            text.extend_from_slice(&chunk?);
        }
        let whole = std::str::from_utf8(&text).ok().and_then(form::chat::whole_of_events);
        let whole = whole.ok_or_else(|| UpstreamError::Closed { host: ECHO.to_owned() })?;
        ("application/json", stream::once(async move { Ok(whole.into()) }).boxed())
    };
    let headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static(kind))]);
    Ok(Forwarded { status: StatusCode::OK, headers, body })
}
