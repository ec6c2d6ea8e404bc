//! What is searched of very large runs.

use model::{Run, Unsearched};
use serde_json::{Value, json};

use crate::support::{TestStore, id, run, store, with, with_metadata};

/// Base64 of bytes without order.
fn picture(bytes: usize) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut state = 1_u64;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        char::from(ALPHABET[(state >> 58) as usize])
    };
    (0..bytes).map(|_| next()).collect()
}

async fn put(test: &TestStore, n: u32, input: &Value, output: &Value) -> Unsearched {
    let new = with(run(n, &input.to_string()), |run| {
        run.output = Some(crate::support::json(&output.to_string()));
    });
    test.put([new]).await;
    noted(test, n).await
}

async fn noted(test: &TestStore, n: u32) -> Unsearched {
    let stored: Run = test.org.run(id(n)).await.unwrap().unwrap();
    test.org.unsearched(&stored).await.unwrap()
}

#[tokio::test]
async fn a_large_picture_hides_neither_question_nor_answer() {
    let test = store().await;
    let url = format!("data:image/png;base64,{}", picture(5_000_000));
    let input = json!({"messages": [{"role": "user", "content": [
        {"type": "image_url", "image_url": {"url": url}},
        {"type": "text", "text": "Which harbour of Zanzibar is this?"},
    ]}]});
    let left = put(&test, 1, &input, &json!({"content": "It is Malindi, 我们去那里旅游"})).await;
    let expected = Unsearched { encoded_bytes: 5_000_000 - 64, ..Unsearched::default() };
    assert_eq!(left, expected);
    for found in ["zanzibar", "\"harbour of Zanzibar\"", "malindi", "image/png", "旅游"] {
        assert_eq!(test.find(found).await, [1], "{found}");
    }
    assert_eq!(test.find("input.messages[].content[].text:~harbour").await, [1]);
}

#[tokio::test]
async fn long_texts_share_what_is_searched_and_are_searched_at_their_ends() {
    let test = store().await;
    let book =
        |first: &str, last: &str| format!("{first} {}{last}", "word and word ".repeat(500_000));
    let input = json!({
        "one": book("quagga", "dodo"), "two": book("aurochs", "moa"), "question": "why gone",
    });
    let left = put(&test, 1, &input, &json!("since hunters came")).await;
    // Both books have 7 MB, and 4 are searched in all.
    assert!((9_000_000..11_000_000).contains(&left.text_bytes), "{left:?}");
    assert_eq!(Unsearched { text_bytes: 0, ..left }, Unsearched::default());
    for found in ["quagga", "dodo", "aurochs", "moa", "\"why gone\"", "hunters"] {
        assert_eq!(test.find(found).await, [1], "{found}");
    }
    assert_eq!(test.find("input.two:~moa").await, [1]);

    // Very many texts: the last and the first of them.
    let mut messages: Vec<Value> = (0..6_000)
        .map(|n| json!({"role": "user", "content": "word ".repeat(300) + &n.to_string()}))
        .collect();
    messages.insert(0, json!({"role": "system", "content": "be kind to lemurs"}));
    messages.push(json!({"role": "user", "content": "and to tapirs?"}));
    put(&test, 2, &json!({ "messages": messages }), &json!("to okapis too")).await;
    for found in ["lemurs", "tapirs", "okapis"] {
        assert_eq!(test.find(found).await, [2], "{found}");
    }
}

#[tokio::test]
async fn what_filters_do_not_know_of_a_run_is_noted_with_it() {
    let test = store().await;
    let keys: serde_json::Map<String, Value> =
        (0..6_000).map(|n| (format!("key{n}"), json!(format!("value{n}")))).collect();
    // The object itself is a place too.
    let left = put(&test, 1, &Value::Object(keys), &json!({})).await;
    assert_eq!(left, Unsearched { places: 1_001, ..Unsearched::default() });
    assert_eq!(test.find("input.key4000:value4000").await, [1]);
    assert_eq!(test.find("value5999").await, [1]);

    let numbers: Vec<u32> = (0..21_000).collect();
    let left = put(&test, 2, &json!({ "pixels": numbers, "q": "tapir" }), &json!({})).await;
    assert_eq!(left, Unsearched { numbers: 19_000, values: 1_001, ..Unsearched::default() });
    assert_eq!(test.find("tapir").await, [2]);

    let long = json!("x ".repeat(5_000) + "end").to_string();
    test.put([with_metadata(3, "note", &long), with_metadata(4, "note", "\"short\"")]).await;
    assert_eq!(noted(&test, 3).await, Unsearched { metadata: 1, ..Unsearched::default() });
    assert_eq!(noted(&test, 4).await, Unsearched::default());
}
