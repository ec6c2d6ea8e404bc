//! OpenAI's chat completions as streams, with the habits of those who copy them.

use crate::help::{counts, exchange, stream, text};
use model::RunStatus;

const REQUEST: &str = r#"{"model":"m","stream":true,"messages":[{"role":"user","content":"x"}]}"#;

fn chunk(delta: &str) -> String {
    format!(
        r#"{{"object":"chat.completion.chunk","model":"m-2","choices":[{{"index":0,"delta":{delta},"finish_reason":null}}]}}"#
    )
}

fn output_of(chunks: &[&str]) -> String {
    let events: Vec<String> = chunks.iter().map(|delta| chunk(delta)).collect();
    let events: Vec<&str> = events.iter().map(String::as_str).collect();
    text(&exchange(REQUEST, &stream(&events)).output).to_owned()
}

#[test]
fn text_is_folded_with_usage_and_finish_reason() {
    let prelude = r#"{"choices":[],"prompt_filter_results":[{"prompt_index":0}],"model":""}"#;
    let first = chunk(r#"{"role":"assistant","content":"","refusal":null}"#);
    let second = chunk(r#"{"content":"H\u00e9"}"#);
    let third = chunk(r#"{"content":"llo \"you\""}"#);
    let end = r#"{"model":"m-2","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#;
    let usage = r#"{"choices":[],"usage":{"prompt_tokens":5,"completion_tokens":2}}"#;
    let events = stream(&[prelude, &first, &second, &third, end, usage, "[DONE]"]);
    let run = exchange(REQUEST, &events);
    let expected = r#"{"role":"assistant","content":"Héllo \"you\"","refusal":null}"#;
    assert_eq!(text(&run.output), expected);
    assert_eq!(run.completions[0].finish_reason.as_deref(), Some("stop"));
    assert_eq!(run.completions[0].model.as_deref(), Some("m-2"));
    assert_eq!(counts(&run.usage), [Some(5), None, Some(2), None]);
    assert_eq!(text(&run.completions[0].response), events);
}

#[test]
fn tool_calls_are_folded_by_index() {
    let output = output_of(&[
        r#"{"role":"assistant","content":null,"tool_calls":[{"index":0,"id":"c1","type":"function","function":{"name":"f","arguments":""}}]}"#,
        r#"{"tool_calls":[{"index":0,"function":{"arguments":"{\"a\""}}]}"#,
        r#"{"tool_calls":[{"index":1,"id":"c2","type":"function","function":{"name":"g","arguments":"{}"}}]}"#,
        r#"{"tool_calls":[{"index":0,"function":{"arguments":":1}"}}]}"#,
    ]);
    assert_eq!(
        output,
        r#"{"role":"assistant","content":null,"tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":"{\"a\":1}"}},{"id":"c2","type":"function","function":{"name":"g","arguments":"{}"}}]}"#
    );
}

#[test]
fn reasoning_and_refusals_are_folded() {
    let output = output_of(&[
        r#"{"role":"assistant","reasoning_content":"2+"}"#,
        r#"{"reasoning_content":"2"}"#,
        r#"{"content":"4"}"#,
    ]);
    assert_eq!(output, r#"{"role":"assistant","content":"4","reasoning_content":"2+2"}"#);
    let refused = output_of(&[r#"{"role":"assistant","refusal":"I "}"#, r#"{"refusal":"can't"}"#]);
    assert_eq!(refused, r#"{"role":"assistant","content":null,"refusal":"I can't"}"#);
}

#[test]
fn content_that_comes_as_parts_is_folded_into_parts() {
    let output = output_of(&[
        r#"{"role":"assistant","content":""}"#,
        r#"{"content":[{"type":"thinking","thinking":[{"type":"text","text":"Hm"}]}]}"#,
        r#"{"content":[{"type":"thinking","thinking":[{"type":"text","text":"m."}]}]}"#,
        r#"{"content":"Fo"}"#,
        r#"{"content":[{"type":"text","text":"ur"},{"type":"reference","reference_ids":[1.0]}]}"#,
    ]);
    assert_eq!(
        output,
        r#"{"role":"assistant","content":[{"type":"thinking","thinking":[{"type":"text","text":"Hmm."}]},{"type":"text","text":"Four"},{"type":"reference","reference_ids":[1.0]}]}"#
    );
}

#[test]
fn parallel_calls_with_one_index_stay_apart() {
    // As Gemini's endpoint for OpenAI's clients sends them.
    let call = |id: &str, city: &str| {
        format!(
            r#"{{"role":"assistant","tool_calls":[{{"index":0,"id":"{id}","type":"function","function":{{"name":"weather","arguments":"{{\"city\":\"{city}\"}}"}}}}]}}"#
        )
    };
    let events = stream(&[&chunk(&call("a", "Oslo")), &chunk(&call("b", "Rome")), "[DONE]"]);
    let run = exchange(REQUEST, &events);
    let calls: Vec<_> =
        run.tool_calls.iter().map(|it| (it.id.as_deref(), text(&it.input))).collect();
    assert_eq!(calls, [(Some("a"), r#"{"city":"Oslo"}"#), (Some("b"), r#"{"city":"Rome"}"#)]);
}

#[test]
fn a_reason_that_is_an_error_fails_the_run() {
    let end = r#"{"choices":[{"index":0,"delta":{},"finish_reason":"error"}]}"#;
    let streamed = exchange(REQUEST, &stream(&[&chunk(r#"{"content":"Half"}"#), end, "[DONE]"]));
    let whole = exchange(
        REQUEST,
        r#"{"choices":[{"index":0,"message":{"role":"assistant","content":"Half"},"finish_reason":"error"}]}"#,
    );
    for run in [streamed, whole] {
        assert_eq!(run.status, RunStatus::Failure);
        assert_eq!(run.error.as_ref().map(|error| error.code.as_str()), Some("error"));
        assert_eq!(text(&run.output), r#"{"role":"assistant","content":"Half"}"#);
        assert_eq!(run.completions[0].finish_reason.as_deref(), Some("error"));
    }
    // What the provider says of it says more.
    let said = r#"{"choices":[{"index":0,"delta":{},"finish_reason":"error","error":{"code":"overloaded","message":"busy"}}]}"#;
    let run = exchange(REQUEST, &stream(&[&chunk(r#"{"content":"Half"}"#), said]));
    assert_eq!(run.error.as_ref().map(|error| error.code.as_str()), Some("overloaded"));
}

#[test]
fn counts_only_grow_over_the_chunks() {
    let count = |prompt: u64, answer: u64| {
        format!(
            r#"{{"choices":[],"usage":{{"prompt_tokens":{prompt},"completion_tokens":{answer}}}}}"#
        )
    };
    let events = [chunk(r#"{"content":"x"}"#), count(5, 0), count(5, 9), count(0, 0)];
    let events: Vec<&str> = events.iter().map(String::as_str).collect();
    assert_eq!(counts(&exchange(REQUEST, &stream(&events)).usage), [Some(5), None, Some(9), None]);
}

#[test]
fn usage_may_stand_in_a_corner() {
    let end = r#"{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"x_groq":{"usage":{"prompt_tokens":7,"completion_tokens":9}}}"#;
    let run = exchange(REQUEST, &stream(&[&chunk(r#"{"content":"x"}"#), end]));
    assert_eq!(counts(&run.usage), [Some(7), None, Some(9), None]);
}

#[test]
fn only_the_first_choice_is_the_answer() {
    let other = r#"{"choices":[{"index":1,"delta":{"content":"other"},"finish_reason":"length"}]}"#;
    let end = r#"{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#;
    let run = exchange(REQUEST, &stream(&[&chunk(r#"{"content":"one"}"#), other, end]));
    assert_eq!(text(&run.output), r#"{"role":"assistant","content":"one"}"#);
    assert_eq!(run.completions[0].finish_reason.as_deref(), Some("stop"));
}

#[test]
fn a_stream_that_breaks_keeps_what_came() {
    let whole = stream(&[
        &chunk(r#"{"role":"assistant","content":"Half an"}"#),
        &chunk(r#"{"content":" answer"}"#),
    ]);
    let half = whole.replace("\\n\\n\"", "\"").replace(" answer\\\"}", " ans");
    let run = exchange(REQUEST, &half);
    assert_eq!(text(&run.output), r#"{"role":"assistant","content":"Half an"}"#);
}

#[test]
fn an_error_event_fails_the_run_and_keeps_what_came() {
    let error = r#"{"error":{"message":"gone","type":"server_error","code":null}}"#;
    let run = exchange(REQUEST, &stream(&[&chunk(r#"{"content":"Half"}"#), error]));
    assert_eq!(run.status, RunStatus::Failure);
    assert_eq!(run.error.as_ref().map(|error| error.code.as_str()), Some("server_error"));
    assert_eq!(text(&run.output), r#"{"role":"assistant","content":"Half"}"#);
    let alone = exchange(REQUEST, &stream(&[error]));
    assert_eq!(alone.status, RunStatus::Failure);
    assert!(alone.output.is_some());
}

#[test]
fn line_ends_comments_and_lists_of_chunks_make_no_difference() {
    let one = chunk(r#"{"role":"assistant","content":"a"}"#);
    let two = chunk(r#"{"content":"b"}"#);
    let text_form = format!(
        ": ping\r\n\r\ndata: {one}\r\n\r\nevent: x\r\ndata: {two}\r\n\r\ndata: [DONE]\r\n\r\n"
    );
    let events = model::Json::string(&text_form);
    let listed = format!("[{one},{two}]");
    for response in [events.as_str(), &listed] {
        let run = exchange(REQUEST, response);
        assert_eq!(text(&run.output), r#"{"role":"assistant","content":"ab"}"#);
    }
}
