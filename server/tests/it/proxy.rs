//! The recording proxy in front of a provider that behaves.

use futures::StreamExt;
use http::{Method, StatusCode};
use model::{Role, Scope};
use serde_json::{Value, json};

use crate::stub::{MESSAGE, RESPONSE, Stub, WHOLE, events};
use crate::support::{Answer, ORIGIN, Tenant, TestApp, request};

const CHAT: &str = "/v1/chat/completions";

pub async fn proxying() -> (TestApp, Stub, Tenant) {
    let (stub, provider) = Stub::start().await;
    let app = TestApp::proxying(provider).await;
    let acme = app.tenant("acme").await;
    (app, stub, acme)
}

/// The run that an answer's headers name, read back over REST.
pub async fn run_of(app: &TestApp, tenant: &Tenant, answer: &Answer) -> Value {
    let run = app.get(&format!("/v1/_/runs/{}", answer.header("x-runs-id")), &tenant.key).await;
    assert_eq!(run.status, StatusCode::OK, "{}", run.text());
    run.json()
}

/// The raw text of a member of a completion, byte for byte.
pub async fn completion_text(app: &TestApp, tenant: &Tenant, answer: &Answer) -> String {
    let path = format!("/v1/_/runs/{}/completions", answer.header("x-runs-id"));
    app.get(&path, &tenant.key).await.text().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_whole_answer_passes_and_is_a_run() {
    let (app, stub, acme) = proxying().await;
    let body = r#"{ "model":"support/gpt-4o-mini", "temperature":0.20, "use_cache":"never",
        "conversation_id":"c1","environment":"dev", "metadata":{"user":"u1"},
        "messages":[ {"role":"system","content":"Be brief."}, {"role":"user","content":"Hi"} ], "seed":1E2 }"#;
    let answer = app.post_json(CHAT, &acme.key, body).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());

    let sent = r#"{ "model":"gpt-4o-mini", "temperature":0.20, "metadata":{"user":"u1"},
        "messages":[ {"role":"system","content":"Be brief."}, {"role":"user","content":"Hi"} ], "seed":1E2 }"#;
    assert_eq!(stub.last().body, sent);
    assert_eq!(stub.last().headers["authorization"], "Bearer sk-stub");
    assert!(!stub.last().headers.contains_key("x-api-key"));

    let id = answer.header("x-runs-id").to_owned();
    let url = format!("{ORIGIN}/acme/agents/support/runs/{id}");
    assert_eq!(answer.header("x-runs-url"), url);
    assert_eq!(answer.header("x-runs-cache"), "bypass");
    assert_eq!(answer.header("x-request-id"), "req_7");
    assert_eq!(answer.header("openai-processing-ms"), "12");
    let told = answer.json();
    assert_eq!((&told["id"], &told["choices"][0]["url"]), (&json!("chatcmpl-1"), &json!(url)));
    // 900 × 0.15 + 100 × 0.075 + 50 × 0.60 dollars per million.
    assert_eq!(told["cost_usd"], 0.000_172_5);
    assert!(told["feedback_token"].as_str().unwrap().contains('.'));
    assert!(answer.text().contains("\"odd\": 1.0") && answer.text().contains("[1E2]"));

    let run = run_of(&app, &acme, &answer).await;
    assert_eq!(run["agent"], "support");
    assert_eq!(run["source"], "proxy");
    assert_eq!(run["status"], "success");
    assert_eq!(run["version"]["model"], "gpt-4o-mini");
    assert_eq!(run["version"]["provider"], "openai");
    assert_eq!(run["input"], json!({"messages": [{"role": "user", "content": "Hi"}]}));
    assert_eq!(run["output"], json!({"role": "assistant", "content": "Grüße"}));
    assert_eq!((&run["conversation_id"], &run["environment"]), (&json!("c1"), &json!("dev")));
    assert_eq!(run["metadata"], json!({"user": "u1"}));
    assert_eq!(run["cost_usd"], 0.000_172_5);
    assert_eq!(run["usage"]["input_tokens"], 1000);
    assert!(run["latency_ms"].as_f64().unwrap() > 0.0);
    let text = completion_text(&app, &acme, &answer).await;
    assert!(text.contains(&format!("\"request\":{sent}")), "{text}");
    assert!(text.contains(&format!("\"response\":{}", WHOLE.trim())), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_keep_their_headers_and_query() {
    let (app, stub, acme) = proxying().await;
    let headers = [
        ("authorization", &*format!("Bearer {}", acme.key)),
        ("content-type", "application/json; charset=utf-8"),
        ("user-agent", "OpenAI/Python 2.0"),
        ("openai-beta", "x=1"),
        ("x-runs-agent", "From Header"),
        ("cookie", "session=1"),
    ];
    let body = r#"{"model":"vendor/model","messages":[]}"#;
    let path = "/v1/chat/completions?api-version=1%2C2";
    let answer = app.send(request(Method::POST, path, &headers, body)).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    let seen = stub.last();
    assert_eq!((seen.body.as_str(), seen.uri.query()), (body, Some("api-version=1%2C2")));
    assert_eq!(seen.headers["user-agent"], "OpenAI/Python 2.0");
    assert_eq!(seen.headers["content-type"], "application/json; charset=utf-8");
    assert_eq!(seen.headers["openai-beta"], "x=1");
    for name in ["cookie", "x-runs-agent"] {
        assert!(!seen.headers.contains_key(name), "{name}");
    }
    assert_eq!(run_of(&app, &acme, &answer).await["agent"], "from-header");
}

#[tokio::test(flavor = "multi_thread")]
async fn streams_pass_event_by_event() {
    let (app, _, acme) = proxying().await;
    let body = r#"{"model":"a/gpt-4o-mini","stream":true,"stream_options":{"include_usage":true},"messages":[]}"#;
    let headers = [("x-api-key", acme.key.as_str())];
    let response = app.open(request(Method::POST, CHAT, &headers, body)).await;
    let id = response.headers()["x-runs-id"].to_str().unwrap().to_owned();
    assert_eq!(response.headers()["content-type"], "text/event-stream; charset=utf-8");
    let chunks: Vec<String> = response
        .into_body()
        .into_data_stream()
        .map(|chunk| String::from_utf8(chunk.unwrap().to_vec()).unwrap())
        .collect()
        .await;
    let received = chunks.concat();
    let events = events();
    let received: Vec<&str> = received.split_inclusive("\n\n").collect();
    assert_eq!(received.len(), events.len());
    for at in [0, 1, 2, 3, 6] {
        assert_eq!(received[at], events[at]);
    }
    let data = |at: usize| -> Value {
        serde_json::from_str(received[at].strip_prefix("data: ").unwrap()).unwrap()
    };
    let url = format!("{ORIGIN}/acme/agents/a/runs/{id}");
    assert_eq!(data(4)["choices"][0]["url"], url);
    assert_eq!(data(5)["cost_usd"], 0.000_18);
    assert_eq!(data(5)["usage"]["prompt_tokens"], 1000);
    assert!(data(5)["feedback_token"].is_string());

    let run = app.get(&format!("/v1/_/runs/{id}"), &acme.key).await.json();
    assert_eq!(run["status"], "success");
    assert_eq!(run["output"], json!({"role": "assistant", "content": "Grüße"}));
    assert_eq!(run["completions"][0]["response"], events.concat());
    assert_eq!(run["completions"][0]["finish_reason"], "stop");
    assert_eq!(run["cost_usd"], 0.000_18);
    assert!(run["time_to_first_token_ms"].is_number());
}

#[tokio::test(flavor = "multi_thread")]
async fn templates_are_rendered_for_the_provider_and_kept_for_the_run() {
    let (app, stub, acme) = proxying().await;
    let body = r#"{"model":"a/gpt-4o-mini","input":{"city":"Köln"},
        "messages":[{"role":"system","content":"Of {{ city }}."},{"role":"user","content":"Hi"}]}"#;
    let answer = app.post_json(CHAT, &acme.key, body).await;
    let sent: Value = serde_json::from_str(&stub.last().body).unwrap();
    assert_eq!(sent["messages"][0]["content"], "Of Köln.");
    assert_eq!(sent.get("input"), None);
    let run = run_of(&app, &acme, &answer).await;
    let input = json!({"city": "Köln", "messages": [{"role": "user", "content": "Hi"}]});
    assert_eq!(run["input"], input);
    assert_eq!(run["version"]["messages"][0]["content"], "Of {{ city }}.");

    let missing = r#"{"model":"m","input":{},"messages":[{"role":"user","content":"{{ a }}"}]}"#;
    let refused = app.post_json(CHAT, &acme.key, missing).await;
    assert_eq!((refused.status, stub.seen().len()), (StatusCode::BAD_REQUEST, 1));
    assert_eq!(refused.json()["error"]["type"], "invalid_request_error");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_in_use_can_be_named() {
    let (app, stub, acme) = proxying().await;
    let refused =
        app.post_json(CHAT, &acme.key, r#"{"model":"a/#1/production","messages":[]}"#).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    let first = r#"{"model":"a/gpt-4o-mini","environment":"production","temperature":0.5,
        "messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"Hi"}]}"#;
    app.post_json(CHAT, &acme.key, first).await;
    let body = r#"{"model":"a/#1/production","messages":[{"role":"user","content":"Ho"}]}"#;
    let answer = app.post_json(CHAT, &acme.key, body).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    let sent: Value = serde_json::from_str(&stub.last().body).unwrap();
    assert_eq!((&sent["model"], &sent["temperature"]), (&json!("gpt-4o-mini"), &json!(0.5)));
    let run = run_of(&app, &acme, &answer).await;
    assert_eq!((&run["environment"], &run["schema"]), (&json!("production"), &json!(1)));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_other_apis_pass_untouched() {
    let (app, stub, acme) = proxying().await;
    let body = r#"{"model":"claude/claude-3-5-haiku-20241022","max_tokens":5,"system":"Be brief.","messages":[{"role":"user","content":"Hi"}]}"#;
    let answer = app.post_json("/v1/messages", &acme.key, body).await;
    assert_eq!(answer.text(), MESSAGE);
    assert_eq!(stub.last().headers["x-api-key"], "sk-stub");
    let run = run_of(&app, &acme, &answer).await;
    assert_eq!((&run["agent"], &run["usage"]["input_tokens"]), (&json!("claude"), &json!(10)));
    assert_eq!(run["version"]["messages"][0]["content"], "Be brief.");

    let body = body.replace("\"max_tokens\":5", "\"stream\":true");
    let answer = app.post_json("/v1/messages", &acme.key, body).await;
    assert!(answer.text().ends_with("data: {\"type\":\"message_stop\"}\n\n"));
    let run = run_of(&app, &acme, &answer).await;
    assert_eq!((&run["status"], &run["usage"]["output_tokens"]), (&json!("success"), &json!(5)));
    assert_eq!(run["completions"][0]["response"], answer.text());

    let body = r#"{"model":"a/gpt-4o","input":"Hi","instructions":"Be brief."}"#;
    let answer = app.post_json("/v1/responses", &acme.key, body).await;
    assert_eq!(answer.text(), RESPONSE);
    assert_eq!(stub.last().body, r#"{"model":"gpt-4o","input":"Hi","instructions":"Be brief."}"#);
    assert_eq!(run_of(&app, &acme, &answer).await["usage"]["output_tokens"], 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn models_are_the_provider_s() {
    let (app, stub, acme) = proxying().await;
    let answer = app.get("/v1/models", &acme.key).await;
    assert_eq!(answer.text(), r#"{"object": "list", "data": [{"id": "gpt-4o-mini"}]}"#);
    assert_eq!(stub.last().headers["authorization"], "Bearer sk-stub");
    for climbing in [
        "..%2F..%2Fsecrets",
        "%252e%252e/files",
        "%252E%252e%252ffiles",
        "..%5C..%5Cfiles",
        "a/%255c../files",
        "a%0A/..",
        ".%09./files",
    ] {
        let answer = app.get(&format!("/v1/models/{climbing}"), &acme.key).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{climbing}");
        assert_eq!(stub.seen().len(), 1, "{climbing}");
    }
    app.get("/v1/models/ft:gpt-4o:acme%3F/meta%23a", &acme.key).await;
    assert_eq!(stub.last().uri.path(), "/v1/models/ft:gpt-4o:acme%3F/meta%23a");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_keys_that_may_send_runs_are_let_in() {
    let (app, stub, acme) = proxying().await;
    let body = r#"{"model":"m","messages":[]}"#;
    let reader = app.key(&acme.org, &[Scope::Read]).await;
    for path in [CHAT, "/v1/responses", "/v1/messages"] {
        assert_eq!(app.post_json(path, &reader, body).await.status, StatusCode::FORBIDDEN);
        let anonymous = app.send(request(Method::POST, path, &[], body)).await;
        assert_eq!(anonymous.status, StatusCode::UNAUTHORIZED, "{path}");
    }
    let cookie = app.sign_in(&acme.org, "ada@acme.example", Role::Owner).await;
    let headers = [("cookie", cookie.as_str()), ("sec-fetch-site", "same-origin")];
    let member = app.send(request(Method::POST, CHAT, &headers, body)).await;
    assert_eq!(member.status, StatusCode::FORBIDDEN);
    assert_eq!(member.json()["error"]["type"], "permission_error");
    assert!(stub.seen().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn this_server_s_name_for_a_request_stays_here() {
    let (app, stub, acme) = proxying().await;
    let body = r#"{"model":"m","messages":[]}"#;
    app.post_json(CHAT, &acme.key, body).await;
    assert!(!stub.last().headers.contains_key("x-request-id"));
    let headers = [("x-api-key", acme.key.as_str()), ("x-request-id", "theirs")];
    app.send(request(Method::POST, CHAT, &headers, body)).await;
    assert_eq!(stub.last().headers["x-request-id"], "theirs");
}
