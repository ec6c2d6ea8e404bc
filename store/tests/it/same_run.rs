//! What is one run, and what is another.

use std::collections::HashSet;

use model::{Reasoning, Run, Timestamp, ToolCall};
use store::{OrgBatch, RejectedRun, WriteOptions};

use crate::support::{agent, at, failed, id, json, number, request, run, store, with};

#[tokio::test]
async fn an_id_is_one_run_whatever_time_comes_with_it() {
    let test = store().await;
    let hours = |n: i64| Timestamp(at(1).0 - n * 3_600_000_000);
    let early = |n| with(run(1, "{}"), |run| run.created_at = hours(n));
    test.put([early(1)]).await;
    test.put([run(1, "{}"), run(2, "{}")]).await;
    test.put([early(1), early(5_000)]).await;
    assert_eq!(test.find("").await, [2, 1]);
    let other = test.org.ingest(vec![run(1, "{\"other\":1}")]).await.unwrap();
    assert_eq!(other, [Err(RejectedRun::IdTaken { id: id(1) })]);
    // Gone with its agent, the id can be used again.
    test.org.delete_agent(&agent("a")).await.unwrap().unwrap();
    test.put([run(1, "{\"other\":1}")]).await;
    assert_eq!(test.find("").await, [1]);
}

#[tokio::test]
async fn runs_of_another_time_that_were_stored_before_are_known_too() {
    let test = store().await;
    let early = with(run(1, "{}"), |run| run.created_at = Timestamp(at(1).0 - 3_600_000_000));
    test.put([early, run(2, "{}")]).await;
    test.sql("TRUNCATE TABLE run_keys").await;
    test.sql(include_str!("../../migrations/0024_keys_of_runs_of_another_time.sql")).await;
    test.put([run(1, "{}"), run(2, "{}")]).await;
    assert_eq!(test.find("").await, [2, 1]);
}

#[tokio::test]
async fn runs_stored_under_the_first_form_of_the_hash_are_known() {
    let test = store().await;
    let sent = run(1, "{}");
    let mut hasher = blake3::Hasher::new();
    for part in ["a", "{}", "{}", "", "", &sent.run.version.id.to_string()] {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part.as_bytes());
    }
    let hash = u128::from_be_bytes(hasher.finalize().as_bytes()[..16].try_into().unwrap());
    let org = test.org.org().clone();
    let mut batches = [OrgBatch { org, runs: vec![sent.clone()], hashes: vec![hash] }];
    test.store.write_batches(&mut batches, &WriteOptions::default()).await.unwrap();
    test.put([sent]).await;
    let other = test.org.ingest(vec![run(1, "{\"other\":1}")]).await.unwrap();
    assert_eq!(other, [Err(RejectedRun::IdTaken { id: id(1) })]);
    assert_eq!(test.find("").await, [1]);
}

type Change = (&'static str, fn(&mut Run));

#[tokio::test]
async fn whatever_a_client_gave_tells_runs_of_one_id_apart() {
    let whole = || {
        with(failed(1, "timeout", "too slow"), |run| {
            run.tool_calls = vec![ToolCall {
                id: Some("call_1".to_owned()),
                name: "get_weather".to_owned(),
                input: Some(json("{}")),
                output: Some(json("{\"c\":12}")),
                error: None,
            }];
            run.reasoning =
                vec![Reasoning { title: Some("a".to_owned()), text: "first".to_owned() }];
            run.conversation_id = Some("c".to_owned());
            run.environment = Some("production".to_owned());
            run.trace_id = Some("t".to_owned());
            run.span_id = Some("s".to_owned());
            run.parent_run_id = Some(id(9));
        })
    };
    let changes: [Change; 10] = [
        ("tool output", |run| run.tool_calls[0].output = Some(json("{\"c\":13}"))),
        ("tool error", |run| run.tool_calls[0].error = Some(json("\"no\""))),
        ("tools", |run| run.tool_calls.clear()),
        ("reasoning", |run| run.reasoning[0].text = "second".to_owned()),
        ("error details", |run| run.error.as_mut().unwrap().details = Some(json("1"))),
        ("conversation", |run| run.conversation_id = None),
        ("environment", |run| run.environment = Some("staging".to_owned())),
        ("trace", |run| run.trace_id = Some("u".to_owned())),
        ("span", |run| run.span_id = None),
        ("parent", |run| run.parent_run_id = None),
    ];
    let test = store().await;
    test.put([whole()]).await;
    for (what, change) in changes {
        let result = test.org.ingest(vec![with(whole(), change)]).await.unwrap().remove(0);
        assert_eq!(result, Err(RejectedRun::IdTaken { id: id(1) }), "{what}");
    }
    test.put([whole()]).await;
    assert_eq!(test.find("").await, [1]);
}

#[tokio::test]
async fn two_processes_that_meet_new_agents_make_each_once() {
    let test = store().await;
    let other = test.second_process().await;
    let named = |n: u32, by: u32| {
        let mut new = run(n * 2 + by, "{}");
        new.run.agent = agent(&format!("agent-{n}"));
        vec![new]
    };
    for n in 0..20 {
        let (here, there) = tokio::join!(test.org.ingest(named(n, 0)), other.ingest(named(n, 1)));
        assert!(here.unwrap()[0].is_ok() && there.unwrap()[0].is_ok());
    }
    let agents = test.org.agents().await.unwrap();
    let slugs: HashSet<_> = agents.iter().map(|agent| agent.slug.clone()).collect();
    assert_eq!((agents.len(), slugs.len()), (20, 20));
    for n in 0..20 {
        let mut request = request("");
        request.agent = Some(agent(&format!("agent-{n}")));
        let list = test.org.list_runs(&request).await.unwrap().unwrap();
        let numbers: Vec<u32> = list.items.iter().map(|item| number(item.id)).collect();
        assert_eq!(numbers, [n * 2 + 1, n * 2]);
    }
}
