//! Anthropic's messages.

use crate::help::{counts, exchange, stream, text};
use model::{Json, RunStatus};

const REQUEST: &str = r#"{"model":"c-1","max_tokens":100,"system":[{"type":"text","text":"Be kind."}],
    "thinking":{"type":"enabled","budget_tokens":50},
    "tools":[{"name":"f","input_schema":{"type":"object"}}],
    "messages":[{"role":"user","content":"Hi"}]}"#;

#[test]
fn a_message_is_read() {
    let response = r#"{"id":"msg","type":"message","role":"assistant","model":"c-1","content":[
        {"type":"thinking","thinking":"Hm.","signature":"s"},
        {"type":"text","text":"Hello"},
        {"type":"tool_use","id":"t1","name":"f","input":{"x": 1.0}}],
        "stop_reason":"tool_use","usage":{"input_tokens":10,"cache_read_input_tokens":30,
        "cache_creation_input_tokens":2,"output_tokens":5}}"#;
    let run = exchange(REQUEST, response);
    assert_eq!(text(&run.input), r#"{"messages":[{"role":"user","content":"Hi"}]}"#);
    let version = &run.version.snapshot;
    let expected =
        serde_json::json!([{"role":"system","content":[{"type":"text","text":"Be kind."}]}]);
    assert_eq!(serde_json::json!(version.messages), expected);
    assert_eq!(version.max_tokens, Some(100));
    assert_eq!(version.extra.keys().collect::<Vec<_>>(), ["thinking"]);
    assert!(text(&run.output).starts_with(r#"{"role":"assistant","content":["#));
    assert_eq!(counts(&run.usage), [Some(42), Some(30), Some(5), None]);
    assert_eq!(run.completions[0].finish_reason.as_deref(), Some("tool_use"));
    assert_eq!(run.reasoning[0].text, "Hm.");
    assert_eq!(text(&run.tool_calls[0].input), r#"{"x": 1.0}"#);
}

const EVENTS: [&str; 13] = [
    r#"{"type":"message_start","message":{"id":"msg","type":"message","role":"assistant","model":"c-1","content":[],"stop_reason":null,"usage":{"input_tokens":10,"cache_read_input_tokens":30,"output_tokens":1}}}"#,
    r#"{"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}}"#,
    r#"{"type":"ping"}"#,
    r#"{"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"Hm."}}"#,
    r#"{"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"s"}}"#,
    r#"{"type":"content_block_stop","index":0}"#,
    r#"{"type":"content_block_start","index":1,"content_block":{"type":"text","text":""}}"#,
    r#"{"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"Hel"}}"#,
    r#"{"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"lo"}}"#,
    r#"{"type":"content_block_start","index":2,"content_block":{"type":"tool_use","id":"t1","name":"f","input":{}}}"#,
    r#"{"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta","partial_json":"{\"x\": "}}"#,
    r#"{"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta","partial_json":"1.0}"}}"#,
    r#"{"type":"message_delta","delta":{"stop_reason":"tool_use"},"usage":{"output_tokens":25}}"#,
];

#[test]
fn a_stream_is_folded_into_the_same_message() {
    let run = exchange(REQUEST, &stream(&EVENTS));
    assert_eq!(
        text(&run.output),
        r#"{"role":"assistant","content":[{"type":"thinking","thinking":"Hm.","signature":"s"},{"type":"text","text":"Hello"},{"type":"tool_use","id":"t1","name":"f","input":{"x": 1.0}}]}"#
    );
    assert_eq!(counts(&run.usage), [Some(40), Some(30), Some(25), None]);
    assert_eq!(run.completions[0].finish_reason.as_deref(), Some("tool_use"));
    assert_eq!(run.status, RunStatus::Success);
}

#[test]
fn a_stream_that_breaks_keeps_half_arguments_as_text() {
    let run = exchange(REQUEST, &stream(&EVENTS[..11]));
    assert!(text(&run.output).contains(r#""input":"{\"x\": ""#));
    assert_eq!(text(&run.tool_calls[0].input), r#""{\"x\": ""#);
    // The one token of the first event stands for an answer that is yet to come.
    assert_eq!(counts(&run.usage), [Some(40), Some(30), None, None]);
}

#[test]
fn a_block_whose_start_was_not_received_is_kept() {
    let delta =
        r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"tail"}}"#;
    let run = exchange(REQUEST, &stream(&[delta]));
    assert_eq!(
        text(&run.output),
        r#"{"role":"assistant","content":[{"type":"text","text":"tail"}]}"#
    );
}

#[test]
fn errors_fail_the_run_in_the_body_and_in_the_stream() {
    let body = r#"{"type":"error","error":{"type":"overloaded_error","message":"busy"}}"#;
    for response in [body.to_owned(), stream(&[EVENTS[0], body])] {
        let run = exchange(REQUEST, &response);
        assert_eq!(run.status, RunStatus::Failure);
        let error = run.error.unwrap();
        assert_eq!((error.code.as_str(), error.message.as_str()), ("overloaded_error", "busy"));
    }
}

#[test]
fn failed_tools_say_so() {
    let first =
        r#"{"role":"assistant","content":[{"type":"tool_use","id":"t1","name":"f","input":{}}]}"#;
    let text_form = format!(
        r#"{{"agent":"a","completions":[{{"request":{REQUEST},"response":{first}}},
        {{"request":{{"messages":[{{"role":"user","content":"Hi"}},{first},{{"role":"user","content":[
            {{"type":"tool_result","tool_use_id":"t1","is_error":true,"content":"no such file"}}]}}]}}}}]}}"#
    );
    let run = crate::help::run(&text_form);
    assert_eq!(run.tool_calls[0].error, Some(Json::string("no such file")));
    assert_eq!(run.tool_calls[0].output, None);
}
