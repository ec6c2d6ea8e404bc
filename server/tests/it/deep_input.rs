//! Values that nest far beyond any stack, at every door and on every page that shows
//! what came in. `docs/LIMITS.md` says what bounds each reader of them.

use axum::body::Body;
use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::{Answer, Tenant, TestApp, request};

/// Ten times what a thread's stack holds of any reader. More take a debug build longer than a page may.
const LEVELS: usize = 20_000;

fn list() -> String {
    "[".repeat(LEVELS) + &"]".repeat(LEVELS)
}

fn object() -> String {
    r#"{"a":"#.repeat(LEVELS) + "1" + &"}".repeat(LEVELS)
}

struct Case {
    app: TestApp,
    tenant: Tenant,
}

impl Case {
    async fn new() -> Self {
        let app = TestApp::new().await;
        let tenant = app.tenant("acme").await;
        Self { app, tenant }
    }

    async fn post(&self, path: &str, content_type: &str, body: impl Into<Body>) -> Answer {
        let headers = [("x-api-key", self.tenant.key.as_str()), ("content-type", content_type)];
        self.app.send(request(Method::POST, path, &headers, body)).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn deep_runs_are_kept_and_shown() {
    let case = Case::new().await;
    let cookie = case.app.sign_in(&case.tenant.org, "deep@example.org", model::Role::Admin).await;
    let (list, object) = (list(), object());
    let chat = format!(
        r#"{{"messages":[{{"role":"user","content":{list}}},{{"role":"user","content":[{object}]}}]}}"#
    );
    let markdown = format!("{}{}", ">".repeat(LEVELS), "- ".repeat(LEVELS));
    let bodies = [
        format!(r#"{{"agent":"a","input":{list},"output":{object}}}"#),
        format!(r#"{{"agent":"a","input":{chat},"output":{{"role":"assistant","content":{list}}}}}"#),
        format!(
            r#"{{"agent":"a","completions":[{{"provider":"openai","model":"m","request":{chat},"response":{{"choices":[{{"message":{{"role":"assistant","content":"x","tool_calls":[{{"id":"1","function":{{"name":"f","arguments":{object}}}}}]}}}}]}}}}]}}"#
        ),
        json!({"agent": "a", "input": {"messages": [{"role": "user", "content": markdown}]}, "output": "x"})
            .to_string(),
    ];
    for body in bodies {
        let start: String = body.chars().take(60).collect();
        let sent = case.post("/v1/runs", "application/json", body).await;
        assert_eq!(sent.status, StatusCode::OK, "{start}: {}", sent.text());
        let receipt = sent.json();
        let id = receipt["runs"][0]["id"].as_str().unwrap_or_else(|| panic!("{start}: {receipt}"));
        for path in [format!("/v1/_/runs/{id}"), format!("/v1/_/runs/{id}/completions")] {
            let read = case.app.get(&path, &case.tenant.key).await;
            assert_eq!(read.status, StatusCode::OK, "{start}: {path}");
        }
        for view in ["", "?view=raw", "/prompt", "/prompt?view=markdown"] {
            let path = format!("/acme/agents/a/runs/{id}{view}");
            let page = case
                .app
                .send(request(Method::GET, &path, &[("cookie", &cookie)], Body::empty()))
                .await;
            assert_eq!(page.status, StatusCode::OK, "{start}: {path}");
            assert!(page.bytes.len() < 4_000_000, "{start}: {path}: {}", page.bytes.len());
        }
        let path = format!("/acme/agents/a/playground?run={id}&version=1");
        let page =
            case.app.send(request(Method::GET, &path, &[("cookie", &cookie)], Body::empty())).await;
        assert!(!page.status.is_server_error(), "{start}: {path}: {}", page.status);
    }
    let found = case.app.get("/v1/_/runs?q=input.a:*", &case.tenant.key).await;
    assert_eq!(found.status, StatusCode::OK, "{}", found.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn deep_metadata_versions_and_labels_are_kept_or_named() {
    let case = Case::new().await;
    let (list, object) = (list(), object());
    for field in ["metadata", "version", "completions", "tool_calls", "error", "usage"] {
        for value in [&list, &object] {
            let body = format!(r#"{{"agent":"a","output":1,"{field}":{value}}}"#);
            let sent = case.post("/v1/runs", "application/json", body).await;
            assert!(sent.status.is_success() || sent.status == StatusCode::BAD_REQUEST, "{field}");
        }
    }
    for body in [
        format!(r#"{{"model":"a/echo","provider":"echo","messages":{list}}}"#),
        format!(
            r#"{{"model":"a/echo","provider":"echo","messages":[{{"role":"user","content":{list}}}],"tools":{object}}}"#
        ),
        format!(r#"{{"model":"a/echo","provider":"echo","input":{object},"messages":[]}}"#),
        format!(
            r#"{{"model":"a/echo","provider":"echo","metadata":{object},"messages":[{{"role":"user","content":"x"}}]}}"#
        ),
    ] {
        let start: String = body.chars().take(60).collect();
        let answer = case.post("/v1/chat/completions", "application/json", body).await;
        assert!(
            answer.status.is_success() || answer.status.is_client_error(),
            "{start}: {} {}",
            answer.status,
            answer.text()
        );
    }
    let search = format!("{}x{}", "(".repeat(LEVELS / 100), ")".repeat(LEVELS / 100));
    let answer = case
        .post("/v1/_/runs/search", "application/json", json!({ "q": search }).to_string())
        .await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
}

/// One span of a model whose attribute is nested so deeply.
fn span(value: &str) -> String {
    format!(
        r#"{{"resourceSpans":[{{"scopeSpans":[{{"spans":[{{"traceId":"0af7651916cd43dd8448eb211c80319c","spanId":"b7ad6b7169203331","name":"chat","startTimeUnixNano":"1795341600000000000","endTimeUnixNano":"1795341601000000000","attributes":[{{"key":"gen_ai.request.model","value":{{"stringValue":"m"}}}},{{"key":"deep","value":{value}}}]}}]}}]}}]}}"#
    )
}

/// The bytes of a field of protobuf with a length.
fn field(number: u8, bytes: &[u8]) -> Vec<u8> {
    let mut length = bytes.len();
    let mut made = vec![number << 3 | 2];
    while length > 127 {
        made.push(length as u8 & 127 | 128);
        length >>= 7;
    }
    made.push(length as u8);
    made.extend_from_slice(bytes);
    made
}

#[tokio::test(flavor = "multi_thread")]
async fn deep_attributes_of_spans_spoil_nothing_else() {
    let case = Case::new().await;
    let levels = 20_000;
    let value = r#"{"arrayValue":{"values":["#.repeat(levels) + &"]}}".repeat(levels);
    for path in ["/v1/traces", "/v1/logs"] {
        let answer = case.post(path, "application/json", span(&value)).await;
        assert!(!answer.status.is_server_error(), "{path}: {} {}", answer.status, answer.text());
    }
    let nested = (0..2_000).fold(Vec::new(), |inner, _| field(5, &field(1, &inner)));
    let attribute = [field(1, b"deep"), field(2, &nested)].concat();
    let span =
        [field(1, &[1; 16]), field(2, &[2; 8]), field(5, b"chat"), field(9, &attribute)].concat();
    let body = field(1, &field(2, &field(2, &span)));
    let answer = case.post("/v1/traces", "application/x-protobuf", body).await;
    assert!(!answer.status.is_server_error(), "{} {}", answer.status, answer.text());
    let good = r#"{"agent":"a","output":1}"#;
    let sent: Value = case.post("/v1/runs", "application/json", good).await.json();
    assert_eq!(sent["accepted"], 1);
}
