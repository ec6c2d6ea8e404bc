//! New runs as server-sent events.

use std::time::Duration;

use axum::body::{Body, BodyDataStream};
use futures::StreamExt;
use http::{Method, StatusCode};
use model::Scope;
use serde_json::{Value, json};

use crate::support::{ORIGIN, Tenant, TestApp, request};

/// Longer than anything here takes; only a failure waits for it.
const PATIENCE: Duration = Duration::from_secs(20);

/// An open stream and what of it was not read yet.
struct Events {
    body: BodyDataStream,
    text: String,
}

#[derive(Debug)]
struct Event {
    id: String,
    data: Option<Value>,
}

impl Events {
    async fn open(app: &TestApp, path: &str, key: &str, last: Option<&str>) -> Self {
        let mut headers = vec![("x-api-key", key)];
        headers.extend(last.map(|id| ("last-event-id", id)));
        let response = app.open(request(Method::GET, path, &headers, Body::empty())).await;
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Self { body: response.into_body().into_data_stream(), text: String::new() }
    }

    /// The next event; `None` at the end of the stream.
    async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some((event, rest)) = self.text.split_once("\n\n") {
                let field = |name: &str| {
                    let lines = event.lines().filter_map(|line| line.strip_prefix(name));
                    lines.map(|value| value.trim_start().to_owned()).next()
                };
                let event = Event {
                    id: field("id:").unwrap_or_default(),
                    data: field("data:").map(|data| serde_json::from_str(&data).unwrap()),
                };
                self.text = rest.to_owned();
                if event.id.is_empty() {
                    continue;
                }
                return Some(event);
            }
            let chunk = tokio::time::timeout(PATIENCE, self.body.next()).await.unwrap()?;
            self.text.push_str(std::str::from_utf8(&chunk.unwrap()).unwrap());
        }
    }

    /// The next run that is told of, as `n` of its input says, and the event's id.
    async fn run(&mut self) -> (String, String) {
        loop {
            let event = self.next().await.unwrap();
            if let Some(data) = event.data {
                return (data["output_preview"].as_str().unwrap().to_owned(), event.id);
            }
        }
    }
}

async fn put(app: &TestApp, tenant: &Tenant, agent: &str, text: &str) -> String {
    let run = json!({ "agent": agent, "input": { "n": 1 }, "output": text });
    app.store_run(&tenant.key, &run.to_string()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn runs_are_told_as_they_arrive_and_only_those_that_match() {
    let app = TestApp::new().await;
    let acme = app.tenant("acme").await;
    put(&app, &acme, "a", "before").await;
    let mut all = Events::open(&app, "/v1/_/runs/live", &acme.key, None).await;
    let mut some = Events::open(&app, "/v1/acme/agents/a/runs/live?q=fog", &acme.key, None).await;
    // Where a stream begins is told at once.
    assert!(all.next().await.unwrap().data.is_none());
    assert!(some.next().await.unwrap().data.is_none());
    put(&app, &acme, "a", "sunshine").await;
    put(&app, &acme, "other", "fog at sea").await;
    let id = put(&app, &acme, "a", "fog ashore").await;
    let told = some.next().await.unwrap().data.unwrap();
    assert_eq!(told["id"], id);
    assert_eq!(told["url"], format!("{ORIGIN}/acme/agents/a/runs/{id}"));
    assert!(told.get("input").is_none() && told.get("completions").is_none());
    for text in ["sunshine", "fog at sea", "fog ashore"] {
        assert_eq!(all.run().await.0, text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_goes_on_where_it_was_lost() {
    let app = TestApp::new().await;
    let acme = app.tenant("acme").await;
    put(&app, &acme, "a", "before").await;
    let path = "/v1/_/agents/a/runs/live";
    let mut events = Events::open(&app, path, &acme.key, None).await;
    let beginning = events.next().await.unwrap().id;
    put(&app, &acme, "a", "one").await;
    let (text, first) = events.run().await;
    assert_eq!(text, "one");
    drop(events);
    put(&app, &acme, "a", "two").await;
    put(&app, &acme, "a", "three").await;
    let mut resumed = Events::open(&app, path, &acme.key, Some(&first)).await;
    assert_eq!(resumed.run().await.0, "two");
    assert_eq!(resumed.run().await.0, "three");
    put(&app, &acme, "a", "four").await;
    assert_eq!(resumed.run().await.0, "four");
    // As a parameter, for those who cannot send a header.
    let after = format!("{path}?after={beginning}");
    let mut whole = Events::open(&app, &after, &acme.key, None).await;
    for text in ["one", "two", "three", "four"] {
        assert_eq!(whole.run().await.0, text);
    }
    // A header says more than the address.
    let mut header = Events::open(&app, &after, &acme.key, Some(&first)).await;
    assert_eq!(header.run().await.0, "two");
}

#[tokio::test(flavor = "multi_thread")]
async fn runs_that_arrive_together_can_be_told_by_their_ids() {
    let app = TestApp::new().await;
    let acme = app.tenant("acme").await;
    put(&app, &acme, "a", "before").await;
    let path = "/v1/_/agents/a/runs/live?view=ids";
    let mut events = Events::open(&app, path, &acme.key, None).await;
    events.next().await.unwrap();
    let runs: Vec<_> = (0..120).map(|n| json!({ "agent": "a", "input": { "n": n } })).collect();
    app.post_json("/v1/runs", &acme.key, Value::from(runs).to_string()).await;
    let told = events.next().await.unwrap().data.unwrap();
    assert_eq!(told["count"], 120);
    assert_eq!(told["ids"].as_array().unwrap().len(), 100);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_ends_with_its_agent_its_key_and_the_server() {
    let app = TestApp::new().await;
    let acme = app.tenant("acme").await;
    put(&app, &acme, "a", "before").await;
    put(&app, &acme, "b", "before").await;
    let mut deleted = Events::open(&app, "/v1/_/agents/a/runs/live", &acme.key, None).await;
    deleted.next().await.unwrap();
    app.call(Method::DELETE, "/v1/_/agents/a", &acme.key).await;
    put(&app, &acme, "b", "wakes the readers").await;
    assert!(deleted.next().await.is_none());

    let mut stopped = Events::open(&app, "/v1/_/agents/b/runs/live", &acme.key, None).await;
    stopped.next().await.unwrap();
    assert_eq!(app.state.live.open_streams(), 1);
    drop(deleted);
    app.ending.closing.cancel();
    assert!(stopped.next().await.is_none());
    drop(stopped);
    assert_eq!(app.state.live.open_streams(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn streams_are_for_those_who_may_read() {
    let app = TestApp::new().await;
    let (acme, other) = (app.tenant("acme").await, app.tenant("other").await);
    put(&app, &acme, "a", "secret").await;
    let writer = app.key(&acme.org, &[Scope::Ingest]).await;
    let status = async |path: &str, key: &str| {
        let headers = [("x-api-key", key)];
        app.open(request(Method::GET, path, &headers, Body::empty())).await.status()
    };
    let path = "/v1/acme/agents/a/runs/live";
    assert_eq!(status(path, &writer).await, StatusCode::FORBIDDEN);
    assert_eq!(status(path, &other.key).await, StatusCode::NOT_FOUND);
    assert_eq!(status("/v1/_/agents/a/runs/live", &other.key).await, StatusCode::NOT_FOUND);
    assert_eq!(status("/v1/_/runs/live?q=nosuchfield:1", &acme.key).await, StatusCode::BAD_REQUEST);
    assert_eq!(status("/v1/_/runs/live?after=x", &acme.key).await, StatusCode::BAD_REQUEST);
    assert_eq!(status("/v1/_/runs/live?view=all", &acme.key).await, StatusCode::BAD_REQUEST);

    let mut stranger = Events::open(&app, "/v1/_/runs/live", &other.key, None).await;
    stranger.next().await.unwrap();
    put(&app, &acme, "a", "secret").await;
    put(&app, &other, "a", "own").await;
    assert_eq!(stranger.run().await.0, "own");
}
