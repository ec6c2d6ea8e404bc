//! Lists and searches over REST.

use http::StatusCode;
use serde_json::{Value, json};

use crate::support::{ORIGIN, Tenant, TestApp};

async fn with_runs() -> (TestApp, Tenant) {
    let app = TestApp::new().await;
    let acme = app.tenant("acme").await;
    let runs: Vec<_> = (0..5)
        .map(|i| {
            json!({ "agent": if i == 4 { "other" } else { "a" }, "input": { "n": i },
                    "output": { "text": format!("answer number {i}") },
                    "created_at": format!("2026-01-01T00:00:0{i}Z"),
                    "version": { "model": if i % 2 == 0 { "even" } else { "odd" } } })
        })
        .collect();
    let answer = app.post_json("/v1/runs", &acme.key, Value::from(runs).to_string()).await;
    assert_eq!(answer.json()["accepted"], 5, "{}", answer.text());
    (app, acme)
}

fn numbers(list: &Value) -> Vec<String> {
    let items = list["items"].as_array().unwrap();
    items.iter().map(|item| item["output_preview"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_are_newest_first_and_go_on_by_cursor() {
    let (app, acme) = with_runs().await;
    let mut path = "/v1/_/runs?limit=2".to_owned();
    let mut seen = Vec::new();
    for _ in 0..3 {
        let list = app.get(&path, &acme.key).await.json();
        assert_eq!((&list["count"], &list["count_is_exact"]), (&json!(5), &json!(true)));
        seen.extend(numbers(&list));
        match list["next_cursor"].as_str() {
            Some(cursor) => path = format!("/v1/_/runs?limit=2&cursor={cursor}"),
            None => break,
        }
    }
    let digits: Vec<_> = seen.iter().filter_map(|text| text.chars().last()).collect();
    assert_eq!(digits, ['4', '3', '2', '1', '0'], "{seen:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn searches_narrow_lists() {
    let (app, acme) = with_runs().await;
    let count = async |path: &str| {
        let answer = app.get(path, &acme.key).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text());
        answer.json()["count"].as_u64().unwrap()
    };
    assert_eq!(count("/v1/_/agents/a/runs").await, 4);
    assert_eq!(count("/v1/_/agents/a/runs?q=model:even").await, 2);
    assert_eq!(count("/v1/_/runs?q=model:even&count=exact").await, 3);
    assert_eq!(count("/v1/_/runs?q=answ").await, 5);
    assert_eq!(count("/v1/_/runs?q=answ%20").await, 0);
    assert_eq!(count("/v1/_/runs?q=input.n:%3E2").await, 2);
    let item = app.get("/v1/_/agents/other/runs", &acme.key).await.json()["items"][0].clone();
    let id = item["id"].as_str().unwrap();
    assert_eq!(item["url"], format!("{ORIGIN}/acme/agents/other/runs/{id}"));
    assert!(item.get("input").is_none() && item.get("completions").is_none(), "{item}");
}

#[tokio::test(flavor = "multi_thread")]
async fn searches_in_a_body_mean_the_same() {
    let (app, acme) = with_runs().await;
    let search = async |path: &str, body: Value| {
        let answer = app.post_json(path, &acme.key, body.to_string()).await;
        assert_eq!(answer.status, StatusCode::OK, "{body}: {}", answer.text());
        answer.json()["count"].as_u64().unwrap()
    };
    let path = "/v1/_/agents/a/runs/search";
    assert_eq!(search(path, json!({ "q": "model:even" })).await, 2);
    let greater = json!({ "field_name": "input.n", "operator": "greater than", "values": [0], "type": "number" });
    let even =
        json!({ "field_name": "model", "operator": "is", "values": ["even"], "type": "string" });
    assert_eq!(search(path, json!({ "field_queries": [greater, even] })).await, 1);
    assert_eq!(search("/v1/_/runs/search", json!({ "field_queries": [even] })).await, 3);
    let page = json!({ "limit": 2, "offset": 2 });
    let answer = app.post_json(path, &acme.key, page.to_string()).await.json();
    assert_eq!(answer["items"].as_array().unwrap().len(), 2);
    for body in [
        json!({ "limit": 2, "offset": 3 }),
        json!({ "nonsense": 1 }),
        json!({ "field_queries": [{ "field_name": "nonsense", "operator": "is", "values": [1] }] }),
    ] {
        let answer = app.post_json(path, &acme.key, body.to_string()).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{body}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_read_says_where() {
    let (app, acme) = with_runs().await;
    let answer = app.get("/v1/_/agents/a/runs?q=abc%20nosuchfield:1", &acme.key).await;
    assert_eq!((answer.status, answer.code().as_str()), (StatusCode::BAD_REQUEST, "invalid_query"));
    assert_eq!(answer.json()["error"]["details"]["position"], 4, "{}", answer.text());
    for (query, field) in [
        ("limit=0", "limit"),
        ("limit=1001", "limit"),
        ("cursor=x", "cursor"),
        ("count=all", "count"),
        ("sort=size", "sort"),
    ] {
        let answer = app.get(&format!("/v1/_/runs?{query}"), &acme.key).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{query}");
        assert_eq!(answer.json()["error"]["details"]["field"], field, "{}", answer.text());
    }
    let answer = app.get("/v1/_/runs?limit=many", &acme.key).await;
    assert_eq!(
        (answer.status, answer.code().as_str()),
        (StatusCode::BAD_REQUEST, "invalid_parameter")
    );
    assert_eq!(app.get("/v1/_/agents/nobody/runs", &acme.key).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn agents_tell_what_their_runs_add_up_to() {
    let (app, acme) = with_runs().await;
    let agents = app.get("/v1/acme/agents", &acme.key).await.json();
    let items = agents["items"].as_array().unwrap();
    let counts: Vec<_> = items.iter().map(|a| (&a["id"], &a["run_count"])).collect();
    assert_eq!(counts, [(&json!("other"), &json!(1)), (&json!("a"), &json!(4))]);
    let agent = app.get("/v1/acme/agents/A", &acme.key).await.json();
    assert_eq!(agent["run_count"], 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_are_sorted_and_go_on_in_their_order() {
    let app = TestApp::new().await;
    let acme = app.tenant("acme").await;
    let runs: Vec<_> = [Some(20.0), None, Some(5.0), Some(80.0)]
        .into_iter()
        .map(|ms| json!({ "agent": "a", "output": "x", "latency_ms": ms }))
        .collect();
    app.post_json("/v1/runs", &acme.key, Value::from(runs).to_string()).await;
    for (sort, order) in [
        ("latency", [json!(5.0), json!(20.0), json!(80.0), Value::Null]),
        ("-latency", [json!(80.0), json!(20.0), json!(5.0), Value::Null]),
    ] {
        let first = format!("/v1/_/agents/a/runs?limit=3&sort={sort}");
        let first = app.get(&first, &acme.key).await.json();
        let cursor = first["next_cursor"].as_str().unwrap();
        let body = json!({ "limit": 3, "sort": sort, "cursor": cursor });
        let path = "/v1/_/agents/a/runs/search";
        let rest = app.post_json(path, &acme.key, body.to_string()).await.json();
        let items = [first["items"].as_array().unwrap(), rest["items"].as_array().unwrap()];
        let seen: Vec<_> = items.into_iter().flatten().map(|item| &item["latency_ms"]).collect();
        assert_eq!(seen, order.iter().collect::<Vec<_>>(), "{sort}");
        let other = format!("/v1/_/agents/a/runs?sort=cost&cursor={cursor}");
        let answer = app.get(&other, &acme.key).await;
        assert_eq!(answer.json()["error"]["details"]["field"], "cursor", "{}", answer.text());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn figures_add_up_in_all_over_time_and_by_a_property() {
    let (app, acme) = with_runs().await;
    let get = async |path: &str| app.get(path, &acme.key).await;
    let stats = get("/v1/_/agents/a/runs/stats?q=model:even&by=hour,model").await.json();
    assert_eq!(stats["total"]["count"], 2, "{stats}");
    assert_eq!((&stats["bucket"], &stats["by"]), (&json!("hour"), &json!("model")));
    assert_eq!(stats["buckets"][0]["start"], "2026-01-01T00:00:00.000000Z");
    assert_eq!(stats["buckets"][0]["error_rate"], 0.0);
    assert_eq!(stats["buckets"][0]["latency_ms"]["p95"], Value::Null);
    assert_eq!(
        stats["groups"],
        json!([{
            "value": "even", "count": 2, "failure_count": 0, "error_rate": 0.0, "cost_usd": null,
            "input_tokens": null, "output_tokens": null,
            "latency_ms": { "p50": null, "p95": null, "p99": null },
        }])
    );
    let everywhere = get("/v1/acme/runs/stats").await.json();
    assert_eq!(everywhere["total"]["count"], 5);
    assert_eq!(everywhere["is_complete"], true);
    let wrong = get("/v1/_/runs/stats?by=fortnight").await;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
    assert_eq!(wrong.json()["error"]["details"]["field"], "by");
    assert!(wrong.text().contains("week") && wrong.text().contains("model"), "{}", wrong.text());
    assert_eq!(get("/v1/_/runs/stats?q=nosuchfield:1").await.code(), "invalid_query");
    assert_eq!(get("/v1/_/agents/nobody/runs/stats").await.status, StatusCode::NOT_FOUND);
}
