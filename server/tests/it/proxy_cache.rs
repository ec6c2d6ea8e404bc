//! Answers of the recording proxy that are given again.

use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::proxy::{proxying, run_of};
use crate::stub::events;
use crate::support::{Answer, Tenant, TestApp, request};

const CHAT: &str = "/v1/chat/completions";

async fn ask(app: &TestApp, tenant: &Tenant, more: Value) -> Answer {
    let mut body = json!({
        "agent_id": "a", "model": "gpt-4o-mini", "temperature": 0,
        "messages": [{"role": "user", "content": "Hi"}],
    });
    body.as_object_mut().unwrap().append(&mut more.as_object().unwrap().clone());
    let answer = app.post_json(CHAT, &tenant.key, body.to_string()).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    answer
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_question_is_asked_once() {
    let (app, stub, acme) = proxying().await;
    let first = ask(&app, &acme, json!({"user": "u1"})).await;
    assert_eq!(first.header("x-runs-cache"), "miss");
    let more = json!({"user": "u2", "metadata": {"caller": "second"}});
    let second = ask(&app, &acme, more).await;
    assert_eq!(second.header("x-runs-cache"), "hit");
    assert_eq!(stub.seen().len(), 1);
    assert_eq!(second.json()["id"], "chatcmpl-1");
    assert_eq!(second.json()["cost_usd"], 0.0);
    assert_eq!(second.json()["choices"][0]["url"], second.header("x-runs-url"));
    assert_ne!(first.header("x-runs-id"), second.header("x-runs-id"));

    let run = run_of(&app, &acme, &second).await;
    assert_eq!(run["cached_from"], first.header("x-runs-id"));
    assert_eq!((&run["cost_usd"], &run["metadata"]["caller"]), (&json!(0.0), &json!("second")));
    assert_eq!(run["output"], json!({"role": "assistant", "content": "Grüße"}));
    assert_eq!(run["completions"], json!([]));
    let list = app.get("/v1/_/agents/a/runs?q=cached:true", &acme.key).await.json();
    assert_eq!(list["count"], 1, "{list}");
    let asked = run_of(&app, &acme, &first).await;
    let agent = app.get("/v1/_/agents/a", &acme.key).await.json();
    assert_eq!((&agent["cached_run_count"], &agent["saved_usd"]), (&json!(1), &asked["cost_usd"]));
    assert!(agent["saved_ms"].as_f64().is_some_and(|saved| saved >= 0.0), "{agent}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_cache_answers_only_when_it_may() {
    let (app, stub, acme) = proxying().await;
    let outcome = async |more: Value| {
        let answer = ask(&app, &acme, more).await;
        (answer.header("x-runs-cache").to_owned(), answer.header("x-runs-cache-reason").to_owned())
    };
    let bypass = |reason: &str| ("bypass".to_owned(), reason.to_owned());
    let miss = ("miss".to_owned(), "no stored answer".to_owned());
    assert_eq!(outcome(json!({})).await, miss);
    assert_eq!(outcome(json!({"use_cache": "never"})).await, bypass("use_cache is never"));
    assert_eq!(outcome(json!({"temperature": 0.5})).await, bypass("the temperature is not 0"));
    let tools = json!([{"type": "function", "function": {"name": "f"}}]);
    assert_eq!(outcome(json!({"tools": tools})).await, bypass("the request has tools"));
    assert_eq!(outcome(json!({"seed": 1})).await, miss);
    assert_eq!(outcome(json!({"agent_id": "b"})).await, miss);
    assert_eq!(stub.seen().len(), 6);
    let insisting = json!({"temperature": 0.5, "use_cache": "always"});
    let (cache, _) = outcome(insisting).await;
    assert_eq!((cache.as_str(), stub.seen().len()), ("hit", 6));

    let headers = [("x-api-key", acme.key.as_str()), ("x-runs-cache-max-age", "0")];
    let body = r#"{"agent_id":"a","model":"gpt-4o-mini","temperature":0,"messages":[{"role":"user","content":"Hi"}]}"#;
    let answer = app.send(request(Method::POST, CHAT, &headers, body)).await;
    assert_eq!(answer.header("x-runs-cache-reason"), "the stored answer is too old");
}

#[tokio::test(flavor = "multi_thread")]
async fn failures_and_halves_are_asked_again() {
    let (app, stub, acme) = proxying().await;
    for model in ["429", "half", "error in a 200", "ends early"] {
        for _ in 0..2 {
            let body = json!({
                "agent_id": "a", "model": model, "use_cache": "always",
                "stream": model == "ends early", "messages": [],
            });
            let answer = app.post_json(CHAT, &acme.key, body.to_string()).await;
            assert_eq!(answer.header("x-runs-cache"), "miss", "{model}");
        }
    }
    assert_eq!(stub.seen().len(), 8);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_is_given_in_either_form() {
    let (app, stub, acme) = proxying().await;
    ask(&app, &acme, json!({})).await;
    let counted = json!({"stream": true, "stream_options": {"include_usage": true}});
    let stream = ask(&app, &acme, counted).await;
    assert_eq!(stream.header("content-type"), "text/event-stream; charset=utf-8");
    assert!(stream.text().contains("Gr\\u00fc\\u00dfe"), "{}", stream.text());
    assert!(stream.text().contains("\"prompt_tokens\": 1000"));
    assert!(stream.text().ends_with("data: [DONE]\n\n"));
    assert!(stream.text().contains(stream.header("x-runs-url")));

    let other = json!({"messages": [{"role": "user", "content": "Ho"}]});
    let mut streaming = other.clone();
    streaming["stream"] = json!(true);
    ask(&app, &acme, streaming.clone()).await;
    let whole = ask(&app, &acme, other).await;
    assert_eq!(whole.json()["choices"][0]["message"]["content"], "Grüße");
    assert_eq!(whole.json()["usage"]["prompt_tokens"], 1000);
    let again = ask(&app, &acme, streaming).await;
    assert_eq!(stub.seen().len(), 2);
    // This client asked for no usage.
    assert_eq!(again.text().matches("\n\n").count(), events().len() - 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn identical_requests_at_once_make_one_call() {
    let (app, stub, acme) = proxying().await;
    let one = || ask(&app, &acme, json!({"model": "slow"}));
    let answers = futures::future::join_all((0..20).map(|_| one())).await;
    let hits = answers.iter().filter(|answer| answer.header("x-runs-cache") == "hit").count();
    assert_eq!((hits, stub.seen().len()), (19, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_agent_takes_its_answers_along() {
    let (app, stub, acme) = proxying().await;
    ask(&app, &acme, json!({})).await;
    let path = "/v1/_/agents/a";
    let deleted = app.call(Method::DELETE, path, &acme.key).await;
    assert_eq!(deleted.status, StatusCode::OK, "{}", deleted.text());
    assert_eq!(ask(&app, &acme, json!({})).await.header("x-runs-cache"), "miss");
    assert_eq!(stub.seen().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_are_found_by_another_process() {
    let (app, _, acme) = proxying().await;
    ask(&app, &acme, json!({})).await;
    let fresh = app.restarted();
    loop {
        let answer = ask(&fresh, &acme, json!({})).await;
        if answer.header("x-runs-cache") == "hit" {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    let other = app.tenant("other").await;
    assert_eq!(ask(&app, &other, json!({})).await.header("x-runs-cache"), "miss");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_store_does_not_hold_a_request_up() {
    let (app, stub, acme) = proxying().await;
    let hasty = app.with_cache_patience(std::time::Duration::ZERO);
    let answer = ask(&hasty, &acme, json!({})).await;
    assert_eq!(answer.header("x-runs-cache"), "bypass");
    assert_eq!(answer.header("x-runs-cache-reason"), "the cache does not answer in time");
    // What was just answered needs no look at the store.
    assert_eq!(ask(&hasty, &acme, json!({})).await.header("x-runs-cache"), "hit");
    assert_eq!(stub.seen().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn features_and_queries_tell_requests_apart() {
    let (app, stub, acme) = proxying().await;
    let body = r#"{"model":"m","temperature":0,"messages":[]}"#;
    let cache = async |query: &str, beta: &str| {
        let key = ("x-api-key", acme.key.as_str());
        let headers = [key, ("openai-beta", beta)];
        let headers = if beta.is_empty() { &headers[..1] } else { &headers[..] };
        let answer =
            app.send(request(Method::POST, &format!("{CHAT}{query}"), headers, body)).await;
        answer.header("x-runs-cache").to_owned()
    };
    for (query, beta) in
        [("", ""), ("?api-version=1", ""), ("?api-version=2", ""), ("", "a"), ("", "b")]
    {
        assert_eq!(cache(query, beta).await, "miss", "{query} {beta}");
        assert_eq!(cache(query, beta).await, "hit", "{query} {beta}");
    }
    assert_eq!(stub.seen().len(), 5);
}
