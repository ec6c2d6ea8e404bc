//! Limits on attempts, which hold however many are made at once, and whom they spare.

use axum::body::Body;
use futures::future::join_all;
use http::{Method, StatusCode};
use model::Role;
use serde_json::{Value, json};

use crate::proxy::proxying;
use crate::support::{Answer, PASSWORD, TestApp, request};

const UNKNOWN: &str = "rk_0123456789abcdefUNKNOWN";

/// A request that a proxy on this machine passes on for a client.
async fn forwarded(app: &TestApp, client: &str, path: &str, key: &str) -> Answer {
    let headers = [("x-api-key", key), ("x-forwarded-for", client)];
    app.send(request(Method::GET, path, &headers, Body::empty())).await
}

fn count(answers: &[Answer], status: StatusCode) -> usize {
    answers.iter().filter(|answer| answer.status == status).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn guesses_at_once_are_counted_before_they_are_checked() {
    let app = TestApp::new().await;
    let acme = app.tenant("acme").await;
    app.sign_in(&acme.org, "victim@acme.example", Role::Member).await;
    app.sign_in(&acme.org, "other@acme.example", Role::Member).await;
    let guesses = (0..120).map(|guess| {
        let app = &app;
        async move { app.log_in("victim@acme.example", &format!("guess number {guess}")).await }
    });
    let (answers, other) =
        tokio::join!(join_all(guesses), app.log_in("other@acme.example", PASSWORD));
    assert_eq!(other.status, StatusCode::SEE_OTHER, "{}", other.text());
    assert_eq!(count(&answers, StatusCode::UNAUTHORIZED), 10);
    assert_eq!(count(&answers, StatusCode::TOO_MANY_REQUESTS), 110);
    assert!(answers.iter().all(|answer| answer.code() != "internal"));
    // The right one waits as well, since nobody knows who asks.
    let right = app.log_in("victim@acme.example", PASSWORD).await;
    assert_eq!(right.status, StatusCode::TOO_MANY_REQUESTS);
    assert_ne!(right.header("retry-after"), "");
}

#[tokio::test(flavor = "multi_thread")]
async fn right_sign_ins_are_not_counted() {
    let app = TestApp::new().await;
    let acme = app.tenant("acme").await;
    app.sign_in(&acme.org, "a@acme.example", Role::Member).await;
    for _ in 0..12 {
        assert_eq!(app.log_in("a@acme.example", PASSWORD).await.status, StatusCode::SEE_OTHER);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_good_key_is_never_refused_for_bad_ones() {
    let app = TestApp::new().await;
    let acme = app.tenant("acme").await;
    let bad = join_all((0..130).map(|number| {
        let (app, key) = (&app, format!("{UNKNOWN}{number}"));
        async move { app.get("/v1/_/agents", &key).await }
    }))
    .await;
    assert!(count(&bad, StatusCode::UNAUTHORIZED) <= 101);
    assert!(count(&bad, StatusCode::TOO_MANY_REQUESTS) >= 29);
    // New to this process, and from the same address.
    assert_eq!(app.get("/v1/_/agents", &acme.key).await.status, StatusCode::OK);
    let more = join_all((0..20).map(|_| app.get("/v1/_/agents", UNKNOWN))).await;
    assert!(count(&more, StatusCode::TOO_MANY_REQUESTS) > 0);
    let late = app.key(&acme.org, &[model::Scope::Read]).await;
    let restarted = app.restarted();
    assert_eq!(restarted.get("/v1/_/agents", &late).await.status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn trusted_proxies_tell_clients_apart() {
    let app = TestApp::new().await.trusting("127.0.0.0/8");
    let path = "/v1/_/agents";
    let bad = join_all((0..130).map(|_| forwarded(&app, "203.0.113.1", path, UNKNOWN))).await;
    assert!(count(&bad, StatusCode::TOO_MANY_REQUESTS) > 0);
    let other = forwarded(&app, "203.0.113.2", path, UNKNOWN).await;
    assert_eq!(other.status, StatusCode::UNAUTHORIZED);
    // What the client itself wrote before its address is not believed.
    let forged = "203.0.113.2, 203.0.113.1";
    let forged = join_all((0..20).map(|_| forwarded(&app, forged, path, UNKNOWN))).await;
    assert!(count(&forged, StatusCode::TOO_MANY_REQUESTS) > 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_trust_a_forwarding_header_changes_nothing() {
    let app = TestApp::new().await;
    let clients: Vec<String> = (0..130).map(|number| format!("203.0.113.{number}")).collect();
    let bad =
        join_all(clients.iter().map(|client| forwarded(&app, client, "/v1/_/agents", UNKNOWN)));
    assert!(count(&bad.await, StatusCode::TOO_MANY_REQUESTS) > 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_are_open_to_this_machine_and_to_no_proxy_on_it() {
    let app = TestApp::new().await;
    let metrics = |headers: &'static [(&'static str, &'static str)]| {
        request(Method::GET, "/metrics", headers, Body::empty())
    };
    assert_eq!(app.send(metrics(&[])).await.status, StatusCode::OK);
    for header in [[("via", "1.1 proxy")], [("x-forwarded-proto", "https")], [("forwarded", "a")]] {
        let headers: &'static [_] = Box::leak(Box::new(header));
        let answer = app.send(metrics(headers)).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{header:?}");
    }
    let trusting = app.trusting("10.0.0.0/8");
    assert_eq!(trusting.send(metrics(&[])).await.status, StatusCode::UNAUTHORIZED);
    let acme = trusting.tenant("acme").await;
    assert_eq!(trusting.get("/metrics", &acme.key).await.status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_good_feedback_token_is_never_refused_for_bad_ones() {
    let (app, _, acme) = proxying().await;
    let body = r#"{"model":"a/gpt-4o-mini","messages":[]}"#;
    let answer = app.post_json("/v1/chat/completions", &acme.key, body).await;
    let token = answer.json()["feedback_token"].as_str().unwrap().to_owned();
    let read = async |token: &str| {
        let path = format!("/v1/feedback?feedback_token={token}");
        app.send(request(Method::GET, &path, &[], "")).await
    };
    let bad = join_all((0..80).map(|_| read("abc.def"))).await;
    assert!(count(&bad, StatusCode::TOO_MANY_REQUESTS) > 0);
    assert_eq!(read(&token).await.json()["outcome"], Value::Null);
    let good = join_all((0..80).map(|_| read(&token))).await;
    assert!(count(&good, StatusCode::TOO_MANY_REQUESTS) > 0, "each token has a limit");
}

#[tokio::test(flavor = "multi_thread")]
async fn malformed_arguments_are_the_callers_fault() {
    let app = TestApp::new().await;
    let acme = app.tenant("acme").await;
    let cookie = app.sign_in(&acme.org, "a@acme.example", Role::Owner).await;
    let functions = include_str!("../../../app/src/api.rs")
        .lines()
        .filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'))
        .flat_map(|module| {
            let path = format!("{}/../app/src/api/{module}.rs", env!("CARGO_MANIFEST_DIR"));
            let source = std::fs::read_to_string(path).unwrap();
            let named = source.split("endpoint = \"").skip(1);
            named.map(|rest| rest.split('"').next().unwrap().to_owned()).collect::<Vec<_>>()
        });
    let mut tried = 0;
    for function in functions {
        for body in ["", "{", "[1]", "\u{0}", r#"{"org":1,"scope":1,"request":1,"open":1}"#] {
            let headers = [("cookie", cookie.as_str()), ("content-type", "application/json")];
            let path = format!("/api/{function}");
            let answer = app.send(request(Method::POST, &path, &headers, body.to_owned())).await;
            // One that takes nothing reads nothing.
            let takes_nothing =
                function == "session" && body.starts_with(['[', '{']) && body != "{";
            let expected = if takes_nothing { answer.status } else { StatusCode::BAD_REQUEST };
            assert_eq!(answer.status, expected, "{function} {body:?}: {}", answer.text());
            tried += 1;
        }
    }
    assert!(tried > 100, "{tried}");
    let nothing = json!({});
    let unknown =
        request(Method::POST, "/api/no/such", &[("cookie", &cookie)], nothing.to_string());
    assert_eq!(app.send(unknown).await.status, StatusCode::NOT_FOUND);
}
