//! A provider on loopback that misbehaves on request: the model's name says how.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use futures::StreamExt;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::Notify;
use upstream::{Provider, SecretString};

pub const KEY: &str = "sk-stub";
pub const RATE_LIMIT: &str =
    r#"{"error":{"message":"Slow down.","type":"requests","code":"rate_limit_exceeded"}}"#;

/// Serves until the test's runtime ends.
pub async fn start() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let app = Router::new()
        .route("/v1/chat/completions", post(chat))
        .route("/v1/models", get(models))
        .route("/moved/chat/completions", post(|| async { redirect() }));
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    address
}

/// Serves answers that begin and never end; says when the client has left one.
pub async fn start_endless() -> (SocketAddr, Arc<Notify>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let left = Arc::new(Notify::new());
    let to_notify = left.clone();
    let answer = move || async move {
        let guard = NotifyOnDrop(to_notify);
        let first = futures::stream::once(async {
            Ok::<_, Infallible>(Bytes::from(
                "data: {\"choices\":[{\"delta\":{\"content\":\"Hi\"}}]}\n\n",
            ))
        });
        let rest = futures::stream::once(async move {
            let _guard = guard;
            std::future::pending().await
        });
        ([(header::CONTENT_TYPE, "text/event-stream")], Body::from_stream(first.chain(rest)))
    };
    let app = Router::new().route("/v1/chat/completions", post(answer));
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    (address, left)
}

struct NotifyOnDrop(Arc<Notify>);

impl Drop for NotifyOnDrop {
    fn drop(&mut self) {
        self.0.notify_one();
    }
}

pub fn provider(address: SocketAddr, base_path: &str) -> Provider {
    let url = format!("http://{address}{base_path}");
    Provider::openai_compatible("stub", &url, Some(SecretString::from(KEY))).unwrap()
}

pub fn stream_text() -> String {
    let choice = |delta: Value, finish: Option<&str>| json!({"choices": [{"index": 0, "delta": delta, "finish_reason": finish}]});
    let tool = |call: Value| choice(json!({"tool_calls": [call]}), None);
    let events = [
        choice(json!({"role": "assistant", "content": ""}), None),
        choice(json!({"reasoning_content": "Hm."}), None),
        choice(json!({"content": "Grüße "}), None),
        choice(json!({"content": "an 世界"}), None),
        tool(json!({"index": 0, "id": "call_1", "function": {"name": "clock", "arguments": ""}})),
        tool(json!({"index": 0, "function": {"arguments": "{}"}})),
        choice(json!({}), Some("stop")),
        json!({"choices": [], "usage": {"prompt_tokens": 9, "completion_tokens": 4,
            "prompt_tokens_details": {"cached_tokens": 2},
            "completion_tokens_details": {"reasoning_tokens": 1}}}),
    ];
    let mut text = String::from(": hello\n\n");
    for event in events {
        text.push_str(&format!("data: {event}\n\n"));
    }
    text.push_str("data: [DONE]\n\n");
    text
}

async fn models(headers: HeaderMap) -> Response {
    if headers.get(header::AUTHORIZATION).is_none_or(|value| value != "Bearer sk-stub") {
        return (StatusCode::UNAUTHORIZED, "{}").into_response();
    }
    Json(json!({"object": "list", "data": [{"id": "b"}, {"id": "a"}, {"id": "b"}]})).into_response()
}

async fn chat(headers: HeaderMap, Json(request): Json<Value>) -> Response {
    if headers.get(header::AUTHORIZATION).is_none_or(|value| value != "Bearer sk-stub") {
        return (StatusCode::UNAUTHORIZED, "{}").into_response();
    }
    let text = stream_text();
    let (start, _) = text.split_at(text.find("data: {\"choices\":[{\"delta\":{\"tool").unwrap());
    match request["model"].as_str().unwrap() {
        // Cut into odd pieces, so that events and characters are split.
        "stream" => events(text.into_bytes().chunks(7).map(|c| Some(c.to_vec())).collect()),
        "stalls" => events(vec![Some(start.as_bytes().to_vec()), None]),
        "ends early" => events(vec![Some(start.as_bytes().to_vec())]),
        "breaks" => broken(start.as_bytes().to_vec(), "text/event-stream"),
        "breaks as JSON" => broken(b"{\"choices\": [".to_vec(), "application/json"),
        "garbage event" => events(vec![Some(b"data: {nope\n\n".to_vec())]),
        "error event" => events(vec![Some(
            b"data: {\"error\":{\"message\":\"Overloaded.\",\"code\":\"overloaded\"}}\n\n".to_vec(),
        )]),
        "whole" => Json(json!({
            "choices": [{"message": {"role": "assistant", "content": "All at once."}, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": 3, "completion_tokens": 3},
        }))
        .into_response(),
        "garbage" => ([(header::CONTENT_TYPE, "application/json")], &b"\xff<not json>"[..])
            .into_response(),
        "error in a 200" => r#"{"error":{"message":"No credit.","code":402}}"#.into_response(),
        "429" => (StatusCode::TOO_MANY_REQUESTS, RATE_LIMIT).into_response(),
        "500" => (StatusCode::INTERNAL_SERVER_ERROR, "<h1>oops</h1>").into_response(),
        "endless" => {
            let chunks = futures::stream::repeat(vec![b'x'; 4096]).map(Ok::<_, Infallible>);
            ([(header::CONTENT_TYPE, "text/event-stream")], Body::from_stream(chunks)).into_response()
        }
        "silent" => {
            tokio::time::sleep(Duration::from_secs(600)).await;
            StatusCode::OK.into_response()
        }
        "repeat the request" => Json(json!({
            "choices": [{"message": {"role": "assistant", "content": request.to_string()}}],
        }))
        .into_response(),
        other => (StatusCode::NOT_FOUND, other.to_owned()).into_response(),
    }
}

/// Each item is sent on its own; `None` hangs.
fn events(items: Vec<Option<Vec<u8>>>) -> Response {
    let chunks = futures::stream::iter(items).then(|item| async move {
        match item {
            Some(bytes) => Ok::<_, Infallible>(Bytes::from(bytes)),
            None => std::future::pending().await,
        }
    });
    ([(header::CONTENT_TYPE, "text/event-stream; charset=utf-8")], Body::from_stream(chunks))
        .into_response()
}

/// Sends the start and then breaks the connection.
fn broken(start: Vec<u8>, content_type: &'static str) -> Response {
    let chunks = futures::stream::iter([
        Ok(Bytes::from(start)),
        Err(std::io::Error::other("the stub breaks the connection")),
    ]);
    // The pause lets the start reach the client before the connection breaks.
    let chunks = chunks.then(|chunk| async move {
        tokio::time::sleep(Duration::from_millis(20)).await;
        chunk
    });
    ([(header::CONTENT_TYPE, content_type)], Body::from_stream(chunks)).into_response()
}

fn redirect() -> Response {
    (StatusCode::FOUND, [(header::LOCATION, "http://169.254.169.254/latest/meta-data/")])
        .into_response()
}
