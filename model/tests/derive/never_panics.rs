//! Whatever comes in, nothing panics, and what must be kept is kept.

use model::message::{message_of_output, messages_of_input};
use model::{Json, dialect, preview};
use proptest::prelude::*;

use crate::help::{text, try_complete};

/// Words that steer the readers into their branches.
const WORDS: [&str; 40] = [
    "messages",
    "role",
    "content",
    "type",
    "text",
    "tool_calls",
    "function",
    "arguments",
    "id",
    "name",
    "input",
    "output",
    "choices",
    "message",
    "delta",
    "index",
    "usage",
    "error",
    "code",
    "assistant",
    "user",
    "tool",
    "system",
    "message_start",
    "content_block_delta",
    "content_block_start",
    "content_block",
    "tool_use",
    "tool_result",
    "thinking",
    "reasoning",
    "summary",
    "response.completed",
    "response",
    "response.output_text.delta",
    "candidates",
    "parts",
    "source",
    "image_url",
    "prompt_tokens",
];

fn word() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => prop::sample::select(&WORDS[..]).prop_map(str::to_owned),
        1 => ".{0,6}",
    ]
}

/// JSON text made of such words, with escapes that text cannot hold.
fn any_json() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        Just("true".to_owned()),
        Just("1.50".to_owned()),
        Just("-0".to_owned()),
        Just(r#""\ud83d\u0000""#.to_owned()),
        Just(r#""{\"a\":1}""#.to_owned()),
        word().prop_map(|word| Json::string(&word).as_str().to_owned()),
    ];
    leaf.prop_recursive(6, 48, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5)
                .prop_map(|items| format!("[{}]", items.join(", "))),
            prop::collection::vec((word(), inner), 0..7).prop_map(|members| {
                let members: Vec<String> = members
                    .iter()
                    .map(|(key, value)| format!("{} :{value}", Json::string(key).as_str()))
                    .collect();
                format!("{{{}}}", members.join(","))
            }),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn any_text_is_read_or_refused(text in ".{0,200}") {
        let _ = try_complete(&text);
    }

    #[test]
    fn any_field_is_read_or_refused(value in any_json(), field in word()) {
        let field = Json::string(&field);
        let _ = try_complete(&format!(r#"{{"agent":"a","input":1,{}:{value}}}"#, field.as_str()));
        for known in ["version", "metadata", "tool_calls", "private_fields", "error", "id"] {
            let _ = try_complete(&format!(r#"{{"agent":"a","input":1,"{known}":{value}}}"#));
        }
    }

    #[test]
    fn any_exchange_is_completed_and_kept(request in any_json(), response in any_json()) {
        let sent = format!(
            r#"{{"agent":"a","completions":[{{"request":{request},"response":{response}}}]}}"#
        );
        let run = try_complete(&sent).unwrap().run;
        if response != "null" {
            prop_assert!(run.output.is_some());
            prop_assert_eq!(text(&run.completions[0].response), response);
        }
        if request != "null" {
            prop_assert!(run.input.is_some());
            prop_assert_eq!(text(&run.completions[0].request), request);
        }
        prop_assert!(run.input_preview.chars().count() <= 255);
        prop_assert!(run.output_preview.chars().count() <= 255);
        serde_json::to_string(&run).unwrap();
    }

    #[test]
    fn given_input_and_output_are_kept(input in any_json(), output in any_json(), response in any_json()) {
        let sent = format!(
            r#"{{"agent":"a","error":{{"code":"x"}},"input":{input} , "output": {output},
            "completions":[{{"response":{response}}}]}}"#
        );
        let run = try_complete(&sent).unwrap().run;
        if input != "null" {
            prop_assert_eq!(text(&run.input), input);
        }
        if output != "null" {
            prop_assert_eq!(text(&run.output), output);
        }
    }

    #[test]
    fn any_stream_is_folded(events in prop::collection::vec(any_json(), 0..12), end in "[\r\n:x\\[\\]]{0,4}") {
        let stream: String = events.iter().map(|data| format!("data: {data}{end}\n\n")).collect();
        let answer = dialect::answer_of_response(None, &Json::string(&stream));
        if let Some(raw) = answer.raw_message {
            prop_assert!(message_of_output(&raw).is_some());
        }
        let listed = Json::from_text(&format!("[{}]", events.join(","))).unwrap();
        let _ = dialect::answer_of_response(None, &listed);
    }

    #[test]
    fn any_value_is_drawn(value in any_json()) {
        let json = Json::from_text(&value).unwrap();
        let _ = messages_of_input(&json);
        prop_assert_eq!(message_of_output(&json).is_none(), value == "null");
        for line in [preview::of_value(&json), preview::of_input(&json), preview::of_output(&json)] {
            prop_assert!(!line.is_empty() && line.chars().count() <= 255);
        }
    }

    #[test]
    fn private_fields_leave_json(value in any_json(), path in prop::collection::vec(word(), 1..4)) {
        let path: Vec<String> =
            path.iter().map(|word| Json::string(word).as_str().to_owned()).collect();
        let path = Json::string(&format!("input.{}", path.join(".")));
        let sent = format!(
            r#"{{"agent":"a","output":1,"input":{value},"private_fields":[{}]}}"#,
            path.as_str()
        );
        if let Ok(new) = try_complete(&sent) {
            prop_assert!(new.run.input.is_some() || value == "null");
        }
    }
}
