//! A provider on loopback that takes the same time for every answer.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use futures::{StreamExt, stream};
use tokio::net::TcpListener;

use crate::Failure;

/// From a request to the first event of its answer.
pub const THINKING: Duration = Duration::from_millis(300);
/// Between two events.
const PACE: Duration = Duration::from_millis(100);
const EVENTS: usize = 10;

const WHOLE: &str = r#"{"id":"chatcmpl-bench","object":"chat.completion","model":"gpt-4o-mini","choices":[{"index":0,"message":{"role":"assistant","content":"A cat sat."},"finish_reason":"stop"}],"usage":{"prompt_tokens":12,"completion_tokens":4}}"#;

/// Serves until the benchmark ends.
pub async fn start() -> Result<SocketAddr, Failure> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let app = Router::new().route("/v1/chat/completions", post(answer));
    tokio::spawn(async move { axum::serve(listener, app).await });
    Ok(address)
}

async fn answer(body: String) -> Response {
    if !body.contains("\"stream\":true") {
        return ([(CONTENT_TYPE, "application/json")], WHOLE).into_response();
    }
    tokio::time::sleep(THINKING).await;
    let events = stream::iter(0..=EVENTS).then(|at| async move {
        if at > 0 {
            tokio::time::sleep(PACE).await;
        }
        Ok::<_, Infallible>(Bytes::from_static(event(at)))
    });
    ([(CONTENT_TYPE, "text/event-stream")], Body::from_stream(events)).into_response()
}

fn event(at: usize) -> &'static [u8] {
    match at {
        EVENTS => b"data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n",
        _ => b"data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"cat \"}}]}\n\n",
    }
}
