//! The recording proxy in front of a provider that misbehaves, and behind a
//! client that does.

use std::time::Duration;

use futures::StreamExt;
use http::{Method, StatusCode};
use serde_json::{Value, json};
use upstream::{Provider, UpstreamOptions};

use crate::proxy::{proxying, run_of};
use crate::stub::{RATE_LIMIT, Stub, events};
use crate::support::{Answer, Tenant, TestApp, request};

const CHAT: &str = "/v1/chat/completions";

async fn ask(app: &TestApp, tenant: &Tenant, model: &str, stream: bool) -> Answer {
    let body = json!({
        "agent_id": "a", "model": model, "stream": stream,
        "messages": [{"role": "user", "content": "Hi"}],
    });
    app.post_json(CHAT, &tenant.key, body.to_string()).await
}

fn error_code(run: &Value) -> &str {
    assert_eq!(run["status"], "failure", "{run}");
    run["error"]["code"].as_str().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_of_the_provider_pass_as_they_are() {
    let (app, _, acme) = proxying().await;
    let answer = ask(&app, &acme, "429", false).await;
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(answer.text(), RATE_LIMIT);
    assert_eq!(answer.header("retry-after"), "7");
    assert_eq!(answer.header("x-ratelimit-remaining-requests"), "0");
    let run = run_of(&app, &acme, &answer).await;
    assert_eq!(error_code(&run), "rate_limit_exceeded");
    assert_eq!(run["cost_usd"], Value::Null);

    let answer = ask(&app, &acme, "500", true).await;
    assert_eq!(
        (answer.status, answer.text()),
        (StatusCode::INTERNAL_SERVER_ERROR, "<h1>oops</h1>")
    );
    let run = run_of(&app, &acme, &answer).await;
    assert_eq!(error_code(&run), "http_500");
    assert_eq!(run["completions"][0]["response"], "<h1>oops</h1>");

    let answer = ask(&app, &acme, "error in a 200", false).await;
    assert_eq!(answer.text(), r#"{"error":{"message":"No credit.","code":402}}"#);
    assert_eq!(error_code(&run_of(&app, &acme, &answer).await), "402");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_answer_is_told_and_kept() {
    let (app, _, acme) = proxying().await;
    for (model, status, code) in [
        ("garbage", 502, "upstream_invalid"),
        ("empty", 502, "upstream_invalid"),
        ("half", 502, "upstream_closed"),
        ("breaks as JSON", 502, "upstream_closed"),
        ("redirect", 502, "upstream_invalid"),
        ("silent", 504, "upstream_timeout"),
    ] {
        let answer = ask(&app, &acme, model, false).await;
        assert_eq!(answer.status.as_u16(), status, "{model}");
        let error = &answer.json()["error"];
        assert_eq!((&error["code"], &error["type"]), (&json!(code), &json!("upstream_error")));
        let run = run_of(&app, &acme, &answer).await;
        assert_eq!(error_code(&run), code, "{model}");
        assert_eq!(run["completions"][0]["error"]["code"], code, "{model}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_that_breaks_says_so() {
    let (app, _, acme) = proxying().await;
    let start = events().into_iter().take(4).collect::<String>();
    for (model, code) in [
        ("breaks", "upstream_closed"),
        ("ends early", "upstream_closed"),
        ("stalls", "upstream_timeout"),
    ] {
        let answer = ask(&app, &acme, model, true).await;
        assert_eq!(answer.status, StatusCode::OK);
        let error = answer.text().strip_prefix(&start).unwrap();
        let error: Value = serde_json::from_str(error.strip_prefix("data: ").unwrap()).unwrap();
        assert_eq!(error["error"]["code"], code, "{model}");
        let run = run_of(&app, &acme, &answer).await;
        assert_eq!(error_code(&run), code, "{model}");
        assert_eq!(run["completions"][0]["response"], start, "{model}");
        assert_eq!(run["output"]["content"], "Grüße", "{model}");
    }
    let answer = ask(&app, &acme, "error event", true).await;
    assert!(answer.text().contains("Overloaded."));
    assert_eq!(error_code(&run_of(&app, &acme, &answer).await), "overloaded");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_breaks_after_the_answer_spoils_nothing() {
    let (app, _, acme) = proxying().await;
    let answer = ask(&app, &acme, "breaks after the end", true).await;
    assert!(!answer.text().contains("error"), "{}", answer.text());
    let run = run_of(&app, &acme, &answer).await;
    assert_eq!((&run["status"], &run["error"]), (&json!("success"), &Value::Null), "{run}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_asked_once_the_server_is_to_end() {
    let (app, _, acme) = proxying().await;
    app.ending.closing.cancel();
    let late = ask(&app, &acme, "m", false).await;
    assert_eq!(late.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_ne!(late.header("retry-after"), "");
    assert_eq!(late.json()["error"]["type"], "server_error");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_room_for_the_run_no_provider_is_asked() {
    let (app, stub, acme) = proxying().await;
    let dir = tempfile::tempdir().unwrap();
    let options = spool::SpoolOptions { max_bytes: 0, ..spool::SpoolOptions::new(dir.path()) };
    let door = spool::Door::open(options, app.state.store.clone()).await.unwrap();
    let full = app.behind(door);
    let answer = ask(&full, &acme, "m", false).await;
    assert_eq!(
        (answer.status, answer.code().as_str()),
        (StatusCode::SERVICE_UNAVAILABLE, "unavailable")
    );
    assert_ne!(answer.header("retry-after"), "");
    assert_eq!(answer.json()["error"]["type"], "server_error");
    assert!(stub.seen().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn other_models_are_asked_when_the_first_cannot_answer() {
    let (app, stub, acme) = proxying().await;
    let ask = async |model: &str, fallback: Value| {
        let body = json!({
            "agent_id": "a", "temperature": 0, "model": model, "use_fallback": fallback,
            "messages": [{"role": "user", "content": "Hi"}],
        });
        app.post_json(CHAT, &acme.key, body.to_string()).await
    };
    let answer = ask("429", json!(["500", "gpt-4o-mini"])).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    assert_eq!(answer.json()["choices"][0]["message"]["content"], "Grüße");
    let asked: Vec<Value> =
        stub.seen().iter().map(|it| serde_json::from_str(&it.body).unwrap()).collect();
    let models: Vec<&Value> = asked.iter().map(|it| &it["model"]).collect();
    assert_eq!(models, ["429", "500", "gpt-4o-mini"]);
    assert!(asked.iter().all(|it| it.get("use_fallback").is_none()));
    let run = run_of(&app, &acme, &answer).await;
    assert_eq!((&run["status"], &run["version"]["model"]), (&json!("success"), &json!("429")));
    let completions = run["completions"].as_array().unwrap();
    assert_eq!(completions.len(), 3, "{run}");
    assert_eq!(completions[0]["response"]["error"]["code"], "rate_limit_exceeded");
    assert_eq!(completions[1]["error"]["code"], "http_500");
    assert_eq!(completions[2]["request"]["model"], "gpt-4o-mini");
    assert_eq!(completions[2]["error"], Value::Null);
    assert_eq!(run["cost_usd"], completions[2]["cost_usd"]);
    // Another model's answer is not kept for this one.
    let again = ask("429", json!(["gpt-4o-mini"])).await;
    assert_eq!((again.status, again.header("x-runs-cache")), (StatusCode::OK, "miss"));

    let silent = ask("silent", json!([{"model": "gpt-4o-mini", "provider": "openai"}])).await;
    let run = run_of(&app, &acme, &silent).await;
    assert_eq!((silent.status, &run["status"]), (StatusCode::OK, &json!("success")));
    assert_eq!(run["completions"][0]["error"]["code"], "upstream_timeout");

    for fallback in [json!("never"), json!("auto"), Value::Null] {
        assert_eq!(ask("429", fallback).await.status, StatusCode::TOO_MANY_REQUESTS);
    }
    let exhausted = ask("429", json!(["500"])).await;
    assert_eq!(exhausted.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(run_of(&app, &acme, &exhausted).await["status"], "failure");
    // A request that is wrong is wrong everywhere.
    let seen = stub.seen().len();
    let unknown = ask("m", json!([{"model": "m", "provider": "nobody"}])).await;
    assert_eq!((unknown.status, stub.seen().len()), (StatusCode::BAD_REQUEST, seen));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_leaves_leaves_a_run() {
    let (app, _, acme) = proxying().await;
    let headers = [("x-api-key", acme.key.as_str())];
    let body = r#"{"model":"stalls","stream":true,"messages":[]}"#;
    let response = app.open(request(Method::POST, CHAT, &headers, body)).await;
    let id = response.headers()["x-runs-id"].to_str().unwrap().to_owned();
    let mut chunks = response.into_body().into_data_stream();
    assert!(chunks.next().await.is_some());
    drop(chunks);
    let run = eventually(&app, &acme, &format!("/v1/_/runs/{id}")).await;
    assert_eq!(error_code(&run), "client_closed");

    let silent = r#"{"model":"silent/silent","messages":[]}"#;
    let asked = app.open(request(Method::POST, CHAT, &headers, silent));
    assert!(tokio::time::timeout(Duration::from_millis(200), asked).await.is_err());
    let list = loop {
        let list = app.get("/v1/_/agents/silent/runs", &acme.key).await;
        if list.status == StatusCode::OK && list.json()["count"] == 1 {
            break list.json();
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    assert_eq!(error_code(&list["items"][0]), "client_closed");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_ends_after_its_agent_was_deleted_does_not_bring_it_back() {
    let (app, _, acme) = proxying().await;
    assert_eq!(ask(&app, &acme, "m", false).await.status, StatusCode::OK);
    let headers = [("x-api-key", acme.key.as_str())];
    let begin = async || {
        let body = r#"{"agent_id":"a","model":"stalls","stream":true,"messages":[]}"#;
        let response = app.open(request(Method::POST, CHAT, &headers, body)).await;
        let mut chunks = response.into_body().into_data_stream();
        assert!(chunks.next().await.is_some());
        chunks
    };
    let (ends, is_left) = (begin().await, begin().await);
    let deleted = app.call(Method::DELETE, "/v1/_/agents/a", &acme.key).await;
    assert_eq!((deleted.status, &deleted.json()["deleted_runs"]), (StatusCode::OK, &json!(1)));
    drop(is_left);
    assert!(ends.count().await > 0);
    // What was left is handed in behind its client's back.
    app.ending.finishing.close();
    app.ending.finishing.wait().await;
    app.ending.finishing.reopen();
    let gone = app.get("/v1/_/agents/a", &acme.key).await;
    assert_eq!(gone.status, StatusCode::NOT_FOUND, "{}", gone.text());
    // What begins from now on is of a new agent with that name.
    let again = ask(&app, &acme, "m", false).await;
    assert_eq!(run_of(&app, &acme, &again).await["agent"], "a");
}

async fn eventually(app: &TestApp, tenant: &Tenant, path: &str) -> Value {
    loop {
        let answer = app.get(path, &tenant.key).await;
        if answer.status == StatusCode::OK {
            return answer.json();
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_requests_never_reach_the_provider() {
    let (app, stub, acme) = proxying().await;
    for (body, param) in [
        ("nonsense", Value::Null),
        ("[1]", Value::Null),
        (r#"{"model":"a/","messages":[]}"#, json!("model")),
        (r#"{"model":"m","agent_id":7}"#, json!("agent_id")),
        (r#"{"model":"m","use_cache":"x"}"#, json!("use_cache")),
        (r#"{"model":"m","provider":"nobody"}"#, json!("provider")),
        (r#"{"model":"m","input":[]}"#, json!("input")),
    ] {
        let answer = app.post_json(CHAT, &acme.key, body).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{body}");
        assert_eq!(answer.json()["error"]["param"], param, "{body}");
    }
    let large = vec![b' '; 21 * 1024 * 1024];
    let answer = app.post_json(CHAT, &acme.key, large).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    let answer = app.post_json("/v1/messages", &acme.key, "nonsense").await;
    assert_eq!(answer.json()["type"], "error");
    assert!(stub.seen().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn private_addresses_are_refused_unless_allowed() {
    let (_, address) = Stub::listen().await;
    let url = format!("http://{address}/v1");
    let provider = Provider::from_base_url(&url, None).unwrap();
    let app = TestApp::with_upstream(provider, UpstreamOptions::default()).await;
    let acme = app.tenant("acme").await;
    let answer = ask(&app, &acme, "m", false).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert_eq!(answer.code(), "upstream_private_address");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_key_is_refused_in_the_form_of_each_api() {
    let (app, stub, _acme) = proxying().await;
    for path in ["/v1/chat/completions", "/v1/responses", "/v1/messages"] {
        let answer = app.post_json(path, "rk_wrong_0123456789abcdef", "{}").await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{path}");
        let told = answer.json();
        assert_eq!(told["error"]["type"], "authentication_error", "{path} {told}");
        assert!(told["error"]["message"].is_string() && told["error"]["code"].is_string());
        let is_anthropic = path == "/v1/messages";
        assert_eq!(told["type"] == "error", is_anthropic, "{path} {told}");
        assert_eq!(told["error"].get("param").is_some(), !is_anthropic, "{path} {told}");
    }
    assert!(stub.seen().is_empty());
}
