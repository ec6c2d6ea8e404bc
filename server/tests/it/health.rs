//! Probes, counters and the headers of every answer.

use axum::body::Body;
use http::{Method, StatusCode};
use model::Scope;

use crate::support::{TestApp, request};

#[tokio::test(flavor = "multi_thread")]
async fn probes_need_no_key() {
    let app = TestApp::new().await;
    for path in ["/healthz", "/readyz"] {
        let answer = app.send(request(Method::GET, path, &[], Body::empty())).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_are_for_this_machine_and_for_admins() {
    let app = TestApp::new().await;
    let acme = app.tenant("acme").await;
    app.store_run(&acme.key, r#"{"agent":"a","output":1}"#).await;
    let local = app.send(request(Method::GET, "/metrics", &[], Body::empty())).await;
    assert_eq!(local.status, StatusCode::OK);
    assert!(local.text().contains("runs_ingested_total 1"), "{}", local.text());
    assert!(local.text().contains(r#"route="/v1/runs",status="200""#), "{}", local.text());

    let proxied = ("x-forwarded-for", "203.0.113.9");
    let status = async |headers: &[(&str, &str)]| {
        app.send(request(Method::GET, "/metrics", headers, Body::empty())).await.status
    };
    let reads = app.key(&acme.org, &[Scope::Read]).await;
    assert_eq!(status(&[proxied]).await, StatusCode::UNAUTHORIZED);
    assert_eq!(status(&[proxied, ("x-api-key", &reads)]).await, StatusCode::FORBIDDEN);
    assert_eq!(status(&[proxied, ("x-api-key", &acme.key)]).await, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_is_guarded_and_named() {
    let app = TestApp::at("https://runs.example").await;
    for path in ["/healthz", "/v1/nonsense", "/v1/_/agents", "/acme/agents", "/login"] {
        let answer = app.send(request(Method::GET, path, &[], Body::empty())).await;
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("x-frame-options"), "DENY", "{path}");
        assert_eq!(answer.header("referrer-policy"), "same-origin", "{path}");
        assert_eq!(answer.header("cache-control"), "no-store", "{path}");
        assert_eq!(answer.header("strict-transport-security"), "max-age=31536000", "{path}");
        assert!(answer.header("content-security-policy").contains("default-src"), "{path}");
        assert_eq!(answer.header("x-request-id").len(), 32, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_id_is_taken_over_when_it_is_a_plain_word() {
    let app = TestApp::new().await;
    let id = async |given: &str| {
        let headers = [("x-request-id", given)];
        let answer = app.send(request(Method::GET, "/healthz", &headers, Body::empty())).await;
        answer.header("x-request-id").to_owned()
    };
    assert_eq!(id("proxy-7.a_b").await, "proxy-7.a_b");
    assert_eq!(id("a b").await.len(), 32);
    assert_eq!(id(&"x".repeat(65)).await.len(), 32);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_without_a_path_is_refused() {
    let app = TestApp::new().await;
    let tunnel = request(Method::CONNECT, "evil.example:443", &[], Body::empty());
    assert_eq!(app.send(tunnel).await.status, StatusCode::BAD_REQUEST);
}
