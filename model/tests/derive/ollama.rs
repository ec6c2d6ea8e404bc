//! Ollama's own API, whose streams are lines of JSON.

use crate::help::{counts, exchange, text};
use model::{Json, RunStatus};

const REQUEST: &str = r#"{"model":"qwen3","messages":[{"role":"user","content":"Hi"}]}"#;
const LINES: [&str; 4] = [
    r#"{"model":"qwen3","created_at":"t","message":{"role":"assistant","content":"","thinking":"Hm"},"done":false}"#,
    r#"{"model":"qwen3","created_at":"t","message":{"role":"assistant","content":"Hel"},"done":false}"#,
    r#"{"model":"qwen3","created_at":"t","message":{"role":"assistant","content":"lo","tool_calls":[{"function":{"name":"f","arguments":{"c":"Oslo"}}},{"function":{"name":"f","arguments":{"c":"Rome"}}}]},"done":false}"#,
    r#"{"model":"qwen3","created_at":"t","message":{"role":"assistant","content":""},"done":true,"done_reason":"stop","prompt_eval_count":11,"eval_count":3}"#,
];

fn lines(lines: &[&str], end: &str) -> String {
    let text: String = lines.iter().map(|line| format!("{line}{end}")).collect();
    Json::string(&text).as_str().to_owned()
}

#[test]
fn a_stream_of_lines_is_an_exchange() {
    let listed = format!("[{}]", LINES.join(","));
    for response in [lines(&LINES, "\n"), lines(&LINES, "\r\n"), listed] {
        let run = exchange(REQUEST, &response);
        assert_eq!(
            text(&run.output),
            r#"{"role":"assistant","content":"Hello","thinking":"Hm","tool_calls":[{"function":{"name":"f","arguments":{"c":"Oslo"}}},{"function":{"name":"f","arguments":{"c":"Rome"}}}]}"#
        );
        assert_eq!(counts(&run.usage), [Some(11), None, Some(3), None]);
        assert_eq!(run.completions[0].finish_reason.as_deref(), Some("stop"));
        assert_eq!(run.completions[0].model.as_deref(), Some("qwen3"));
        let inputs: Vec<_> = run.tool_calls.iter().map(|call| text(&call.input)).collect();
        assert_eq!(inputs, [r#"{"c":"Oslo"}"#, r#"{"c":"Rome"}"#]);
        assert_eq!(run.reasoning[0].text, "Hm");
        assert_eq!(text(&run.completions[0].response), response);
    }
}

#[test]
fn a_stream_that_breaks_keeps_what_came_and_counts_nothing() {
    let cut = Json::string(&format!("{}\n{}\n{{\"model", LINES[0], LINES[1]));
    let run = exchange(REQUEST, cut.as_str());
    assert!(text(&run.output).contains(r#""content":"Hel""#), "{}", text(&run.output));
    assert_eq!(counts(&run.usage), [None; 4]);
}

#[test]
fn generated_text_is_an_answer_whole_and_in_lines() {
    let last = r#"{"model":"qwen3","response":"lo","done":true,"done_reason":"stop","prompt_eval_count":2,"eval_count":1}"#;
    let first = r#"{"model":"qwen3","response":"Hel","thinking":"Hm","done":false}"#;
    let request = r#"{"model":"qwen3","prompt":"Hi"}"#;
    let streamed = exchange(request, &lines(&[first, last], "\n"));
    assert_eq!(text(&streamed.output), r#"{"role":"assistant","content":"Hello","thinking":"Hm"}"#);
    let whole = exchange(request, last);
    assert_eq!(text(&whole.output), r#"{"role":"assistant","content":"lo"}"#);
    assert_eq!(counts(&whole.usage), [Some(2), None, Some(1), None]);
}

#[test]
fn a_line_that_is_an_error_fails_the_run() {
    let run = exchange(REQUEST, &lines(&[LINES[1], r#"{"error":"out of memory"}"#], "\n"));
    assert_eq!(run.status, RunStatus::Failure);
    assert_eq!(run.error.map(|error| error.message).as_deref(), Some("out of memory"));
    assert!(text(&run.output).contains("Hel"));
}
