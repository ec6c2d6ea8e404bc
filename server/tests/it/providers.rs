//! Providers that an organization sets up for itself.

use app::providers::NewProvider;
use http::{Method, StatusCode};
use model::Role;
use serde_json::{Value, json};
use upstream::{ProviderKind, SecretString};

use crate::proxy::{proxying, run_of};
use crate::stub::Stub;
use crate::support::{Answer, TestApp, request};

const KEY: &str = "sk-ant-very-secret";

fn anthropic(base_url: String, key: Option<&str>) -> NewProvider {
    NewProvider {
        name: "claude".to_owned(),
        kind: ProviderKind::Anthropic,
        base_url,
        key: key.map(SecretString::from),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_go_to_the_organization_s_own_provider() {
    let (app, default, acme) = proxying().await;
    let (own, address) = Stub::listen().await;
    let store = app.state.store.org(&acme.org);
    let new = anthropic(format!("http://{address}"), Some(KEY));
    app.state.providers.put(&store, new).await.unwrap();

    let body = r#"{"model":"a/claude-3-5-haiku-20241022","max_tokens":5,"messages":[]}"#;
    let answer = app.post_json("/v1/messages", &acme.key, body).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    assert_eq!(own.last().headers["x-api-key"], KEY);
    assert_eq!(own.last().headers["anthropic-version"], "2023-06-01");
    assert!(!own.last().headers.contains_key("authorization"));
    assert_eq!(run_of(&app, &acme, &answer).await["version"]["provider"], "claude");

    let chat = r#"{"model":"gpt-4o-mini","messages":[]}"#;
    app.post_json("/v1/chat/completions", &acme.key, chat).await;
    assert_eq!(default.seen().len(), 1);
    let named = r#"{"model":"gpt-4o-mini","provider":"claude","messages":[]}"#;
    app.post_json("/v1/chat/completions", &acme.key, named).await;
    assert_eq!((default.seen().len(), own.seen().len()), (1, 2));

    let other = app.tenant("other").await;
    let refused = app.post_json("/v1/chat/completions", &other.key, named).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    assert!(!refused.text().contains("claude-3"), "{}", refused.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_are_kept_encrypted_and_stay_with_their_host() {
    let (app, _, acme) = proxying().await;
    let (own, address) = Stub::listen().await;
    let store = app.state.store.org(&acme.org);
    let put = async |base_url: String, key| {
        app.state.providers.put(&store, anthropic(base_url, key)).await.unwrap();
        store.providers().await.unwrap().pop().unwrap()
    };
    let sealed = put(format!("http://{address}/v1"), Some(KEY)).await.sealed_key;
    assert!(!sealed.is_empty() && !sealed.contains("secret"));
    let kept = put(format!("http://{address}/other"), None).await;
    assert_eq!(kept.sealed_key, sealed);
    assert_eq!(put("https://elsewhere.example/v1".to_owned(), None).await.sealed_key, "");
    app.state.providers.remove(&store, "claude").await.unwrap();
    assert_eq!(store.providers().await.unwrap(), []);
    assert!(own.seen().is_empty());
}

async fn call(app: &TestApp, cookie: &str, path: &str, body: Value) -> Answer {
    let headers = [
        ("cookie", cookie),
        ("content-type", "application/json"),
        ("sec-fetch-site", "same-origin"),
    ];
    let path = format!("/api/settings/providers{path}");
    app.send(request(Method::POST, &path, &headers, body.to_string())).await
}

#[tokio::test(flavor = "multi_thread")]
async fn admins_alone_set_providers_up_and_nobody_sees_a_key() {
    let (app, _, acme) = proxying().await;
    let admin = app.sign_in(&acme.org, "ada@acme.example", Role::Admin).await;
    let member = app.sign_in(&acme.org, "bob@acme.example", Role::Member).await;
    let draft = |name: &str, url: &str| json!({"org": "acme", "draft": {"name": name, "kind": "openai", "base_url": url, "key": KEY}});
    let good = draft("mine", "https://llm.example/v1");
    let refused = call(&app, &member, "/put", good.clone()).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN, "{}", refused.text());
    let made = call(&app, &admin, "/put", good).await;
    assert_eq!(made.status, StatusCode::OK, "{}", made.text());
    for (wrong, field) in [
        (draft("", "https://llm.example/v1"), "name"),
        (draft("echo", "https://llm.example/v1"), "name"),
        (draft("x", "llm.example"), "base_url"),
        (draft("x", "https://me:pw@llm.example"), "base_url"),
    ] {
        let refused = call(&app, &admin, "/put", wrong).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{}", refused.text());
        assert!(refused.text().contains(field), "{}", refused.text());
    }
    let list = call(&app, &member, "", json!({"org": "acme"})).await;
    assert!(list.text().contains("https://llm.example/v1"), "{}", list.text());
    assert!(!list.text().contains("secret"), "{}", list.text());
    let headers = [("cookie", member.as_str())];
    let page = request(Method::GET, "/acme/settings/providers", &headers, "");
    let page = app.send(page).await;
    assert!(page.text().contains("llm.example"), "{}", page.text());
    assert!(!page.text().contains("secret"));
}
