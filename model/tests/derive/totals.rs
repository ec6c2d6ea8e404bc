//! Sums over the completions of a run.

use crate::help::{counts, exchange, run, stream};
use model::{CostSource, Micros, NanoUsd, RunStatus};

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
fn parts_that_are_larger_than_their_wholes_were_counted_beside() {
    let given = r#"{"agent":"a","output":1,"version":{"model":"priced"},
        "usage":{"input_tokens":10,"cached_input_tokens":90,"output_tokens":5,"reasoning_tokens":5},
        "completions":[{"model":"priced","usage":{"input_tokens":10,"cached_input_tokens":90,"output_tokens":5}}]}"#;
    let run = run(given);
    assert_eq!(counts(&run.usage), [Some(100), Some(90), Some(5), Some(5)]);
    assert_eq!(run.completions[0].usage.as_ref().map(counts).unwrap()[0], Some(100));
    assert_eq!(run.cost, Some(NanoUsd(105_000)));
}

#[test]
fn a_provider_s_own_cost_is_taken_when_no_list_has_one() {
    let of = |model: &str, more: &str| {
        let response = format!(
            r#"{{"model":"{model}","choices":[{{"message":{{"role":"assistant","content":"x"}}}}],
            "usage":{{"prompt_tokens":3,"completion_tokens":2,"cost":0.00014}}}}"#
        );
        run(&format!(r#"{{"agent":"a","completions":[{{"response":{response}{more}}}]}}"#))
    };
    let own = of("other", "");
    assert_eq!(own.cost, Some(NanoUsd(140_000)));
    assert_eq!(own.completions[0].cost_source, Some(CostSource::Provider));
    assert!(serde_json::to_string(&own).unwrap().contains(r#""cost_source":"provider""#));
    let listed = of("priced", "");
    assert_eq!(listed.cost, Some(NanoUsd(5_000)));
    assert_eq!(listed.completions[0].cost_source, Some(CostSource::Prices));
    let given = of("other", r#","cost_usd":0.5"#);
    assert_eq!((given.cost, given.completions[0].cost_source), (Some(NanoUsd(500_000_000)), None));
    let again = serde_json::to_string(&own.completions[0]).unwrap();
    let again = run(&format!(r#"{{"agent":"a","completions":[{again}]}}"#));
    assert_eq!(again.completions[0].cost_source, Some(CostSource::Provider));

    let chunk = r#"{"choices":[{"index":0,"delta":{"content":"x"}}]}"#;
    let last = r#"{"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":2,"cost":0.25}}"#;
    let streamed = exchange(r#"{"model":"other","messages":[]}"#, &stream(&[chunk, last]));
    assert_eq!(streamed.cost, Some(NanoUsd(250_000_000)));
}

#[test]
fn a_run_served_from_another_costs_nothing() {
    let id = "0195dd7a-6977-7197-7ec3-4fc44ade50dc";
    let cached = format!(r#"{{"agent":"a","output":1,"cached_from":"{id}"}}"#);
    assert_eq!(run(&cached).cost, Some(NanoUsd(0)));
}

#[test]
fn the_tier_of_a_version_is_that_of_its_completions() {
    let usage = r#""usage":{"input_tokens":4,"output_tokens":1}"#;
    let of = |bodies: &str| {
        run(&format!(
            r#"{{"agent":"a","output":1,"version":{{"model":"priced","service_tier":"flex"}},
            "completions":[{{"model":"priced",{usage}{bodies}}}]}}"#
        ))
        .cost
    };
    assert_eq!(of(""), Some(NanoUsd(2_500)));
    assert_eq!(of(r#","response":{"service_tier":"default"}"#), Some(NanoUsd(5_000)));
    assert_eq!(of(r#","request":{"service_tier":"auto"}"#), Some(NanoUsd(5_000)));
}
