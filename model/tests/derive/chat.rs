//! OpenAI's chat completions in one piece.

use crate::help::{complete, counts, exchange, run, text};
use model::{Json, RunStatus, SchemaHint};

const REQUEST: &str = r#"{"model":"m-1","temperature":0,"max_completion_tokens":50,"top_p":0.9,
    "stream":false,"user":"u1","messages":[
    {"role":"system","content":"Be brief."},
    {"role":"developer","content":"No lists."},
    {"content":"Caf\u00e9 in 1.0 words?" , "role":"user"},
    {"role":"system","content":"Late."}],
    "tools":[{"type":"function","function":{"name":"f","parameters":{}}}]}"#;

const RESPONSE: &str = r#"{"id":"x","object":"chat.completion","model":"m-1-2026","choices":[
    {"index":0,"finish_reason":"stop","message":{"role":"assistant" ,"content":"Bar.","refusal":null}}],
    "usage":{"prompt_tokens":11,"completion_tokens":3,"prompt_tokens_details":{"cached_tokens":4},
    "completion_tokens_details":{"reasoning_tokens":1}}}"#;

#[test]
fn leading_instructions_are_the_version_and_the_rest_the_input() {
    let run = exchange(REQUEST, RESPONSE);
    let input = r#"{"messages":[{"content":"Caf\u00e9 in 1.0 words?" , "role":"user"},{"role":"system","content":"Late."}]}"#;
    assert_eq!(text(&run.input), input);
    let version = &run.version.snapshot;
    assert_eq!(version.model.as_deref(), Some("m-1"));
    assert_eq!(version.temperature, Some(0.0));
    assert_eq!(version.max_tokens, Some(50));
    assert_eq!(version.messages.as_ref().unwrap().len(), 2);
    assert_eq!(version.tools.as_ref().unwrap().len(), 1);
    let extra: Vec<_> = version.extra.iter().collect();
    assert_eq!(extra, [(&"top_p".to_owned(), &serde_json::json!(0.9))]);
    assert_eq!(run.version.id, version.id());
}

#[test]
fn the_message_is_the_output_as_the_dialect_has_it() {
    let run = exchange(REQUEST, RESPONSE);
    assert_eq!(text(&run.output), r#"{"role":"assistant" ,"content":"Bar.","refusal":null}"#);
    let completion = &run.completions[0];
    assert_eq!(completion.model.as_deref(), Some("m-1-2026"));
    assert_eq!(completion.finish_reason.as_deref(), Some("stop"));
    assert_eq!(counts(&run.usage), [Some(11), Some(4), Some(3), Some(1)]);
    assert_eq!(run.status, RunStatus::Success);
}

#[test]
fn bodies_keep_every_byte() {
    let input = r#"{ "a":1,"a" : 2.50, "b":[ 1E400, -0.0 ],"\u0061":"\ud800" }"#;
    let sent = format!(
        r#"{{"agent":"a","input":{input},"output":{input},
        "completions":[{{"request":{input},"response":{input}}}]}}"#
    );
    let run = run(&sent);
    for json in [&run.input, &run.output, &run.completions[0].request, &run.completions[0].response]
    {
        assert_eq!(text(json), input);
    }
}

#[test]
fn a_chat_has_schema_one() {
    let new = complete(r#"{"agent":"a","input":{"messages":[]}}"#);
    assert_eq!(new.schema, SchemaHint::Number(1));
    assert_eq!(new.run.schema, 1);
}

#[test]
fn tool_calls_get_their_results_from_the_next_request() {
    let call = r#"{"role":"assistant","content":null,"tool_calls":[
        {"id":"c1","type":"function","function":{"name":"weather","arguments":"{\"city\": \"Paris\"}"}},
        {"id":"c2","type":"function","function":{"name":"time","arguments":"{\"zone\": "}}]}"#;
    let run = run(&format!(
        r#"{{"agent":"a","completions":[
        {{"request":{{"messages":[{{"role":"user","content":"Hi"}}]}},"response":{{"choices":[{{"message":{call}}}]}}}},
        {{"request":{{"messages":[{{"role":"user","content":"Hi"}},{call},
            {{"role":"tool","tool_call_id":"c1","content":"{{\"c\":12}}"}},
            {{"role":"tool","tool_call_id":"c2","content":"noon"}}]}},
          "response":{{"choices":[{{"message":{{"role":"assistant","content":"12 degrees."}}}}]}}}}]}}"#
    ));
    let calls: Vec<_> = run
        .tool_calls
        .iter()
        .map(|call| (call.name.as_str(), text(&call.input), text(&call.output)))
        .collect();
    let expected = [
        ("weather", r#"{"city": "Paris"}"#, r#"{"c":12}"#),
        ("time", r#""{\"zone\": ""#, r#""noon""#),
    ];
    assert_eq!(calls, expected);
    assert_eq!(text(&run.input), r#"{"messages":[{"role":"user","content":"Hi"}]}"#);
    assert_eq!(run.output_preview, "Assistant: 12 degrees.");
}

#[test]
fn a_message_without_content_is_the_output_all_the_same() {
    let message = r#"{"role":"assistant","content":null,"tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":""}}]}"#;
    let run = exchange(
        r#"{"messages":[{"role":"user","content":"x"}]}"#,
        &format!(r#"{{"choices":[{{"message":{message},"finish_reason":"tool_calls"}}]}}"#),
    );
    assert_eq!(text(&run.output), message);
    assert_eq!(text(&run.tool_calls[0].input), "{}");
    assert_eq!(run.output_preview, "tool: f()");
}

#[test]
fn reasoning_is_read_from_the_fields_of_many_providers() {
    for message in [
        r#"{"role":"assistant","content":"4","reasoning_content":"2+2"}"#,
        r#"{"role":"assistant","content":"4","reasoning":"2+2"}"#,
        r#"{"role":"assistant","content":[{"type":"thinking","thinking":[{"type":"text","text":"2+2"}]},
            {"type":"text","text":"4"}]}"#,
    ] {
        let run =
            exchange("{\"messages\":[]}", &format!(r#"{{"choices":[{{"message":{message}}}]}}"#));
        assert_eq!(run.reasoning.len(), 1, "{message}");
        assert_eq!(run.reasoning[0].text, "2+2");
        assert_eq!(text(&run.output), message);
    }
}

#[test]
fn bodies_stored_as_strings_are_read() {
    let request = Json::string(REQUEST);
    let response = Json::string(RESPONSE);
    let run = exchange(request.as_str(), response.as_str());
    assert_eq!(run.version.snapshot.model.as_deref(), Some("m-1"));
    assert_eq!(run.output_preview, "Assistant: Bar.");
    assert_eq!(text(&run.completions[0].request), request.as_str());
}

#[test]
fn what_is_not_understood_is_kept_as_it_came() {
    let run = exchange(r#"{"audio":"x"}"#, r#"{"vectors":[[1,2]]}"#);
    assert_eq!(text(&run.input), r#"{"audio":"x"}"#);
    assert_eq!(text(&run.output), r#"{"vectors":[[1,2]]}"#);
    let closed = exchange(r#"{"messages":[]}"#, r#""<html>Bad gateway</html>""#);
    assert_eq!(text(&closed.output), r#""<html>Bad gateway</html>""#);
}

#[test]
fn old_completions_and_functions_are_read() {
    let run = exchange(
        r#"{"model":"m","prompt":"Once","functions":[{"name":"f"}]}"#,
        r#"{"choices":[{"text":" upon","index":0,"finish_reason":"length"}],"usage":{"prompt_tokens":1}}"#,
    );
    assert_eq!(text(&run.input), r#"{"messages":[{"role":"user","content":"Once"}]}"#);
    assert_eq!(text(&run.output), r#"{"role":"assistant","content":" upon"}"#);
    let tools = run.version.snapshot.tools.unwrap();
    assert_eq!(tools[0]["function"]["name"], "f");
}
