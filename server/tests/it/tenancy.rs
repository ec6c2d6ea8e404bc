//! What belongs to another organization is not found, in the very same words
//! as what does not exist.

use http::{Method, StatusCode};
use model::{Role, Scope};

use crate::support::{Answer, TestApp, request};

/// Every call with an organization in its path.
fn calls(org: &str, agent: &str, run: &str) -> Vec<(Method, String)> {
    let of_agent = format!("/v1/{org}/agents/{agent}");
    vec![
        (Method::GET, of_agent.clone()),
        (Method::DELETE, of_agent.clone()),
        (Method::GET, format!("{of_agent}/runs")),
        (Method::GET, format!("{of_agent}/runs?q=secret")),
        (Method::POST, format!("{of_agent}/runs/search")),
        (Method::GET, format!("{of_agent}/runs/stats")),
        (Method::GET, format!("{of_agent}/runs/export")),
        (Method::GET, format!("{of_agent}/runs/{run}")),
        (Method::GET, format!("{of_agent}/runs/{run}/completions")),
        (Method::GET, format!("/v1/{org}/runs/{run}")),
        (Method::GET, format!("/v1/{org}/runs/{run}/completions")),
    ]
}

fn told(answer: &Answer) -> (StatusCode, &str) {
    (answer.status, answer.text())
}

#[tokio::test(flavor = "multi_thread")]
async fn others_things_are_not_found() {
    let app = TestApp::new().await;
    let (acme, beta) = (app.tenant("acme").await, app.tenant("beta").await);
    let member = app.sign_in(&beta.org, "b@beta.example", Role::Owner).await;
    let run = app.store_run(&acme.key, r#"{"agent":"mine","output":"secret"}"#).await;
    let missing = "0195dd7a-6977-7197-7ec3-4fc44ade50dc";

    let by_key = async |method: &Method, path: &str| {
        let headers = [("x-api-key", beta.key.as_str()), ("content-type", "application/json")];
        app.send(request(method.clone(), path, &headers, "{}")).await
    };
    let by_cookie = async |method: &Method, path: &str| {
        let headers = [("cookie", member.as_str()), ("content-type", "application/json")];
        app.send(request(method.clone(), path, &headers, "{}")).await
    };
    let nothing = by_key(&Method::GET, "/v1/beta/agents/none").await;
    assert_eq!(nothing.status, StatusCode::NOT_FOUND);
    // In the other's name, in one's own with the other's ids, and in nobody's.
    for (org, id) in
        [("acme", run.as_str()), ("acme", missing), ("beta", run.as_str()), ("nobody", missing)]
    {
        for (method, path) in calls(org, "mine", id) {
            assert_eq!(told(&by_key(&method, &path).await), told(&nothing), "{method} {path}");
            assert_eq!(told(&by_cookie(&method, &path).await), told(&nothing), "{method} {path}");
        }
    }
    for org in ["acme", "nobody"] {
        for path in [
            format!("/v1/{org}/agents"),
            format!("/v1/{org}/runs"),
            format!("/v1/{org}/runs/stats"),
            format!("/v1/{org}/runs/export"),
            format!("/v1/{org}/views"),
            format!("/v1/{org}/exports/x"),
        ] {
            assert_eq!(told(&by_key(&Method::GET, &path).await), told(&nothing), "{path}");
        }
        let path = format!("/v1/{org}/runs/search");
        assert_eq!(told(&by_key(&Method::POST, &path).await), told(&nothing), "{path}");
    }
    for path in ["/v1/beta/runs", "/v1/_/runs?q=secret"] {
        assert_eq!(by_key(&Method::GET, path).await.json()["count"], 0, "{path}");
    }
    let own = app.get(&format!("/v1/acme/runs/{run}"), &acme.key).await;
    assert_eq!(own.status, StatusCode::OK, "the run must still be there");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_of_others_can_be_used_and_tells_nothing() {
    let app = TestApp::new().await;
    let (acme, beta) = (app.tenant("acme").await, app.tenant("beta").await);
    let id = "0195dd7a-6977-7197-7ec3-4fc44ade50dc";
    let run = |output: &str| format!(r#"{{"id":"{id}","agent":"a","output":"{output}"}}"#);
    assert_eq!(app.store_run(&acme.key, &run("of acme")).await, id);
    assert_eq!(app.store_run(&beta.key, &run("of beta")).await, id);
    for (key, output) in [(&acme.key, "of acme"), (&beta.key, "of beta")] {
        assert_eq!(app.get(&format!("/v1/_/runs/{id}"), key).await.json()["output"], output);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn roles_decide_within_ones_own_organization() {
    let app = TestApp::new().await;
    let acme = app.tenant("acme").await;
    app.store_run(&acme.key, r#"{"agent":"mine","output":1}"#).await;
    let viewer = app.sign_in(&acme.org, "v@acme.example", Role::Viewer).await;
    let admin = app.sign_in(&acme.org, "a@acme.example", Role::Admin).await;
    let call = async |method: Method, path: &str, cookie: &str| {
        app.send(request(method, path, &[("cookie", cookie)], "")).await.status
    };
    assert_eq!(call(Method::GET, "/v1/acme/agents/mine/runs", &viewer).await, StatusCode::OK);
    assert_eq!(call(Method::DELETE, "/v1/acme/agents/mine", &viewer).await, StatusCode::FORBIDDEN);
    assert_eq!(call(Method::DELETE, "/v1/acme/agents/mine", &admin).await, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lacking_scope_is_told_only_about_ones_own() {
    let app = TestApp::new().await;
    let (acme, _beta) = (app.tenant("acme").await, app.tenant("beta").await);
    let key = app.key(&acme.org, &[Scope::Ingest]).await;
    assert_eq!(app.get("/v1/acme/agents", &key).await.status, StatusCode::FORBIDDEN);
    assert_eq!(app.get("/v1/beta/agents", &key).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_names_the_organization() {
    let app = TestApp::new().await;
    let acme = app.tenant("acme").await;
    app.store_run(&acme.key, r#"{"agent":"x","input":{},"output":"y"}"#).await;
    let owner = app.sign_in(&acme.org, "o@acme.example", Role::Owner).await;
    let call = async |method: Method, path: &str| {
        app.send(request(method, path, &[("cookie", &owner)], "")).await.status
    };
    assert_eq!(call(Method::GET, "/v1/_/agents").await, StatusCode::NOT_FOUND);
    assert_eq!(call(Method::DELETE, "/v1/_/agents/x").await, StatusCode::NOT_FOUND);
    assert_eq!(call(Method::GET, "/v1/acme/agents/x").await, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn members_review_runs() {
    let app = TestApp::new().await;
    let acme = app.tenant("acme").await;
    let id = app.store_run(&acme.key, r#"{"agent":"x","input":{},"output":"y"}"#).await;
    let member = app.sign_in(&acme.org, "m@acme.example", Role::Member).await;
    let viewer = app.sign_in(&acme.org, "v@acme.example", Role::Viewer).await;
    let path = format!("/v1/acme/agents/x/runs/{id}/review");
    let review = async |path: &str, cookie: &str, body: &str| {
        let headers = [("cookie", cookie), ("content-type", "application/json")];
        app.send(request(Method::POST, path, &headers, body.to_owned())).await
    };
    let good = r#"{"outcome":"positive","comment":"Right."}"#;
    let kept = review(&path, &member, good).await;
    assert_eq!(kept.status, StatusCode::OK, "{}", kept.text());
    assert_eq!(kept.json()["reviewer"], "m@acme.example");
    let found = async |q: &str| {
        app.get(&format!("/v1/_/agents/x/runs?q={q}"), &acme.key).await.json()["count"].clone()
    };
    assert_eq!(found("review:positive").await, 1);
    let direct = format!("/v1/acme/runs/{id}/review");
    let bad = review(&direct, &member, r#"{"outcome":"negative"}"#).await;
    assert_eq!(bad.json()["outcome"], "negative");
    let counts = (found("review:positive").await, found("review:negative").await);
    assert_eq!(counts, (0.into(), 1.into()));
    let taken_back = review(&path, &member, r#"{"outcome":null}"#).await;
    assert_eq!(taken_back.json()["outcome"], serde_json::Value::Null);
    assert_eq!(found("review:any").await, 0);

    assert_eq!(review(&path, &viewer, good).await.status, StatusCode::FORBIDDEN);
    assert_eq!(app.post_json(&path, &acme.key, good).await.status, StatusCode::FORBIDDEN);
    assert_eq!(
        review(&path, &member, r#"{"outcome":"fine"}"#).await.status,
        StatusCode::BAD_REQUEST
    );
    assert!(review(&path, &member, "{}").await.status.is_client_error());
    let beta = app.tenant("beta").await;
    let stranger = app.sign_in(&beta.org, "s@beta.example", Role::Owner).await;
    for path in [path.clone(), format!("/v1/beta/runs/{id}/review")] {
        assert_eq!(review(&path, &stranger, good).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    let other = format!("/v1/acme/agents/z/runs/{id}/review");
    assert_eq!(review(&other, &member, good).await.status, StatusCode::NOT_FOUND);
}
