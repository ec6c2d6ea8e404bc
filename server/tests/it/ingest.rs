//! Runs on their way in and out.

use std::io::Write;

use axum::body::Body;
use flate2::Compression;
use flate2::write::GzEncoder;
use http::{Method, StatusCode};
use model::Scope;
use serde_json::{Value, json};

use crate::support::{ORIGIN, TestApp, request};

const RUN: &str = r#"{"agent":"Support Bot","input":{"b":1.0,"a":1e2,"b":2},"output":"caf\u00e9",
    "version":{"model":"gpt-4o-mini"},"metadata":{"user id":"u1"}}"#;

#[tokio::test(flavor = "multi_thread")]
async fn a_run_comes_back_byte_for_byte() {
    let app = TestApp::new().await;
    let acme = app.tenant("acme").await;
    let id = app.store_run(&acme.key, RUN).await;
    for path in [
        format!("/v1/acme/runs/{id}"),
        format!("/v1/_/runs/{id}"),
        format!("/v1/acme/agents/support-bot/runs/{id}"),
    ] {
        let answer = app.get(&path, &acme.key).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        assert!(answer.text().contains(r#""input":{"b":1.0,"a":1e2,"b":2}"#), "{}", answer.text());
        assert!(answer.text().contains(r#""output":"caf\u00e9""#), "{}", answer.text());
        let run = answer.json();
        assert_eq!(run["url"], format!("{ORIGIN}/acme/agents/support-bot/runs/{id}"));
        assert_eq!(run["version"]["number"], "1.1");
        assert_eq!(run["source"], "api");
    }
    let completions = app.get(&format!("/v1/_/runs/{id}/completions"), &acme.key).await;
    assert_eq!(completions.json(), json!({ "completions": [] }));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_can_be_imported() {
    let app = TestApp::new().await;
    let (acme, beta) = (app.tenant("acme").await, app.tenant("beta").await);
    let id = app.store_run(&acme.key, RUN).await;
    let export = app.get(&format!("/v1/_/runs/{id}"), &acme.key).await.bytes;
    let answer = app.post_json("/v1/runs", &beta.key, export).await;
    assert_eq!(answer.json()["runs"][0]["id"], id.as_str(), "{}", answer.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn prices_are_worked_out_when_they_are_known() {
    let app = TestApp::new().await;
    let acme = app.tenant("acme").await;
    let run = |model: &str| {
        json!({ "agent": "a", "output": "x", "completions": [{
            "provider": "openai", "model": model,
            "usage": { "input_tokens": 1_000, "output_tokens": 50 } }] })
        .to_string()
    };
    let known = app.store_run(&acme.key, &run("gpt-4o-mini-2024-07-18")).await;
    let unknown = app.store_run(&acme.key, &run("somebodys-model")).await;
    let cost = async |id: &str| {
        app.get(&format!("/v1/_/runs/{id}"), &acme.key).await.json()["cost_usd"].clone()
    };
    assert_eq!(cost(&known).await, 0.00018);
    assert_eq!(cost(&unknown).await, Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn arrays_and_lines_keep_their_order() {
    let app = TestApp::new().await;
    let acme = app.tenant("acme").await;
    let array = r#"[{"agent":"a","output":1},{"agent":"b","output":2}]"#;
    let lines = "{\"agent\":\"a\",\"output\":1}\n\n{\"agent\":\"b\",\"output\":2}\n";
    for (kind, body) in
        [("application/json", array), ("application/x-ndjson; charset=utf-8", lines)]
    {
        let headers = [("x-api-key", acme.key.as_str()), ("content-type", kind)];
        let answer = app.send(request(Method::POST, "/v1/runs", &headers, body)).await;
        let receipt = answer.json();
        assert_eq!(receipt["accepted"], 2, "{receipt}");
        assert_eq!(receipt["rejected"], json!([]));
        let agents: Vec<_> = receipt["runs"]
            .as_array()
            .unwrap()
            .iter()
            .map(|r| (&r["index"], &r["agent"]))
            .collect();
        assert_eq!(agents, [(&json!(0), &json!("a")), (&json!(1), &json!("b"))]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn packed_bodies_are_unpacked() {
    let app = TestApp::new().await;
    let acme = app.tenant("acme").await;
    let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
    gzip.write_all(RUN.as_bytes()).unwrap();
    let bodies = [
        ("gzip", gzip.finish().unwrap()),
        ("zstd", zstd::encode_all(RUN.as_bytes(), 3).unwrap()),
        ("identity", RUN.as_bytes().to_vec()),
    ];
    for (encoding, body) in bodies {
        let headers = [
            ("x-api-key", acme.key.as_str()),
            ("content-type", "application/json"),
            ("content-encoding", encoding),
        ];
        let answer = app.send(request(Method::POST, "/v1/runs", &headers, body)).await;
        assert_eq!(answer.status, StatusCode::OK, "{encoding}: {}", answer.text());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_run_twice_is_one_run() {
    let app = TestApp::new().await;
    let acme = app.tenant("acme").await;
    let run = r#"{"id":"0195dd7a-6977-7197-7ec3-4fc44ade50dc","agent":"a","output":1}"#;
    let first = app.store_run(&acme.key, run).await;
    assert_eq!(first, "0195dd7a-6977-7197-7ec3-4fc44ade50dc");
    assert_eq!(app.store_run(&acme.key, run).await, first);
    let list = app.get("/v1/_/agents/a/runs", &acme.key).await.json();
    assert_eq!(list["count"], 1);
    let other = r#"{"id":"0195dd7a-6977-7197-7ec3-4fc44ade50dc","agent":"a","output":2}"#;
    let answer = app.post_json("/v1/runs", &acme.key, other).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert_eq!(answer.json()["rejected"][0]["error"]["code"], "id_taken");
}

#[tokio::test(flavor = "multi_thread")]
async fn sending_takes_a_key_with_the_scope() {
    let app = TestApp::new().await;
    let acme = app.tenant("acme").await;
    let reads = app.key(&acme.org, &[Scope::Read, Scope::Admin]).await;
    let ingests = app.key(&acme.org, &[Scope::Ingest]).await;
    assert_eq!(app.post_json("/v1/runs", &reads, RUN).await.status, StatusCode::FORBIDDEN);
    assert_eq!(app.post_json("/v1/runs", &ingests, RUN).await.status, StatusCode::OK);
    for path in ["/v1/_/agents", "/v1/_/runs", "/v1/acme/agents/support-bot/runs"] {
        assert_eq!(app.get(path, &ingests).await.status, StatusCode::FORBIDDEN, "{path}");
    }
    let headers = [("content-type", "application/json")];
    let answer = app.send(request(Method::POST, "/v1/runs", &headers, Body::from(RUN))).await;
    assert_eq!((answer.status, answer.code().as_str()), (StatusCode::UNAUTHORIZED, "unauthorized"));
    for key in ["", "rk_short", "sk-0123456789abcdef", "rk_0123456789abcdefUNKNOWN"] {
        let answer = app.post_json("/v1/runs", key, RUN).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{key}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn deleting_an_agent_takes_admin_and_removes_its_runs() {
    let app = TestApp::new().await;
    let acme = app.tenant("acme").await;
    let id = app.store_run(&acme.key, RUN).await;
    let reads = app.key(&acme.org, &[Scope::Read, Scope::Ingest]).await;
    let path = "/v1/_/agents/support-bot";
    assert_eq!(app.call(Method::DELETE, path, &reads).await.status, StatusCode::FORBIDDEN);
    let run = app.call(Method::DELETE, &format!("{path}/runs/{id}"), &acme.key).await;
    assert_eq!(run.status, StatusCode::METHOD_NOT_ALLOWED);
    assert!(run.text().contains("delete its agent"), "{}", run.text());
    assert_eq!(run.header("allow"), "GET,HEAD");

    let deleted = app.call(Method::DELETE, path, &acme.key).await;
    assert_eq!(deleted.json(), json!({ "deleted_runs": 1 }));
    assert_eq!(app.call(Method::DELETE, path, &acme.key).await.status, StatusCode::NOT_FOUND);
    for path in [path.to_owned(), format!("{path}/runs"), format!("/v1/_/runs/{id}")] {
        assert_eq!(app.get(&path, &acme.key).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    assert_eq!(app.get("/v1/_/agents", &acme.key).await.json()["items"], json!([]));
}
