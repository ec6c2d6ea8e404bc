//! Which runs are examples for fine-tuning, and in which form.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panic")]

use model::finetune::{LeftOut, example};
use model::incoming::{CompleteContext, IncomingRun};
use model::{Run, Source, Timestamp};
use serde_json::{Value, json};

fn run(run: Value) -> Run {
    let context = CompleteContext {
        now: Timestamp(1_795_341_600_000_000),
        random: 1,
        default_source: Source::Api,
        price: &|_| None,
    };
    IncomingRun::parse(&run.to_string()).unwrap().complete(&context).unwrap().run
}

#[test]
fn a_chat_is_its_messages_and_the_answer() {
    let run = run(json!({
        "agent": "a",
        "version": { "messages": [{ "role": "developer", "content": "Be brief." }] },
        "input": { "messages": [
            { "role": "user", "content": "Weather?" },
            { "role": "assistant", "content": null, "tool_calls": [
                { "id": "c1", "type": "function", "function": { "name": "w", "arguments": "{\"c\":1}" } },
            ] },
            { "role": "tool", "tool_call_id": "c1", "content": "12" },
        ] },
        "output": { "role": "assistant", "content": "Mild" },
    }));
    assert_eq!(
        example(&run).unwrap(),
        json!({ "messages": [
            { "role": "system", "content": "Be brief." },
            { "role": "user", "content": "Weather?" },
            { "role": "assistant", "content": null, "tool_calls": [
                { "id": "c1", "type": "function", "function": { "name": "w", "arguments": "{\"c\":1}" } },
            ] },
            { "role": "tool", "tool_call_id": "c1", "content": "12" },
            { "role": "assistant", "content": "Mild" },
        ] })
    );
}

#[test]
fn what_went_over_the_wire_counts_most() {
    let run = run(json!({
        "agent": "a", "input": { "city": "Paris" }, "output": { "c": 12 },
        "completions": [
            { "request": { "messages": [{ "role": "user", "content": "first" }] },
              "response": { "error": { "message": "no" } }, "error": { "code": "x" } },
            { "request": {
                "model": "claude", "system": "Be brief.", "max_tokens": 9,
                "messages": [{ "role": "user", "content": [{ "type": "text", "text": "Paris?" }] }],
                "tools": [{ "name": "w", "description": "d", "input_schema": { "type": "object" } }] },
              "response": { "type": "message", "role": "assistant", "model": "claude",
                "content": [{ "type": "thinking", "thinking": "hm" }, { "type": "text", "text": "12" }] } },
        ],
    }));
    assert_eq!(
        example(&run).unwrap(),
        json!({
            "messages": [
                { "role": "system", "content": "Be brief." },
                { "role": "user", "content": "Paris?" },
                { "role": "assistant", "content": "12" },
            ],
            "tools": [{ "type": "function", "function": {
                "name": "w", "description": "d", "parameters": { "type": "object" } } }],
        })
    );
}

#[test]
fn others_say_why_not() {
    let cases = [
        (json!({ "agent": "a", "error": { "code": "x" } }), LeftOut::Failed),
        (json!({ "agent": "a", "input": { "n": 1 }, "output": "x" }), LeftOut::NoMessages),
        (
            json!({ "agent": "a", "input": { "messages": [{ "role": "user", "content": "x" }] } }),
            LeftOut::NoAnswer,
        ),
        (
            json!({ "agent": "a", "output": "x", "input": { "messages": [{ "role": "user", "content": [
                { "type": "input_audio", "input_audio": { "data": "AA", "format": "wav" } }] }] } }),
            LeftOut::UnknownContent,
        ),
    ];
    for (sent, reason) in cases {
        assert_eq!(example(&run(sent.clone())), Err(reason), "{sent}");
    }
}
