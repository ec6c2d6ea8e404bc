use model::incoming::SchemaHint;
use model::shape::Shape;
use model::{Completion, Micros, NanoUsd, Timestamp, ToolCall, Usage};
use store::{OrgBatch, RejectedRun, StoreError, WriteOptions};
use uuid::Uuid;

use crate::support::{agent, at, id, json, run, store, with};

#[tokio::test]
async fn a_run_comes_back_byte_for_byte() {
    let test = store().await;
    let input = r#"{"b" : 1.0,"a":[1E2,12345678901234567890123],"b":"\u00e9 \ud83d"}"#;
    let sent = with(run(1, input), |run| {
        run.output = Some(json("\"just text\\n\""));
        run.completions = vec![Completion {
            provider: Some("openai".to_owned()),
            request: Some(json(r#"{"z":1,"a":2,"z":3}"#)),
            response: Some(json(r#""data: {}\n\n""#)),
            usage: Some(Usage { input_tokens: Some(12), ..Usage::default() }),
            cost: Some(NanoUsd(6_100)),
            latency: Some(Micros(812_400)),
            started_at: Some(at(1)),
            ..Completion::default()
        }];
        run.tool_calls = vec![ToolCall {
            id: Some("call_1".to_owned()),
            name: "get_weather".to_owned(),
            input: Some(json(r#"{"city": "Paris"}"#)),
            ..ToolCall::default()
        }];
        run.metadata.insert("user id".to_owned(), json("[1.50]"));
        run.cost = Some(NanoUsd(6_100));
        run.latency = Some(Micros(830_000));
        run.conversation_id = Some("c-1".to_owned());
        run.parent_run_id = Some(id(9));
        run.version.snapshot.temperature = Some(0.0);
        run.version.snapshot.extra.insert("top_p".to_owned(), 0.5.into());
    });
    test.put([sent.clone()]).await;

    let got = test.org.run(sent.run.id).await.unwrap().unwrap();
    let mut expected = sent.run;
    expected.version.number = "1.1".parse().ok();
    assert_eq!(got, expected);
    assert_eq!(got.input.unwrap().as_str(), input);
}

#[tokio::test]
async fn the_same_id_twice_is_one_run() {
    let test = store().await;
    test.put([run(1, "{\"a\":1}")]).await;
    test.put([run(1, "{\"a\":1}"), run(1, "{\"a\":1}"), run(2, "{}")]).await;
    assert_eq!(test.find("").await, [2, 1]);
}

#[tokio::test]
async fn the_same_id_with_other_content_is_refused_and_the_rest_lands() {
    let test = store().await;
    test.put([run(1, "{\"a\":1}")]).await;
    let results = test.org.ingest(vec![run(1, "{\"a\":2}"), run(2, "{}")]).await.unwrap();
    assert_eq!(results[0], Err(RejectedRun::IdTaken { id: id(1) }));
    assert!(results[1].is_ok());
    let kept = test.org.run(id(1)).await.unwrap().unwrap();
    assert_eq!(kept.input.unwrap().as_str(), "{\"a\":1}");
}

#[tokio::test]
async fn a_clients_own_id_names_one_run_however_often_it_is_sent() {
    let test = store().await;
    let key = Some(Uuid::from_u128(0x6f1c_2f0e_4b7a_4d0e_9b57_0a1b_2c3d_4e5f));
    let mut first = run(1, "{}");
    first.client_key = key;
    let mut again = run(2, "{}");
    again.client_key = key;
    let first = test.put([first]).await;
    let again = test.put([again]).await;
    assert_eq!(first, again);
    assert_eq!(test.find("").await, [1]);
}

#[tokio::test]
async fn a_run_is_found_by_id_although_its_time_is_another() {
    let test = store().await;
    let sent = with(run(1, "{}"), |run| run.created_at = Timestamp(1_500_000_000_000_000));
    test.put([sent]).await;
    assert!(test.org.run(id(1)).await.unwrap().is_some());
    assert_eq!(test.org.run_agent(id(1)).await.unwrap(), Some(agent("a")));
    assert!(test.org.run(id(2)).await.unwrap().is_none());
}

#[tokio::test]
async fn one_request_may_span_many_years() {
    let test = store().await;
    let month_us = 31 * 86_400_000_000;
    let runs = (0..120).map(|n| {
        with(run(n, "{}"), |run| run.created_at = Timestamp(at(n).0 - i64::from(n) * month_us))
    });
    assert_eq!(test.put(runs).await.len(), 120);
}

#[tokio::test]
async fn versions_and_schemas_are_numbered_per_agent() {
    let test = store().await;
    let version = |n, model: &str, prompt: &str| {
        with(run(n, "{}"), |run| {
            run.version.snapshot.model = Some(model.to_owned());
            run.version.snapshot.instructions = Some(prompt.to_owned());
        })
    };
    let shaped = |n, shape| {
        let mut new = run(n, "{}");
        new.run.agent = agent("b");
        new.schema = SchemaHint::Shape(Shape(shape));
        new
    };
    test.put([version(1, "m", "p"), version(2, "n", "p"), version(3, "m", "q"), shaped(4, 7)])
        .await;
    test.put([version(5, "m", "p"), shaped(6, 8), shaped(7, 7)]).await;

    let mut numbers = Vec::new();
    for n in 1..=7 {
        let run = test.org.run(id(n)).await.unwrap().unwrap();
        numbers.push((run.version.number.unwrap().to_string(), run.schema));
    }
    let expected =
        [("1.1", 1), ("1.2", 1), ("2.1", 1), ("1.1", 1), ("1.1", 1), ("1.1", 2), ("1.1", 1)];
    assert_eq!(numbers, expected.map(|(number, schema)| (number.to_owned(), schema)));

    let versions = test.org.versions(&agent("a")).await.unwrap().unwrap();
    let listed: Vec<_> = versions
        .iter()
        .map(|summary| (summary.version.number.unwrap().to_string(), summary.run_count))
        .collect();
    assert_eq!(listed, [("2.1", 1), ("1.2", 1), ("1.1", 2)].map(|(n, c)| (n.to_owned(), c)));
}

#[tokio::test]
async fn another_process_goes_on_with_the_numbers() {
    let test = store().await;
    test.put([run(1, "{}")]).await;
    let other = test.second_process().await;
    let new_prompt = |n, prompt: &str| {
        with(run(n, "{}"), |run| run.version.snapshot.instructions = Some(prompt.to_owned()))
    };
    other.ingest(vec![new_prompt(2, "x")]).await.unwrap();
    test.put([new_prompt(3, "y")]).await;
    let run = test.org.run(id(3)).await.unwrap().unwrap();
    assert_eq!(run.version.number.unwrap().to_string(), "3.1");
}

#[tokio::test]
async fn rows_that_never_arrive_are_an_error() {
    let test = store().await;
    test.sql("RENAME TABLE runs TO true_runs").await;
    test.sql("CREATE TABLE runs ENGINE = Null AS SELECT * FROM true_runs LIMIT 0").await;
    let mut batches = [OrgBatch::new(test.org.org().clone(), vec![run(1, "{}"), run(2, "{}")])];
    let again = WriteOptions { again: true, ..WriteOptions::default() };
    let error = test.store.write_batches(&mut batches, &again).await.unwrap_err();
    assert!(matches!(error, StoreError::Incomplete { table: "runs", rows: 2 }), "{error}");
    assert!(error.is_passing() && !error.is_about_data());
    test.sql("DROP TABLE runs").await;
    test.sql("RENAME TABLE true_runs TO runs").await;
    test.store.write_batches(&mut batches, &again).await.unwrap();
    assert_eq!(test.find("").await, [2, 1]);
}
