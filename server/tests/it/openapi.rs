//! The document of the REST interface, against the interface.

use std::collections::{BTreeMap, BTreeSet};

use axum::body::Body;
use http::{Method, StatusCode};
use serde_json::{Value, json};

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
    let nested = source.find("fn rest()").unwrap();
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
        let filled = path.replace("{org}", "_").replace("{agent}", "a");
        let filled = filled.replace("{model}", "m").replace("{export}", "x").replace("{view}", "1");
        let filled = filled.replace("{run}", "0195dd7a-6977-7197-7ec3-4fc44ade50dc");
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
