//! What each part of the grammar finds. Positions in `find` answers are the
//! runs' numbers, newest first.

use model::{Micros, NanoUsd, RunId, Source, ToolCall, Usage};
use store::ListRequest;

use crate::support::{agent, failed, id, json, request, run, store, with, with_metadata};

fn text(n: u32, words: &str) -> model::NewRun {
    run(n, &serde_json::json!({ "text": words }).to_string())
}

#[tokio::test]
async fn words_are_whole_folded_and_of_values_not_keys() {
    let test = store().await;
    test.put([
        text(1, "The refund was late."),
        text(2, "Refunded! (late)"),
        run(3, r#"{"refund":"no"}"#),
        run(4, r#"{"a":"Caf\u00e9 Zo\u00eb"}"#),
        with(text(5, "x"), |run| run.output = Some(json(r#"["REFUND"]"#))),
        failed(6, "refund_failed", "no refund"),
    ])
    .await;
    assert_eq!(test.find("refund ").await, [6, 5, 1]);
    assert_eq!(test.find("refund late ").await, [1]);
    assert_eq!(test.find("cafe zoe ").await, [4]);
    assert_eq!(test.find("Zoë ").await, [4]);
    assert!(test.find("absent ").await.is_empty());
    assert_eq!(test.find("-refund status:success").await, [4, 3, 2]);
}

#[tokio::test]
async fn the_last_word_is_a_prefix_until_a_space_follows() {
    let test = store().await;
    test.put([text(1, "refund"), text(2, "refunded"), text(3, "prefund"), text(4, "(refunds)")])
        .await;
    assert_eq!(test.find("refu").await, [4, 2, 1]);
    assert_eq!(test.find("refund").await, [4, 2, 1]);
    assert_eq!(test.find("refund ").await, [1]);
    assert_eq!(test.find("-refund").await, [4, 3, 2]);
}

#[tokio::test]
async fn words_of_several_tokens_stand_together_and_alone() {
    let test = store().await;
    test.put([text(1, "my e-mail!"), text(2, "the-mail e mail"), text(3, "e-mailed")]).await;
    assert_eq!(test.find("e-mail ").await, [1]);
    assert_eq!(test.find("e-mail").await, [3, 1]);
    assert_eq!(test.find("my, ").await, [1]);
    assert_eq!(test.find("\"e-mail\"").await, [3, 2, 1]);
}

#[tokio::test]
async fn a_prefix_of_very_many_words_still_finds_them_all() {
    let test = store().await;
    let cyrillic = |n: u32| if n == 0 { "яблоко".to_owned() } else { format!("эвв{n}") };
    test.put((0..300).map(|n| text(n, &format!("w{n}x {}", cyrillic(n))))).await;
    let list = test.org.list_runs(&request("w")).await.unwrap().unwrap();
    assert_eq!(list.count, 300);
    assert_eq!(test.find("w299").await, [299]);
    assert_eq!(test.find("я").await, [0]);
    assert!(test.find("вв").await.is_empty());
}

#[tokio::test]
async fn words_longer_than_the_index_is_asked_for_at_once_are_found() {
    let test = store().await;
    let long = format!("zq{}", "k".repeat(2_000_000));
    let many: Vec<String> = (0..200).map(|n| format!("yx{n}{}", "w".repeat(6_000))).collect();
    test.put([text(1, &long), text(2, &many.join(" ")), text(3, "zqa yxa plain")]).await;
    assert_eq!(test.find("zq").await, [3, 1]);
    assert_eq!(test.find("yx").await, [3, 2]);
    assert_eq!(test.find("\"q zq\"").await, [0_u32; 0]);
    assert_eq!(test.find("input.text:~kkkk").await, [1]);
    assert_eq!(test.find("-zq").await, [3, 2, 1]);
}

#[tokio::test]
async fn phrases_are_substrings() {
    let test = store().await;
    test.put([
        text(1, "a late refund, sadly"),
        text(2, "late\n  refund"),
        text(3, "refund late"),
        text(4, "ultralate refunds"),
        run(5, r#"["late","refund"]"#),
    ])
    .await;
    assert_eq!(test.find("\"late refund\"").await, [4, 2, 1]);
    assert_eq!(test.find("\"LATE REFUND, S\"").await, [1]);
    assert!(test.find("\"100%\"").await.is_empty());
}

#[tokio::test]
async fn wildcards_are_letters() {
    let test = store().await;
    test.put([text(1, "a_b 100%"), text(2, "axb 100x")]).await;
    assert_eq!(test.find("\"a_b\"").await, [1]);
    assert_eq!(test.find("\"100%\"").await, [1]);
    assert_eq!(test.find("a_b ").await, [1]);
    assert_eq!(test.find("input.text:~%").await, [1]);
}

#[tokio::test]
async fn scripts_without_spaces_match_as_substrings() {
    let test = store().await;
    test.put([text(1, "我要退款，谢谢"), text(2, "退货款"), text(3, "ありがとう")]).await;
    assert_eq!(test.find("退款 ").await, [1]);
    assert_eq!(test.find("退款").await, [1]);
    assert_eq!(test.find("がと").await, [3]);
    assert!(test.find("Привет").await.is_empty());
}

#[tokio::test]
async fn fixed_fields() {
    let test = store().await;
    test.put([
        with(run(1, "{}"), |run| {
            run.latency = Some(Micros(2_000_000));
            run.time_to_first_token = Some(Micros(100_000));
            run.cost = Some(NanoUsd(10_000_000));
            run.environment = Some("production".to_owned());
            run.usage =
                Usage { input_tokens: Some(4_000), output_tokens: Some(1), ..Usage::default() };
            run.version.snapshot.temperature = Some(0.0);
            run.version.snapshot.provider = Some("openai".to_owned());
            run.conversation_id = Some("c-9".to_owned());
        }),
        with(run(2, "{}"), |run| {
            run.latency = Some(Micros(2_000_001));
            run.cost = Some(NanoUsd(0));
            run.source = Source::Sdk;
            run.version.snapshot.model = Some("claude-sonnet-4".to_owned());
            run.tool_calls = vec![ToolCall { name: "Get_Weather".into(), ..ToolCall::default() }];
            run.cached_from = Some(id(1));
        }),
        failed(3, "rate_limit", "Too Many Requests"),
    ])
    .await;
    for (query, expected) in [
        ("status:success", &[2, 1][..]),
        ("status:failure", &[3]),
        ("status:!=failure", &[2, 1]),
        ("-status:success", &[3]),
        ("latency:>2s", &[2]),
        ("latency:>=2s", &[2, 1]),
        ("latency:<2s", &[]),
        ("latency:1s..3s", &[2, 1]),
        ("-latency:>2s", &[3, 1]),
        ("-latency:*", &[3]),
        ("ttft:100ms", &[1]),
        ("cost:0", &[2]),
        ("cost:>$0.009", &[1]),
        ("cost:0.01", &[1]),
        ("-cost:*", &[3]),
        ("tokens:>4k", &[1]),
        ("tokens:4001", &[1]),
        ("input_tokens:4000", &[1]),
        ("output_tokens:>1", &[]),
        ("temperature:0", &[1]),
        ("-temperature:*", &[3, 2]),
        ("model:gpt-4o-mini", &[3, 1]),
        ("model:gpt-4o-mini,claude-sonnet-4", &[3, 2, 1]),
        ("model:~SONNET", &[2]),
        ("model:!=gpt-4o-mini", &[2]),
        ("provider:openai", &[1]),
        ("provider:!=mistral", &[1]),
        ("environment:production", &[1]),
        ("source:sdk", &[2]),
        ("error:rate_limit", &[3]),
        ("error:~\"many requests\"", &[3]),
        ("error:*", &[3]),
        ("tool:Get_Weather", &[2]),
        ("tool:~weather", &[2]),
        ("-tool:*", &[3, 1]),
        ("cached:true", &[2]),
        ("cached:false", &[3, 1]),
        ("conversation:c-9", &[1]),
        ("conversation:~C-", &[1]),
        ("review:any", &[]),
        ("schema:1", &[3, 2, 1]),
        ("time:>2026-11-21", &[3, 2, 1]),
        ("time:2026-11-22T10:00:02Z", &[2]),
        ("time:<2026-11-22T10:00:02Z", &[1]),
        ("time:2026-11-22T10:00:02Z..2026-11-23", &[3, 2]),
        ("-time:2026-11-22", &[]),
    ] {
        assert_eq!(test.find(query).await, expected, "{query}");
    }
    let by_id = format!("id:{}", id(2));
    assert_eq!(test.find(&by_id).await, [2]);
    let part = id(2).to_string();
    assert_eq!(test.find(&format!("id:~{}", &part[10..])).await, [2]);
}

#[tokio::test]
async fn versions_by_number_and_id() {
    let test = store().await;
    let version = |n, model: &str, prompt: &str| {
        with(run(n, "{}"), |run| {
            run.version.snapshot.model = Some(model.to_owned());
            run.version.snapshot.instructions = Some(prompt.to_owned());
        })
    };
    let runs = [version(1, "m", "p"), version(2, "n", "p"), version(3, "m", "q")];
    let of_third = runs[2].run.version.id;
    test.put(runs).await;
    assert_eq!(test.find("version:1.2").await, [2]);
    assert_eq!(test.find("version:1").await, [2, 1]);
    assert_eq!(test.find("version:1.1,2").await, [3, 1]);
    assert_eq!(test.find("version:!=1").await, [3]);
    assert_eq!(test.find(&format!("version:{of_third}")).await, [3]);
}

#[tokio::test]
async fn metadata_keys_are_names_and_values_are_json() {
    let test = store().await;
    test.put([
        with_metadata(1, "user id", "\"a, b\""),
        with_metadata(2, "plan", "3"),
        with_metadata(3, "plan", "\"3\""),
        with_metadata(4, "plan", "\"Zoé\""),
        with_metadata(5, "a.b", "true"),
        with_metadata(6, "plan", "9007199254740993"),
        with_metadata(7, "plan", "null"),
        with_metadata(8, "plan", "[\"x\",\"y\"]"),
        with_metadata(9, "x\\'] = '' OR 1=1 -- ", "\"z\""),
    ])
    .await;
    for (query, expected) in [
        ("metadata.\"user id\":\"a, b\"", &[1][..]),
        ("metadata.plan:3", &[3, 2]),
        ("metadata.plan:\"3\"", &[3]),
        ("metadata.plan:>2", &[6, 2]),
        ("metadata.plan:9007199254740993", &[6]),
        ("metadata.plan:9007199254740992", &[]),
        ("metadata.plan:>9007199254740992", &[6]),
        ("metadata.plan:~zoe", &[4]),
        ("metadata.plan:Zoé", &[4]),
        ("metadata.plan:zoe", &[]),
        ("metadata.a.b:true", &[5]),
        ("metadata.plan:*", &[8, 6, 4, 3, 2]),
        ("metadata.plan:null", &[7]),
        ("metadata.plan:x", &[8]),
        ("metadata.plan:!=3", &[8, 6, 4]),
        ("-metadata.plan:*", &[9, 7, 5, 1]),
    ] {
        assert_eq!(test.find(query).await, expected, "{query}");
    }
}

#[tokio::test]
async fn a_path_is_that_path_and_no_deeper_one() {
    let test = store().await;
    test.put([
        run(1, r#"{"age":5,"nested":{"age":99}}"#),
        run(2, r#"{"nested":{"age":5}}"#),
        run(3, r#"{"items":[{"sku":"a","n":1},{"sku":"b","n":5}]}"#),
        run(4, r#"{"score":0.95,"ok":false,"empty":"","none":null,"zero":0}"#),
        run(5, r#"{"a-b":{"c \"d":"x"},"items":[]}"#),
        run(6, r#"{"big":18446744073709551615,"long":"LONG"}"#.replace("LONG", &"é".repeat(500)).as_str()),
        with(run(7, "{}"), |run| run.output = Some(json("\"whole Text\""))),
    ])
    .await;
    let long = format!("input.long:\"{}\"", "é".repeat(500));
    for (query, expected) in [
        ("input.age:5", &[1][..]),
        ("input.nested.age:5", &[2]),
        ("input.nested.age:>5", &[1]),
        ("input.items[].sku:b", &[3]),
        ("input.items[].n:2..4", &[]),
        ("input.items[].n:2..5", &[3]),
        ("input.items.length:2", &[3]),
        ("input.items.length:0", &[5]),
        ("input.score:0.95", &[4]),
        ("input.ok:false", &[4]),
        ("input.empty:\"\"", &[4]),
        ("input.none:*", &[]),
        ("input.none:null", &[4]),
        ("input.zero:*", &[4]),
        ("input.a-b.\"c \\\"d\":x", &[5]),
        ("input.big:18446744073709551615", &[6]),
        ("input.big:>18446744073709551614", &[6]),
        ("input.big:>18446744073709551615", &[]),
        ("output:~\"e text\"", &[7]),
        ("input.items[].sku:~B", &[3]),
        ("input.sku:~b", &[]),
        (long.as_str(), &[6]),
    ] {
        assert_eq!(test.find(query).await, expected, "{query}");
    }
}

#[tokio::test]
async fn expressions_nest() {
    let test = store().await;
    test.put([text(1, "a b"), text(2, "a c"), text(3, "b c"), failed(4, "a", "b")]).await;
    assert_eq!(test.find("a b OR c ").await, [4, 3, 2, 1]);
    assert_eq!(test.find("a (b OR c) ").await, [4, 2, 1]);
    assert_eq!(test.find("-(a b) status:success").await, [3, 2]);
    assert_eq!(test.find("status:success -b").await, [2]);
}

#[tokio::test]
async fn searches_reach_all_agents_of_the_organization() {
    let test = store().await;
    let mut other = text(2, "refund");
    other.run.agent = agent("b");
    test.put([text(1, "refund"), other]).await;
    let everywhere = |query: &str| ListRequest { agent: None, ..request(query) };
    let ids = |list: model::RunList| list.items.iter().map(|item| item.id).collect::<Vec<RunId>>();
    let found = test.org.list_runs(&everywhere("refund")).await.unwrap().unwrap();
    assert_eq!(ids(found), [id(2), id(1)]);
    let found = test.org.list_runs(&everywhere("refund agent:b")).await.unwrap().unwrap();
    assert_eq!(ids(found), [id(2)]);
    let found = test.org.list_runs(&everywhere("agent:!=b")).await.unwrap().unwrap();
    assert_eq!(ids(found), [id(1)]);
}

#[tokio::test]
async fn long_arrays_hide_nothing_behind_them() {
    let test = store().await;
    let rows: Vec<_> = (0..1_000)
        .map(|n| serde_json::json!({ "id": n, "name": format!("n{n}"), "p": { "q": n } }))
        .collect();
    let input = serde_json::json!({ "rows": rows, "after": "needle1" });
    let floats: Vec<f64> = (0..3_072).map(f64::from).collect();
    let output = serde_json::json!({ "embedding": floats, "model": "text-emb" });
    let long = with(run(1, &input.to_string()), |run| run.output = Some(json(&output.to_string())));
    test.put([long, run(2, r#"{"rows":[{"id":7}]}"#)]).await;
    for (query, found) in [
        ("input.rows[].id:999", vec![1]),
        ("-input.rows[].id:999", vec![2]),
        ("input.rows[].id:7", vec![2, 1]),
        ("input.rows.length:1000", vec![1]),
        ("input.after:needle1", vec![1]),
        ("input.after:~needle", vec![1]),
        ("output.embedding.length:3072", vec![1]),
        ("output.embedding[]:3071", vec![1]),
        ("output.model:text-emb", vec![1]),
    ] {
        assert_eq!(test.find(query).await, found, "{query}");
    }
}

#[tokio::test]
async fn parts_of_fixed_texts_are_folded_as_words_are() {
    let test = store().await;
    let named = |n, text: &str| {
        with(run(n, "1"), |run| {
            run.environment = Some(text.to_owned());
            run.conversation_id = Some(text.to_owned());
            run.version.snapshot.model = Some(text.to_owned());
            run.tool_calls = vec![ToolCall { name: text.to_owned(), ..ToolCall::default() }];
        })
    };
    test.put([
        named(1, "生产环境"),
        named(2, "Große Straße"),
        failed(3, "上下文", "内容 “quoted” it’s 한국어"),
    ])
    .await;
    for field in ["environment", "model", "tool"] {
        assert_eq!(test.find(&format!("{field}:~生产")).await, [1], "{field}");
        assert_eq!(test.find(&format!("{field}:~STRASSE")).await, [2], "{field}");
        assert_eq!(test.find(&format!("{field}:~ße,产")).await, [2, 1], "{field}");
    }
    assert_eq!(test.find("conversation:~生产").await, [1]);
    for part in ["内容", "\"\\\"quoted\\\"\"", "\"it's\"", "한국어", "上下"] {
        assert_eq!(test.find(&format!("error:~{part}")).await, [3], "{part}");
    }
    assert_eq!(test.find("environment:\"\"").await, [0_u32; 0]);
    for nothing in ["\"\u{301}\"", "model:~\"\u{301}\"", "conversation:~\"\u{301}\""] {
        assert_eq!(test.find(nothing).await, [0_u32; 0], "{nothing}");
    }
}

#[tokio::test]
async fn lists_of_many_values_are_one_question() {
    let test = store().await;
    test.put([with(run(1, "1"), |run| run.latency = Some(Micros(5_000))), run(2, "2")]).await;
    let list = |item: &dyn Fn(u32) -> String| (0..100).map(item).collect::<Vec<_>>().join(",");
    assert_eq!(test.find(&format!("version:{}", list(&|n| format!("{n}.1")))).await, [2, 1]);
    assert_eq!(test.find(&format!("latency:{}", list(&|n| format!("{n}ms")))).await, [1]);
    assert_eq!(test.find(&format!("latency:!={}", list(&|n| format!("{n}ms")))).await, [0_u32; 0]);
    assert_eq!(test.find(&format!("model:~{}", list(&|n| format!("x{n}")))).await, [0_u32; 0]);
}
