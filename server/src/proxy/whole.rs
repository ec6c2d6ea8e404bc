//! Passes an answer on that comes in one piece.

use axum::body::Body;
use axum::response::Response;
use bytes::{Bytes, BytesMut};
use futures::StreamExt;
use http::{HeaderMap, StatusCode};
use model::json::bytes_without_mark;
use serde::de::IgnoredAny;
use upstream::{AnswerBytes, UpstreamError};

use super::api::Api;
use super::extras::Extras;
use super::recording::Recording;

/// Reads the whole answer, hands the run in, and answers the client.
///
/// # Errors
/// When the answer breaks off, or is none although its status says so.
pub async fn pass(
    api: Api,
    status: StatusCode,
    headers: HeaderMap,
    answer: AnswerBytes,
    recording: &mut Recording,
    extras: &Extras,
    host: &str,
) -> Result<Response, UpstreamError> {
    let body = read(answer, recording).await?;
    if status.is_success() {
        check(&body, host)?;
    }
    recording.answered();
    let cost = recording.finish(None).await.cost;
    let changed = std::str::from_utf8(&body)
        .ok()
        .filter(|_| api == Api::Chat && status.is_success())
        .and_then(|text| extras.of_answer(text, cost));
    let body = changed.map_or(body, Bytes::from);
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    Ok(response)
}

async fn read(mut answer: AnswerBytes, recording: &mut Recording) -> Result<Bytes, UpstreamError> {
    let mut body = BytesMut::new();
    while let Some(chunk) = answer.next().await {
        let chunk = chunk?;
        recording.received(&chunk);
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
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
