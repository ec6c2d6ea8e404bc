//! Requests in every dialect, and the runs that they become.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::path::{Path, PathBuf};

use model::incoming::SchemaHint;
use model::{CompleteContext, NewRun, Source, Timestamp};
use otlp::{Assembly, Encoding, Finished, Outcome, Rejections, decode_logs, decode_traces};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

/// 2026-11-22T10:00:00Z
const NOW: Timestamp = Timestamp(1_795_341_600_000_000);
/// Later than anything waits.
const END: Timestamp = Timestamp(NOW.0 + 1_000_000_000);

/// Requests, each as it is written: not everything is a number that serde reads.
#[derive(Deserialize)]
struct Fixture {
    requests: Vec<Request>,
}

#[derive(Deserialize)]
struct Request {
    traces: Option<Box<RawValue>>,
    logs: Option<Box<RawValue>>,
}

fn complete(one: Finished, rejected: &mut Rejections) -> Option<NewRun> {
    let context =
        CompleteContext { now: NOW, random: 0, default_source: Source::Otlp, price: &|_| None };
    let key = one.key.clone();
    one.run.complete(&context).map_err(|error| rejected.add(format!("span {key}: {error}"))).ok()
}

/// Sends a fixture's requests one after another, lets time pass, and shows what came out when.
fn play(path: &Path) -> Value {
    let fixture: Fixture = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let mut assembly = Assembly::default();
    let mut steps = Vec::new();
    let show = |outcome: Outcome, mut rejected: Rejections| {
        let finished = outcome.finished.into_iter();
        let runs: Vec<Value> = finished
            .filter_map(|one| complete(one, &mut rejected))
            .map(|new| {
                assert!(matches!(new.schema, SchemaHint::Number(_) | SchemaHint::Shape(_)));
                serde_json::to_value(&new.run).unwrap()
            })
            .collect();
        json!({
            "runs": runs,
            "held": outcome.held.len(),
            "lost": outcome.lost_records + outcome.lost_tools,
            "rejected": rejected.count,
            "reasons": rejected.reasons,
        })
    };
    for (ticket, request) in (1..).zip(&fixture.requests) {
        if let Some(body) = &request.traces {
            let mut traces = decode_traces(Encoding::Json, body.get().as_bytes()).unwrap();
            let rejected = std::mem::take(&mut traces.rejected);
            steps.push(show(assembly.traces(traces, ticket, NOW), rejected));
        }
        if let Some(body) = &request.logs {
            let mut logs = decode_logs(Encoding::Json, body.get().as_bytes()).unwrap();
            let rejected = std::mem::take(&mut logs.rejected);
            steps.push(show(assembly.logs(logs, ticket, NOW), rejected));
        }
    }
    if assembly.next_due().is_some() {
        steps.push(show(assembly.due(END), Rejections::default()));
    }
    Value::Array(steps)
}

#[test]
fn requests_become_the_runs_of_the_golden_files() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let mut names: Vec<String> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter_map(|name| name.strip_suffix(".json").map(str::to_owned))
        .collect();
    names.sort();
    assert!(!names.is_empty());
    for name in names {
        let steps = play(&folder.join(format!("{name}.json")));
        insta::assert_json_snapshot!(name, steps);
    }
}
