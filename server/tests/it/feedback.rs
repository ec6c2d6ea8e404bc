//! What end users say of a run, with the token that came with it.

use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::proxy::proxying;
use crate::support::{Answer, TestApp, request};

async fn give(app: &TestApp, body: Value) -> Answer {
    let headers = [("content-type", "application/json"), ("origin", "https://shop.example")];
    app.send(request(Method::POST, "/v1/feedback", &headers, body.to_string())).await
}

async fn read(app: &TestApp, token: &str, user: &str) -> Answer {
    let path = format!("/v1/feedback?feedback_token={token}&user_id={user}");
    app.send(request(Method::GET, &path, &[], "")).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_lets_feedback_in() {
    let (app, _, acme) = proxying().await;
    let body = r#"{"model":"a/gpt-4o-mini","messages":[]}"#;
    let answer = app.post_json("/v1/chat/completions", &acme.key, body).await;
    let token = answer.json()["feedback_token"].as_str().unwrap().to_owned();

    assert_eq!(read(&app, &token, "u1").await.json()["outcome"], Value::Null);
    let good = json!({"feedback_token": token, "outcome": "positive", "user_id": "u1"});
    let given = give(&app, good).await;
    assert_eq!(given.status, StatusCode::OK, "{}", given.text());
    assert_eq!(given.header("access-control-allow-origin"), "*");
    let bad = json!({
        "feedback_token": token, "outcome": "negative", "user_id": "u1", "comment": "No."
    });
    assert_eq!(give(&app, bad).await.json()["outcome"], "negative");
    let told = read(&app, &token, "u1").await.json();
    assert_eq!((&told["outcome"], &told["comment"]), (&json!("negative"), &json!("No.")));
    assert_eq!(read(&app, &token, "u2").await.json()["outcome"], Value::Null);
    let list = app.get("/v1/_/agents/a/runs?q=feedback:negative", &acme.key).await.json();
    assert_eq!(list["count"], 1, "{list}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_else_does() {
    let (app, _, _) = proxying().await;
    for (body, field) in [
        (json!({"feedback_token": "abc.def", "outcome": "positive"}), "feedback_token"),
        (json!({"feedback_token": "abc.def", "outcome": "fine"}), "outcome"),
    ] {
        let refused = give(&app, body).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST);
        assert_eq!(refused.json()["error"]["details"]["field"], field);
    }
    assert_eq!(read(&app, "abc.def", "u").await.status, StatusCode::BAD_REQUEST);
    let nothing = app.send(request(Method::GET, "/v1/feedback?user_id=u", &[], "")).await;
    assert_eq!(
        (nothing.status, nothing.code()),
        (StatusCode::BAD_REQUEST, "invalid_parameter".to_owned())
    );
    let many = futures::future::join_all((0..80).map(|_| read(&app, "abc.def", "u"))).await;
    assert!(many.iter().any(|answer| answer.status == StatusCode::TOO_MANY_REQUESTS));
}
