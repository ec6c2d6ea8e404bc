//! A provider on loopback that answers, and misbehaves, as the model's name says.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use futures::{StreamExt, stream};
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue, StatusCode, Uri};
use serde_json::Value;
use tokio::net::TcpListener;
use upstream::{Provider, SecretString};

pub const WHOLE: &str = "{\n  \"id\": \"chatcmpl-1\",\n  \"object\": \"chat.completion\",\n  \"model\": \"gpt-4o-mini-2024-07-18\",\n  \"choices\": [\n    {\"index\": 0, \"message\": {\"role\": \"assistant\", \"content\": \"Gr\\u00fc\\u00dfe\"}, \"finish_reason\": \"stop\", \"odd\": 1.0}\n  ],\n  \"usage\": {\"prompt_tokens\": 1000, \"completion_tokens\": 50, \"prompt_tokens_details\": {\"cached_tokens\": 100}},\n  \"future\": [1E2]\n}\n";
pub const RATE_LIMIT: &str = r#"{"error":{"message":"Slow down.","type":"requests","param":null,"code":"rate_limit_exceeded"}}"#;
pub const MESSAGE: &str = r#"{"id":"msg_1","type":"message","role":"assistant","model":"claude-3-5-haiku-20241022","content":[{"type":"text","text":"Hello"}],"stop_reason":"end_turn","usage":{"input_tokens":10,"output_tokens":5}}"#;
pub const RESPONSE: &str = r#"{"id":"resp_1","object":"response","status":"completed","model":"gpt-4o","output":[{"type":"message","role":"assistant","content":[{"type":"output_text","text":"Hello"}]}],"usage":{"input_tokens":10,"output_tokens":5}}"#;

/// A request as it arrived.
#[derive(Clone, Debug)]
pub struct Seen {
    pub uri: Uri,
    pub headers: HeaderMap,
    pub body: String,
}

/// The provider, and what it was asked.
#[derive(Clone, Default)]
pub struct Stub(Arc<Mutex<Vec<Seen>>>);

impl Stub {
    /// Serves until the test's runtime ends.
    pub async fn start() -> (Self, Provider) {
        let (stub, address) = Self::listen().await;
        let url = format!("http://{address}/v1");
        let key = Some(SecretString::from("sk-stub"));
        (stub, Provider::openai_compatible("openai", &url, key).unwrap())
    }

    pub async fn listen() -> (Self, SocketAddr) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let stub = Self::default();
        let app = Router::new()
            .route("/v1/chat/completions", post(chat))
            .route("/v1/messages", post(messages))
            .route("/v1/responses", post(responses))
            .route("/v1/models", get(models))
            .fallback(models)
            .with_state(stub.clone());
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        (stub, address)
    }

    pub fn seen(&self) -> Vec<Seen> {
        self.0.lock().unwrap().clone()
    }

    pub fn last(&self) -> Seen {
        self.seen().pop().unwrap()
    }

    fn note(&self, uri: Uri, headers: HeaderMap, body: &str) {
        self.0.lock().unwrap().push(Seen { uri, headers, body: body.to_owned() });
    }
}

/// The events of an answer, one string each.
pub fn events() -> Vec<String> {
    let chunk = |rest: &str| {
        format!(
            "data: {{\"id\":\"chatcmpl-2\",\"object\":\"chat.completion.chunk\",\"model\":\"gpt-4o-mini\",{rest}}}\n\n"
        )
    };
    vec![
        ": keep-alive\n\n".to_owned(),
        chunk(
            r#""choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]"#,
        ),
        chunk(
            r#""choices":[{"index":0,"delta":{"content":"Gr\u00fc"},"finish_reason":null}],"odd": 1.0"#,
        ),
        chunk(r#""choices":[{"index":0,"delta":{"content":"ße"},"finish_reason":null}]"#),
        chunk(r#""choices":[{"index":0,"delta":{},"finish_reason":"stop"}]"#),
        chunk(r#""choices":[],"usage":{"prompt_tokens":1000,"completion_tokens":50}"#),
        "data: [DONE]\n\n".to_owned(),
    ]
}

async fn models(State(stub): State<Stub>, uri: Uri, headers: HeaderMap) -> Response {
    stub.note(uri, headers, "");
    json(r#"{"object": "list", "data": [{"id": "gpt-4o-mini"}]}"#)
}

async fn messages(
    State(stub): State<Stub>,
    uri: Uri,
    headers: HeaderMap,
    body: String,
) -> Response {
    stub.note(uri, headers, &body);
    if !body.contains("\"stream\":true") {
        return json(MESSAGE);
    }
    let events = [
        "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"role\":\"assistant\",\"model\":\"claude-3-5-haiku-20241022\",\"usage\":{\"input_tokens\":10,\"output_tokens\":1}}}\n\n",
        "event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\n",
        "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"Hello\"}}\n\n",
        "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"},\"usage\":{\"output_tokens\":5}}\n\n",
        "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n",
    ];
    sse(events.iter().map(|event| Some((*event).to_owned())).collect())
}

async fn responses(
    State(stub): State<Stub>,
    uri: Uri,
    headers: HeaderMap,
    body: String,
) -> Response {
    stub.note(uri, headers, &body);
    json(RESPONSE)
}

async fn chat(State(stub): State<Stub>, uri: Uri, headers: HeaderMap, body: String) -> Response {
    stub.note(uri, headers, &body);
    let request: Value = serde_json::from_str(&body).unwrap();
    let start = || events().into_iter().take(4).map(Some).collect::<Vec<_>>();
    match request["model"].as_str().unwrap_or_default() {
        "429" => {
            let headers = [("x-ratelimit-remaining-requests", "0"), ("retry-after", "7")];
            (StatusCode::TOO_MANY_REQUESTS, headers, json(RATE_LIMIT)).into_response()
        }
        "500" => (StatusCode::INTERNAL_SERVER_ERROR, "<h1>oops</h1>").into_response(),
        "garbage" => json_bytes(&b"\xff\xfe<not json>"[..]),
        "empty" => json(""),
        "half" => json(&WHOLE[..WHOLE.len() / 2]),
        "error in a 200" => json(r#"{"error":{"message":"No credit.","code":402}}"#),
        "redirect" => {
            (StatusCode::FOUND, [("location", "http://169.254.169.254/latest/")]).into_response()
        }
        "silent" => {
            tokio::time::sleep(Duration::from_secs(600)).await;
            StatusCode::OK.into_response()
        }
        "breaks as JSON" => broken(vec!["{\"choices\": [".to_owned()], "application/json"),
        "breaks" => broken(events().into_iter().take(4).collect(), "text/event-stream"),
        "breaks after the end" => {
            broken(events().into_iter().take(5).collect(), "text/event-stream")
        }
        "ends early" => sse(start()),
        "stalls" => sse(start().into_iter().chain([None]).collect()),
        "error event" => sse(start()
            .into_iter()
            .chain([Some(
                "data: {\"error\":{\"message\":\"Overloaded.\",\"code\":\"overloaded\"}}\n\n"
                    .to_owned(),
            )])
            .collect()),
        "stalls in an event" => {
            sse(vec![Some(format!("data: {{\"choices\": [\"{}", "x".repeat(300_000))), None])
        }
        "stalls as JSON" => {
            let start = vec![Some(format!("{{\"choices\": [\"{}", "x".repeat(300_000))), None];
            let mut response = sse(start);
            response
                .headers_mut()
                .insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
            response
        }
        "slow" => {
            tokio::time::sleep(Duration::from_millis(300)).await;
            json(WHOLE)
        }
        _ if request["stream"] == true => sse(events().into_iter().map(Some).collect()),
        _ => {
            let headers = [("x-request-id", "req_7"), ("openai-processing-ms", "12")];
            (headers, json(WHOLE)).into_response()
        }
    }
}

fn json(body: &str) -> Response {
    json_bytes(body.to_owned())
}

fn json_bytes(body: impl Into<Body>) -> Response {
    ([(CONTENT_TYPE, "application/json")], body.into()).into_response()
}

/// Each item is sent on its own; `None` hangs.
fn sse(items: Vec<Option<String>>) -> Response {
    let chunks = stream::iter(items).then(|item| async move {
        match item {
            Some(text) => Ok::<_, Infallible>(Bytes::from(text)),
            None => std::future::pending().await,
        }
    });
    let kind = "text/event-stream; charset=utf-8";
    ([(CONTENT_TYPE, kind)], Body::from_stream(chunks)).into_response()
}

/// Sends the start and then breaks the connection.
fn broken(start: Vec<String>, kind: &'static str) -> Response {
    let end = Err(std::io::Error::other("the stub breaks the connection"));
    let chunks = stream::iter(start.into_iter().map(|text| Ok(Bytes::from(text))).chain([end]));
    // The pause lets the start reach the client before the connection breaks.
    let chunks = chunks.then(|chunk| async move {
        tokio::time::sleep(Duration::from_millis(10)).await;
        chunk
    });
    ([(CONTENT_TYPE, kind)], Body::from_stream(chunks)).into_response()
}
