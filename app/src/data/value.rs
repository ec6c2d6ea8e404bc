//! An input or output, in the form that reads best.

use serde::{Deserialize, Serialize};

use super::node::{Clip, Node};

/// An input or output.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ValueDoc {
    /// Bytes of its JSON.
    pub size_bytes: u64,
    /// The form it is shown in.
    pub body: ValueBody,
}

/// The form of an input or output.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ValueBody {
    /// Messages, and what stands beside them.
    Chat {
        /// The last messages, or all of them.
        messages: Vec<MessageDoc>,
        /// How many messages before them are not sent.
        earlier_count: u32,
        /// The other members, like the variables of a template.
        rest: Option<Node>,
    },
    /// Any other value.
    Tree(Node),
    /// The JSON itself, indented.
    Raw(Clip),
}

/// A message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageDoc {
    /// Its index among all messages.
    pub index: u32,
    /// Who speaks.
    pub role: String,
    /// What it holds, or the first of it.
    pub parts: Vec<PartDoc>,
    /// How many parts after them are not sent.
    pub later_parts: u32,
}

/// A part of a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PartDoc {
    /// Text.
    Text(Clip),
    /// Text whose Markdown is rendered.
    Markdown {
        /// It, as HTML that is safe to show.
        html: String,
        /// How many characters follow.
        more_chars: u32,
    },
    /// A picture, sound or file.
    Media(MediaDoc),
    /// The model asks for a tool.
    ToolCall {
        /// The call's id.
        id: Option<String>,
        /// The tool's name.
        name: String,
        /// Its arguments.
        input: Node,
    },
    /// What a tool gave.
    ToolResult {
        /// The id of the call.
        id: Option<String>,
        /// The tool's name.
        name: Option<String>,
        /// The result.
        output: Node,
        /// Whether the tool failed.
        is_error: bool,
    },
    /// What the model thought.
    Reasoning {
        /// A heading.
        title: Option<String>,
        /// The thought.
        text: Clip,
    },
    /// Anything else.
    Other(Node),
}

/// A picture, sound or file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MediaDoc {
    /// What it is: `image`, `audio` or `file`.
    pub kind: String,
    /// Its name, media type or address, for people.
    pub label: String,
    /// Where it can be opened, on the web.
    pub href: Option<String>,
    /// A small picture that the message itself carries, as a `data:` address.
    pub picture: Option<String>,
}
