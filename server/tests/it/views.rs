//! Views over REST.

use http::{Method, StatusCode};
use model::{Role, Scope};
use serde_json::{Value, json};

use crate::support::{Answer, TestApp, request};

async fn call(app: &TestApp, method: Method, path: &str, cookie: &str, body: Value) -> Answer {
    let headers = [
        ("cookie", cookie),
        ("content-type", "application/json"),
        ("origin", crate::support::ORIGIN),
    ];
    app.send(request(method, path, &headers, body.to_string())).await
}

#[tokio::test(flavor = "multi_thread")]
async fn viewers_keep_their_own_and_members_share() {
    let app = TestApp::new().await;
    let acme = app.tenant("acme").await;
    app.store_run(&acme.key, r#"{"agent":"a","output":1}"#).await;
    let viewer = app.sign_in(&acme.org, "v@acme.example", Role::Viewer).await;
    let member = app.sign_in(&acme.org, "m@acme.example", Role::Member).await;
    let path = "/v1/acme/views";
    let view = json!({ "name": "slow", "agent": "a", "q": "latency:>2s", "sort": "-latency",
                       "columns": "time,latency:90", "live": true });
    let own = call(&app, Method::POST, path, &viewer, view.clone()).await;
    assert_eq!(own.status, StatusCode::OK, "{}", own.text());
    assert_eq!(
        (&own.json()["own"], &own.json()["columns"]),
        (&json!(true), &json!("time,latency:90"))
    );
    let shared = json!({ "name": "for all", "q": "", "shared": true, "default": true });
    let refused = call(&app, Method::POST, path, &viewer, shared.clone()).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let shared = call(&app, Method::POST, path, &member, shared).await.json();
    let count = async |cookie: &str, path: &str| {
        call(&app, Method::GET, path, cookie, Value::Null).await.json()["count"].clone()
    };
    assert_eq!(count(&viewer, path).await, 2);
    assert_eq!(count(&member, path).await, 1);
    assert_eq!(count(&viewer, "/v1/acme/views?agent=a").await, 1);
    let one = format!("{path}/{}", shared["id"].as_str().unwrap());
    let not_his = call(&app, Method::DELETE, &one, &viewer, Value::Null).await;
    assert_eq!(not_his.status, StatusCode::FORBIDDEN, "{}", not_his.text());
    let mut renamed = view;
    renamed["id"] = own.json()["id"].clone();
    renamed["name"] = json!("slower");
    let renamed = call(&app, Method::POST, path, &viewer, renamed).await.json();
    assert_eq!((&renamed["id"], &renamed["name"]), (&own.json()["id"], &json!("slower")));
    assert_eq!(call(&app, Method::DELETE, &one, &member, Value::Null).await.status, StatusCode::OK);
    assert_eq!(count(&viewer, path).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_read_shared_views_and_admin_keys_keep_them() {
    let app = TestApp::new().await;
    let acme = app.tenant("acme").await;
    let reader = app.key(&acme.org, &[Scope::Read]).await;
    let shared = json!({ "name": "x", "shared": true }).to_string();
    let own = json!({ "name": "x" }).to_string();
    assert_eq!(
        app.post_json("/v1/_/views", &reader, shared.clone()).await.status,
        StatusCode::FORBIDDEN
    );
    let answer = app.post_json("/v1/_/views", &acme.key, own).await;
    assert_eq!(answer.json()["error"]["details"]["field"], "shared", "{}", answer.text());
    let kept = app.post_json("/v1/_/views", &acme.key, shared.clone()).await;
    assert_eq!(kept.status, StatusCode::OK, "{}", kept.text());
    let twice = app.post_json("/v1/_/views", &acme.key, shared).await;
    assert_eq!((twice.status, twice.code().as_str()), (StatusCode::CONFLICT, "already_exists"));
    assert_eq!(app.get("/v1/_/views", &reader).await.json()["items"][0]["name"], "x");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_kept_is_named_and_others_keep_out() {
    let app = TestApp::new().await;
    let (acme, beta) = (app.tenant("acme").await, app.tenant("beta").await);
    for (change, field) in [
        (json!({ "name": "" }), "name"),
        (json!({ "q": "latency:>soon" }), "q"),
        (json!({ "sort": "size" }), "sort"),
        (json!({ "columns": "colour" }), "columns"),
    ] {
        let mut view = json!({ "name": "x", "shared": true });
        view.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let answer = app.post_json("/v1/_/views", &acme.key, view.to_string()).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{view}");
        assert_eq!(answer.json()["error"]["details"]["field"], field, "{}", answer.text());
    }
    let unknown = json!({ "name": "x", "shared": true, "colour": 1 }).to_string();
    assert_eq!(
        app.post_json("/v1/_/views", &acme.key, unknown).await.status,
        StatusCode::BAD_REQUEST
    );
    let nowhere = json!({ "name": "x", "shared": true, "agent": "nobody" }).to_string();
    assert_eq!(
        app.post_json("/v1/_/views", &acme.key, nowhere).await.status,
        StatusCode::NOT_FOUND
    );

    let view = json!({ "name": "x", "shared": true }).to_string();
    let kept = app.post_json("/v1/_/views", &acme.key, view.clone()).await.json();
    let id = kept["id"].as_str().unwrap();
    assert_eq!(app.get("/v1/acme/views", &beta.key).await.status, StatusCode::NOT_FOUND);
    assert_eq!(
        app.post_json("/v1/acme/views", &beta.key, view).await.status,
        StatusCode::NOT_FOUND
    );
    for path in
        [format!("/v1/acme/views/{id}"), format!("/v1/_/views/{id}"), "/v1/_/views/x".to_owned()]
    {
        let answer = app.call(Method::DELETE, &path, &beta.key).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
    }
    let taken = json!({ "id": id, "name": "y", "shared": true }).to_string();
    assert_eq!(app.post_json("/v1/_/views", &beta.key, taken).await.status, StatusCode::NOT_FOUND);
    assert_eq!(app.get("/v1/_/views", &acme.key).await.json()["items"][0]["name"], "x");
}
