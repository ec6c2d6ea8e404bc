//! Gemini's `generateContent`.

use crate::help::{counts, exchange, stream, text};

const REQUEST: &str = r#"{"systemInstruction":{"parts":[{"text":"Be brief."}]},
    "contents":[{"role":"user","parts":[{"text":"Hi"}]}],
    "generationConfig":{"temperature":0.5,"maxOutputTokens":9}}"#;

#[test]
fn an_answer_is_read() {
    let content = r#"{"parts":[{"text":"Hm","thought":true},{"text":"Hello"},{"functionCall":{"name":"f","args":{"x":1.0}}}],"role":"model"}"#;
    let run = exchange(
        REQUEST,
        &format!(
            r#"{{"candidates":[{{"content":{content},"finishReason":"STOP"}}],"modelVersion":"g-1",
            "usageMetadata":{{"promptTokenCount":3,"candidatesTokenCount":4,"thoughtsTokenCount":5}}}}"#
        ),
    );
    assert_eq!(text(&run.input), r#"{"messages":[{"role":"user","parts":[{"text":"Hi"}]}]}"#);
    assert_eq!(text(&run.output), content);
    assert_eq!(run.version.snapshot.temperature, Some(0.5));
    assert_eq!(run.version.snapshot.max_tokens, Some(9));
    assert_eq!(run.version.snapshot.messages.as_ref().map(Vec::len), Some(1));
    assert_eq!(counts(&run.usage), [Some(3), None, Some(9), Some(5)]);
    assert_eq!(run.completions[0].finish_reason.as_deref(), Some("STOP"));
    assert_eq!(run.reasoning[0].text, "Hm");
    assert_eq!(text(&run.tool_calls[0].input), r#"{"x":1.0}"#);
}

#[test]
fn a_list_that_was_cut_off_is_a_stream() {
    // What is streamed without `alt=sse` is a list.
    let events = "[{\n \"candidates\": [{\"content\": {\"role\": \"model\", \"parts\": [{\"text\": \"Hel\"}]}}],\n \"usageMetadata\": {\"promptTokenCount\": 3, \"toolUsePromptTokenCount\": 4}\n}\n,\r\n{\n \"candidates\": [{\"content\": {\"parts\": [{\"text\": \"lo\"}]}}]\n}\n,\r\n{\"cand";
    let run = exchange(REQUEST, model::Json::string(events).as_str());
    assert_eq!(text(&run.output), r#"{"role":"model","parts":[{"text":"Hello"}]}"#);
    assert_eq!(counts(&run.usage), [Some(7), None, None, None]);
}

#[test]
fn a_stream_is_folded() {
    let run = exchange(
        REQUEST,
        &stream(&[
            r#"{"candidates":[{"content":{"role":"model","parts":[{"text":"Hel"}]}}]}"#,
            r#"{"candidates":[{"content":{"role":"model","parts":[{"text":"lo"}]},"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":3}}"#,
        ]),
    );
    assert_eq!(text(&run.output), r#"{"role":"model","parts":[{"text":"Hello"}]}"#);
    assert_eq!(run.output_preview, "Assistant: Hello");
}
