//! Clients that send the history with each turn, and no conversation's id.

use http::{Method, StatusCode};
use model::Role;
use serde_json::{Value, json};

use crate::proxy::{proxying, run_of};
use crate::support::{Tenant, TestApp, request};

/// The conversation of the run that a request to the proxy made.
async fn asked(app: &TestApp, tenant: &Tenant, path: &str, body: &Value) -> Value {
    let answer = app.post_json(path, &tenant.key, body.to_string()).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    let run = run_of(app, tenant, &answer).await;
    let alone = run["conversation_id"] == run["id"];
    json!({ "id": run["conversation_id"], "alone": alone })
}

#[tokio::test(flavor = "multi_thread")]
async fn turns_through_the_proxy_are_one_conversation_in_every_form() {
    let (app, _stub, acme) = proxying().await;
    let user = |text: &str| json!({ "role": "user", "content": text });
    let said = |text: &str| json!({ "role": "assistant", "content": text });
    let blocks = json!({ "role": "assistant", "content": [{ "type": "text", "text": "Hello" }] });
    let item = json!({ "type": "message", "role": "assistant",
        "content": [{ "type": "output_text", "text": "Hello" }] });
    for (path, name, answer, stream) in [
        ("/v1/chat/completions", "messages", said("Grüße"), false),
        ("/v1/chat/completions", "messages", said("Grüße"), true),
        ("/v1/messages", "messages", blocks, true),
        ("/v1/responses", "input", item, false),
    ] {
        let begin = user(&format!("Hi, {path} {stream}"));
        let turn = |messages: Value| {
            json!({ "model": "support/gpt-4o-mini", "max_tokens": 9, "stream": stream,
                "use_cache": "never", name: messages })
        };
        let first = asked(&app, &acme, path, &turn(json!([begin]))).await;
        assert_eq!(first["alone"], true, "{path} {first}");
        let second = turn(json!([begin, answer, user("Late?")]));
        let second = asked(&app, &acme, path, &second).await;
        assert_eq!(second["id"], first["id"], "{path} {stream}");
        let branch = turn(json!([begin, answer, user("Early?")]));
        let branch = asked(&app, &acme, path, &branch).await;
        assert_eq!(branch["alone"], true, "{path} {stream}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn posted_chats_are_joined_and_an_export_of_them_is_the_same_run() {
    let app = TestApp::new().await;
    let acme = app.tenant("acme").await;
    let first = r#"{"agent":"a","input":{"messages":[{"role":"user","content":"hi"}]},
        "output":{"role":"assistant","content":"hello"}}"#;
    let second = r#"{"agent":"a","input":{"messages":[{"role":"user","content":"hi"},
        {"role":"assistant","content":"hello"},{"role":"user","content":"late"}]},"output":null,
        "error":{"code":"timeout","message":"too slow"}}"#;
    let (mut runs, mut exported) = (Vec::new(), Vec::new());
    for text in [first, second] {
        let accepted = app.post_json("/v1/runs", &acme.key, text).await.json();
        let id = accepted["runs"][0]["id"].as_str().unwrap();
        let run = app.get(&format!("/v1/_/runs/{id}"), &acme.key).await;
        runs.push(run.json());
        exported.push(run.text().to_owned());
    }
    assert_eq!(runs[0]["conversation_id"], runs[0]["id"]);
    assert_eq!(runs[1]["conversation_id"], runs[0]["id"]);
    let exported = format!("[{}]", exported.join(","));
    let again = app.post_json("/v1/runs", &acme.key, exported).await;
    assert_eq!(again.json()["accepted"], 2, "{}", again.text());
    let listed = app.get("/v1/_/runs", &acme.key).await.json();
    assert_eq!(listed["count"], 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_page_tells_of_a_conversation_once_there_are_several_turns() {
    let app = TestApp::new().await;
    let acme = app.tenant("acme").await;
    let user = |text: &str| json!({ "role": "user", "content": text });
    let said = json!({ "role": "assistant", "content": "Hello" });
    let run = |messages: Value| {
        json!({ "agent": "a", "input": { "messages": messages }, "output": said }).to_string()
    };
    let first = app.store_run(&acme.key, &run(json!([user("Hi")]))).await;
    let alone = app.store_run(&acme.key, &run(json!([user("Ho")]))).await;
    app.store_run(&acme.key, &run(json!([user("Hi"), said, user("How?")]))).await;
    let cookie = app.sign_in(&acme.org, "ada@acme.example", Role::Owner).await;
    let page = async |id: &str| {
        let path = format!("/acme/agents/a/runs/{id}");
        let headers = [("cookie", cookie.as_str())];
        app.send(request(Method::GET, &path, &headers, "")).await.text().to_owned()
    };
    assert!(page(&first).await.contains("Conversation (2 runs)"));
    let alone_page = page(&alone).await;
    assert!(alone_page.contains(&alone) && !alone_page.contains(">Conversation"), "{alone_page}");
}
