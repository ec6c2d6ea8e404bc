//! OTLP over HTTP: what is answered, and the runs that come of it.

use std::io::Read;
use std::time::Duration;

use axum::body::Body;
use http::header::CONTENT_TYPE;
use http::{Method, StatusCode};
use model::Scope;
use serde_json::{Value, json};
use store::Elsewhere;

use crate::support::{Answer, TestApp, request};

const TRACE: &str = "5b8aa5a2d2c872e8321cf37308d69df2";
/// 2026-11-20T10:00:00Z
const START_S: u64 = 1_795_168_800;

fn attributes(pairs: &Value) -> Value {
    let pairs = pairs.as_object().unwrap().iter();
    pairs
        .map(|(key, value)| match value {
            Value::Number(number) => json!({"key": key, "value": {"intValue": number.to_string()}}),
            other => json!({"key": key, "value": {"stringValue": other}}),
        })
        .collect()
}

pub fn span(id: u64, extra: &Value) -> Value {
    let mut all = json!({
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "gpt-4o-mini",
        "gen_ai.agent.name": "Greeter",
        "gen_ai.usage.input_tokens": 12,
        "gen_ai.usage.output_tokens": 7,
    });
    all.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
    json!({
        "traceId": TRACE,
        "spanId": format!("{id:016x}"),
        "name": "chat gpt-4o-mini",
        "startTimeUnixNano": (START_S * 1_000_000_000).to_string(),
        "endTimeUnixNano": (START_S * 1_000_000_000 + 250_000_000).to_string(),
        "attributes": attributes(&all),
    })
}

pub fn whole_span(id: u64) -> Value {
    let said = |role: &str, text: &str| {
        json!([{"role": role, "parts": [{"type": "text", "content": text}]}]).to_string()
    };
    span(
        id,
        &json!({
            "gen_ai.input.messages": said("user", "Good morning"),
            "gen_ai.output.messages": said("assistant", "Good evening"),
        }),
    )
}

pub fn traces(spans: &[Value]) -> String {
    let resource = json!({"attributes": attributes(&json!({"service.name": "shop"}))});
    json!({"resourceSpans": [{"resource": resource, "scopeSpans": [{"spans": spans}]}]}).to_string()
}

pub fn content_record(id: u64) -> String {
    let message = |role: &str, text: &str| {
        json!([{"role": role, "parts": [{"type": "text", "content": text}]}]).to_string()
    };
    let record = json!({
        "traceId": TRACE,
        "spanId": format!("{id:016x}"),
        "timeUnixNano": (START_S * 1_000_000_000).to_string(),
        "eventName": "gen_ai.client.inference.operation.details",
        "attributes": attributes(&json!({
            "gen_ai.input.messages": message("user", "Late question"),
            "gen_ai.output.messages": message("assistant", "Late answer"),
        })),
    });
    json!({"resourceLogs": [{"scopeLogs": [{"logRecords": [record]}]}]}).to_string()
}

impl TestApp {
    pub async fn otlp(&self, path: &str, key: &str, mime: &str, body: impl Into<Body>) -> Answer {
        let headers = [("x-api-key", key), ("content-type", mime)];
        self.send(request(Method::POST, path, &headers, body)).await
    }

    pub async fn runs_of(&self, agent: &str, key: &str) -> Vec<Value> {
        let answer = self.get(&format!("/v1/_/agents/{agent}/runs"), key).await;
        if answer.status == StatusCode::NOT_FOUND {
            return Vec::new();
        }
        answer.json()["items"].as_array().unwrap().clone()
    }

    /// The runs, once there are so many.
    pub async fn wait_for_runs(&self, agent: &str, key: &str, count: usize) -> Vec<Value> {
        for _ in 0..200 {
            let runs = self.runs_of(agent, key).await;
            if runs.len() >= count {
                return runs;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("there never were {count} runs");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_span_is_one_run_however_often_it_is_sent() {
    let app = TestApp::new().await;
    let acme = app.tenant("acme").await;
    for _ in 0..2 {
        let body = traces(&[whole_span(1), whole_span(1)]);
        let answer = app.otlp("/v1/traces", &acme.key, "application/json", body).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        assert_eq!(answer.headers[CONTENT_TYPE], "application/json");
        assert_eq!(answer.text(), "{}");
    }
    let runs = app.wait_for_runs("greeter", &acme.key, 1).await;
    assert_eq!(runs.len(), 1);
    let id = runs[0]["id"].as_str().unwrap();
    let run = app.get(&format!("/v1/_/runs/{id}"), &acme.key).await.json();
    assert_eq!(run["source"], "otlp");
    assert_eq!(run["trace_id"], TRACE);
    assert_eq!(run["span_id"], "0000000000000001");
    assert_eq!(run["input"]["messages"][0]["parts"][0]["content"], "Good morning");
    assert_eq!(run["output"]["parts"][0]["content"], "Good evening");
    assert_eq!(run["latency_ms"], 250.0);
    assert_eq!(run["usage"]["input_tokens"], 12);
    assert!(run["cost_usd"].as_f64().unwrap() > 0.0);
    assert_eq!(run["metadata"]["service.name"], "shop");
    let metrics = app.state.metrics.render().unwrap();
    assert!(metrics.contains(r#"runs_otlp_spans_total{kind="model"} 4"#), "{metrics}");
}

#[tokio::test(flavor = "multi_thread")]
async fn content_that_comes_later_is_joined() {
    let app = TestApp::new().await;
    let acme = app.tenant("acme").await;
    for (first, second) in [("traces", "logs"), ("logs", "traces")] {
        let id = if first == "traces" { 1 } else { 2 };
        for signal in [first, second] {
            let body = if signal == "traces" {
                traces(&[span(id, &json!({}))])
            } else {
                content_record(id)
            };
            let path = format!("/v1/{signal}");
            let answer = app.otlp(&path, &acme.key, "application/json", body).await;
            assert_eq!(answer.text(), "{}");
        }
    }
    for run in app.wait_for_runs("greeter", &acme.key, 2).await {
        assert_eq!(run["output_preview"], "Assistant: Late answer", "{run}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_span_whose_content_never_comes_is_a_run_all_the_same() {
    let app = TestApp::new().await;
    let acme = app.tenant("acme").await;
    let body = traces(&[span(1, &json!({}))]);
    app.otlp("/v1/traces", &acme.key, "application/json", body).await;
    let runs = app.wait_for_runs("greeter", &acme.key, 1).await;
    assert_eq!(runs[0]["status"], "success");
    assert_eq!(runs[0]["usage"]["output_tokens"], 7);
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_spans_are_told_and_the_others_land() {
    let app = TestApp::new().await;
    let acme = app.tenant("acme").await;
    let mut nameless = whole_span(2);
    nameless["spanId"] = json!("");
    let mut future = whole_span(3);
    future["startTimeUnixNano"] = json!("7300000000000000000");
    let body = traces(&[nameless, future, whole_span(1)]);
    let answer = app.otlp("/v1/traces", &acme.key, "application/json", body).await;
    assert_eq!(answer.status, StatusCode::OK);
    let partial = &answer.json()["partialSuccess"];
    assert_eq!(partial["rejectedSpans"], "2");
    let message = partial["errorMessage"].as_str().unwrap();
    assert!(message.contains("span id") && message.contains("created_at"), "{message}");
    assert_eq!(app.wait_for_runs("greeter", &acme.key, 1).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn refused_spans_are_told_to_those_who_sent_them() {
    let app = TestApp::new().await;
    let acme = app.tenant("acme").await;
    let tool = |id: u64, call: &str| {
        let extra = json!({
            "gen_ai.operation.name": "execute_tool",
            "gen_ai.tool.name": "weather",
            "gen_ai.tool.call.id": call,
        });
        let mut span = span(id, &extra);
        span["startTimeUnixNano"] = json!("7300000000000000000");
        span["endTimeUnixNano"] = json!("7300000001000000000");
        span
    };
    let call = json!([{"role": "assistant", "parts": [
        {"type": "tool_call", "id": "call_1", "name": "weather", "arguments": {}},
    ]}]);
    let question = json!([{"role": "user", "parts": [{"type": "text", "content": "Hot?"}]}]);
    let mut calling = span(
        2,
        &json!({
            "gen_ai.input.messages": question.to_string(),
            "gen_ai.output.messages": call.to_string(),
        }),
    );
    // So far in the future that its run is refused once its tool's span is there.
    calling["startTimeUnixNano"] = json!("7300000000000000000");
    calling["endTimeUnixNano"] = json!("7300000000000000000");
    for spans in [vec![tool(1, "call_0"), calling], vec![tool(3, "call_1")]] {
        let answer = app.otlp("/v1/traces", &acme.key, "application/json", traces(&spans)).await;
        assert_eq!((answer.status, answer.text()), (StatusCode::OK, "{}"));
    }
    assert_eq!(app.state.metrics.rejected_runs.get(), 1, "it was refused with the second request");
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_speak_the_language_of_the_request() {
    let app = TestApp::new().await;
    let acme = app.tenant("acme").await;
    let protobuf = "application/x-protobuf";

    let nobody = app.otlp("/v1/traces", "rk_0000000000000000", protobuf, "").await;
    assert_eq!(nobody.status, StatusCode::UNAUTHORIZED);
    assert_eq!(nobody.headers[CONTENT_TYPE], protobuf);
    // google.rpc.Status: field 1 is the code, 16 is UNAUTHENTICATED.
    assert_eq!(nobody.bytes[..2], [8, 16]);

    let reader = app.key(&acme.org, &[Scope::Read]).await;
    let forbidden = app.otlp("/v1/logs", &reader, "application/json", "{}").await;
    assert_eq!(forbidden.status, StatusCode::FORBIDDEN);
    assert_eq!(forbidden.json()["code"], 7);

    let torn = app.otlp("/v1/traces", &acme.key, protobuf, vec![0x0a, 0x20, 0x01]).await;
    assert_eq!(torn.status, StatusCode::BAD_REQUEST);
    assert_eq!(torn.bytes[..2], [8, 3]);
    let broken =
        app.otlp("/v1/traces", &acme.key, "application/json", "{\"resourceSpans\":[").await;
    assert_eq!(broken.status, StatusCode::BAD_REQUEST);
    assert_eq!(broken.json()["code"], 3);

    let text = app.otlp("/v1/traces", &acme.key, "text/plain", "{}").await;
    assert_eq!(text.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    let empty = app.otlp("/v1/traces", &acme.key, protobuf, "").await;
    assert_eq!((empty.status, empty.bytes.len()), (StatusCode::OK, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn bombs_are_refused_with_the_limit() {
    let app = TestApp::new().await;
    let acme = app.tenant("acme").await;
    let zeros = zstd::encode_all(std::io::repeat(b' ').take(80 << 20), 3).unwrap();
    let headers = [
        ("x-api-key", acme.key.as_str()),
        ("content-type", "application/json"),
        ("content-encoding", "zstd"),
    ];
    let bomb = app.send(request(Method::POST, "/v1/traces", &headers, zeros)).await;
    assert_eq!(bomb.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(bomb.text().contains("67108864"), "{}", bomb.text());

    // A hundred thousand and one empty spans in one scope of one resource.
    let spans = [0x12, 0x00].repeat(100_001);
    let scope = [&[0x12][..], &length(spans.len()), &spans].concat();
    let group = [&[0x0a][..], &length(scope.len()), &scope].concat();
    let many = app.otlp("/v1/traces", &acme.key, "application/x-protobuf", group).await;
    assert_eq!(many.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(String::from_utf8_lossy(&many.bytes).contains("100000 spans"));
}

fn length(mut value: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value >= 0x80 {
        bytes.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
    bytes
}

#[tokio::test(flavor = "multi_thread")]
async fn a_span_that_waits_and_comes_again_when_there_is_no_room_waits_on() {
    let app = TestApp::new().await;
    let acme = app.tenant("acme").await;
    let (room, org) = (&app.state.limits.waiting, acme.org.id.0);
    let send = async || {
        let body = traces(&[span(1, &json!({}))]);
        app.otlp("/v1/traces", &acme.key, "application/json", body).await
    };
    assert_eq!(send().await.status, StatusCode::OK);
    let waiting = room.usage(org).own;
    assert!(waiting > 0);
    // As much as leaves some room, but not for the same again.
    let most = room.usage(org).limit;
    let others = room.take_anyway(shares::Holder::of_org(org), most - waiting - waiting / 2);
    for _ in 0..2 {
        assert_eq!(send().await.status, StatusCode::TOO_MANY_REQUESTS);
    }
    assert_eq!(room.usage(org).own - others.amount(), waiting);
    drop(others);
    assert_eq!(app.wait_for_runs("greeter", &acme.key, 1).await.len(), 1);
    assert_eq!(room.usage(org).own, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_is_handed_on_however_long_another_organization_is_held_up() {
    let app = TestApp::new().await;
    let (acme, beta) = (app.tenant("acme").await, app.tenant("beta").await);
    // Whichever is looked after first.
    for (id, held_up, other) in [(1, &acme, &beta), (2, &beta, &acme)] {
        let agent = model::AgentSlug::new(&format!("agent-{id}")).unwrap();
        for tenant in [held_up, other] {
            let body = traces(&[span(id, &json!({"gen_ai.agent.name": agent.as_str()}))]);
            app.otlp("/v1/traces", &tenant.key, "application/json", body).await;
        }
        let store = app.state.store.org(&held_up.org);
        // As a deletion does while it waits.
        let withheld = app.state.otlp.withhold(&store, &agent, None).await.unwrap();
        assert_eq!(app.wait_for_runs(agent.as_str(), &other.key, 1).await.len(), 1);
        assert!(app.runs_of(agent.as_str(), &held_up.key).await.is_empty());
        drop(withheld);
        assert_eq!(app.wait_for_runs(agent.as_str(), &held_up.key, 1).await.len(), 1);
    }
}
