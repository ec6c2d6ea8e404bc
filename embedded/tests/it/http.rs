//! The HTTP interface as `curl` and other clients use it.

use crate::help::{ask, fresh, post, status_and_code, url};
use reqwest::{Client, StatusCode};

#[tokio::test]
async fn it_says_that_it_is_there() {
    let (database, _) = fresh();
    for path in ["/ping", "/", "/replicas_status"] {
        let response = reqwest::get(format!("{}{path}", database.endpoint.url)).await.unwrap();
        assert_eq!(response.text().await.unwrap(), "Ok.\n", "{path}");
    }
    let response = reqwest::get(format!("{}/nothing", database.endpoint.url)).await.unwrap();
    assert_eq!(response.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_query_may_be_in_the_url_the_body_or_both() {
    let (database, _) = fresh();
    let get = reqwest::get(url(&database, "&query=SELECT+1")).await.unwrap();
    assert_eq!(get.text().await.unwrap(), "1\n");
    assert_eq!(ask(&database, "", "SELECT 2").await, "2\n");
    assert_eq!(ask(&database, "&query=SELECT+3", "FORMAT CSV").await, "3\n");
    assert_eq!(ask(&database, "&query=SELECT+{a:String}&param_a=x%27y", "").await, "x\\'y\n");
}

#[tokio::test]
async fn formats_come_from_the_query_or_the_request() {
    let (database, _) = fresh();
    assert_eq!(ask(&database, "&default_format=CSV", "SELECT 1, 'a'").await, "1,\"a\"\n");
    assert_eq!(ask(&database, "&default_format=CSV", "SELECT 1, 'a' FORMAT TSV").await, "1\ta\n");
    let response =
        post(&database, "&default_format=JSON", "SELECT 1 AS a FROM numbers(200000)").await;
    assert_eq!(response.headers()["x-clickhouse-format"], "JSON");
    assert!(response.headers()["content-type"].to_str().unwrap().starts_with("application/json"));
    let json: serde_json::Value = response.json().await.unwrap();
    assert_eq!(json["data"].as_array().unwrap().len(), 200_000);
    let lines = ask(&database, "", "SELECT number FROM numbers(200000) FORMAT JSONEachRow").await;
    assert_eq!(lines.lines().count(), 200_000);
    let csv = ask(&database, "", "SELECT number FROM numbers(200000) FORMAT CSVWithNames").await;
    assert_eq!(csv.lines().filter(|line| *line == "\"number\"").count(), 1);
}

#[tokio::test]
async fn small_answers_have_a_length_and_a_summary() {
    let (database, _) = fresh();
    let response = post(&database, "&query_id=mine", "SELECT 1").await;
    let headers = response.headers();
    assert_eq!(headers["content-length"], "2");
    assert_eq!(headers["x-clickhouse-query-id"], "mine");
    assert_eq!(headers["x-clickhouse-timezone"], "UTC");
    assert!(headers["x-clickhouse-summary"].to_str().unwrap().contains("\"result_rows\":\"1\""));
}

#[tokio::test]
async fn inserts_take_their_data_from_the_body_however_they_are_sent() {
    let (database, _) = fresh();
    ask(&database, "", "CREATE TABLE t (a UInt8, b String) ENGINE = MergeTree ORDER BY a").await;
    ask(&database, "&query=INSERT+INTO+t+FORMAT+CSV", "1,one\n").await;
    ask(&database, "", "INSERT INTO t FORMAT JSONEachRow\n{\"a\": 2, \"b\": \"two\"}").await;
    ask(&database, "", "INSERT INTO t VALUES (3, 'three'), (4, concat('fo', 'ur'))").await;
    ask(&database, "&query=INSERT+INTO+t+VALUES", "(5, 'five')").await;
    ask(&database, "&query=INSERT+INTO+t", "FORMAT TSV\n6\tsix\n").await;
    ask(&database, "&query=INSERT+INTO+t+SELECT+7,+'seven'", "").await;
    ask(&database, "&query=INSERT+INTO+t+FORMAT+TSV%0A8%09eight", "").await;
    let names = ask(&database, "", "SELECT groupArray(b) FROM (SELECT b FROM t ORDER BY a)").await;
    assert_eq!(names, "['one','two','three','four','five','six','seven','eight']\n");
    let response = post(&database, "&query=INSERT+INTO+t+FORMAT+CSV", "9,nine\n").await;
    let summary = response.headers()["x-clickhouse-summary"].to_str().unwrap().to_owned();
    assert!(summary.contains("\"written_rows\":\"1\""), "{summary}");
}

#[tokio::test]
async fn a_get_only_reads() {
    let (database, _) = fresh();
    for query in ["CREATE+TABLE+t+(a+UInt8)+ENGINE=Null", "INSERT+INTO+t+VALUES+(1)"] {
        let response = reqwest::get(url(&database, &format!("&query={query}"))).await.unwrap();
        assert_eq!(status_and_code(&response), (500, "164".to_owned()), "{query}");
    }
    let response = Client::new().delete(url(&database, "&query=SELECT+1")).send().await.unwrap();
    assert_eq!(response.status(), StatusCode::NOT_IMPLEMENTED);
}

#[tokio::test]
async fn only_the_password_opens() {
    let (database, _) = fresh();
    let endpoint = &database.endpoint;
    let http = Client::new();
    let open = format!("{}/?query=SELECT+1", endpoint.url);
    let (user, password) = (endpoint.user.as_str(), endpoint.password.as_str());
    let good = [
        http.get(&open).header("x-clickhouse-user", user).header("x-clickhouse-key", password),
        http.get(&open).header("x-clickhouse-key", password),
        http.get(&open).basic_auth(user, Some(password)),
        http.get(format!("{open}&user={user}&password={password}")),
    ];
    for request in good {
        let response = request.send().await.unwrap();
        assert_eq!(response.text().await.unwrap(), "1\n");
    }
    let bad = [
        http.get(&open).header("x-clickhouse-user", user).header("x-clickhouse-key", "wrong"),
        http.get(&open).header("x-clickhouse-user", "root").header("x-clickhouse-key", password),
        http.get(&open).basic_auth(user, Some("wrong")),
        http.get(&open).bearer_auth(password),
        http.get(format!("{open}&user={user}&password=")),
        // A wrong header is not mended by a right parameter.
        http.get(format!("{open}&user={user}&password={password}")).header("x-clickhouse-key", "x"),
    ];
    for request in bad {
        let response = request.send().await.unwrap();
        assert_eq!(status_and_code(&response), (403, "516".to_owned()));
    }
    let none = http.get(&open).send().await.unwrap();
    assert!(none.headers().contains_key("www-authenticate"));
    assert_eq!(status_and_code(&none), (401, "194".to_owned()));
}

#[tokio::test]
async fn compressed_blocks_go_both_ways() {
    let (database, _) = fresh();
    // `compress=1` wraps the answer, `decompress=1` expects it of the body.
    let sql = "SELECT 'SELECT 7' FORMAT TSVRaw";
    let blocks = post(&database, "&compress=1", sql).await.bytes().await.unwrap();
    assert_ne!(blocks.as_ref(), b"SELECT 7\n");
    let response = Client::new().post(url(&database, "&decompress=1")).body(blocks.clone());
    assert_eq!(response.send().await.unwrap().text().await.unwrap(), "7\n");
    let broken = blocks.slice(..blocks.len() - 1);
    let response = Client::new().post(url(&database, "&decompress=1")).body(broken).send().await;
    assert_eq!(status_and_code(&response.unwrap()).1, "33");
}

#[tokio::test]
async fn what_is_not_supported_says_so() {
    let (database, _) = fresh();
    for (extra, status) in [("&session_id=a", 501), ("&role=admin", 404)] {
        assert_eq!(post(&database, extra, "SELECT 1").await.status().as_u16(), status, "{extra}");
    }
    let request = Client::new().post(url(&database, "")).header("content-encoding", "gzip");
    let response = request.body("SELECT 1").send().await.unwrap();
    assert_eq!(response.status(), StatusCode::UNSUPPORTED_MEDIA_TYPE);
}
