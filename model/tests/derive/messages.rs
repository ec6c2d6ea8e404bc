//! Messages of every dialect in the normal form.

use model::message::{message_of_output, messages_of_input, messages_of_version};
use model::{Json, Message, MessageRole, Part, Version, dialect};

fn json(text: &str) -> Json {
    Json::from_text(text).unwrap()
}

fn message(text: &str) -> Message {
    messages_of_input(&json(&format!(r#"{{"messages":[{text}]}}"#))).remove(0)
}

/// A short form of parts, for comparing.
fn shown(parts: &[Part]) -> Vec<String> {
    parts
        .iter()
        .map(|part| match part {
            Part::Text(text) => format!("text {text}"),
            Part::Image(media) => format!("image {}", media.url.as_deref().unwrap_or("-")),
            Part::Audio(media) => format!("audio {}", media.url.as_deref().unwrap_or("-")),
            Part::File(media) => {
                format!("file {}", media.url.as_deref().or(media.file_id.as_deref()).unwrap_or("-"))
            }
            Part::ToolCall { id, name, input } => {
                format!("call {} {name} {}", id.as_deref().unwrap_or("-"), input.as_str())
            }
            Part::ToolResult { id, output, is_error, .. } => {
                let word = if *is_error { "failure" } else { "result" };
                format!("{word} {} {}", id.as_deref().unwrap_or("-"), output.as_str())
            }
            Part::Reasoning { text, .. } => format!("thought {text}"),
            Part::Other(json) => format!("other {}", json.as_str()),
        })
        .collect()
}

fn parts(text: &str) -> Vec<String> {
    shown(&message(text).parts)
}

#[test]
fn openai_chat() {
    let text = r#"{"role":"user","content":[{"type":"text","text":"a"},
        {"type":"image_url","image_url":{"url":"https://x/a.png","detail":"low"}},
        {"type":"input_audio","input_audio":{"data":"AA==","format":"mp3"}},
        {"type":"file","file":{"file_id":"file-1"}},
        {"type":"file","file":{"filename":"a.pdf","file_data":"data:application/pdf;base64,AA=="}}]}"#;
    let expected = [
        "text a",
        "image https://x/a.png",
        "audio data:audio/mp3;base64,AA==",
        "file file-1",
        "file data:application/pdf;base64,AA==",
    ];
    assert_eq!(parts(text), expected);
    let answer = r#"{"role":"assistant","content":"","reasoning_content":"t","refusal":"no","tool_calls":[
        {"id":"c","type":"function","function":{"name":"f","arguments":"{\"a\": 1}"}},
        {"id":"d","type":"custom","custom":{"name":"g","input":"free text"}}]}"#;
    let expected = ["thought t", "text no", r#"call c f {"a": 1}"#, r#"call d g "free text""#];
    assert_eq!(parts(answer), expected);
    assert_eq!(parts(r#"{"role":"tool","tool_call_id":"c","content":"12"}"#), [r#"result c "12""#]);
}

#[test]
fn openai_responses() {
    let call = r#"{"type":"function_call","call_id":"c","id":"fc","name":"f","arguments":"{}"}"#;
    assert_eq!(message(call).role, MessageRole::Assistant);
    assert_eq!(parts(call), ["call c f {}"]);
    let result = r#"{"type":"function_call_output","call_id":"c","output":"ok"}"#;
    assert_eq!(message(result).role, MessageRole::Tool);
    assert_eq!(parts(result), [r#"result c "ok""#]);
    let user = r#"{"type":"message","role":"user","content":[{"type":"input_text","text":"a"},
        {"type":"input_image","image_url":"https://x/a.png"},{"type":"input_file","file_id":"f1"}]}"#;
    assert_eq!(parts(user), ["text a", "image https://x/a.png", "file f1"]);
    let search = r#"{"type":"web_search_call","id":"ws","status":"completed","action":{"type":"search","query":"q"}}"#;
    assert_eq!(parts(search), [r#"call ws web_search {"type":"search","query":"q"}"#]);
    let hidden = r#"{"type":"reasoning","id":"rs","summary":[],"encrypted_content":"x"}"#;
    assert_eq!(parts(hidden), ["thought "]);
    let reference = r#"{"type":"item_reference","id":"x"}"#;
    assert_eq!(parts(reference), [format!("other {reference}")]);
}

#[test]
fn anthropic() {
    let text = r#"{"role":"user","content":[
        {"type":"image","source":{"type":"base64","media_type":"image/png","data":"AA=="}},
        {"type":"image","source":{"type":"url","url":"https://x/a.png"}},
        {"type":"document","title":"T","source":{"type":"file","file_id":"f1"}},
        {"type":"tool_result","tool_use_id":"t","is_error":true,"content":[{"type":"text","text":"bad"}]}]}"#;
    let expected = [
        "image data:image/png;base64,AA==",
        "image https://x/a.png",
        "file f1",
        r#"failure t "bad""#,
    ];
    assert_eq!(parts(text), expected);
    let answer = r#"{"role":"assistant","content":[{"type":"thinking","thinking":"t","signature":"s"},
        {"type":"redacted_thinking","data":"x"},
        {"type":"server_tool_use","id":"s","name":"web_search","input":{"query":"q"}},
        {"type":"web_search_tool_result","tool_use_id":"s","content":[{"type":"web_search_result","url":"u"}]}]}"#;
    let expected = [
        "thought t",
        "thought ",
        r#"call s web_search {"query":"q"}"#,
        r#"result s [{"type":"web_search_result","url":"u"}]"#,
    ];
    assert_eq!(parts(answer), expected);
}

#[test]
fn gemini_and_bedrock() {
    let input = json(
        r#"{"contents":[{"role":"model","parts":[{"text":"a"},{"thought":true,"text":"t"},
        {"inlineData":{"mimeType":"image/png","data":"AA=="}},
        {"fileData":{"mimeType":"application/pdf","fileUri":"gs://b/a.pdf"}},
        {"functionCall":{"name":"f","args":{"x":1}}},
        {"functionResponse":{"name":"f","response":{"y":2}}}]}]}"#,
    );
    let messages = messages_of_input(&input);
    assert_eq!(messages[0].role, MessageRole::Assistant);
    let expected = [
        "text a",
        "thought t",
        "image data:image/png;base64,AA==",
        "file gs://b/a.pdf",
        r#"call - f {"x":1}"#,
        r#"result - {"y":2}"#,
    ];
    assert_eq!(shown(&messages[0].parts), expected);
    let bedrock = r#"{"role":"assistant","content":[{"text":"a"},{"toolUse":{"toolUseId":"t","name":"f","input":{}}}]}"#;
    assert_eq!(parts(bedrock), ["text a", "call t f {}"]);
}

#[test]
fn open_telemetry_and_vercel() {
    let otel = r#"{"role":"assistant","parts":[{"type":"text","content":"a"},{"type":"reasoning","content":"t"},
        {"type":"tool_call","id":"c","name":"f","arguments":{"x":1}},
        {"type":"tool_call_response","id":"c","response":"ok"},
        {"type":"blob","modality":"image","mime_type":"image/png","content":"AA=="}]}"#;
    let expected = [
        "text a",
        "thought t",
        r#"call c f {"x":1}"#,
        r#"result c "ok""#,
        "image data:image/png;base64,AA==",
    ];
    assert_eq!(parts(otel), expected);
    let vercel = r#"{"role":"tool","content":[{"type":"tool-result","toolCallId":"c","toolName":"f","result":{"x":1}}]}"#;
    assert_eq!(parts(vercel), [r#"result c {"x":1}"#]);
}

#[test]
fn nothing_is_dropped() {
    for unknown in [
        r#"{"role":"user","content":[{"type":"hologram","x":1.0}]}"#,
        r#"{"role":"user","content":{"type":"text"}}"#,
        r#"{"role":"user","content":[7]}"#,
        r#"{"strange":true}"#,
        "null",
        "[1]",
    ] {
        let parts = message(unknown).parts;
        assert!(matches!(parts.as_slice(), [Part::Other(_)]), "{unknown}: {parts:?}");
    }
}

#[test]
fn outputs_of_any_form_are_one_message() {
    let one = |text: &str| shown(&message_of_output(&json(text)).unwrap().parts);
    assert_eq!(one(r#""hi""#), ["text hi"]);
    assert_eq!(one(r#"{"role":"assistant","content":"hi"}"#), ["text hi"]);
    assert_eq!(
        one(r#"[{"role":"assistant","parts":[{"type":"text","content":"hi"}]}]"#),
        ["text hi"]
    );
    assert_eq!(
        one(r#"{"choices":[{"message":{"role":"assistant","content":"hi"}}]}"#),
        ["text hi"]
    );
    assert_eq!(one(r#"{"x":1}"#), [r#"other {"x":1}"#]);
    assert_eq!(message_of_output(&json("null")), None);
}

#[test]
fn requests_give_messages_tools_and_parameters() {
    let request = json(
        r#"{"model":"m","system":"s","messages":[{"role":"user","content":"u"}],
        "tools":[{"name":"f"}],"temperature":0.50,"stream":true,"stop":null}"#,
    );
    let roles: Vec<_> =
        dialect::messages_of_request(&request).into_iter().map(|message| message.role).collect();
    assert_eq!(roles, [MessageRole::System, MessageRole::User]);
    assert_eq!(dialect::tools_of_request(&request), [json(r#"{"name":"f"}"#)]);
    let parameters = dialect::parameters_of_request(&request);
    let parameters: Vec<_> =
        parameters.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(parameters, [("temperature", "0.50"), ("stream", "true")]);
}

#[test]
fn versions_give_instructions_and_templates() {
    let version = Version {
        instructions: Some("i".to_owned()),
        messages: Some(vec![serde_json::json!({"role":"user","content":"{{ x }}"})]),
        ..Version::default()
    };
    let texts: Vec<_> = messages_of_version(&version).iter().map(Message::joined_text).collect();
    assert_eq!(texts, ["i", "{{ x }}"]);
}

#[test]
fn messages_travel_as_json() {
    let text = r#"{"role":"critic","content":[{"type":"text","text":"a"},{"odd":1.0},
        {"type":"tool_use","id":"t","name":"f","input":{"x":1.0}},
        {"type":"image","source":{"type":"url","url":"https://x/a.png"}}]}"#;
    let sent = message(text);
    let json = serde_json::to_string(&sent).unwrap();
    assert_eq!(serde_json::from_str::<Message>(&json).unwrap(), sent);
    assert!(json.contains(r#""x":1.0"#) && json.contains(r#""odd":1.0"#), "{json}");
}
