//! Fields of a run that are refused, ignored or completed.

use crate::help::{NOW, complete, error, run};
use model::{RunId, Source, Timestamp};

fn refused(text: &str) -> (&'static str, Option<String>) {
    let error = error(text);
    (error.code, error.field)
}

fn of(code: &'static str, field: &str) -> (&'static str, Option<String>) {
    (code, Some(field.to_owned()))
}

#[test]
fn what_cannot_be_read_is_named() {
    assert_eq!(refused("{"), ("invalid_json", None));
    assert_eq!(refused(r#"{"agent":"a","input":1} x"#), ("invalid_json", None));
    assert_eq!(refused("3"), ("invalid_run", None));
    assert_eq!(refused("[]"), ("invalid_run", None));
    assert_eq!(refused(r#"{"agent":"a","inputs":1}"#), of("unknown_field", "inputs"));
    let nested = r#"{"agent":"a","completions":[{},{"prompt":1}]}"#;
    assert_eq!(refused(nested), of("unknown_field", "completions[1].prompt"));
    assert_eq!(refused(r#"{"agent":3,"input":1}"#), of("invalid_field", "agent"));
    let usage = r#"{"agent":"a","completions":[{"usage":{"input_tokens":-1}}]}"#;
    assert_eq!(refused(usage), of("invalid_field", "completions[0].usage.input_tokens"));
    assert_eq!(refused(r#"{"agent":"a","error":{}}"#), of("missing_field", "error.code"));
    assert_eq!(
        refused(r#"{"agent":"a","input":1,"source":"mail"}"#),
        of("invalid_field", "source")
    );
    assert_eq!(
        refused(r#"{"agent":"a","input":1,"metadata":[]}"#),
        of("invalid_field", "metadata")
    );
}

#[test]
fn a_run_needs_an_agent_and_something_to_say() {
    assert_eq!(refused(r#"{"input":1}"#), of("missing_field", "agent"));
    assert_eq!(refused(r#"{"agent":"!","input":1}"#), of("invalid_field", "agent"));
    for empty in [r#"{"agent":"a"}"#, r#"{"agent":"a","input":null,"completions":[]}"#] {
        assert_eq!(refused(empty), of("missing_field", "input"));
    }
    assert_eq!(run(r#"{"agent":"My Agent","output":1}"#).agent.as_str(), "my-agent");
}

#[test]
fn nesting_beyond_the_readers_depth_is_refused_or_kept() {
    let deep = "[".repeat(500) + &"]".repeat(500);
    let version = format!(r#"{{"agent":"a","input":1,"version":{{"x":{deep}}}}}"#);
    assert_eq!(refused(&version).0, "invalid_field");
    let kept = run(&format!(r#"{{"agent":"a","input":{deep},"metadata":{{"k":{deep}}}}}"#));
    assert_eq!(kept.input.unwrap().as_str(), deep);
}

#[test]
fn a_run_beyond_the_limit_is_refused_with_it() {
    let text = format!(r#"{{"agent":"a","input":"{}"}}"#, "x".repeat(20 * 1024 * 1024));
    let error = error(&text);
    assert_eq!((error.code, error.limit), ("too_large", Some(20 * 1024 * 1024)));
}

#[test]
fn labels_have_a_length() {
    let long = "é".repeat(513);
    for field in ["environment", "conversation_id", "trace_id", "span_id"] {
        let error = error(&format!(r#"{{"agent":"a","input":1,"{field}":"{long}"}}"#));
        assert_eq!((error.field.as_deref(), error.limit), (Some(field), Some(512)));
        run(&format!(r#"{{"agent":"a","input":1,"{field}":"{}"}}"#, "é".repeat(512)));
    }
    let key = error(&format!(r#"{{"agent":"a","input":1,"metadata":{{"{long}":1}}}}"#));
    assert_eq!(key.limit, Some(512));
}

#[test]
fn ids_become_run_ids_or_keys() {
    let v7 = "0195dd7a-6977-7197-7ec3-4fc44ade50dc";
    let own = complete(&format!(r#"{{"agent":"a","input":1,"id":"{v7}"}}"#));
    assert_eq!(own.run.id, v7.parse::<RunId>().unwrap());
    assert_eq!(own.run.created_at, own.run.id.timestamp());
    assert_eq!(own.client_key, None);

    let v4 = "6f1c2f0e-4b7a-4d0e-9b57-0a1b2c3d4e5f";
    let at = "2026-01-02T03:04:05.678901Z";
    let keyed = complete(&format!(r#"{{"agent":"a","input":1,"id":"{v4}","created_at":"{at}"}}"#));
    assert_eq!(keyed.client_key.map(|key| key.to_string()).as_deref(), Some(v4));
    assert_eq!(keyed.run.created_at.to_string(), at);
    assert_eq!(keyed.run.id.timestamp().as_unix_millis(), keyed.run.created_at.as_unix_millis());

    let minted = complete(r#"{"agent":"a","input":1}"#);
    assert_eq!(minted.run.created_at, NOW.parse::<Timestamp>().unwrap());
    assert_eq!(refused(r#"{"agent":"a","input":1,"id":"run-1"}"#), of("invalid_id", "id"));
    let parent = r#"{"agent":"a","input":1,"parent_run_id":"x"}"#;
    assert_eq!(refused(parent), of("invalid_id", "parent_run_id"));
}

#[test]
fn times_must_be_plausible() {
    for wrong in ["1999-01-01T00:00:00Z", "2026-11-24T00:00:00Z", "yesterday"] {
        let text = format!(r#"{{"agent":"a","input":1,"created_at":"{wrong}"}}"#);
        assert_eq!(refused(&text), of("invalid_time", "created_at"), "{wrong}");
    }
}

#[test]
fn what_goes_out_comes_in_again() {
    let sent =
        run(r#"{"agent":"a","schema":2,"input":{"x":1.0},"output":"y","metadata":{"k":[1.0]},
        "version":{"model":"m"},"source":"sdk","completions":[{"request":{"messages":[]}}]}"#);
    let out = serde_json::to_string(&sent).unwrap();
    assert_eq!(run(&out), sent);
}

#[test]
fn exported_fields_are_ignored() {
    let run = run(
        r#"{"agent":"a","input":1,"url":"https://x","input_preview":"old","output_preview":{}}"#,
    );
    assert_eq!((run.url.as_str(), run.input_preview.as_str()), ("", "1"));
}

#[test]
fn the_source_is_the_doors_unless_given() {
    assert_eq!(run(r#"{"agent":"a","input":1}"#).source, Source::Api);
    assert_eq!(run(r#"{"agent":"a","input":1,"source":"import"}"#).source, Source::Import);
}

#[test]
fn half_surrogate_pairs_and_null_bytes_are_taken() {
    let text = r#"{"agent":"a","input":"\ud83d","error":{"code":"x","message":"cut \ud83d"},
        "version":{"instructions":"\u0000\udc00"}}"#;
    let run = run(text);
    assert_eq!(run.input.unwrap().as_str(), r#""\ud83d""#);
    assert_eq!(run.error.unwrap().message, "cut \u{fffd}");
    assert_eq!(run.version.snapshot.instructions.as_deref(), Some("\0\u{fffd}"));
}
