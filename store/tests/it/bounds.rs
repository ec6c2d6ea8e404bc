//! Searches that nobody should have to wait for, and searches that nobody waits
//! for any more.

use std::time::Duration;

use model::search::SearchQuery;
use store::{ListRequest, Window};

use crate::support::{request, run, store};

/// Texts that were chosen to hurt: each is refused by the parser or answered.
fn hostile() -> Vec<String> {
    let mut texts: Vec<String> = [
        "\"unclosed",
        "input.a:\"unclosed",
        "(((",
        ")))",
        "-",
        "--a",
        "OR",
        "a OR",
        ":",
        "a:",
        "input.:x",
        "input..a:x",
        "metadata.:x",
        "%",
        "%%%%",
        "____",
        "*",
        "\\",
        "'",
        "`",
        "\"\"",
        "input.\"'\":\"'\"",
        "input.\"\\\\\":\"\\\\\"",
        "input.a[][][][].b:x",
        "time:>9999-12-31",
        "time:<1000-01-01",
        "latency:99999999999999999999s",
        "cost:>$1e30",
        "id:~",
        "id:x",
        "version:99999999999",
        "input.a:>1e308",
        "input.a:-1e308..1e308",
        "\u{202e}abc",
        "a\u{0}b",
        "\u{feff}",
        "🚀🚀🚀",
        "ﷺ",
        "input:~\"\"",
        "\" \"",
        "\"...\"",
        "-\"\"",
        "{org:UInt64}",
        "schema:0",
        "tokens:>18446744073709551615",
        "temperature:nan",
    ]
    .map(str::to_owned)
    .to_vec();
    texts.push("%".repeat(4_000));
    texts.push("a*".repeat(2_000));
    texts.push(vec!["w"; 500].join(" "));
    texts.push((0..200).map(|n| format!("\"p{n} q\" ")).collect());
    texts.push((0..90).map(|n| format!("input.k{n}:>{n} ")).collect());
    texts.push((0..90).map(|n| format!("input.k{n}:~{n} OR ")).collect::<String>() + "x");
    texts.push(format!("{}a{}", "(".repeat(20), ")".repeat(20)));
    texts.push("x".repeat(20_000));
    texts.push("-".repeat(3_000));
    texts.push(format!("model:{}", vec!["m"; 1_000].join(",")));
    texts
}

#[tokio::test]
async fn whatever_is_asked_is_refused_or_answered() {
    let test = store().await;
    test.put([run(1, r#"{"a":"w p1 q","k1":5}"#), run(2, "\"%\"")]).await;
    for text in hostile() {
        let Ok(query) = SearchQuery::parse(&text) else { continue };
        for agent in [request("").agent, None] {
            let asked = ListRequest { agent, query: query.clone(), ..request("") };
            let list = test.org.list_runs(&asked).await;
            let short: String = text.chars().take(60).collect();
            assert!(list.is_ok_and(|list| list.is_some()), "{short}");
        }
    }
}

#[tokio::test]
async fn pages_far_past_the_end_are_empty() {
    let test = store().await;
    test.put([run(1, "{}")]).await;
    for page in [1, 200, 201, 1_000_000, u32::MAX] {
        for query in ["", "status:success"] {
            let request = ListRequest { window: Window::Page(page), ..request(query) };
            let list = test.org.list_runs(&request).await.unwrap().unwrap();
            assert_eq!((list.items.len(), list.count), (0, 1), "page {page} of {query:?}");
            assert_eq!(list.next_cursor, None);
        }
    }
}

#[tokio::test]
async fn an_abandoned_search_ends_in_the_engine() {
    let test = store().await;
    // Every row is compared with hundreds of patterns, and each row is long.
    let text = "lorem ipsum dolor sit amet ".repeat(4_000);
    test.put((0..120).map(|n| run(n, &format!("{{\"t\":\"{text}{n}\"}}")))).await;
    let slow: String = (0..90).map(|n| format!("-input.t:~\"z{n} y\" ")).collect();
    let org = test.org.clone();
    let search = tokio::spawn(async move { org.list_runs(&request(&slow)).await });
    let seen = wait_until(|| async { test.running_searches().await > 0 }).await;
    search.abort();
    assert!(seen, "the search ended before it could be abandoned; make it slower");
    assert!(wait_until(|| async { test.running_searches().await == 0 }).await);
}

async fn wait_until<F: Future<Output = bool>>(holds: impl Fn() -> F) -> bool {
    for _ in 0..400 {
        if holds().await {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    false
}
