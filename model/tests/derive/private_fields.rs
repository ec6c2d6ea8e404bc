//! Private fields.

use crate::help::{error, run, text};

fn input_without(paths: &str, input: &str) -> String {
    let sent = format!(r#"{{"agent":"a","input":{input},"output":1,"private_fields":{paths}}}"#);
    text(&run(&sent).input).to_owned()
}

#[test]
fn only_the_named_bytes_go() {
    let input = r#"{ "a" : 1.0 , "user":{"email":"x@y.z", "name":"Zo\u00e9"},"b":[ 1 ] }"#;
    let without = r#"{ "a" : 1.0 , "user":{"name":"Zo\u00e9"},"b":[ 1 ] }"#;
    assert_eq!(input_without(r#"["input.user.email"]"#, input), without);
    let last = r#"{ "a" : 1.0 , "user":{"email":"x@y.z"},"b":[ 1 ] }"#;
    assert_eq!(input_without(r#"["input.user.name"]"#, input), last);
    assert_eq!(input_without(r#"["input.nothing.here"]"#, input), input);
    assert_eq!(input_without(r#"["input.a","input.b","input.user"]"#, input), "{  }");
}

#[test]
fn keys_are_found_however_they_are_written_and_repeated() {
    assert_eq!(input_without(r#"["input.a"]"#, r#"{"\u0061":1,"b":2,"a":3}"#), r#"{"b":2}"#);
    assert_eq!(
        input_without(r#"["input.\"a.b\""]"#, r#"{"a.b":1,"a":{"b":2}}"#),
        r#"{"a":{"b":2}}"#
    );
}

#[test]
fn lists_are_walked() {
    let list = r#"{"u":[{"ssn":1,"n":2},{"ssn":3}, 4]}"#;
    let without = r#"{"u":[{"n":2},{}, 4]}"#;
    assert_eq!(input_without(r#"["input.u[].ssn"]"#, list), without);
    assert_eq!(input_without(r#"["input.u.ssn"]"#, list), without);
    assert_eq!(input_without(r#"["input.u[1]"]"#, list), r#"{"u":[{"ssn":1,"n":2},4]}"#);
    assert_eq!(input_without(r#"["input.u.0.ssn"]"#, list), r#"{"u":[{"n":2},{"ssn":3}, 4]}"#);
    assert_eq!(input_without(r#"["input.u[]"]"#, list), r#"{"u":[]}"#);
}

const EXCHANGE: &str = r#""completions":[{"request":{"model":"m","messages":[
    {"role":"system","content":"Answer secret@x."},{"role":"user","content":"I am secret@x"}]},
    "response":{"choices":[{"message":{"role":"assistant","content":"{\"ssn\":\"secret@x\",\"ok\":1}",
    "reasoning":"secret@x","tool_calls":[{"id":"c","function":{"name":"f","arguments":"{\"m\":\"secret@x\"}"}}]}}],
    "usage":{"prompt_tokens":3}}}]"#;

#[test]
fn a_private_input_is_nowhere_else() {
    let run = run(&format!(
        r#"{{"agent":"a","input":{{"mail":"secret@x","q":1}},"output":{{"ok":1}},
        "reasoning":[{{"text":"-"}}],"tool_calls":[{{"name":"f"}}],
        "private_fields":["input.mail","output.ssn"],{EXCHANGE}}}"#
    ));
    assert_eq!(text(&run.input), r#"{"q":1}"#);
    assert_eq!(run.completions[0].request, None);
    assert!(run.completions[0].response.is_some(), "the output had nothing private");
    assert_eq!(run.version.snapshot.messages, None);
    assert_eq!(run.version.snapshot.model.as_deref(), Some("m"));
    assert_eq!(run.version.id, run.version.snapshot.id());
    assert_eq!(run.usage.input_tokens, Some(3));
}

#[test]
fn private_fields_leave_no_trace() {
    let run = run(&format!(
        r#"{{"agent":"a","input":{{"mail":"secret@x"}},
        "private_fields":["input.mail","output.ssn"],{EXCHANGE}}}"#
    ));
    assert_eq!(text(&run.output), r#"{"ok":1}"#);
    assert!(!serde_json::to_string(&run).unwrap().contains("secret"));
}

#[test]
fn whole_sides_can_be_private() {
    let run =
        run(&format!(r#"{{"agent":"a","private_fields":["input","task_output"],{EXCHANGE}}}"#));
    assert_eq!((run.input, run.output), (None, None));
    assert_eq!((run.input_preview.as_str(), run.output_preview.as_str()), ("", ""));
    assert_eq!(run.completions[0].response, None);
}

#[test]
fn metadata_keys_may_hold_dots() {
    let run =
        run(r#"{"agent":"a","input":1,"metadata":{"user.id":1,"user":{"id":2,"k":3},"plan":4},
        "completions":[{"request":{"messages":[],"metadata":{"user.id":"1"}}}],
        "private_fields":["metadata.user.id"]}"#);
    let left: Vec<_> =
        run.metadata.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
    assert_eq!(left, [("plan", "4"), ("user", r#"{"k":3}"#)]);
    assert_eq!(run.completions[0].request, None);
}

#[test]
fn what_is_no_path_refuses_the_run() {
    let refused = error(r#"{"agent":"a","input":1,"private_fields":["input.a","email"]}"#);
    assert_eq!(refused.field.as_deref(), Some("private_fields[1]"));
}

#[test]
fn a_private_answer_is_not_told_by_its_error() {
    let run = run(r#"{"agent":"a","private_fields":["output"],"completions":[
        {"request":{"model":"m","messages":[]},
         "response":{"error":{"message":"secret@x","code":"secret","param":"secret@x"}}}]}"#);
    assert_eq!(run.status, model::RunStatus::Failure);
    assert_eq!(run.error.as_ref().map(|error| error.code.as_str()), Some("private"));
    let stored = serde_json::to_string(&run).unwrap();
    assert!(!stored.contains("secret"), "{stored}");
}

#[test]
fn an_error_that_the_client_tells_itself_stays() {
    let run = run(r#"{"agent":"a","output":"secret@x","private_fields":["output"],
        "error":{"code":"late","message":"too late"}}"#);
    assert_eq!(run.error.as_ref().map(|error| error.code.as_str()), Some("late"));
}

#[test]
fn what_else_stood_in_a_private_request_is_gone() {
    let run =
        run(r#"{"agent":"a","input":{"a":{"secret":"S3"}},"private_fields":["input.a.secret"],
        "output":1,"completions":[{"request":{"model":"m","a":{"secret":"S3"}},"response":{}}]}"#);
    let stored = serde_json::to_string(&run).unwrap();
    assert!(!stored.contains("S3"), "{stored}");
}
