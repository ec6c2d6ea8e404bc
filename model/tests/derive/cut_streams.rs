//! Streams that ended before their answers: what they count of these is a part.

use crate::help::{counts, exchange, stream};

const REQUEST: &str = r#"{"model":"m","stream":true,"messages":[]}"#;

/// A chunk of OpenAI's form that counts what has come so far.
fn chunk(choices: &str, counted: [u64; 2]) -> String {
    let [prompt, answer] = counted;
    format!(
        r#"{{"model":"m","choices":[{choices}],"usage":{{"prompt_tokens":{prompt},"completion_tokens":{answer},"total_tokens":{},"cost":0.5}}}}"#,
        prompt + answer
    )
}

fn text(number: u64) -> String {
    format!(r#"{{"index":{number},"delta":{{"content":"x"}},"finish_reason":null}}"#)
}

fn end(number: u64, reason: &str) -> String {
    format!(r#"{{"index":{number},"delta":{{}},"finish_reason":"{reason}"}}"#)
}

/// The output tokens of a stream in OpenAI's form, each chunk counting one more.
fn output_of(chunks: &[String]) -> Option<u64> {
    let chunks: Vec<String> =
        (1..).zip(chunks).map(|(answer, choices)| chunk(choices, [9, answer])).collect();
    let events: Vec<&str> = chunks.iter().map(String::as_str).collect();
    let run = exchange(REQUEST, &stream(&events));
    assert_eq!(run.usage.input_tokens, Some(9));
    // So it is with what a provider says that it charged.
    assert_eq!(run.usage.output_tokens.is_some(), run.cost.is_some());
    run.usage.output_tokens
}

#[test]
fn chunks_that_count_what_has_come_count_no_answer() {
    assert_eq!(output_of(&[text(0), text(0)]), None);
    assert_eq!(output_of(&[text(0), end(0, "stop")]), Some(2));
    // Some servers say an empty reason until the end.
    assert_eq!(output_of(&[end(0, ""), end(0, "")]), None);
    assert_eq!(output_of(&[text(0), end(0, "length"), text(0)]), Some(3));
    // The last one, of OpenAI, has no choice; the first of others neither.
    assert_eq!(output_of(&[text(0), String::new()]), Some(2));
    assert_eq!(output_of(&[String::new(), text(0)]), None);
    // One of two answers is not whole.
    assert_eq!(output_of(&[text(0), text(1), end(0, "stop"), text(1)]), None);
    assert_eq!(output_of(&[text(0), text(1), end(0, "stop"), end(1, "stop")]), Some(4));
}

#[test]
fn counts_before_the_end_are_not_those_of_the_end() {
    let first = chunk(&text(0), [9, 1]);
    let last = format!(r#"{{"choices":[{}]}}"#, end(0, "stop"));
    let run = exchange(REQUEST, &stream(&[&first, &last]));
    assert_eq!(counts(&run.usage), [Some(9), None, None, None]);
}

#[test]
fn a_choice_may_hold_the_usage() {
    let last = r#"{"choices":[{"index":0,"delta":{},"finish_reason":"stop","usage":{"prompt_tokens":7,"completion_tokens":9,"cached_tokens":4}}]}"#;
    let run = exchange(REQUEST, &stream(&[&format!(r#"{{"choices":[{}]}}"#, text(0)), last]));
    assert_eq!(counts(&run.usage), [Some(7), Some(4), Some(9), None]);
}

#[test]
fn gemini_s_chunks_count_an_answer_at_its_end() {
    let chunk = |rest: &str, thoughts: u64| {
        format!(
            r#"{{"candidates":[{{"content":{{"parts":[{{"text":"x"}}]}}{rest}}}],"usageMetadata":{{"promptTokenCount":3,"candidatesTokenCount":4,"thoughtsTokenCount":{thoughts},"totalTokenCount":{}}}}}"#,
            7 + thoughts
        )
    };
    let (first, last) = (chunk("", 5), chunk(r#","finishReason":"STOP""#, 8));
    let of = |events: &[&str]| counts(&exchange(r#"{"contents":[]}"#, &stream(events)).usage);
    assert_eq!(of(&[&first, &first]), [Some(3), None, None, None]);
    assert_eq!(of(&[&first, &last]), [Some(3), None, Some(12), Some(8)]);
    // One that came whole and does not say why it ended.
    let whole = exchange(r#"{"contents":[]}"#, &first);
    assert_eq!(counts(&whole.usage), [Some(3), None, Some(9), Some(5)]);
    let snake = first.replace("usageMetadata", "usage_metadata");
    let whole = exchange(r#"{"contents":[]}"#, &snake);
    assert_eq!(counts(&whole.usage), [Some(3), None, Some(9), Some(5)]);
}

#[test]
fn gemini_s_thoughts_in_openai_s_form_stand_in_the_total() {
    let usage = r#""usage":{"prompt_tokens":10,"completion_tokens":20,"total_tokens":230}"#;
    let of = |model: &str| {
        let body = format!(
            r#"{{"model":"{model}","choices":[{{"index":0,"message":{{"role":"assistant","content":"x"}},"finish_reason":"stop"}}],{usage}}}"#
        );
        let whole = exchange(REQUEST, &body).usage;
        let events = format!(
            r#"{{"model":"{model}","choices":[{{"index":0,"delta":{{"content":"x"}},"finish_reason":"stop"}}],{usage}}}"#
        );
        let streamed = exchange(REQUEST, &stream(&[&events])).usage;
        assert_eq!(whole, streamed, "{model}");
        counts(&whole)
    };
    assert_eq!(of("gemini-2.5-flash"), [Some(10), None, Some(220), Some(200)]);
    assert_eq!(of("other"), [Some(10), None, None, None]);
}

#[test]
fn a_response_in_progress_counts_no_answer() {
    let of = |status: &str| {
        let event = format!(
            r#"{{"type":"response.{status}","response":{{"object":"response","model":"priced","status":"{status}","output":[],"usage":{{"input_tokens":9,"output_tokens":1}}}}}}"#
        );
        counts(&exchange(r#"{"input":"x"}"#, &stream(&[&event])).usage)
    };
    assert_eq!(of("in_progress"), [Some(9), None, None, None]);
    assert_eq!(of("completed"), [Some(9), None, Some(1), None]);
}
