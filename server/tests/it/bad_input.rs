//! What is wrong with a request is said, and spoils nothing else.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use http::{Method, StatusCode};
use model::limits::{MAX_REQUEST_BYTES, MAX_REQUEST_RUNS, MAX_RUN_BYTES};
use serde_json::{Value, json};

use crate::support::{Answer, Tenant, TestApp, request};

const GOOD: &str = r#"{"agent":"a","output":"good"}"#;

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

    async fn post(&self, headers: &[(&str, &str)], body: impl Into<axum::body::Body>) -> Answer {
        let mut all = vec![("x-api-key", self.tenant.key.as_str())];
        all.extend_from_slice(headers);
        self.app.send(request(Method::POST, "/v1/runs", &all, body)).await
    }

    async fn post_json(&self, body: impl Into<axum::body::Body>) -> Answer {
        self.post(&[("content-type", "application/json")], body).await
    }

    async fn stored(&self) -> Value {
        self.app.get("/v1/_/runs", &self.tenant.key).await.json()["count"].clone()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_items_are_named_and_good_ones_land() {
    let case = Case::new().await;
    let bad = [
        (r#"{"output":1}"#, "missing_field", json!("agent")),
        (r#"{"agent":"a"}"#, "missing_field", Value::Null),
        (r#"{"agent":"a","output":1,"nonsense":1}"#, "unknown_field", json!("nonsense")),
        (r#"{"id":"chatcmpl-1","agent":"a","output":1}"#, "invalid_id", json!("id")),
        (
            r#"{"agent":"a","output":1,"created_at":"2201-01-01T00:00:00Z"}"#,
            "invalid_time",
            json!("created_at"),
        ),
        (
            r#"{"agent":"a","output":1,"created_at":"yesterday"}"#,
            "invalid_time",
            json!("created_at"),
        ),
        (r#"["text"]"#, "invalid_run", Value::Null),
    ];
    let items: Vec<_> = bad.iter().flat_map(|(item, ..)| [*item, GOOD]).collect();
    let answer = case.post_json(format!("[{}]", items.join(","))).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    let receipt = answer.json();
    assert_eq!(receipt["accepted"], bad.len());
    for (position, (item, code, field)) in bad.iter().enumerate() {
        let rejected = &receipt["rejected"][position];
        assert_eq!(rejected["index"], position * 2, "{item}");
        assert_eq!(rejected["error"]["code"], *code, "{item}: {rejected}");
        if !field.is_null() {
            assert_eq!(rejected["error"]["details"]["field"], *field, "{item}: {rejected}");
        }
        assert_ne!(rejected["error"]["message"], "", "{item}");
    }
    assert_eq!(case.stored().await, bad.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn bytes_that_are_no_text_spoil_one_run_only() {
    let case = Case::new().await;
    let bad = b"{\"agent\":\"a\",\"output\":\"\xff\xfe\"}".as_slice();
    let array = [b"[".as_slice(), bad, b",", GOOD.as_bytes(), b"]"].concat();
    let lines = [bad, b"\n", GOOD.as_bytes(), b"\n"].concat();
    for (kind, body) in [("application/json", array), ("application/x-ndjson", lines)] {
        let answer = case.post(&[("content-type", kind)], body).await;
        let receipt = answer.json();
        assert_eq!((&receipt["accepted"], &receipt["runs"][0]["index"]), (&json!(1), &json!(1)));
        assert_eq!(receipt["rejected"][0]["error"]["code"], "invalid_utf8");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_without_a_good_run_is_400() {
    let case = Case::new().await;
    for body in ["{}", "[]", "[{},{}]", "17"] {
        let answer = case.post_json(body).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{body}");
        assert_eq!(answer.json()["accepted"], 0, "{body}");
        assert_eq!(answer.code(), "nothing_accepted", "{body}");
    }
    for body in ["", "{", "not json", "[{},]", "{} {}"] {
        let answer = case.post_json(body).await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (StatusCode::BAD_REQUEST, "invalid_json"),
            "{body}"
        );
    }
    let lines = case.post(&[("content-type", "application/x-ndjson")], "{\nnot json\n").await;
    assert_eq!(lines.json()["rejected"][1]["error"]["code"], "invalid_json", "{}", lines.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_is_too_large_is_refused_alone() {
    let case = Case::new().await;
    let large = format!(r#"{{"agent":"a","output":"{}"}}"#, "x".repeat(25 * 1024 * 1024));
    let answer = case.post_json(format!("[{large},{GOOD}]")).await;
    let receipt = answer.json();
    assert_eq!(receipt["accepted"], 1, "{receipt}");
    let error = &receipt["rejected"][0]["error"];
    assert_eq!(
        (&error["code"], &error["details"]["limit"]),
        (&json!("too_large"), &json!(MAX_RUN_BYTES))
    );
    assert_eq!(case.post_json(large).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_with_too_many_runs_is_refused_whole() {
    let case = Case::new().await;
    let array = format!("[{}]", vec![GOOD; MAX_REQUEST_RUNS + 1].join(","));
    let lines = format!("{GOOD}\n").repeat(MAX_REQUEST_RUNS + 1);
    for (kind, body) in [("application/json", array), ("application/x-ndjson", lines)] {
        let answer = case.post(&[("content-type", kind)], body).await;
        assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE, "{kind}");
        assert_eq!(answer.json()["error"]["details"]["limit"], MAX_REQUEST_RUNS);
    }
    assert_eq!(case.stored().await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_unpacks_too_far_is_refused() {
    let case = Case::new().await;
    let bomb = format!(r#"{{"agent":"a","output":"{}"}}"#, "x".repeat(MAX_REQUEST_BYTES));
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    gzip.write_all(bomb.as_bytes()).unwrap();
    let bodies = [
        ("gzip", gzip.finish().unwrap()),
        ("zstd", zstd::encode_all(bomb.as_bytes(), 1).unwrap()),
        ("identity", bomb.into_bytes()),
    ];
    for (encoding, body) in bodies {
        let headers = [("content-type", "application/json"), ("content-encoding", encoding)];
        let answer = case.post(&headers, body).await;
        assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE, "{encoding}");
        assert_eq!(answer.json()["error"]["details"]["limit"], MAX_REQUEST_BYTES);
    }
    assert_eq!(case.stored().await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn other_kinds_of_bodies_are_refused() {
    let case = Case::new().await;
    let answer = case.post(&[("content-type", "text/csv")], GOOD).await;
    assert_eq!(answer.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    let brotli = [("content-type", "application/json"), ("content-encoding", "br")];
    assert_eq!(case.post(&brotli, GOOD).await.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    let torn = [("content-type", "application/json"), ("content-encoding", "gzip")];
    let answer = case.post(&torn, GOOD).await;
    assert_eq!((answer.status, answer.code().as_str()), (StatusCode::BAD_REQUEST, "invalid_body"));
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_calls_and_methods_are_told_as_json() {
    let case = Case::new().await;
    let key = &case.tenant.key;
    for path in ["/v1", "/v1/", "/v1/nonsense", "/v1/_/agents/a/nonsense", "/v1/_/agents/%FF"] {
        let answer = case.app.get(path, key).await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (StatusCode::NOT_FOUND, "not_found"),
            "{path}"
        );
    }
    for (method, path) in [
        (Method::DELETE, "/v1/runs"),
        (Method::GET, "/v1/runs"),
        (Method::POST, "/v1/_/agents"),
        (Method::GET, "/v1/_/agents/a/runs/search"),
    ] {
        let answer = case.app.call(method.clone(), path, key).await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed"),
            "{method} {path}"
        );
        assert_ne!(answer.header("allow"), "", "{method} {path}");
    }
    for path in ["/v1/_/runs/nonsense", "/v1/_/agents/a/runs/0195dd7a-6977-7197-7ec3"] {
        let answer = case.app.get(path, key).await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (StatusCode::BAD_REQUEST, "invalid_id"),
            "{path}"
        );
    }
}
