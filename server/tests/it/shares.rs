//! Whoever has its share of something is told so, and others notice nothing.

use axum::body::Body;
use http::{Method, StatusCode};
use model::Role;
use serde_json::json;
use shares::{Budget, Held, Holder};

use crate::support::{Answer, Tenant, TestApp, request};

/// Takes all but an eighth for an organization.
fn fill(budget: &Budget, tenant: &Tenant) -> Held {
    let most = budget.usage(tenant.org.id.0).limit;
    budget.take_anyway(Holder::of_org(tenant.org.id.0), most)
}

fn assert_share(answer: &Answer, what: &str) {
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS, "{what}: {}", answer.text());
    assert!(answer.header("retry-after").parse::<u32>().unwrap() > 0, "{what}");
}

#[tokio::test(flavor = "multi_thread")]
async fn memory_for_bodies_is_shared_at_every_door() {
    let app = TestApp::new().await;
    let (acme, beta) = (app.tenant("acme").await, app.tenant("beta").await);
    let member = app.sign_in(&acme.org, "a@example.com", Role::Member).await;
    let _held = fill(&app.state.limits.bodies, &acme);
    let chat = json!({
        "model": "echo", "provider": "echo", "messages": [{"role": "user", "content": "hi"}],
    });
    let doors = [
        ("/v1/runs", json!({"agent": "a", "output": 1})),
        ("/v1/traces", json!({"resourceSpans": []})),
        ("/v1/logs", json!({"resourceLogs": []})),
        ("/v1/chat/completions", chat),
        ("/v1/_/runs/search", json!({"q": ""})),
    ];
    for (path, body) in doors {
        assert_share(&app.post_json(path, &acme.key, body.to_string()).await, path);
        let other = app.post_json(path, &beta.key, body.to_string()).await;
        assert_eq!(other.status, StatusCode::OK, "{path}: {}", other.text());
    }
    let headers = [("cookie", member.as_str()), ("content-type", "application/json")];
    let path = "/api/settings/status";
    let body = Body::from(r#"{"org":"acme"}"#);
    assert_share(&app.send(request(Method::POST, path, &headers, body)).await, path);
    let refused = app.post_json("/v1/runs", &acme.key, r#"{"agent":"a","output":1}"#).await;
    let error = refused.json();
    assert_eq!(error["error"]["code"], "too_many_bytes", "{error}");
    assert!(error["error"]["details"]["limit"].is_u64(), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn exchanges_answers_and_streams_are_shared() {
    let app = TestApp::new().await;
    let (acme, beta) = (app.tenant("acme").await, app.tenant("beta").await);
    let chat = json!({
        "model": "echo", "provider": "echo", "messages": [{"role": "user", "content": "hi"}],
    });
    let limits = &app.state.limits;
    for (budget, code) in
        [(&limits.exchanges, "too_many_exchanges"), (&limits.answers, "too_many_bytes")]
    {
        let held = fill(budget, &acme);
        let refused = app.post_json("/v1/chat/completions", &acme.key, chat.to_string()).await;
        assert_share(&refused, code);
        assert_eq!(refused.code(), code);
        let other = app.post_json("/v1/chat/completions", &beta.key, chat.to_string()).await;
        assert_eq!(other.status, StatusCode::OK, "{code}: {}", other.text());
        drop(held);
        let again = app.post_json("/v1/chat/completions", &acme.key, chat.to_string()).await;
        assert_eq!(again.status, StatusCode::OK, "{code}: {}", again.text());
    }
    let _held = fill(&limits.streams, &acme);
    let follow = async |tenant: &Tenant| {
        let headers = [("x-api-key", tenant.key.as_str())];
        app.open(request(Method::GET, "/v1/_/runs/live", &headers, Body::empty())).await
    };
    assert_eq!(follow(&acme).await.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(follow(&beta).await.status(), StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_without_memory_reaches_its_client_whole_and_its_run_says_so() {
    let app = TestApp::new().await;
    let acme = app.tenant("acme").await;
    let limits = &app.state.limits;
    // What is left is enough for a first piece.
    let piece = 64 * 1024;
    let most = limits.answers.usage(acme.org.id.0).limit;
    let holder = Holder { org: acme.org.id.0, key: 7 };
    let _held = limits.answers.take_anyway(holder, most - piece - piece / 2);
    let text = "word ".repeat(40_000);
    let chat = json!({
        "model": "echo", "provider": "echo", "agent_id": "a",
        "messages": [{"role": "user", "content": text}],
    });
    let answer = app.post_json("/v1/chat/completions", &acme.key, chat.to_string()).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    assert!(answer.bytes.len() > 150_000, "{}", answer.bytes.len());
    let id = answer.header("x-runs-id");
    let run = app.get(&format!("/v1/_/runs/{id}"), &acme.key).await.json();
    assert_eq!(run["status"], "failure");
    assert_eq!(run["error"]["code"], "too_many_bytes", "{}", run["error"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_used_is_told_without_others_names() {
    let app = TestApp::new().await;
    let acme = app.tenant("acme").await;
    let beta = app.tenant("beta").await;
    let (_own, _other) = (
        app.state.limits.streams.take_anyway(Holder::of_org(acme.org.id.0), 3),
        app.state.limits.streams.take_anyway(Holder::of_org(beta.org.id.0), 4),
    );
    let metrics = app.send(request(Method::GET, "/metrics", &[], Body::empty())).await;
    let text = metrics.text();
    assert!(text.contains(r#"runs_limit_used{resource="streams"} 7"#), "{text}");
    assert!(text.contains(r#"runs_limit_total{resource="streams"} 1024"#), "{text}");
    let own = format!(r#"runs_limit_used_by_org{{resource="streams",org="{}"}} 3"#, acme.org.id.0);
    assert!(text.contains(&own), "{text}");
    assert!(!text.contains("beta"), "{text}");

    let status = async |role, email| {
        let cookie = app.sign_in(&acme.org, email, role).await;
        let headers = [("cookie", cookie.as_str()), ("content-type", "application/json")];
        let body = Body::from(r#"{"org":"acme"}"#);
        let answer = app.send(request(Method::POST, "/api/settings/status", &headers, body)).await;
        let limits = answer.json()["limits"].as_array().unwrap().clone();
        limits.into_iter().find(|limit| limit["what"] == "Live streams").unwrap()
    };
    let told = status(Role::Member, "m@example.com").await;
    assert_eq!((&told["own"], &told["all"]), (&json!("3"), &json!(null)), "{told}");
    let told = status(Role::Admin, "a@example.com").await;
    assert_eq!((&told["own"], &told["all"]), (&json!("3"), &json!("7 of 1,024")), "{told}");
}
