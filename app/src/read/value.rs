//! Inputs and outputs for reading.

use model::Json;
use model::message::{message_of_output, messages_of_input};

use super::clip::{RAW_CHARS, clip};
use super::indent::indent;
use super::message::message_doc;
use super::node::{Members, node};
use super::page_room::PageRoom;
use crate::data::node::Node;
use crate::data::value::{MessageDoc, ValueBody, ValueDoc};
use crate::list_state::Form;

/// Messages of a conversation that are sent at once.
const MAX_MESSAGES: usize = 100;

/// A run's input; as chat when it holds messages, unless asked for raw.
#[must_use]
pub fn input_doc(json: &Json, is_chat: bool, form: Form) -> ValueDoc {
    let messages = if is_chat && form != Form::Raw { messages_of_input(json) } else { Vec::new() };
    if messages.is_empty() {
        return value_doc(json, form);
    }
    let earlier = messages.len().saturating_sub(MAX_MESSAGES);
    let mut room = PageRoom::of_value();
    let numbered: Vec<_> = (0_u32..).zip(&messages).skip(earlier).collect();
    // The last messages are what a reader looks for, so they get their room first.
    let mut messages: Vec<MessageDoc> = numbered
        .into_iter()
        .rev()
        .map(|(index, message)| message_doc(index, message, form, &mut room))
        .collect();
    messages.reverse();
    let body = ValueBody::Chat {
        messages,
        earlier_count: u32::try_from(earlier).unwrap_or(u32::MAX),
        rest: beside_messages(json),
    };
    ValueDoc { size_bytes: json.as_str().len() as u64, body }
}

/// A run's output; raw when asked for, as a message when the run is chat.
#[must_use]
pub fn output_doc(json: &Json, is_chat: bool, form: Form) -> ValueDoc {
    match message_of_output(json).filter(|_| is_chat && form != Form::Raw) {
        None => value_doc(json, form),
        Some(message) => ValueDoc {
            size_bytes: json.as_str().len() as u64,
            body: ValueBody::Chat {
                messages: vec![message_doc(0, &message, form, &mut PageRoom::of_value())],
                earlier_count: 0,
                rest: None,
            },
        },
    }
}

fn value_doc(json: &Json, form: Form) -> ValueDoc {
    let body = if form == Form::Raw {
        ValueBody::Raw(clip(&indent(json.as_str()), RAW_CHARS))
    } else {
        ValueBody::Tree(node(json, &mut PageRoom::of_value()))
    };
    ValueDoc { size_bytes: json.as_str().len() as u64, body }
}

/// The members of a chat input that are no messages, like a template's variables.
fn beside_messages(json: &Json) -> Option<Node> {
    let Members(members) = serde_json::from_str(json.as_str()).ok()?;
    let rest: Vec<String> = members
        .iter()
        .filter(|(key, _)| key != "messages" && key != "contents")
        .map(|(key, value)| format!("{}:{}", Json::string(key).as_str(), value.get()))
        .collect();
    if rest.is_empty() {
        return None;
    }
    Json::from_text(&format!("{{{}}}", rest.join(",")))
        .ok()
        .map(|rest| node(&rest, &mut PageRoom::of_value()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_stand_beside_the_messages() {
        let json = Json::from_text(
            r#"{"city":"Zoé","messages":[{"role":"user","content":"hi"}],"n":1.0}"#,
        )
        .unwrap();
        let ValueBody::Chat { messages, rest, .. } = input_doc(&json, true, Form::Verbatim).body
        else {
            panic!("not a chat")
        };
        assert_eq!(messages.len(), 1);
        let Some(Node::Object { members, .. }) = rest else { panic!("no variables") };
        assert_eq!(members[1], ("n".to_owned(), Node::Word("1.0".to_owned())));
    }

    #[test]
    fn raw_is_the_json_itself() {
        let json = Json::from_text(r#"{"a":1.0}"#).unwrap();
        let ValueBody::Raw(clip) = input_doc(&json, true, Form::Raw).body else {
            panic!("not raw")
        };
        assert_eq!(clip.text, "{\n  \"a\": 1.0\n}");
    }
}
