//! Many requests of one organization at the same moment, and what they hold when their
//! clients leave.

use std::time::Duration;

use axum::body::Body;
use futures::StreamExt;
use futures::future::join_all;
use http::{Method, StatusCode};
use rand::distr::{Alphanumeric, SampleString};
use serde_json::{Value, json};
use shares::{Held, Holder, Turn, Turns};
use tokio::task::JoinHandle;

use crate::proxy::{proxying, run_of};
use crate::support::{Answer, Tenant, TestApp, request};

const CHAT: &str = "/v1/chat/completions";
/// Far less than anything here waits for.
const SOON: Duration = Duration::from_secs(4);

fn templated(city: &str) -> String {
    json!({
        "model": "echo", "provider": "echo", "agent_id": "a", "input": {"city": city},
        "messages": [{"role": "user", "content": "{{ city }}"}],
    })
    .to_string()
}

/// Takes all places for organizations that nobody else has.
async fn occupied(turns: &Turns) -> Vec<Turn> {
    let total = turns.usage(0).total;
    let each = (0..total).map(|n| turns.turn(Holder::of_org(1_000_000 + n)));
    join_all(each).await.into_iter().map(Result::unwrap).collect()
}

fn send(app: &TestApp, path: &'static str, key: &str, body: String) -> JoinHandle<Answer> {
    let (app, key) = (app.clone(), key.to_owned());
    tokio::spawn(async move { app.post_json(path, &key, body).await })
}

async fn until(what: impl Fn() -> bool) {
    let waiting = async {
        while !what() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), waiting).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn chats_that_wait_for_templates_hold_up_nobody_when_their_clients_leave() {
    let app = TestApp::new().await;
    let (acme, beta) = (app.tenant("acme").await, app.tenant("beta").await);
    let limits = &app.state.limits;
    let held = occupied(&limits.templates).await;
    let mut crowd = Vec::new();
    // More than there are threads for work that blocks.
    for tenant in [&acme, &app.tenant("gamma").await, &app.tenant("delta").await] {
        let leavers = (0..250).map(|_| send(&app, CHAT, &tenant.key, templated("Rom")));
        crowd.extend(leavers.collect::<Vec<_>>());
        let org = tenant.org.id.0;
        until(|| limits.exchanges.usage(org).own == 250).await;
    }
    crowd.iter().for_each(JoinHandle::abort);
    let run = app.post_json("/v1/runs", &beta.key, r#"{"agent":"a","output":1}"#);
    let run = tokio::time::timeout(SOON, run).await.unwrap();
    assert_eq!(run.status, StatusCode::OK, "{}", run.text());
    until(|| limits.bodies.usage(acme.org.id.0).own == 0).await;
    assert_eq!(limits.exchanges.usage(acme.org.id.0).own, 0);
    drop(held);
    let answer = app.post_json(CHAT, &acme.key, templated("Rom")).await;
    assert!(answer.text().contains("Rom"), "{}", answer.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_its_share_of_templates_is_told_so_and_others_have_theirs() {
    let app = TestApp::new().await;
    let (acme, beta) = (app.tenant("acme").await, app.tenant("beta").await);
    let turns = &app.state.limits.templates;
    let holder = Holder { org: acme.org.id.0, key: 7 };
    let share = turns.usage(holder.org).limit;
    let held: Vec<_> = join_all((0..share).map(|_| turns.turn(holder))).await;
    let waiting: Vec<_> = (0..256)
        .map(|_| {
            let turns = turns.clone();
            tokio::spawn(async move { turns.turn(holder).await })
        })
        .collect();
    until(|| turns.wanted(holder.org) == share + 256).await;
    let refused = app.post_json(CHAT, &acme.key, templated("Rom")).await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS, "{}", refused.text());
    assert_eq!(refused.code(), "too_many_templates");
    assert!(refused.header("retry-after").parse::<u32>().unwrap() > 0);
    let other = app.post_json(CHAT, &beta.key, templated("Rom")).await;
    assert_eq!(other.status, StatusCode::OK, "{}", other.text());
    waiting.iter().for_each(JoinHandle::abort);
    drop(held);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_template_becomes_takes_memory_while_the_provider_thinks() {
    let (app, stub, acme) = proxying().await;
    let body = json!({
        "model": "silent", "input": {"x": "y"},
        "messages": [{"role": "user", "content": "{{ x * 1500000 }}"}],
    });
    let asked = send(&app, CHAT, &acme.key, body.to_string());
    until(|| !stub.seen().is_empty()).await;
    let used = app.state.limits.bodies.usage(acme.org.id.0).own;
    assert!(used > 1_500_000, "{used}");
    asked.abort();
    until(|| app.state.limits.bodies.usage(acme.org.id.0).own == 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_takes_its_memory_until_the_client_has_it() {
    let app = TestApp::new().await;
    let acme = app.tenant("acme").await;
    let chat = json!({
        "model": "echo", "provider": "echo", "temperature": 0,
        "messages": [{"role": "user", "content": "word ".repeat(40_000)}],
    });
    let headers = [("x-api-key", acme.key.as_str()), ("content-type", "application/json")];
    for cache in ["miss", "hit"] {
        let asked = request(Method::POST, CHAT, &headers, chat.to_string());
        let answer = app.open(asked).await;
        assert_eq!(
            (answer.status(), &answer.headers()["x-runs-cache"]),
            (StatusCode::OK, &cache.parse().unwrap())
        );
        let used = app.state.limits.answers.usage(acme.org.id.0).own;
        assert!(used > 200_000, "{cache}: {used}");
        drop(answer);
        assert_eq!(app.state.limits.answers.usage(acme.org.id.0).own, 0, "{cache}");
    }
}

/// Leaves memory for a first piece of an answer.
fn crowded(app: &TestApp, tenant: &Tenant) -> Held {
    let answers = &app.state.limits.answers;
    let (org, piece) = (tenant.org.id.0, 64 * 1024);
    let most = answers.usage(org).limit;
    answers.take_anyway(Holder { org, key: 7 }, most - piece - piece / 2)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_there_is_no_memory_for_passes_in_pieces() {
    let (app, _, acme) = proxying().await;
    let body = r#"{"model":"stalls in an event","stream":true,"messages":[]}"#;
    let whole = app.post_json(CHAT, &acme.key, body).await;
    assert!(whole.bytes.len() < 1_000, "half an event came: {}", whole.bytes.len());
    let _held = crowded(&app, &acme);
    let pieces = app.post_json(CHAT, &acme.key, body).await;
    assert!(pieces.bytes.len() > 300_000, "{}", pieces.bytes.len());
}

/// Such an answer is not waited for: its client has what came while it is still coming.
#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_there_is_no_memory_for_passes_in_pieces() {
    let (app, _, acme) = proxying().await;
    let _held = crowded(&app, &acme);
    let headers = [("x-api-key", acme.key.as_str()), ("content-type", "application/json")];
    let body = r#"{"model":"stalls as JSON","messages":[]}"#;
    let answer = app.open(request(Method::POST, CHAT, &headers, body)).await;
    assert_eq!(answer.status(), StatusCode::OK);
    let id = answer.headers()["x-runs-id"].to_str().unwrap().to_owned();
    let pieces: Vec<_> = answer.into_body().into_data_stream().collect().await;
    let (last, came) = pieces.split_last().unwrap();
    assert!(last.is_err(), "it does not break although the provider's answer does");
    let came: usize = came.iter().map(|piece| piece.as_ref().unwrap().len()).sum();
    assert!(came > 300_000, "{came}");
    let run = app.get(&format!("/v1/_/runs/{id}"), &acme.key).await.json();
    assert_eq!(run["error"]["code"], "upstream_timeout", "{}", run["error"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_keep_their_room_as_long_as_work_on_them_goes_on() {
    let app = TestApp::new().await;
    let acme = app.tenant("acme").await;
    let (limits, org) = (&app.state.limits, acme.org.id.0);
    let held = occupied(&limits.parsing).await;
    let traces = send(&app, "/v1/traces", &acme.key, r#"{"resourceSpans":[]}"#.to_owned());
    until(|| limits.parsing.wanted(org) == 1).await;
    traces.abort();
    assert!(traces.await.err().unwrap().is_cancelled());
    assert!(limits.bodies.usage(org).own > 0, "spans that wait have no room");
    drop(held);
    until(|| limits.bodies.usage(org).own == 0).await;

    let runs: Vec<Value> =
        (0..10_000).map(|n| json!({"agent": "a", "input": {"n": n}, "output": "x"})).collect();
    let runs = send(&app, "/v1/runs", &acme.key, Value::from(runs).to_string());
    until(|| limits.parsing.usage(org).own == 1).await;
    runs.abort();
    assert!(runs.await.err().unwrap().is_cancelled());
    assert_eq!(limits.parsing.usage(org).own, 1, "the work is done already; send more");
    assert!(limits.bodies.usage(org).own > 0, "runs that are being read have no room");
    until(|| limits.bodies.usage(org).own == 0).await;
}

/// However many come at the same moment: whoever was answered finds the run.
#[tokio::test(flavor = "multi_thread")]
async fn each_chat_that_was_answered_is_kept_or_no_provider_was_asked() {
    let (app, _, acme) = proxying().await;
    let beta = app.tenant("beta").await;
    let dir = tempfile::tempdir().unwrap();
    let options =
        spool::SpoolOptions { max_bytes: 1_000_000, ..spool::SpoolOptions::new(dir.path()) };
    let door = spool::Door::open(options, app.state.store.clone()).await.unwrap();
    let app = app.behind(door);
    let other = app.post_json("/v1/runs", &beta.key, r#"{"agent":"a","output":1}"#).await;
    assert_eq!(other.status, StatusCode::OK, "{}", other.text());
    let crowd = (0..100).map(|n| {
        let text = Alphanumeric.sample_string(&mut rand::rng(), 60_000);
        let body = json!({
            "model": "slow", "agent_id": "a", "metadata": {"n": n.to_string()},
            "messages": [{"role": "user", "content": text}],
        });
        send(&app, CHAT, &acme.key, body.to_string())
    });
    let answers: Vec<Answer> = join_all(crowd).await.into_iter().map(Result::unwrap).collect();
    let (kept, refused): (Vec<_>, Vec<_>) =
        answers.iter().partition(|answer| answer.status == StatusCode::OK);
    assert!(!kept.is_empty() && !refused.is_empty(), "{} kept", kept.len());
    for answer in refused {
        // The other's run may be stored by now, and then nobody is left to share with.
        let told = (answer.status.as_u16(), answer.code());
        assert!(
            matches!((told.0, told.1.as_str()), (429, "spool_share") | (503, "unavailable")),
            "{told:?}"
        );
    }
    for answer in kept {
        run_of(&app, &acme, answer).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn turns_for_templates_are_told() {
    let app = TestApp::new().await;
    let acme: Tenant = app.tenant("acme").await;
    let holder = Holder::of_org(acme.org.id.0);
    let _turn = app.state.limits.templates.turn(holder).await.unwrap();
    let metrics = app.send(request(Method::GET, "/metrics", &[], Body::empty())).await;
    let text = metrics.text();
    assert!(text.contains(r#"runs_limit_used{resource="templates"} 1"#), "{text}");
    assert!(text.contains(r#"runs_limit_total{resource="templates"} 4"#), "{text}");
    let told = app.state.limits.usage(&app.state.store, &app.state.door, acme.org.id);
    let told = told.iter().find(|limit| limit.what == "Message templates being rendered").unwrap();
    assert_eq!((told.own, told.limit), (1, 3));
}
