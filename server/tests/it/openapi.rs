//! The document of the REST interface, against the interface.

use std::collections::{BTreeMap, BTreeSet};

use axum::body::Body;
use http::{Method, StatusCode};
use serde_json::{Value, json};
use server::error::ApiError;

use crate::support::{TestApp, request};

const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];
/// What forms of pages are sent to is no part of the interface.
const FORMS: [&str; 3] = ["/login", "/logout", "/setup"];

async fn document(app: &TestApp) -> Value {
    let answer = app.send(request(Method::GET, "/openapi.json", &[], Body::empty())).await;
    assert_eq!(answer.status, StatusCode::OK);
    answer.json()
}

fn documented(document: &Value) -> BTreeMap<String, BTreeSet<String>> {
    let paths = document["paths"].as_object().unwrap().iter();
    paths
        .map(|(path, calls)| (path.clone(), calls.as_object().unwrap().keys().cloned().collect()))
        .collect()
}

/// The routes and their methods as the source of the router has them.
fn routed() -> BTreeMap<String, BTreeSet<String>> {
    let source = include_str!("../../src/router.rs");
    let nested = source.find("fn rest(").unwrap();
    let methods_in = |text: &str| -> BTreeSet<String> {
        let has = |method: &&&str| {
            text.match_indices(&format!("{method}("))
                .any(|(at, _)| !text[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_'))
        };
        METHODS.iter().filter(has).map(|method| (*method).to_owned()).collect()
    };
    let mut routes = BTreeMap::new();
    for (at, _) in source.match_indices(".route(") {
        let call = &source[at + ".route(".len()..];
        let mut depth = 1;
        let end = call.find(|c| {
            depth += i32::from(c == '(') - i32::from(c == ')');
            depth == 0
        });
        let (path, handlers) = call[..end.unwrap()].split_once(',').unwrap();
        let path = path.trim().trim_matches('"');
        let mut methods = methods_in(handlers);
        if methods.is_empty() {
            // Handlers that have a name of their own.
            let name = handlers.trim().trim_end_matches(".clone()");
            let named = source.split_once(&format!("let {name} = ")).unwrap().1;
            methods = methods_in(named.split_once(';').unwrap().0);
        }
        let prefix = if at > nested { "/v1" } else { "" };
        // A parameter that takes slashes, too.
        routes.insert(format!("{prefix}{path}").replace("{*", "{"), methods);
    }
    routes.retain(|path, _| !FORMS.contains(&path.as_str()));
    routes
}

#[tokio::test(flavor = "multi_thread")]
async fn every_route_is_documented_and_every_documented_call_exists() {
    let app = TestApp::new().await;
    let document = document(&app).await;
    assert_eq!(document["info"]["version"], env!("CARGO_PKG_VERSION"));
    let documented = documented(&document);
    assert_eq!(routed(), documented);
    for (path, methods) in documented {
        let filled = filled(&path);
        for method in methods {
            let call = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
            let status = app.send(request(call, &filled, &[], Body::empty())).await.status;
            let is_public = document["paths"][&path][&method]["security"] == json!([]);
            let expected: &[u16] = match path.as_str() {
                // Open to who has the token, which is missing here.
                "/v1/feedback" => &[400, 415],
                "/metrics" => &[200],
                _ if is_public => &[200],
                _ => &[401],
            };
            assert!(expected.contains(&status.as_u16()), "{method} {path}: {status}");
        }
    }
}

fn filled(path: &str) -> String {
    let path = path.replace("{org}", "_").replace("{agent}", "a");
    let path = path.replace("{model}", "m").replace("{export}", "x").replace("{view}", "1");
    path.replace("{run}", "0195dd7a-6977-7197-7ec3-4fc44ade50dc")
}

/// The parameters of a call that stand in this place, in order.
fn parameters(document: &Value, call: &Value, place: &str) -> Vec<String> {
    let all = call["parameters"].as_array().cloned().unwrap_or_default();
    let resolved = all.iter().map(|item| match item["$ref"].as_str() {
        Some(reference) => document.pointer(&reference[1..]).unwrap(),
        None => item,
    });
    resolved
        .filter(|parameter| parameter["in"] == place)
        .map(|parameter| parameter["name"].as_str().unwrap().to_owned())
        .collect()
}

/// A good value of a query parameter.
fn example(name: &str) -> &'static str {
    match name {
        "q" => "status:failure",
        "limit" | "schema" => "1",
        "sort" => "-cost",
        "count" => "exact",
        "by" => "hour,model",
        "format" => "csv",
        "columns" => "time,model",
        "id" => "mine",
        "agent" => "a",
        "view" => "ids",
        "prefix" => "st",
        "cursor" | "after" => "",
        other => panic!("give an example of {other}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_take_the_documented_parameters_and_no_others() {
    let app = TestApp::new().await;
    let acme = app.tenant("acme").await;
    app.store_run(&acme.key, r#"{"agent":"a","output":1}"#).await;
    let document = document(&app).await;
    let with_key = [("x-api-key", acme.key.as_str()), ("content-type", "application/json")];
    let mut compared = 0;
    for (path, methods) in documented(&document) {
        if !path.starts_with("/v1/{org}/") {
            continue;
        }
        for method in methods {
            let call = &document["paths"][&path][&method];
            let names = parameters(&document, call, "query");
            let send = async |query: &str, headers: &[(&str, &str)]| {
                let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
                let path = format!("{}?{query}", filled(&path));
                // Some answers are streams without an end.
                app.open(request(method, &path, headers, Body::empty())).await
            };
            let place = format!("{method} {path}");
            let unknown = send("stats=1&x=2", &with_key).await;
            assert_eq!(unknown.status(), StatusCode::BAD_REQUEST, "{place}");
            let error = unknown.extensions().get::<ApiError>().unwrap().body.clone();
            assert_eq!(error.code, "unknown_parameter", "{place}");
            assert!(error.message.contains("\"stats\""), "{place}: {}", error.message);
            assert_eq!(error.details, json!({ "parameter": "stats", "allowed": names }), "{place}");
            assert!(call["responses"]["400"].is_object(), "{place}");
            assert_eq!(send("x=2", &[]).await.status(), StatusCode::UNAUTHORIZED, "{place}");
            for name in names {
                let value: String =
                    form_urlencoded::byte_serialize(example(&name).as_bytes()).collect();
                let status = send(&format!("{name}={value}"), &with_key).await.status();
                assert_eq!(status, StatusCode::OK, "{place}: {name}");
                compared += 1;
            }
        }
    }
    assert!(compared > 30, "{compared}");
    // What belongs to others takes what these take.
    for path in ["/v1/chat/completions?beta=true", "/v1/traces?api-version=2", "/v1/runs?x=1"] {
        let answer = app.post_json(path, &acme.key, "[]").await;
        assert!(!answer.text().contains("unknown_parameter"), "{path}: {}", answer.text());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn headers_of_the_proxy_are_documented() {
    let source = include_str!("../../src/proxy/labels.rs");
    let mut read = BTreeSet::from(["x-runs-agent".to_owned()]);
    for call in [".word(", ".label(", ".header("] {
        for (at, _) in source.match_indices(call) {
            let argument = source[at + call.len()..].trim_start();
            if let Some(name) = argument.strip_prefix('"') {
                read.insert(format!("x-runs-{}", name.split('"').next().unwrap()));
            }
        }
    }
    assert!(read.len() > 5, "{read:?}");
    let document: Value = serde_json::from_str(server::rest::openapi::DOCUMENT).unwrap();
    for path in ["/v1/chat/completions", "/v1/responses", "/v1/messages"] {
        let documented = parameters(&document, &document["paths"][path]["post"], "header");
        assert_eq!(BTreeSet::from_iter(documented), read, "{path}");
    }
}

/// That an answer has the fields of its schema and no others, all the way down.
fn check(document: &Value, schema: &Value, answer: &Value, place: &str) {
    let schema = match schema["$ref"].as_str() {
        Some(reference) => document.pointer(&reference[1..]).unwrap(),
        None => schema,
    };
    if let Some(ways) = schema["oneOf"].as_array() {
        if !answer.is_null() {
            check(document, &ways[0], answer, place);
        }
        return;
    }
    match answer {
        Value::Array(items) => {
            for item in items {
                check(document, &schema["items"], item, place);
            }
        }
        Value::Object(members) if schema["properties"].is_object() => {
            for name in schema["required"].as_array().into_iter().flatten() {
                assert!(members.contains_key(name.as_str().unwrap()), "{place} lacks {name}");
            }
            for (name, value) in members {
                let property = &schema["properties"][name];
                let is_open = schema["additionalProperties"] == true;
                assert!(!property.is_null() || is_open, "{place} has {name}");
                check(document, property, value, &format!("{place}.{name}"));
            }
        }
        _ => {}
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_have_the_documented_form() {
    let app = TestApp::new().await;
    let acme = app.tenant("acme").await;
    let document = document(&app).await;
    let run = json!({
        "agent": "a", "input": { "city": "Oslo" }, "metadata": { "plan": 3 }, "trace_id": "t",
        "error": { "code": "timeout", "message": "too late", "details": { "after": 3 } },
        "version": { "model": "gpt-4o", "top_p": 0.3, "tools": [{ "name": "t" }] },
        "tool_calls": [{ "id": "1", "name": "t", "input": {} }], "reasoning": [{ "text": "hm" }],
        "completions": [{ "provider": "openai", "model": "gpt-4o", "request": {}, "response": {},
            "usage": { "input_tokens": 3 }, "error": { "code": "timeout" } }],
    });
    let sent = Value::from(vec![run, json!({ "agent": "a" })]);
    let receipt = app.post_json("/v1/runs", &acme.key, sent.to_string()).await.json();
    assert_eq!(receipt["rejected"].as_array().unwrap().len(), 1);
    let id = receipt["runs"][0]["id"].as_str().unwrap();
    app.get("/v1/_/runs/export?id=mine", &acme.key).await;
    let view = r#"{"name":"x","shared":true}"#;
    assert_eq!(app.post_json("/v1/_/views", &acme.key, view).await.status, StatusCode::OK);
    let schema_of = |name: &str| document["components"]["schemas"][name].clone();
    check(&document, &schema_of("Receipt"), &receipt, "receipt");
    for (path, name) in [
        (format!("/v1/_/runs/{id}"), "Run"),
        ("/v1/_/runs".to_owned(), "RunList"),
        ("/v1/_/agents".to_owned(), "AgentList"),
        ("/v1/_/agents/a".to_owned(), "Agent"),
        ("/v1/_/runs/search/fields".to_owned(), "SearchFields"),
        ("/v1/_/runs/stats?by=hour,status".to_owned(), "Stats"),
        ("/v1/_/views".to_owned(), "ViewList"),
        ("/v1/_/exports/mine".to_owned(), "ExportProgress"),
        ("/v1/_/agents/none".to_owned(), "Error"),
    ] {
        let answer = app.get(&path, &acme.key).await.json();
        check(&document, &schema_of(name), &answer, name);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn references_lead_somewhere() {
    fn walk(document: &Value, value: &Value) {
        match value {
            Value::Object(members) => {
                if let Some(Value::String(reference)) = members.get("$ref") {
                    assert!(document.pointer(&reference[1..]).is_some(), "{reference}");
                }
                members.values().for_each(|value| walk(document, value));
            }
            Value::Array(items) => items.iter().for_each(|value| walk(document, value)),
            _ => {}
        }
    }
    let document: Value = serde_json::from_str(server::rest::openapi::DOCUMENT).unwrap();
    walk(&document, &document);
}
