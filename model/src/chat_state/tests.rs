use super::*;
use crate::Source;
use crate::incoming::{CompleteContext, IncomingRun, InvalidRun};
use crate::time::Timestamp;

/// Why a test has nothing to look at.
#[derive(Debug, thiserror::Error)]
enum Unusable {
    #[error(transparent)]
    Run(#[from] InvalidRun),
    #[error("the run is no chat")]
    NoChat,
    #[error("the run has no answer")]
    NoAnswer,
}

type Checked = Result<(), Unusable>;

impl ChatStates {
    fn answered(&self) -> Result<u128, Unusable> {
        self.left.ok_or(Unusable::NoAnswer)
    }
}

fn states(messages: &str, output: &str) -> Result<ChatStates, Unusable> {
    let members = format!("\"input\":{{\"messages\":{messages}}},\"output\":{output}");
    states_of(&members)?.ok_or(Unusable::NoChat)
}

fn states_of(members: &str) -> Result<Option<ChatStates>, Unusable> {
    let text = format!("{{\"agent\":\"a\",{members}}}");
    let context = CompleteContext {
        now: Timestamp(1_795_341_600_000_000),
        random: 1,
        default_source: Source::Api,
        price: &|_| None,
    };
    Ok(ChatStates::of(&IncomingRun::parse(&text)?.complete(&context)?.run))
}

const HELLO: &str = r#"{"role":"user","content":"hello"}"#;
const FIRST: &str = r#"{"role":"assistant","content":"hi, what is it?"}"#;
const LATE: &str = r#"{"role":"user","content":"my order is late"}"#;
const CALL: &str = r#"{"role":"assistant","content":null,"tool_calls":[{"id":"c1","type":"function",
    "function":{"name":"find","arguments":"{\"order\": 7}"}}]}"#;

#[test]
fn a_later_turn_continues_what_an_earlier_one_left() -> Checked {
    let first = states(&format!("[{HELLO}]"), FIRST)?;
    assert_eq!(first.continued, []);
    let second =
        states(&format!("[{HELLO},{FIRST},{LATE}]"), r#"{"role":"assistant","content":"oh"}"#)?;
    assert_eq!(second.continued, [first.answered()?]);
    let third =
        format!("[{HELLO},{FIRST},{LATE},{{\"role\":\"assistant\",\"content\":\"oh\"}},{HELLO}]");
    assert_eq!(states(&third, "null")?.continued, [second.answered()?, first.answered()?]);
    assert_eq!(states(&third, "null")?.left, None);
    Ok(())
}

#[test]
fn an_answer_is_known_however_it_is_written_back() -> Checked {
    let left = states(&format!("[{HELLO}]"), FIRST)?.answered()?;
    for written in [
        r#"{"role":"assistant","content":[{"type":"text","text":"hi, what is it?"}]}"#,
        r#"{"role":"assistant","content":"hi, what is it?","refusal":null,"annotations":[],"audio":null}"#,
        r#"{"content":[{"type":"text","text":"hi, "},{"type":"text","text":"what is it?"}],"role":"assistant"}"#,
        r#"{"role":"assistant","content":"hi, what is it?","reasoning_content":"a greeting"}"#,
    ] {
        let next = states(&format!("[{HELLO},{written},{LATE}]"), "null")?;
        assert_eq!(next.continued, [left], "{written}");
    }
    let spaced = CALL.replace(r#"{\"order\": 7}"#, r#"{\"order\":7}"#);
    let called = states(&format!("[{HELLO}]"), CALL)?.answered()?;
    let result = r#"{"role":"tool","tool_call_id":"c1","content":"on its way"}"#;
    assert_eq!(states(&format!("[{HELLO},{spaced},{result}]"), "null")?.continued, [called]);
    Ok(())
}

#[test]
fn several_items_of_one_turn_are_one_answer() -> Checked {
    let left = states(
        &format!("[{HELLO}]"),
        r#"{"role":"assistant","content":"let me look","tool_calls":[{"id":"c1","type":"function",
            "function":{"name":"find","arguments":"{}"}}]}"#,
    )?;
    let items = r#"{"type":"message","role":"assistant","content":[{"type":"output_text","text":"let me look"}]},
        {"type":"function_call","call_id":"c1","name":"find","arguments":"{}"},
        {"type":"function_call_output","call_id":"c1","output":"on its way"}"#;
    assert_eq!(states(&format!("[{HELLO},{items}]"), "null")?.continued, [left.answered()?]);
    Ok(())
}

#[test]
fn what_differs_before_the_answer_is_another_chat() -> Checked {
    let left = states(&format!("[{HELLO}]"), FIRST)?.answered()?;
    let system = r#"{"role":"system","content":"be brief"}"#;
    let developer = r#"{"role":"developer","content":"be brief"}"#;
    let next = |before: &str| {
        Ok::<_, Unusable>(states(&format!("[{before},{FIRST},{LATE}]"), "null")?.continued)
    };
    assert_ne!(next(LATE)?, [left]);
    assert_ne!(next(&format!("{HELLO},{HELLO}"))?, [left]);
    assert_ne!(next(&format!("{system},{HELLO}"))?, [left]);
    assert_eq!(next(&format!("{system},{HELLO}"))?, next(&format!("{developer},{HELLO}"))?);
    let with = |name: &str| {
        let input =
            format!("\"input\":{{\"messages\":[{HELLO}],\"name\":\"{name}\"}},\"output\":{FIRST}");
        states_of(&input)?.ok_or(Unusable::NoChat)?.answered()
    };
    assert_ne!(with("Ada")?, with("Zoé")?);
    Ok(())
}

#[test]
fn an_answer_that_broke_off_can_be_gone_on_with() -> Checked {
    let cut = r#"{"role":"assistant","content":"hi, "}"#;
    let left = states(&format!("[{HELLO}]"), cut)?.answered()?;
    let rest =
        states(&format!("[{HELLO},{cut}]"), r#"{"role":"assistant","content":"what is it?"}"#)?;
    assert_eq!(rest.continued, [left]);
    // Together they are the whole answer.
    assert_eq!(rest.left, states(&format!("[{HELLO}]"), FIRST)?.left);
    Ok(())
}

#[test]
fn what_nobody_answered_is_told_apart_and_never_continued() -> Checked {
    let silent = states(&format!("[{HELLO},{FIRST},{LATE}]"), "null")?;
    let other = states(&format!("[{HELLO},{FIRST}]"), "null")?;
    assert_ne!(silent.end, other.end);
    let next = states(&format!("[{HELLO},{FIRST},{LATE},{FIRST},{LATE}]"), "null")?;
    assert!(!next.continued.contains(&silent.end) && !next.continued.contains(&other.end));
    let answered = states(&format!("[{HELLO}]"), FIRST)?;
    assert_eq!(answered.left, Some(answered.end));
    Ok(())
}

#[test]
fn what_is_no_chat_or_has_no_answer_has_no_state() -> Checked {
    assert_eq!(states_of(r#""input":{"text":"hello"},"output":"hi""#)?, None);
    assert_eq!(states_of(r#""input":{"messages":"hello"},"output":"hi""#)?, None);
    assert_eq!(states(&format!("[{HELLO}]"), r#"{"role":"assistant","content":null}"#)?.left, None);
    Ok(())
}

#[test]
fn the_newest_answers_of_a_long_chat_are_looked_for() -> Checked {
    let turns = vec![format!("{HELLO},{FIRST}"); MAX_CONTINUED + 5].join(",");
    let states = states(&format!("[{turns},{HELLO}]"), FIRST)?;
    assert_eq!(states.continued.len(), MAX_CONTINUED);
    let shorter = vec![format!("{HELLO},{FIRST}"); 6].join(",");
    let oldest = self::states(&format!("[{shorter}]"), "null")?.continued[0];
    assert_eq!(states.continued.last(), Some(&oldest));
    Ok(())
}
