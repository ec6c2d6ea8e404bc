//! What deltas add up to.

use super::*;
use crate::Json;

type Checked = Result<(), serde_json::Error>;

fn merged(deltas: &[&str]) -> Result<String, serde_json::Error> {
    let mut growing = Growing::default();
    for delta in deltas {
        growing.merge_all(View::of(&Json::from_text(delta)?), 0);
    }
    let mut text = String::new();
    growing.write_members(&mut text);
    Ok(text)
}

#[test]
fn calls_grow_at_their_index() -> Checked {
    let text = merged(&[
        r#"{"tool_calls":[{"index":0,"id":"a","type":"function","function":{"name":"f","arguments":""}}]}"#,
        r#"{"tool_calls":[{"index":1,"id":"b","function":{"name":"g","arguments":"{}"}}]}"#,
        r#"{"tool_calls":[{"index":0,"id":"a","type":"function","function":{"name":"f","arguments":"{\"x\":"}}]}"#,
        r#"{"tool_calls":[{"index":0,"function":{"arguments":"1}"}}]}"#,
    ])?;
    assert_eq!(
        text,
        r#","tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{\"x\":1}"}},{"id":"b","function":{"name":"g","arguments":"{}"}}]"#
    );
    Ok(())
}

#[test]
fn calls_without_an_index_go_on_where_they_were() -> Checked {
    let text = merged(&[
        r#"{"tool_calls":[{"id":"a","function":{"name":"f","arguments":"{"}}]}"#,
        r#"{"tool_calls":[{"function":{"arguments":"}"}}]}"#,
        r#"{"tool_calls":[{"id":"b","function":{"name":"g","arguments":"{}"}}]}"#,
    ])?;
    assert_eq!(
        text,
        r#","tool_calls":[{"id":"a","function":{"name":"f","arguments":"{}"}},{"id":"b","function":{"name":"g","arguments":"{}"}}]"#
    );
    Ok(())
}

#[test]
fn calls_that_share_an_index_are_told_apart() -> Checked {
    // Gemini's endpoint for OpenAI's clients, then the same without ids.
    for (one, other) in [("\"a\"", "\"b\""), ("\"\"", "\"\""), ("null", "null")] {
        let call = |id: &str, city: &str| {
            format!(
                r#"{{"tool_calls":[{{"index":0,"id":{id},"type":"function","function":{{"name":"f","arguments":"{{\"c\":\"{city}\"}}"}}}}]}}"#
            )
        };
        let text = merged(&[&call(one, "Oslo"), &call(other, "Rome")])?;
        assert_eq!(text.matches("\"name\":\"f\"").count(), 2, "{text}");
        assert!(text.contains("Oslo\\\"}\"}}") && text.contains("Rome\\\"}\"}}"), "{text}");
    }
    // In one delta, and then going on by their ids.
    let text = merged(&[
        r#"{"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":""}},{"index":0,"id":"b","function":{"name":"f","arguments":""}}]}"#,
        r#"{"tool_calls":[{"index":0,"id":"a","function":{"arguments":"1"}}]}"#,
        r#"{"tool_calls":[{"index":0,"id":"b","function":{"arguments":"2"}}]}"#,
        r#"{"tool_calls":[{"index":0,"function":{"arguments":"3"}}]}"#,
    ])?;
    assert_eq!(
        text,
        r#","tool_calls":[{"id":"a","function":{"name":"f","arguments":"1"}},{"id":"b","function":{"name":"f","arguments":"23"}}]"#
    );
    Ok(())
}

#[test]
fn a_call_may_begin_before_its_function() -> Checked {
    let head = r#"{"tool_calls":[{"index":0,"id":"a","type":"function"}]}"#;
    let expected =
        r#","tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{}"}}]"#;
    for body in [
        r#"{"tool_calls":[{"index":0,"function":{"name":"f","arguments":"{}"}}]}"#,
        r#"{"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"{}"}}]}"#,
        r#"{"tool_calls":[{"index":0,"id":"","function":{"name":"f","arguments":"{}"}}]}"#,
        r#"{"tool_calls":[{"function":{"name":"f","arguments":"{}"}}]}"#,
    ] {
        assert_eq!(merged(&[head, body])?, expected, "{body}");
    }
    let null = r#"{"tool_calls":[{"index":0,"id":"a","type":"function","function":null}]}"#;
    let body = r#"{"tool_calls":[{"index":0,"function":{"name":"f","arguments":"{}"}}]}"#;
    assert_eq!(merged(&[null, body])?.matches("\"name\"").count(), 1);
    // Two that begin so, and one of another kind.
    for other in [
        r#"{"tool_calls":[{"index":0,"id":"b","function":{"name":"g","arguments":"{}"}}]}"#,
        r#"{"tool_calls":[{"index":0,"custom":{"name":"g","input":"x"}}]}"#,
    ] {
        let text = merged(&[head, body, other])?;
        assert_eq!(text.matches("\"name\":").count(), 2, "{text}");
        assert!(text.starts_with(expected.trim_end_matches(']')), "{text}");
    }
    Ok(())
}

#[test]
fn calls_with_the_same_id_are_told_by_their_index() -> Checked {
    let text = merged(&[
        r#"{"tool_calls":[{"index":0,"id":"x","function":{"name":"f","arguments":"{\"a\":1"}}]}"#,
        r#"{"tool_calls":[{"index":1,"id":"x","function":{"name":"g","arguments":"{\"b\":"}}]}"#,
        r#"{"tool_calls":[{"index":1,"id":"x","function":{"arguments":"2}"}}]}"#,
        r#"{"tool_calls":[{"index":0,"id":"x","function":{"arguments":"}"}}]}"#,
    ])?;
    assert_eq!(
        text,
        r#","tool_calls":[{"id":"x","function":{"name":"f","arguments":"{\"a\":1}"}},{"id":"x","function":{"name":"g","arguments":"{\"b\":2}"}}]"#
    );
    Ok(())
}

#[test]
fn what_is_repeated_with_every_delta_begins_no_other_call() -> Checked {
    let delta = |id: &str, rest: &str| {
        format!(r#"{{"tool_calls":[{{"index":0,"id":"{id}","function":{{{rest}}}}}]}}"#)
    };
    // The name, with the same id and without one; then a new id without a name.
    for (ids, name) in
        [(["a", "a"], r#""name":"f","#), (["", ""], r#""name":"f","#), (["a", "b"], "")]
    {
        let text = merged(&[
            &delta(ids[0], r#""name":"f","arguments":"{\"x\":""#),
            &delta(ids[1], &format!(r#"{name}"arguments":"{{}}""#)),
            &delta(ids[1], &format!(r#"{name}"arguments":"}}""#)),
            &delta(ids[1], &format!(r#"{name}"arguments":"""#)),
        ])?;
        assert!(text.contains(r#""arguments":"{\"x\":{}}""#), "{text}");
        assert_eq!(text.matches("arguments").count(), 1, "{text}");
    }
    Ok(())
}

#[test]
fn arguments_as_objects_come_whole() -> Checked {
    let text = merged(&[
        r#"{"tool_calls":[{"function":{"name":"f","arguments":{"c":"Oslo"}}}]}"#,
        r#"{"tool_calls":[{"function":{"name":"f","arguments":{"c":"Rome"}}}]}"#,
    ])?;
    assert_eq!(
        text,
        r#","tool_calls":[{"function":{"name":"f","arguments":{"c":"Oslo"}}},{"function":{"name":"f","arguments":{"c":"Rome"}}}]"#
    );
    Ok(())
}

#[test]
fn an_id_without_an_index_leads_to_its_call() -> Checked {
    let text = merged(&[
        r#"{"tool_calls":[{"id":"a","function":{"name":"f","arguments":"{"}}]}"#,
        r#"{"tool_calls":[{"id":"b","function":{"name":"g","arguments":"{"}}]}"#,
        r#"{"tool_calls":[{"id":"a","function":{"arguments":"}"}}]}"#,
    ])?;
    assert!(text.contains(r#""arguments":"{}""#), "{text}");
    assert_eq!(text.matches("\"id\"").count(), 2, "{text}");
    Ok(())
}

#[test]
fn steps_of_reasoning_of_two_types_stay_apart() -> Checked {
    let text = merged(&[
        r#"{"reasoning_details":[{"type":"reasoning.text","text":"a","index":0}]}"#,
        r#"{"reasoning_details":[{"type":"reasoning.text","text":"b","index":0}]}"#,
        r#"{"reasoning_details":[{"type":"reasoning.encrypted","data":"x","index":0}]}"#,
    ])?;
    assert_eq!(
        text,
        r#","reasoning_details":[{"type":"reasoning.text","text":"ab"},{"type":"reasoning.encrypted","data":"x"}]"#
    );
    Ok(())
}

#[test]
fn texts_grow_and_nulls_change_nothing() -> Checked {
    let text = merged(&[
        r#"{"refusal":null,"reasoning":"a","n":1.0}"#,
        r#"{"refusal":"no","reasoning":null,"n":2.50}"#,
        r#"{"reasoning":"b"}"#,
    ])?;
    assert_eq!(text, r#","refusal":"no","reasoning":"ab","n":2.50"#);
    Ok(())
}

#[test]
fn deep_deltas_are_taken_whole() -> Checked {
    let deep = format!("{{\"a\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000));
    let text = merged(&[&deep, &deep])?;
    assert!(text.starts_with(",\"a\":[["), "{}", &text[..20]);
    Ok(())
}
