//! Sums over the completions of a run.

use crate::help::{counts, run};
use model::{Micros, NanoUsd, RunStatus};

fn completion(model: &str, tokens: u64) -> String {
    format!(
        r#"{{"model":"{model}","latency_ms":10.5,"usage":{{"input_tokens":{tokens},"output_tokens":1}}}}"#
    )
}

fn run_of(completions: &[String], more: &str) -> model::Run {
    run(&format!(r#"{{"agent":"a","completions":[{}]{more}}}"#, completions.join(",")))
}

#[test]
fn completions_add_up() {
    let run = run_of(&[completion("priced", 4), completion("priced", 6)], "");
    assert_eq!(run.completions[0].cost, Some(NanoUsd(5_000)));
    assert_eq!(run.cost, Some(NanoUsd(12_000)));
    assert_eq!(run.latency, Some(Micros(21_000)));
    assert_eq!(counts(&run.usage), [Some(10), None, Some(2), None]);
}

#[test]
fn an_unknown_price_makes_the_sum_unknown() {
    assert_eq!(run_of(&[completion("priced", 4), completion("other", 6)], "").cost, None);
    let failed = r#"{"model":"other","error":{"code":"upstream_timeout"}}"#.to_owned();
    let run = run_of(&[failed, completion("priced", 4)], r#","output":"x""#);
    assert_eq!(run.cost, Some(NanoUsd(5_000)));
    assert_eq!(run.status, RunStatus::Success);
}

#[test]
fn what_the_run_says_itself_wins() {
    let more = r#","cost_usd":0.5,"latency_ms":1,"usage":{"input_tokens":7}"#;
    let run = run_of(&[completion("priced", 4)], more);
    assert_eq!(run.cost, Some(NanoUsd(500_000_000)));
    assert_eq!(run.latency, Some(Micros(1_000)));
    assert_eq!(counts(&run.usage), [Some(7), None, Some(1), None]);
}

#[test]
fn a_run_without_completions_is_priced_by_its_version() {
    let known =
        r#"{"agent":"a","output":1,"version":{"model":"priced"},"usage":{"output_tokens":3}}"#;
    assert_eq!(run(known).cost, Some(NanoUsd(3_000)));
    assert_eq!(run(r#"{"agent":"a","output":1,"version":{"model":"priced"}}"#).cost, None);
}

#[test]
fn a_run_served_from_another_costs_nothing() {
    let id = "0195dd7a-6977-7197-7ec3-4fc44ade50dc";
    let cached = format!(r#"{{"agent":"a","output":1,"cached_from":"{id}"}}"#);
    assert_eq!(run(&cached).cost, Some(NanoUsd(0)));
}
