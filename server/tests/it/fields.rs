//! What searches can name, over REST.

use http::StatusCode;
use serde_json::{Value, json};

use crate::support::TestApp;

#[tokio::test(flavor = "multi_thread")]
async fn fields_come_with_operators_and_values() {
    let app = TestApp::new().await;
    let (acme, other) = (app.tenant("acme").await, app.tenant("other").await);
    let run = json!({ "agent": "a", "input": { "city": "Oslo" }, "output": "x",
        "metadata": { "user id": "u1" }, "version": { "model": "gpt-4o" } });
    app.store_run(&acme.key, &run.to_string()).await;
    let fields = async |path: &str| {
        let answer = app.get(path, &acme.key).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text());
        answer.json()
    };
    for path in ["/v1/_/agents/a/runs/search/fields", "/v1/_/runs/search/fields"] {
        let all = fields(path).await;
        assert_eq!((&all["sampled"], &all["runs"]), (&json!(false), &json!(1)));
        let field = |name: &str| -> Value {
            let fields = all["fields"].as_array().unwrap();
            fields.iter().find(|field| field["field"] == name).unwrap().clone()
        };
        assert_eq!(field("model")["suggestions"], json!([{ "value": "gpt-4o", "count": 1 }]));
        assert_eq!(field("model")["type"], "text");
        assert_eq!(field("input.city")["type"], "string");
        assert_eq!(field("metadata.\"user id\"")["field_name"], "metadata.user id");
    }
    let one = fields("/v1/_/agents/a/runs/search/fields?prefix=model:gpt").await;
    assert_eq!(one["fields"].as_array().unwrap().len(), 1);
    assert_eq!(
        fields("/v1/_/runs/search/fields?prefix=lat").await["fields"][0]["field"],
        "latency"
    );

    let strange = app.get("/v1/_/runs/search/fields", &other.key).await;
    assert!(!strange.text().contains("Oslo") && !strange.text().contains("gpt-4o"));
    let path = "/v1/_/agents/a/runs/search/fields";
    assert_eq!(app.get(path, &other.key).await.status, StatusCode::NOT_FOUND);
    let long = format!("{path}?prefix={}", "a".repeat(10_001));
    assert_eq!(app.get(&long, &acme.key).await.status, StatusCode::BAD_REQUEST);
}
