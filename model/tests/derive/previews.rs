//! Previews of chats.

use crate::help::run;

fn input(json: &str) -> String {
    run(&format!(r#"{{"agent":"a","input":{json}}}"#)).input_preview
}

fn output(json: &str) -> String {
    run(&format!(r#"{{"agent":"a","output":{json}}}"#)).output_preview
}

#[test]
fn what_was_said_after_the_last_answer_is_shown() {
    let chat = r#"{"messages":[{"role":"system","content":"s"},{"role":"user","content":"first"},
        {"role":"assistant","content":"a"},{"role":"user","content":"se\ncond"},{"role":"user","content":"third"}]}"#;
    assert_eq!(input(chat), "User: se cond third");
    let tool = r#"{"messages":[{"role":"assistant","content":null},{"role":"tool","content":"{\"c\":12}"},{"role":"user","content":"so?"}]}"#;
    assert_eq!(input(tool), "Tool: c: 12 | User: so?");
    let with_variables = r#"{"name":"Ann","messages":[{"role":"user","content":"Hi"}]}"#;
    assert_eq!(input(with_variables), "name: Ann | User: Hi");
    assert_eq!(input(r#"{"messages":[]}"#), "-");
}

#[test]
fn pictures_are_links() {
    let chat = r#"{"messages":[{"role":"user","content":[{"type":"text","text":"See"},
        {"type":"image_url","image_url":{"url":"https://e.org/a.png"}},
        {"type":"image","source":{"type":"base64","media_type":"image/png","data":"AAAA"}}]}]}"#;
    assert_eq!(input(chat), "User: See [[img:https://e.org/a.png]] [[img:]]");
}

#[test]
fn answers_are_text_or_tools() {
    assert_eq!(output(r#"{"role":"assistant","content":"Hi"}"#), "Assistant: Hi");
    let calls = r#"{"role":"assistant","content":null,"tool_calls":[
        {"id":"1","function":{"name":"f","arguments":"{\"a\":\"x\",\"b\":2}"}},
        {"id":"2","function":{"name":"g","arguments":"{}"}}]}"#;
    assert_eq!(output(calls), r#"tools: [f(a: "x", b: 2), g()]"#);
    assert_eq!(output(r#"{"role":"admin","level":2}"#), "role: admin, level: 2");
    assert_eq!(output(r#""plain""#), "plain");
}

#[test]
fn previews_have_at_most_255_characters() {
    let long =
        format!(r#"{{"messages":[{{"role":"user","content":"{}"}}]}}"#, "é".repeat(1_000_000));
    let preview = input(&long);
    assert_eq!(preview.chars().count(), 255);
    assert!(preview.ends_with('…'));
}
