//! Deleting an agent of which spans and log records wait for others.

use std::fs;
use std::path::Path;

use http::{Method, StatusCode};
use model::Timestamp;
use serde_json::{Value, json};
use server::otlp::{Hold, Journal};

use crate::otlp::{content_record, span, traces, whole_span};
use crate::support::{TestApp, request};

const JSON: &str = "application/json";

/// A span that waits for its content, with a word of its agent's own.
fn waiting(id: u64, agent: &str) -> Value {
    let word = format!("word-of-{}", agent.to_lowercase());
    span(id, &json!({"gen_ai.agent.name": agent, "app.note": word}))
}

fn journal(dir: &Path) -> Journal {
    Journal::open(dir.to_owned(), Timestamp(1)).unwrap()
}

/// All that is kept of what waits.
fn kept(dir: &Path) -> String {
    let files = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    files.map(|path| fs::read_to_string(path).unwrap()).collect()
}

impl TestApp {
    async fn delete(&self, agent: &str, key: &str) -> Value {
        let path = format!("/v1/_/agents/{agent}");
        let answer = self.send(request(Method::DELETE, &path, &[("x-api-key", key)], "")).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        answer.json()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_does_not_come_back_with_what_waited() {
    let dir = tempfile::tempdir().unwrap();
    let app = TestApp::new().await.keeping(journal(dir.path()));
    let acme = app.tenant("acme").await;
    app.otlp("/v1/traces", &acme.key, JSON, traces(&[whole_span(1)])).await;
    app.wait_for_runs("greeter", &acme.key, 1).await;
    // Records of the first span, which are late, and of one that nobody knows yet.
    for id in [1, 3] {
        app.otlp("/v1/logs", &acme.key, JSON, content_record(id)).await;
    }
    let both = traces(&[waiting(2, "Greeter"), waiting(4, "Other")]);
    app.otlp("/v1/traces", &acme.key, JSON, both).await;
    assert!(kept(dir.path()).contains("word-of-greeter"));
    assert!(kept(dir.path()).contains("Late answer"));

    let deleted = app.delete("greeter", &acme.key).await;
    assert_eq!(deleted["deleted_runs"], 2);
    let left = kept(dir.path());
    assert!(!left.contains("word-of-greeter") && !left.contains("Late answer"), "{left}");
    assert!(left.contains("word-of-other"), "{left}");
    // It came in the same request and waits as long.
    app.wait_for_runs("other", &acme.key, 1).await;
    assert!(app.runs_of("greeter", &acme.key).await.is_empty());

    // What comes after belongs to a new agent of that name, the very same span too.
    app.otlp("/v1/traces", &acme.key, JSON, traces(&[whole_span(1)])).await;
    assert_eq!(app.wait_for_runs("greeter", &acme.key, 1).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn spans_that_wait_alone_can_be_deleted() {
    let app = TestApp::new().await;
    let acme = app.tenant("acme").await;
    app.otlp("/v1/traces", &acme.key, JSON, traces(&[waiting(1, "Greeter")])).await;
    app.otlp("/v1/traces", &acme.key, JSON, traces(&[waiting(2, "Other")])).await;
    assert_eq!(app.delete("greeter", &acme.key).await["deleted_runs"], 1);
    app.wait_for_runs("other", &acme.key, 1).await;
    assert!(app.runs_of("greeter", &acme.key).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_that_was_deleted_while_no_server_ran_does_not_come_back() {
    let dir = tempfile::tempdir().unwrap();
    let app = TestApp::new().await;
    let acme = app.tenant("acme").await;
    app.otlp("/v1/traces", &acme.key, JSON, traces(&[whole_span(1)])).await;
    app.wait_for_runs("greeter", &acme.key, 1).await;
    {
        let ended = app.keeping(journal(dir.path()));
        let both = traces(&[waiting(2, "Greeter"), waiting(4, "Other")]);
        ended.otlp("/v1/traces", &acme.key, JSON, both).await;
    }
    // Another process's memory of what waits is not reached.
    let copy = tempfile::tempdir().unwrap();
    for entry in fs::read_dir(dir.path()).unwrap().map(Result::unwrap) {
        fs::copy(entry.path(), copy.path().join(entry.file_name())).unwrap();
    }
    app.delete("greeter", &acme.key).await;
    let next = app.keeping(journal(copy.path()));
    Hold::take_on(&next.state).await.unwrap();
    let left = kept(copy.path());
    assert!(!left.contains("word-of-greeter") && left.contains("word-of-other"), "{left}");
    next.wait_for_runs("other", &acme.key, 1).await;
    assert!(next.runs_of("greeter", &acme.key).await.is_empty());
}
