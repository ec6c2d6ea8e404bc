//! Exports over REST.

use std::time::Duration;

use axum::body::Body;
use axum::extract::ConnectInfo;
use http::{Method, StatusCode};
use http_body_util::BodyExt;
use model::Role;
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::support::{Answer, Tenant, TestApp, request};

async fn with_runs() -> (TestApp, Tenant) {
    let app = TestApp::new().await;
    let acme = app.tenant("acme").await;
    let mut runs: Vec<Value> = (0..7)
        .map(|i| {
            json!({ "agent": "a", "created_at": format!("2026-01-01T00:00:0{i}Z"),
                    "input": { "messages": [{ "role": "user", "content": format!("question {i}") }] },
                    "output": { "role": "assistant", "content": "=1+1, \"quoted\"" },
                    "metadata": { "plan": if i % 2 == 0 { "pro" } else { "free" }, "n": i },
                    "version": { "model": "m", "temperature": 0.5 }, "latency_ms": i * 10 })
        })
        .collect();
    runs.push(json!({ "agent": "a", "created_at": "2026-01-02T00:00:00Z", "input": { "n": 1.0e2 },
                      "error": { "code": "x", "message": "broke" },
                      "version": { "model": "m", "temperature": 0.5 } }));
    runs.push(json!({ "agent": "a", "created_at": "2026-01-03T00:00:00Z", "input": { "n": 1 },
                      "output": { "b": 1, "a": 2 },
                      "version": { "model": "m", "temperature": 0.5 } }));
    // Spelled as no serializer would.
    let runs = Value::from(runs).to_string().replace("{\"n\":100.0}", "{\"n\":1.0e2}");
    let answer = app.post_json("/v1/runs", &acme.key, runs).await;
    assert_eq!(answer.json()["accepted"], 9, "{}", answer.text());
    (app, acme)
}

/// The answer with its trailers among the headers.
async fn get(app: &TestApp, path: &str, key: &str) -> Answer {
    let mut request = request(Method::GET, path, &[("x-api-key", key)], Body::empty());
    let peer = std::net::SocketAddr::from((std::net::Ipv4Addr::LOCALHOST, 40_000));
    request.extensions_mut().insert(ConnectInfo(peer));
    let (mut parts, body) = app.router.clone().oneshot(request).await.unwrap().into_parts();
    let collected = body.collect().await.unwrap();
    if let Some(trailers) = collected.trailers() {
        parts.headers.extend(trailers.clone());
    }
    let bytes = collected.to_bytes().to_vec();
    Answer { status: parts.status, headers: parts.headers, bytes }
}

fn lines(answer: &Answer) -> Vec<Value> {
    answer.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_can_be_sent_in_again_unchanged() {
    let (app, acme) = with_runs().await;
    let beta = app.tenant("beta").await;
    let first = get(&app, "/v1/_/agents/a/runs/export", &acme.key).await;
    assert_eq!(first.status, StatusCode::OK, "{}", first.text());
    assert_eq!(first.header("content-type"), "application/x-ndjson");
    assert_eq!((first.header("x-runs-count"), first.header("x-runs-exported")), ("9", "9"));
    assert!(first.header("content-disposition").starts_with("attachment; filename=\"a-runs-"));
    let headers = [("x-api-key", beta.key.as_str()), ("content-type", "application/x-ndjson")];
    let sent = app.send(request(Method::POST, "/v1/runs", &headers, first.bytes.clone())).await;
    assert_eq!(sent.json()["accepted"], 9, "{}", sent.text());
    let second = get(&app, "/v1/_/runs/export?format=jsonl", &beta.key).await;
    let of_acme = first.text().replace("/acme/", "/beta/");
    assert_eq!(second.text(), of_acme, "ids, times, numbers and bytes are the same");
    assert!(of_acme.contains("{\"n\":1.0e2}"), "numbers keep their spelling");
}

#[tokio::test(flavor = "multi_thread")]
async fn searches_and_orders_hold_for_exports() {
    let (app, acme) = with_runs().await;
    let path = "/v1/_/agents/a/runs/export?q=metadata.plan:pro&sort=-latency";
    let exported = lines(&get(&app, path, &acme.key).await);
    let latencies: Vec<_> =
        exported.iter().map(|run| run["latency_ms"].as_f64().unwrap()).collect();
    assert_eq!(latencies, [60.0, 40.0, 20.0, 0.0]);
    let none = get(&app, "/v1/_/agents/a/runs/export?q=xylophone", &acme.key).await;
    assert_eq!((none.text(), none.header("x-runs-exported")), ("", "0"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_has_the_columns_of_the_list() {
    let (app, acme) = with_runs().await;
    let columns = "time,output,metadata.plan,input.n,latency,input.messages[].content,cost";
    let path = format!("/v1/_/agents/a/runs/export?format=csv&columns={columns}&sort=time");
    let answer = get(&app, &path, &acme.key).await;
    assert_eq!(answer.header("content-type"), "text/csv; charset=utf-8");
    let lines: Vec<&str> = answer.text().lines().collect();
    assert_eq!(
        lines[0],
        "time,output,metadata.plan,input.n,latency_ms,input.messages[].content,cost_usd"
    );
    assert_eq!(
        lines[1],
        "2026-01-01T00:00:00.000000Z,\"Assistant: =1+1, \"\"quoted\"\"\",pro,,0,question 0,"
    );
    assert_eq!(lines.len(), 10);
    assert!(lines[8].contains(",broke,,100,"), "{}", lines[8]);
}

#[tokio::test(flavor = "multi_thread")]
async fn fine_tuning_takes_conversations_and_says_what_it_leaves_out() {
    let (app, acme) = with_runs().await;
    for format in ["chat", "openai"] {
        let path = format!("/v1/_/runs/export?format={format}&sort=time&id=mine-{format}");
        let answer = get(&app, &path, &acme.key).await;
        let examples = lines(&answer);
        assert_eq!(examples.len(), 7);
        assert_eq!(
            examples[0],
            json!({ "messages": [
                { "role": "user", "content": "question 0" },
                { "role": "assistant", "content": "=1+1, \"quoted\"" },
            ] })
        );
        assert_eq!(answer.header("x-runs-left-out"), "failed=1, no_messages=1");
        let told = app.get(&format!("/v1/_/exports/mine-{format}"), &acme.key).await.json();
        assert_eq!(told["left_out"], json!({ "failed": 1, "no_messages": 1 }));
        assert_eq!((&told["state"], &told["exported"]), (&json!("done"), &json!(7)));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_stops_when_it_is_told_to_and_when_its_reader_leaves() {
    let (app, acme) = with_runs().await;
    let begin = async |id: &str| {
        let path = format!("/v1/_/runs/export?id={id}");
        let mut request = request(Method::GET, &path, &[("x-api-key", &acme.key)], Body::empty());
        let peer = std::net::SocketAddr::from((std::net::Ipv4Addr::LOCALHOST, 40_000));
        request.extensions_mut().insert(ConnectInfo(peer));
        app.router.clone().oneshot(request).await.unwrap().into_body()
    };
    let state = async |id: &str| {
        app.get(&format!("/v1/_/exports/{id}"), &acme.key).await.json()["state"].clone()
    };
    let told = begin("told").await;
    assert_eq!(state("told").await, "running");
    let answer = app.call(Method::DELETE, "/v1/_/exports/told", &acme.key).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    assert!(told.collect().await.is_err(), "a client must notice that the file is not whole");
    assert_eq!(state("told").await, "stopped");

    let mut left = begin("left").await;
    left.frame().await.unwrap().unwrap();
    drop(left);
    tokio::time::sleep(Duration::from_millis(10)).await;
    assert!(["stopped", "done"].contains(&state("left").await.as_str().unwrap()));
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_parameters_are_named() {
    let (app, acme) = with_runs().await;
    for (query, field, word) in [
        ("format=xml", "format", "jsonl, csv or openai"),
        ("columns=colour", "columns", "metadata.KEY"),
        ("sort=size", "sort", "latency"),
        ("id=a%2Fb", "id", "64 characters"),
        ("q=latency:%3Esoon", "q", "duration"),
    ] {
        let answer = app.get(&format!("/v1/_/runs/export?{query}"), &acme.key).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{query}");
        assert_eq!(answer.json()["error"]["details"]["field"], field, "{}", answer.text());
        assert!(answer.text().contains(word), "{query}: {}", answer.text());
    }
    let missing = app.get("/v1/_/agents/nobody/runs/export", &acme.key).await;
    assert_eq!(missing.status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn exports_of_others_are_not_there() {
    let (app, acme) = with_runs().await;
    let beta = app.tenant("beta").await;
    get(&app, "/v1/_/runs/export?id=mine", &acme.key).await;
    assert_eq!(app.get("/v1/_/exports/mine", &acme.key).await.status, StatusCode::OK);
    for path in ["/v1/_/exports/mine", "/v1/acme/exports/mine", "/v1/acme/runs/export"] {
        assert_eq!(app.get(path, &beta.key).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    let stop = app.call(Method::DELETE, "/v1/_/exports/mine", &beta.key).await;
    assert_eq!(stop.status, StatusCode::NOT_FOUND);
    let cookie = app.sign_in(&acme.org, "v@acme.example", Role::Viewer).await;
    let path = "/v1/acme/runs/export";
    let by_person = app.send(request(Method::GET, path, &[("cookie", &cookie)], "")).await;
    assert_eq!(by_person.text().lines().count(), 9, "viewers may take along what they can read");
}
