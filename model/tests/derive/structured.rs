//! Structured runs and message templates.

use crate::help::{complete, exchange, run, text};
use model::{Json, SchemaHint, derive};

fn answered(input: &str, answer: &str) -> model::NewRun {
    let answer = Json::string(answer);
    complete(&format!(
        r#"{{"agent":"a","input":{input},"completions":[{{
        "request":{{"model":"m","messages":[{{"role":"system","content":"Sum up."}},{{"role":"user","content":"…"}}]}},
        "response":{{"choices":[{{"message":{{"role":"assistant","content":{}}}}}]}}}}]}}"#,
        answer.as_str()
    ))
}

#[test]
fn the_output_is_the_parsed_answer() {
    let new = answered(r#"{"a":1}"#, "{\"sum\": 1.0}");
    assert_eq!(text(&new.run.input), r#"{"a":1}"#);
    assert_eq!(text(&new.run.output), r#"{"sum": 1.0}"#);
    assert_eq!(new.run.output_preview, "sum: 1.0");
    assert_eq!(text(&answered(r#"{"a":1}"#, "one").run.output), r#""one""#);
    let version = &new.run.version.snapshot;
    assert_eq!(
        serde_json::json!(version.messages),
        serde_json::json!([{"role":"system","content":"Sum up."}])
    );
}

#[test]
fn shapes_decide_the_schema() {
    let a = answered(r#"{"a":1}"#, "{\"sum\":1}");
    let b = answered(r#"{"a":2}"#, "{\"sum\":2}");
    let c = answered(r#"{"b":2}"#, "{\"sum\":2}");
    assert!(matches!(a.schema, SchemaHint::Shape(_)));
    assert_eq!(a.schema, b.schema);
    assert_ne!(a.schema, c.schema);
    assert_eq!(a.run.schema, 0);
    assert_eq!(complete(r#"{"agent":"a","schema":7,"input":1}"#).schema, SchemaHint::Number(7));
}

#[test]
fn variables_and_later_messages_are_the_input_of_a_template() {
    let request = r#"{"model":"m","input":{"name": "Ann"},"agent_id":"x","messages":[
        {"role":"system","content":"You help {{ name }}."},
        {"role":"user","content":"Hello"}]}"#;
    let split = derive::split_request(&Json::from_text(request).unwrap());
    assert_eq!(
        split.input.as_str(),
        r#"{"name": "Ann","messages":[{"role":"user","content":"Hello"}]}"#
    );
    let template = serde_json::json!([{"role":"system","content":"You help {{ name }}."}]);
    assert_eq!(serde_json::json!(split.version.messages), template);
    assert!(split.version.extra.is_empty());
}

#[test]
fn a_template_up_to_its_last_message_is_structured() {
    let run = exchange(
        r#"{"input":{},"messages":[{"role":"system","content":"x"},{"role":"user","content":"{% if a %}y{% endif %}"}]}"#,
        r#"{"choices":[{"message":{"role":"assistant","content":"[1]"}}]}"#,
    );
    assert_eq!(text(&run.input), "{}");
    assert_eq!(text(&run.output), "[1]");
    assert_eq!(run.version.snapshot.messages.map(|messages| messages.len()), Some(2));
}

#[test]
fn a_given_version_is_kept_and_named_after_its_model() {
    let run = run(
        r#"{"agent":"a","input":1,"version":{"instructions":"x","id":"old","number":"3.1","k":2},
        "completions":[{"provider":"p","request":{"model":"m","messages":[]}}]}"#,
    );
    let version = serde_json::json!(run.version.snapshot);
    assert_eq!(version, serde_json::json!({"instructions":"x","k":2,"model":"m","provider":"p"}));
}
