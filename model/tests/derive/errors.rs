//! What fails a run.

use crate::help::{exchange, run, text};
use model::RunStatus;

#[test]
fn an_error_body_fails_the_run_though_it_came_with_200() {
    let body = r#"{"error":{"message":"too long","type":"invalid_request_error","code":"context_length_exceeded"}}"#;
    let run = exchange(r#"{"messages":[{"role":"user","content":"x"}]}"#, body);
    assert_eq!(run.status, RunStatus::Failure);
    let error = run.error.unwrap();
    assert_eq!(error.code, "context_length_exceeded");
    assert_eq!(error.message, "too long");
    assert_eq!(run.completions[0].error.as_ref().unwrap().code, "context_length_exceeded");
    assert_eq!(text(&run.output), body);
}

#[test]
fn a_given_error_wins_and_is_a_failure_whatever_the_status() {
    let run = run(r#"{"agent":"a","status":"success","error":{"code":"boom"},
        "completions":[{"response":{"error":"other"}}]}"#);
    assert_eq!(run.status, RunStatus::Failure);
    assert_eq!(run.error.unwrap().code, "boom");
}

#[test]
fn a_fallback_that_answers_is_a_success() {
    let run = run(r#"{"agent":"a","completions":[
        {"response":{"error":{"code":"overloaded"}}},
        {"response":{"choices":[{"message":{"role":"assistant","content":"ok"}}]}}]}"#);
    assert_eq!(run.status, RunStatus::Success);
    assert_eq!(run.error, None);
    assert_eq!(run.completions[0].error.as_ref().unwrap().code, "overloaded");
}

#[test]
fn the_error_of_the_last_attempt_is_the_runs() {
    let run = run(
        r#"{"agent":"a","completions":[{"error":{"code":"upstream_timeout","message":"30 s"}}]}"#,
    );
    assert_eq!(run.error.unwrap().code, "upstream_timeout");
    assert_eq!(run.output, None);
}

#[test]
fn a_failure_without_an_error_stays_one() {
    let failed = run(r#"{"agent":"a","status":"failure","input":1}"#);
    assert_eq!((failed.status, failed.error), (RunStatus::Failure, None));
}
