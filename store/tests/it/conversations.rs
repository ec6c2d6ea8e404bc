//! Chats find the conversation that they continue.

use model::{NewRun, OrgSlug, RunId, RunStatus};
use store::{OrgBatch, OrgStore, RejectedRun, WriteOptions};

use crate::support::{agent, at, id, json, number, run, store, with};

/// The `n`th run: a chat whose history is the first words of these, by turns of
/// the user and the model, and whose answer is the last one.
fn chat(n: u32, words: &[&str]) -> NewRun {
    let message = |(i, text): (usize, &&str)| {
        let role = if i % 2 == 0 { "user" } else { "assistant" };
        format!("{{\"role\":\"{role}\",\"content\":\"{text}\"}}")
    };
    let messages: Vec<String> = words.iter().enumerate().map(message).collect();
    let (answer, asked) = messages.split_last().unwrap();
    with(run(n, &format!("{{\"messages\":[{}]}}", asked.join(","))), |run| {
        run.output = Some(json(answer));
    })
}

/// The `n`th run, of which there is no answer to these words.
fn failed(n: u32, words: &[&str]) -> NewRun {
    with(chat(n, &[words, &["-"]].concat()), |run| {
        run.status = RunStatus::Failure;
        run.output = None;
    })
}

async fn conversation(org: &OrgStore, n: u32) -> u32 {
    let id = org.run(id(n)).await.unwrap().unwrap().conversation_id.unwrap();
    number(id.parse().unwrap())
}

async fn conversations<const N: usize>(org: &OrgStore, runs: [u32; N]) -> [u32; N] {
    let mut found = [0; N];
    for (found, n) in found.iter_mut().zip(runs) {
        *found = conversation(org, n).await;
    }
    found
}

#[tokio::test]
async fn turns_that_send_their_history_are_one_conversation() {
    let test = store().await;
    test.put([chat(1, &["hi", "hello"])]).await;
    // Together, and the later one first.
    test.put([
        chat(3, &["hi", "hello", "late", "sorry", "why", "rain"]),
        chat(2, &["hi", "hello", "late", "sorry"]),
    ])
    .await;
    test.put([chat(4, &["hi", "other", "late", "sorry"]), run(5, "{}")]).await;
    assert_eq!(conversations(&test.org, [1, 2, 3, 4]).await, [1, 1, 1, 4]);
    assert_eq!(test.org.run(id(5)).await.unwrap().unwrap().conversation_id, None);
    assert_eq!(test.find(&format!("conversation:{}", id(1))).await, [3, 2, 1]);
    let turns = test.org.conversation(&agent("a"), &id(1).to_string()).await.unwrap();
    assert_eq!(turns.iter().map(|turn| number(turn.id)).collect::<Vec<_>>(), [1, 2, 3]);
}

#[tokio::test]
async fn an_earlier_state_is_continued_when_later_ones_are_unknown() {
    let test = store().await;
    test.put([chat(1, &["hi", "hello"])]).await;
    test.put([chat(2, &["hi", "hello", "late", "sorry", "why", "rain", "so", "yes"])]).await;
    assert_eq!(conversations(&test.org, [1, 2]).await, [1, 1]);
}

#[tokio::test]
async fn branches_are_kept_apart() {
    let test = store().await;
    test.put([chat(1, &["hi", "hello"])]).await;
    test.put([chat(2, &["hi", "hello", "late", "sorry"])]).await;
    test.put([chat(3, &["hi", "hello", "early", "fine"])]).await;
    test.put([chat(4, &["hi", "hello", "late", "sorry", "a", "b"])]).await;
    test.put([chat(5, &["hi", "hello", "early", "fine", "a", "b"])]).await;
    assert_eq!(conversations(&test.org, [1, 2, 3, 4, 5]).await, [1, 1, 3, 1, 3]);
}

#[tokio::test]
async fn of_the_same_chat_had_twice_each_is_continued_once() {
    let test = store().await;
    test.put([chat(1, &["hi", "hello"]), chat(2, &["hi", "hello"])]).await;
    for n in 3..6 {
        test.put([chat(n, &["hi", "hello", &format!("word {n}"), "sorry"])]).await;
    }
    assert_eq!(conversations(&test.org, [1, 2, 3, 4, 5]).await, [1, 2, 2, 1, 5]);
}

#[tokio::test]
async fn an_answer_is_not_continued_before_it_was_given() {
    let test = store().await;
    test.put([chat(9, &["hi", "hello"])]).await;
    test.put([chat(3, &["hi", "hello", "late", "sorry"])]).await;
    assert_eq!(conversations(&test.org, [3, 9]).await, [3, 9]);
}

#[tokio::test]
async fn what_a_client_names_stays_and_is_gone_on_with() {
    let test = store().await;
    let named = |new| with(new, |run| run.conversation_id = Some("mine".to_owned()));
    test.put([named(chat(1, &["hi", "hello"]))]).await;
    test.put([named(chat(2, &["hi", "hello", "late", "sorry"]))]).await;
    test.put([chat(3, &["hi", "hello", "late", "sorry", "a", "b"])]).await;
    // A branch of what the client itself went on with.
    test.put([chat(4, &["hi", "hello", "early", "fine"])]).await;
    assert_eq!(test.find("conversation:mine").await, [3, 2, 1]);
    assert_eq!(conversation(&test.org, 4).await, 4);
}

#[tokio::test]
async fn a_failed_run_leaves_its_place_to_the_next_try() {
    let test = store().await;
    test.put([chat(1, &["hi", "hello"])]).await;
    test.put([failed(2, &["hi", "hello", "late"])]).await;
    test.put([chat(3, &["hi", "hello", "late", "sorry"])]).await;
    test.put([failed(4, &["hi", "hello", "late"])]).await;
    assert_eq!(conversations(&test.org, [1, 2, 3, 4]).await, [1, 1, 1, 4]);
}

#[tokio::test]
async fn of_turns_of_one_time_the_shorter_comes_first() {
    let test = store().await;
    let ids: Vec<RunId> = (1..4).map(|n| RunId::mint(at(9), n)).collect();
    let at_once = |i: usize, words: &[&str]| with(chat(9, words), |run| run.id = ids[i]);
    test.put([
        at_once(0, &["hi", "hello", "late", "sorry", "a", "b"]),
        at_once(1, &["hi", "hello", "late", "sorry"]),
        at_once(2, &["hi", "hello"]),
    ])
    .await;
    for id in &ids {
        let run = test.org.run(*id).await.unwrap().unwrap();
        assert_eq!(run.conversation_id, Some(ids[2].to_string()));
    }
}

#[tokio::test]
async fn of_many_that_left_the_same_state_each_is_found() {
    let test = store().await;
    test.put((0..40).map(|n| chat(n, &["hi", "hello"]))).await;
    test.put((40..80).map(|n| chat(n, &["hi", "hello", "late", "sorry"]))).await;
    test.put([chat(80, &["hi", "hello", "late", "sorry"])]).await;
    for n in 40..80 {
        assert_eq!(conversation(&test.org, n).await, 79 - n);
    }
    assert_eq!(conversation(&test.org, 80).await, 80);
}

#[tokio::test]
async fn the_same_runs_again_get_the_same() {
    let test = store().await;
    test.put([chat(1, &["hi", "hello"])]).await;
    let runs = vec![
        failed(2, &["hi", "hello", "late"]),
        chat(3, &["hi", "hello", "late", "sorry"]),
        chat(4, &["hi", "hello", "early", "fine"]),
        chat(5, &["hi", "hello", "early", "fine", "a", "b"]),
        failed(6, &["hi", "hello", "early"]),
        // Left what others have left before, which nobody went on from yet.
        chat(7, &["hi", "hello"]),
    ];
    let terms = WriteOptions { again: true, label: Some(7), ..WriteOptions::default() };
    let write = async || {
        let mut batches = [OrgBatch::new(test.org.org().clone(), runs.clone())];
        test.store.write_batches(&mut batches, &terms).await.unwrap();
    };
    write().await;
    let expected = [1, 1, 1, 4, 4, 6, 7];
    assert_eq!(conversations(&test.org, [1, 2, 3, 4, 5, 6, 7]).await, expected);
    // As if the first attempt had failed before its rows, or some of them, were written.
    let first = id(1).as_u128();
    for (lost, left) in [("id != 0", vec![1]), ("id % 2 = 0", vec![7, 5, 3, 1])] {
        for table in ["runs", "cards"] {
            let sql = format!("DELETE FROM {table} WHERE id > toUInt128('{first}') AND {lost}");
            test.sql(&sql).await;
        }
        assert_eq!(test.find("").await, left);
        write().await;
        assert_eq!(conversations(&test.org, [1, 2, 3, 4, 5, 6, 7]).await, expected);
    }
    test.put(runs).await;
    assert_eq!(test.find("").await, [7, 6, 5, 4, 3, 2, 1]);
}

#[tokio::test]
async fn an_export_is_the_same_run_unless_its_conversation_was_changed() {
    let test = store().await;
    let sent = chat(1, &["hi", "hello"]);
    test.put([sent.clone()]).await;
    let with_conversation =
        |name: String| with(sent.clone(), |run| run.conversation_id = Some(name));
    test.put([with_conversation(id(1).to_string())]).await;
    let changed = test.org.ingest(vec![with_conversation("x".to_owned())]).await.unwrap();
    assert_eq!(changed, [Err(RejectedRun::IdTaken { id: id(1) })]);
    assert_eq!(test.find("").await, [1]);
}

#[tokio::test]
async fn nothing_is_joined_across_agents_organizations_and_deletions() {
    let test = store().await;
    test.put([chat(1, &["hi", "hello"])]).await;
    let next = |n| chat(n, &["hi", "hello", "late", "sorry"]);
    test.put([with(next(2), |run| run.agent = agent("b"))]).await;
    assert_eq!(conversation(&test.org, 2).await, 2);
    let other = test.store.create_org(&OrgSlug::new("other").unwrap()).await.unwrap();
    let other = test.store.org(&other);
    other.ingest(vec![next(3)]).await.unwrap()[0].as_ref().unwrap();
    assert_eq!(conversation(&other, 3).await, 3);
    test.org.delete_agent(&agent("a")).await.unwrap().unwrap();
    test.sql("SELECT throwIf(count() != 2) FROM chat_states").await;
    test.put([next(4)]).await;
    assert_eq!(conversation(&test.org, 4).await, 4);
}

#[tokio::test]
async fn a_batch_that_is_written_again_says_the_same_everywhere() {
    let test = store().await;
    // The first of them begins with what the second one leaves.
    let batch = vec![chat(1, &["hi", "hello", "late", "sorry"]), chat(2, &["hi", "hello"])];
    test.put(batch.clone()).await;
    test.sql("DELETE FROM runs WHERE 1").await;
    let mut batches = [OrgBatch::new(test.org.org().clone(), batch)];
    let terms = WriteOptions { again: true, ..WriteOptions::default() };
    test.store.write_batches(&mut batches, &terms).await.unwrap();
    assert_eq!(conversations(&test.org, [1, 2]).await, [1, 2]);
    assert_eq!(test.find(&format!("conversation:{}", id(1))).await, [1]);
}
