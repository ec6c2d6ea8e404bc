//! Messages in one normal form, whatever dialect they came in.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::view::View;
use crate::{Json, Version};

mod content;
mod media;
pub(crate) mod read;

/// Who speaks in a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MessageRole {
    /// The instructions.
    System,
    /// The instructions, in OpenAI's newer word.
    Developer,
    /// The person or program that asks.
    User,
    /// The model.
    Assistant,
    /// A tool that gives its result.
    Tool,
    /// Any other word.
    Other(String),
}

/// One message.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Message {
    /// Who speaks.
    pub role: MessageRole,
    /// What it holds, in order.
    pub parts: Vec<Part>,
}

/// One part of a message.
///
/// In JSON an object with one key, the kind of the part.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// Plain text or Markdown.
    Text(String),
    /// A picture.
    Image(Media),
    /// A sound.
    Audio(Media),
    /// Any other file.
    File(Media),
    /// The model asks for a tool.
    ToolCall {
        /// The call's id.
        id: Option<String>,
        /// The tool's name.
        name: String,
        /// Its arguments; a JSON string when they are no JSON.
        input: Json,
    },
    /// What a tool gave.
    ToolResult {
        /// The id of the call.
        id: Option<String>,
        /// The tool's name, where the dialect repeats it.
        name: Option<String>,
        /// The result; text that is no JSON object or list stands as a JSON string.
        output: Json,
        /// Whether the tool failed.
        is_error: bool,
    },
    /// What the model thought.
    Reasoning {
        /// A heading, if the model gave one.
        title: Option<String>,
        /// The thought; empty when the provider hides it.
        text: String,
    },
    /// Anything else, as it came.
    Other(Json),
}

/// Where a picture, sound or file is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Media {
    /// Its address; `data:` when the message itself carries it.
    pub url: Option<String>,
    /// The provider's id of an uploaded file.
    pub file_id: Option<String>,
    /// Its media type, like `image/png`.
    pub media_type: Option<String>,
    /// Its file name.
    pub name: Option<String>,
}

impl MessageRole {
    /// The word, as OpenAI's chat dialect has it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::System => "system",
            Self::Developer => "developer",
            Self::User => "user",
            Self::Assistant => "assistant",
            Self::Tool => "tool",
            Self::Other(word) => word,
        }
    }

    /// The role of a word of any dialect.
    #[must_use]
    pub fn from_word(word: &str) -> Self {
        match word {
            "system" => Self::System,
            "developer" => Self::Developer,
            "user" | "human" => Self::User,
            "assistant" | "model" | "ai" => Self::Assistant,
            "tool" | "function" => Self::Tool,
            other => Self::Other(other.to_owned()),
        }
    }
}

impl fmt::Display for MessageRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for MessageRole {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for MessageRole {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        <std::borrow::Cow<'de, str>>::deserialize(deserializer).map(|word| Self::from_word(&word))
    }
}

impl Message {
    /// A message of one text.
    #[must_use]
    pub fn text(role: MessageRole, text: impl Into<String>) -> Self {
        Self { role, parts: vec![Part::Text(text.into())] }
    }

    /// Its text parts, one after another.
    #[must_use]
    pub fn joined_text(&self) -> String {
        self.parts
            .iter()
            .filter_map(|part| match part {
                Part::Text(text) => Some(text.as_str()),
                _ => None,
            })
            .collect()
    }
}

/// The messages of a chat run's input, in any dialect; empty when there are none.
#[must_use]
pub fn messages_of_input(input: &Json) -> Vec<Message> {
    read::conversation(View::of(input))
}

/// The message of a chat run's output, in any dialect; `None` for null alone.
#[must_use]
pub fn message_of_output(output: &Json) -> Option<Message> {
    read::output(output)
}

/// The instructions and message templates of a version.
#[must_use]
pub fn messages_of_version(version: &Version) -> Vec<Message> {
    let instructions = version.instructions.as_deref().filter(|text| !text.is_empty());
    let templates = version.messages.iter().flatten().map(|value| {
        let json = Json::from(value);
        read::message(View::of(&json))
    });
    instructions
        .map(|text| Message::text(MessageRole::System, text))
        .into_iter()
        .chain(templates)
        .collect()
}
