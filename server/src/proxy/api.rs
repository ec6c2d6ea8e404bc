//! The APIs of providers that the proxy offers.

use std::borrow::Cow;

use model::edit;

/// An API of a provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Api {
    /// OpenAI's chat completions.
    Chat,
    /// OpenAI's responses.
    Responses,
    /// Anthropic's messages.
    Messages,
}

/// What an event of a stream means for the proxy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// More of the answer.
    More,
    /// More of the answer that somebody could read.
    Token,
    /// The answer is complete, although further events may follow.
    Complete,
    /// Nothing follows.
    Last,
}

/// Fields that are for Runs and not for the provider.
const CONSUMED: [&str; 7] = [
    "agent_id",
    "use_cache",
    "use_fallback",
    "conversation_id",
    "environment",
    "schema_id",
    "provider",
];

impl Api {
    /// The path below a provider's base URL.
    #[must_use]
    pub fn path(self) -> &'static str {
        match self {
            Self::Chat => "chat/completions",
            Self::Responses => "responses",
            Self::Messages => "messages",
        }
    }

    /// The one that a request to this path of the server speaks.
    #[must_use]
    pub fn of_request(path: &str) -> Option<Self> {
        let path = path.strip_prefix("/v1/")?;
        [Self::Chat, Self::Responses, Self::Messages].into_iter().find(|api| api.path() == path)
    }

    /// Whether `input` holds the variables of message templates. In the
    /// responses API it holds the messages.
    #[must_use]
    pub fn has_variables(self) -> bool {
        self != Self::Responses
    }

    /// Whether a field of the body is for Runs alone.
    #[must_use]
    pub fn consumes(self, field: &str) -> bool {
        CONSUMED.contains(&field) || (field == "input" && self.has_variables())
    }

    /// What the data of an event means.
    #[must_use]
    pub fn meaning(self, data: &str) -> Meaning {
        if data.trim() == "[DONE]" {
            return Meaning::Last;
        }
        let Some(members) = edit::members(data) else { return Meaning::More };
        let get = |name: &str| members.iter().rfind(|(key, _)| key == name).map(|(_, raw)| *raw);
        match self {
            // After its own error a provider sends no more.
            Self::Chat if get("error").is_some_and(|error| error != "null") => Meaning::Complete,
            Self::Chat => get("choices").map_or(Meaning::More, chat_meaning),
            Self::Responses | Self::Messages => {
                let kind = get("type").and_then(edit::text).unwrap_or_default();
                typed_meaning(&kind)
            }
        }
    }
}

fn chat_meaning(choices: &str) -> Meaning {
    let mut meaning = Meaning::More;
    for choice in edit::items(choices) {
        let members = edit::members(choice).unwrap_or_default();
        for (key, raw) in &members {
            match key.as_ref() {
                "finish_reason" if *raw != "null" => return Meaning::Complete,
                "delta" | "message" if says_something(raw) => meaning = Meaning::Token,
                "text" if says_text(raw) => meaning = Meaning::Token,
                _ => {}
            }
        }
    }
    meaning
}

/// Whether a delta has more than a role and empty places.
fn says_something(delta: &str) -> bool {
    let members = edit::members(delta).unwrap_or_default();
    members.iter().any(|(key, raw)| {
        key != "role"
            && *raw != "null"
            && *raw != "[]"
            && edit::text(raw).is_none_or(|t| !t.is_empty())
    })
}

fn says_text(raw: &str) -> bool {
    edit::text(raw).is_some_and(|text: Cow<'_, str>| !text.is_empty())
}

fn typed_meaning(kind: &str) -> Meaning {
    match kind {
        "message_stop"
        | "response.completed"
        | "response.incomplete"
        | "response.failed"
        | "response.cancelled"
        | "error" => Meaning::Last,
        "content_block_delta" => Meaning::Token,
        _ if kind.ends_with(".delta") => Meaning::Token,
        _ => Meaning::More,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chat_events_have_a_meaning() {
        let of = |data| Api::Chat.meaning(data);
        assert_eq!(of("[DONE]"), Meaning::Last);
        assert_eq!(
            of(r#"{"choices":[{"delta":{"role":"assistant","content":""}}]}"#),
            Meaning::More
        );
        assert_eq!(
            of(r#"{"choices":[{"delta":{"content":"x"},"finish_reason":null}]}"#),
            Meaning::Token
        );
        assert_eq!(of(r#"{"choices":[{"delta":{"tool_calls":[{}]}}]}"#), Meaning::Token);
        assert_eq!(of(r#"{"choices":[{"delta":{},"finish_reason":"stop"}]}"#), Meaning::Complete);
        assert_eq!(of(r#"{"choices":[],"usage":{}}"#), Meaning::More);
        assert_eq!(of(r#"{"error":{"message":"x"}}"#), Meaning::Complete);
        assert_eq!(of("nonsense"), Meaning::More);
    }

    #[test]
    fn paths_belong_to_an_api() {
        assert_eq!(Api::of_request("/v1/messages"), Some(Api::Messages));
        assert_eq!(Api::of_request("/v1/chat/completions"), Some(Api::Chat));
        assert_eq!(Api::of_request("/v1/runs"), None);
    }

    #[test]
    fn typed_events_have_a_meaning() {
        assert_eq!(Api::Messages.meaning(r#"{"type":"message_stop"}"#), Meaning::Last);
        assert_eq!(Api::Messages.meaning(r#"{"type":"content_block_delta"}"#), Meaning::Token);
        assert_eq!(Api::Messages.meaning(r#"{"type":"ping"}"#), Meaning::More);
        let delta = r#"{"type":"response.output_text.delta"}"#;
        assert_eq!(Api::Responses.meaning(delta), Meaning::Token);
        assert_eq!(Api::Responses.meaning(r#"{"type":"response.completed"}"#), Meaning::Last);
    }
}
