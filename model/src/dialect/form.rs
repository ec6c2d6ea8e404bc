//! An answer in its other form: the events that a whole answer would have been,
//! and the whole answer that events add up to.

use super::sse;

pub mod chat;
pub mod messages;
pub mod responses;

/// The data of every event, as JSON; `None` when one is an error or no JSON.
fn datas(events: &str) -> Option<Vec<String>> {
    let mut datas = Vec::new();
    for data in sse::events(events) {
        if data.trim() == "[DONE]" {
            break;
        }
        let view = crate::view::View::checked(&data)?;
        if view.object().get("error").is_some() {
            return None;
        }
        datas.push(data.into_owned());
    }
    (!datas.is_empty()).then_some(datas)
}

/// An event. White space between the parts of its data may hold line breaks,
/// which would end the data; within texts JSON has none.
fn event(kind: Option<&str>, data: &str) -> String {
    let kind = kind.map(|kind| format!("event: {kind}\n")).unwrap_or_default();
    let data: String = data.split(['\r', '\n']).collect();
    format!("{kind}data: {data}\n\n")
}

/// Members as an object's text.
fn object<'a>(members: impl IntoIterator<Item = (&'a str, String)>) -> String {
    let members: Vec<String> = members
        .into_iter()
        .map(|(key, value)| format!("{}:{value}", super::delta::quoted(key)))
        .collect();
    format!("{{{}}}", members.join(","))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::{Json, dialect};

    fn value(text: &str) -> Value {
        serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
    }

    fn message(text: &str) -> Option<Value> {
        let answer = dialect::answer_of_response(None, &Json::string(text));
        answer.raw_message.map(|message| message.to_value())
    }

    #[test]
    fn chat_answers_change_their_form_and_back() {
        let whole = r#"{"id":"c1","object":"chat.completion","created":1,"model":"m","system_fingerprint":"f","choices":[
            {"index":0,"message":{"role":"assistant",
            "content":"Hi é","refusal":null},"logprobs":{"content":[{"token":"Hi","logprob":-0.10}]},"finish_reason":"stop"},
            {"index":1,"message":{"role":"assistant","content":null,"tool_calls":[{"id":"t1","type":"function","function":{"name":"f","arguments":"{\"a\":1}"}}]},"logprobs":null,"finish_reason":"tool_calls"}],
            "usage":{"prompt_tokens":3,"completion_tokens":2}}"#;
        let events = chat::events_of_whole(whole, true).unwrap();
        assert!(events.ends_with("data: [DONE]\n\n"), "{events}");
        assert_eq!(message(&events).unwrap()["content"], "Hi é");
        let back = value(&chat::whole_of_events(&events).unwrap());
        let mut expected = value(whole);
        expected["choices"][0]["message"].as_object_mut().unwrap().remove("refusal");
        expected["choices"][1].as_object_mut().unwrap().remove("logprobs");
        assert_eq!(back, expected);
        assert!(!chat::events_of_whole(whole, false).unwrap().contains("\"usage\""));
    }

    #[test]
    fn chat_streams_become_whole() {
        let chunk = |rest: &str| {
            format!(
                "data: {{\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"model\":\"m\",{rest}}}\n\n"
            )
        };
        let events = [
            chunk(r#""choices":[{"index":0,"delta":{"role":"assistant","content":""}}]"#),
            chunk(r#""choices":[{"index":0,"delta":{"content":"Gr\u00fc"}}]"#),
            chunk(r#""choices":[{"index":0,"delta":{"content":"ße"}}]"#),
            chunk(r#""choices":[{"index":0,"delta":{},"finish_reason":"stop"}]"#),
            chunk(r#""choices":[],"usage":{"prompt_tokens":1}"#),
            "data: [DONE]\n\n".to_owned(),
        ]
        .concat();
        let whole = value(&chat::whole_of_events(&events).unwrap());
        let expected = json!({"id": "c", "object": "chat.completion", "model": "m", "choices": [
            {"index": 0, "message": {"role": "assistant", "content": "Grüße"}, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": 1}});
        assert_eq!(whole, expected);
        assert_eq!(chat::whole_of_events("data: {\"error\":{\"message\":\"x\"}}\n\n"), None);
        assert_eq!(chat::whole_of_events("nonsense"), None);
    }

    #[test]
    fn messages_change_their_form_and_back() {
        let whole = r#"{"id":"msg_1","type":"message","role":"assistant","model":"claude","content":[
            {"type":"thinking","thinking":"Hm.","signature":"s"},
            {"type":"text",
             "text":"Hi é"},
            {"type":"tool_use","id":"t1","name":"f","input":{"a":1.0}}],
            "stop_reason":"tool_use","stop_sequence":null,"usage":{"input_tokens":3,"output_tokens":2}}"#;
        let events = messages::events_of_whole(whole).unwrap();
        assert!(events.ends_with("event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n"));
        assert_eq!(value(&messages::whole_of_events(&events).unwrap()), value(whole));
        assert_eq!(messages::whole_of_events("data: {\"type\":\"ping\"}\n\n"), None);
    }

    #[test]
    fn responses_change_their_form_and_back() {
        let whole = r#"{"id":"resp_1","object":"response","status":"completed","output":[
            {"type":"message","id":"m1","role":"assistant","status":"completed","content":[{"type":"output_text","text":"Hi é","annotations":[]}]},
            {"type":"function_call","id":"f1","call_id":"c1","name":"f","arguments":"{}","status":"completed"}],
            "usage":{"input_tokens":3,"output_tokens":2}}"#;
        let events = responses::events_of_whole(whole).unwrap();
        assert!(events.contains("event: response.output_text.delta\n"));
        assert_eq!(value(&responses::whole_of_events(&events).unwrap()), value(whole));
        assert_eq!(responses::whole_of_events("data: {\"type\":\"response.created\"}\n\n"), None);
    }
}
