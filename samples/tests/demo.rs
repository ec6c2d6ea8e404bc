//! What `runs demo` loads passes the door and shows every kind of run.
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail like tests")]

use std::collections::{BTreeMap, BTreeSet};

use model::time::DAY_US;
use model::{CompleteContext, IncomingRun, Run, RunStatus, Source, Timestamp};
use samples::{DOCUMENTED_RUN, Language, Options, Samples, demo_runs};
use serde_json::Value;

const COUNT: u32 = 2_000;

fn end() -> Timestamp {
    "2026-11-22T10:30:00Z".parse().unwrap()
}

fn completed(text: &str) -> Run {
    let context =
        CompleteContext { now: end(), random: 0, default_source: Source::Api, price: &|_| None };
    match IncomingRun::parse(text).and_then(|run| run.complete(&context)) {
        Ok(new) => new.run,
        Err(error) => panic!("{error}: {text}"),
    }
}

fn demo() -> Vec<Run> {
    demo_runs(end(), COUNT).map(|text| completed(&text)).collect()
}

#[test]
fn every_run_passes_the_door_with_its_own_id() {
    let runs = demo();
    assert_eq!(runs.len(), COUNT as usize);
    let ids: BTreeSet<_> = runs.iter().map(|run| run.id).collect();
    assert_eq!(ids.len(), runs.len());
    for run in &runs {
        assert_eq!(run.id.timestamp().as_unix_millis(), run.created_at.as_unix_millis());
    }
    let made_up = &runs[1..];
    // Days follow each other, and only a conversation over midnight runs into the next.
    let goes_back_us = |pair: &[Run]| pair[0].created_at.0 - pair[1].created_at.0;
    assert!(made_up.windows(2).all(|pair| goes_back_us(pair) < DAY_US / 24));
    assert!(made_up.iter().all(|run| run.created_at <= end()));
    assert!(made_up.iter().all(|run| run.created_at.0 > end().0 - 36 * DAY_US));
}

#[test]
fn each_text_is_one_line_and_of_believable_size() {
    let sizes: Vec<usize> = demo_runs(end(), COUNT)
        .map(|text| {
            assert!(!text.contains('\n'));
            text.len()
        })
        .collect();
    let mean = sizes.iter().sum::<usize>() / sizes.len();
    assert!((1_500..6_000).contains(&mean), "{mean}");
    assert!(sizes.iter().all(|size| *size < 40_000));
}

#[test]
fn the_same_seed_and_end_give_the_same_bytes() {
    let texts: Vec<String> = demo_runs(end(), 300).collect();
    assert_eq!(texts, demo_runs(end(), 300).collect::<Vec<_>>());
    let other = Options { seed: 1, ..Options::new(end(), 300) };
    assert!(Samples::new(other).all(|text| !texts.contains(&text)));
}

#[test]
fn loading_again_later_gives_the_same_runs_and_a_few_new_ones() {
    let later = Timestamp(end().0 + DAY_US / 4);
    let before: BTreeSet<String> = demo_runs(end(), COUNT).collect();
    let after: Vec<String> = demo_runs(later, COUNT).collect();
    let new: Vec<&String> = after.iter().filter(|text| !before.contains(*text)).collect();
    assert!((5..60).contains(&new.len()), "{}", new.len());
    assert!(new.iter().all(|text| completed(text).created_at > end()));
}

#[test]
fn the_documented_run_is_there() {
    let text = demo_runs(end(), 1).next().unwrap();
    let run = completed(&text);
    assert_eq!(run.id, DOCUMENTED_RUN);
    assert_eq!(run.id.to_string(), "0195dd7a-6977-7197-7ec3-4fc44ade50dc");
    assert_eq!(run.agent.as_str(), "review-summary-generator");
    assert_eq!(run.created_at, "2025-03-28T15:59:02.007Z".parse().unwrap());
    assert_eq!(run.status, RunStatus::Success);
    assert!(run.completions[0].request.is_some() && run.completions[0].response.is_some());
    let output = run.output.unwrap().to_value();
    let ratings = run.input.unwrap().to_value()["reviews"].as_array().unwrap().clone();
    let sum: f64 = ratings.iter().filter_map(|review| review["rating"].as_f64()).sum();
    assert_eq!(output["average_rating"].as_f64(), Some(sum / ratings.len() as f64));
}

#[test]
fn the_mix_is_there() {
    let runs = demo();
    let count = |wanted: &dyn Fn(&Run) -> bool| runs.iter().filter(|run| wanted(run)).count();

    let mut agents: BTreeMap<&str, u32> = BTreeMap::new();
    runs.iter().for_each(|run| *agents.entry(run.agent.as_str()).or_default() += 1);
    assert_eq!(agents.len(), 8);
    assert!(agents.values().max().unwrap() > &(5 * agents.values().min().unwrap()), "{agents:?}");

    let failures = count(&|run| run.status == RunStatus::Failure);
    assert!((40..200).contains(&failures), "{failures}");
    for code in [
        "rate_limit_exceeded",
        "upstream_timeout",
        "upstream_closed",
        "invalid_output",
        "content_filter",
    ] {
        let with_code = |run: &Run| run.error.as_ref().is_some_and(|error| error.code == code);
        assert!(count(&with_code) > 0, "{code}");
    }
    assert!(
        count(&|run| run.status == RunStatus::Success
            && run.completions.len() > 1
            && run.completions[0].error.is_some())
            > 10
    );
    assert!(count(&|run| !run.tool_calls.is_empty()) > 50);
    assert!(count(&|run| !run.reasoning.is_empty()) > 50);
    assert!(count(&|run| run.cached_from.is_some()) > 5);
    assert!(count(&|run| run.is_chat()) > 200);
    assert!(count(&|run| run.version.snapshot.temperature == Some(0.0)) > 100);
    assert!(count(&|run| run.version.snapshot.temperature.is_none()) > 100);
    assert!(count(&|run| run.metadata.contains_key("user id")) > 50);
    assert!(count(&|run| run.trace_id.is_some()) > 100);
    for (what, values) in [
        (
            "environment",
            runs.iter().filter_map(|run| run.environment.clone()).collect::<BTreeSet<_>>(),
        ),
        ("source", runs.iter().map(|run| run.source.to_string()).collect()),
    ] {
        assert_eq!(values.len(), 3, "{what}");
    }
    let providers: BTreeSet<_> =
        runs.iter().filter_map(|run| run.version.snapshot.provider.clone()).collect();
    assert_eq!(providers.len(), 4);
}

#[test]
fn conversations_grow_and_speak_several_languages() {
    let mut conversations: BTreeMap<String, Vec<Run>> = BTreeMap::new();
    for run in demo() {
        if let Some(id) = run.conversation_id.clone() {
            conversations.entry(id).or_default().push(run);
        }
    }
    let mut longest = 0;
    for runs in conversations.values_mut() {
        runs.sort_by_key(|run| run.created_at);
        longest = longest.max(runs.len());
        let messages: Vec<Vec<Value>> = runs
            .iter()
            .map(|run| {
                run.input.as_ref().unwrap().to_value()["messages"].as_array().unwrap().clone()
            })
            .collect();
        for pair in messages.windows(2) {
            assert!(pair[1].starts_with(&pair[0]), "the messages of a conversation only grow");
        }
    }
    assert_eq!(longest, 4);
    let all: String =
        conversations.values().flatten().map(|run| run.output_preview.as_str()).collect();
    for word in ["reembolso", "remboursement", "Sendung", "返", "订单"] {
        assert!(all.contains(word), "{word}");
    }
    let english = Options { languages: vec![Language::English], ..Options::new(end(), 500) };
    assert!(Samples::new(english).all(|text| !text.contains('返') && !text.contains("Sendung")));
}

#[test]
fn versions_change_over_time() {
    let mut majors: BTreeMap<String, BTreeSet<u128>> = BTreeMap::new();
    let mut minors: BTreeMap<String, BTreeSet<_>> = BTreeMap::new();
    for run in demo() {
        let version = &run.version.snapshot;
        majors.entry(run.agent.to_string()).or_default().insert(version.major_hash());
        minors.entry(run.agent.to_string()).or_default().insert(version.id());
    }
    for (agent, prompts) in &majors {
        assert!((2..=8).contains(&prompts.len()), "{agent} has {} prompts", prompts.len());
        assert!(minors[agent].len() > prompts.len(), "{agent}");
    }
}

/// The exchanges say the same as the runs that they belong to.
#[test]
fn the_wire_agrees_with_the_run() {
    let mut compared = 0;
    for text in demo_runs(end(), COUNT) {
        let run = completed(&text);
        let Some(last) = run.completions.last() else { continue };
        if last.response.is_none() || run.status == RunStatus::Failure {
            continue;
        }
        let mut bare: Value = serde_json::from_str(&text).unwrap();
        for key in ["output", "usage", "tool_calls"] {
            bare.as_object_mut().unwrap().remove(key);
        }
        for completion in bare["completions"].as_array_mut().unwrap() {
            completion.as_object_mut().unwrap().remove("usage");
        }
        let derived = completed(&bare.to_string());
        let content = |run: &Run| text_of(&run.output.as_ref().unwrap().to_value());
        assert_eq!(content(&derived), content(&run), "{text}");
        assert_eq!(derived.usage.input_tokens, run.usage.input_tokens, "{text}");
        assert_eq!(derived.usage.output_tokens, run.usage.output_tokens, "{text}");
        let names =
            |run: &Run| run.tool_calls.iter().map(|call| call.name.clone()).collect::<Vec<_>>();
        assert_eq!(names(&derived), names(&run), "{text}");
        compared += 1;
    }
    assert!(compared > 1_000, "{compared}");
}

/// The text of a message in any dialect, or any other output as it is.
fn text_of(output: &Value) -> Value {
    match output.get("content") {
        Some(Value::Array(parts)) => parts
            .iter()
            .filter_map(|part| part.get("text").and_then(Value::as_str))
            .collect::<String>()
            .into(),
        Some(content) => content.clone(),
        None => output.clone(),
    }
}
