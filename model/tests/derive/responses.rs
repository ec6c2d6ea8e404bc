//! OpenAI's responses.

use crate::help::{counts, exchange, stream, text};
use model::RunStatus;

const REQUEST: &str = r#"{"model":"m","instructions":"Be brief.","input":"Hi","max_output_tokens":9,
    "text":{"format":{"type":"json_schema","name":"n","schema":{"type":"object"}}},
    "previous_response_id":"resp_0"}"#;

const MESSAGE: &str = r#"{"id":"msg_1","type":"message","role":"assistant","status":"completed","content":[{"type":"output_text","text":"Hello","annotations":[]}]}"#;
const CALL: &str = r#"{"id":"fc_1","type":"function_call","call_id":"c1","name":"f","arguments":"{\"x\":1}","status":"completed"}"#;
const THOUGHT: &str = r#"{"id":"rs_1","type":"reasoning","summary":[{"type":"summary_text","text":"**Thinking it over**\n\nIt is a greeting."}]}"#;

fn response(items: &str) -> String {
    format!(
        r#"{{"id":"resp_1","object":"response","status":"completed","error":null,"model":"m-2","output":[{items}],
        "usage":{{"input_tokens":8,"input_tokens_details":{{"cached_tokens":2}},"output_tokens":4,
        "output_tokens_details":{{"reasoning_tokens":3}}}}}}"#
    )
}

#[test]
fn a_text_input_and_instructions_become_messages() {
    let run = exchange(REQUEST, &response(MESSAGE));
    assert_eq!(text(&run.input), r#"{"messages":[{"role":"user","content":"Hi"}]}"#);
    let version = &run.version.snapshot;
    let messages = serde_json::json!([{"role":"system","content":"Be brief."}]);
    assert_eq!(serde_json::json!(version.messages), messages);
    assert_eq!(version.max_tokens, Some(9));
    assert_eq!(version.output_schema, Some(serde_json::json!({"type":"object"})));
    assert!(!version.extra.contains_key("previous_response_id"));
    assert_eq!(text(&run.output), MESSAGE);
    assert_eq!(counts(&run.usage), [Some(8), Some(2), Some(4), Some(3)]);
    assert_eq!(run.completions[0].finish_reason.as_deref(), Some("completed"));
    assert_eq!(run.output_preview, "Assistant: Hello");
}

#[test]
fn items_become_one_message() {
    let run = exchange(REQUEST, &response(&format!("{THOUGHT},{MESSAGE},{CALL}")));
    let content = r#"[{"type":"output_text","text":"Hello","annotations":[]}]"#;
    let expected = format!(
        r#"{{"role":"assistant","content":{content},"tool_calls":[{CALL}],"reasoning":[{THOUGHT}]}}"#
    );
    assert_eq!(text(&run.output), expected);
    assert_eq!(run.tool_calls[0].id.as_deref(), Some("c1"));
    assert_eq!(text(&run.tool_calls[0].input), r#"{"x":1}"#);
    assert_eq!(run.reasoning[0].title.as_deref(), Some("Thinking it over"));
    assert_eq!(run.reasoning[0].text, "It is a greeting.");
    let only_call = exchange(REQUEST, &response(CALL));
    assert_eq!(
        text(&only_call.output),
        format!(r#"{{"role":"assistant","content":null,"tool_calls":[{CALL}]}}"#)
    );
}

#[test]
fn a_finished_stream_is_its_last_response() {
    let done = format!(r#"{{"type":"response.completed","response":{}}}"#, response(MESSAGE));
    let delta =
        r#"{"type":"response.output_text.delta","output_index":0,"content_index":0,"delta":"He"}"#;
    let run = exchange(REQUEST, &stream(&[delta, &done]));
    assert_eq!(text(&run.output), MESSAGE);
    assert_eq!(counts(&run.usage), [Some(8), Some(2), Some(4), Some(3)]);
}

#[test]
fn a_stream_that_breaks_is_folded_from_its_deltas() {
    let run = exchange(
        REQUEST,
        &stream(&[
            r#"{"type":"response.created","response":{"object":"response","status":"in_progress","model":"m-2","output":[]}}"#,
            &format!(r#"{{"type":"response.output_item.done","output_index":0,"item":{THOUGHT}}}"#),
            r#"{"type":"response.output_item.added","output_index":1,"item":{"id":"msg_1","type":"message","role":"assistant","content":[]}}"#,
            r#"{"type":"response.output_text.delta","output_index":1,"content_index":0,"delta":"He"}"#,
            r#"{"type":"response.output_text.delta","output_index":1,"content_index":0,"delta":"l"}"#,
            r#"{"type":"response.output_item.added","output_index":2,"item":{"type":"function_call","call_id":"c1","name":"f","arguments":""}}"#,
            r#"{"type":"response.function_call_arguments.delta","output_index":2,"delta":"{\"x\":1}"}"#,
        ]),
    );
    assert_eq!(
        text(&run.output),
        format!(
            r#"{{"role":"assistant","content":[{{"type":"output_text","text":"Hel"}}],"tool_calls":[{{"type":"function_call","call_id":"c1","name":"f","arguments":"{{\"x\":1}}"}}],"reasoning":[{THOUGHT}]}}"#
        )
    );
    assert_eq!(run.completions[0].model.as_deref(), Some("m-2"));
    assert_eq!(text(&run.tool_calls[0].input), r#"{"x":1}"#);
}

#[test]
fn results_in_the_next_input_belong_to_their_calls() {
    let request = format!(
        r#"{{"input":[{{"role":"user","content":"Hi"}},{CALL},{{"type":"function_call_output","call_id":"c1","output":"[1]"}}]}}"#
    );
    let run = crate::help::run(&format!(
        r#"{{"agent":"a","completions":[{{"request":{REQUEST},"response":{}}},{{"request":{request},"response":{}}}]}}"#,
        response(CALL),
        response(MESSAGE)
    ));
    assert_eq!(text(&run.tool_calls[0].output), "[1]");
}

#[test]
fn failed_and_incomplete_responses_say_why() {
    let failed = r#"{"object":"response","status":"failed","output":[],"error":{"code":"server_error","message":"oh"}}"#;
    let events = stream(&[&format!(r#"{{"type":"response.failed","response":{failed}}}"#)]);
    for response in [failed, &events] {
        let run = exchange(REQUEST, response);
        assert_eq!(run.status, RunStatus::Failure);
        assert_eq!(run.error.as_ref().map(|error| error.code.as_str()), Some("server_error"));
        assert!(run.output.is_some());
    }
    let cut = r#"{"object":"response","status":"incomplete","incomplete_details":{"reason":"max_output_tokens"},"output":[]}"#;
    let run = exchange(REQUEST, cut);
    assert_eq!(run.completions[0].finish_reason.as_deref(), Some("max_output_tokens"));
    assert_eq!(run.status, RunStatus::Success);
}
