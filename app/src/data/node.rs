//! A JSON value as a readable tree, pruned to what a page can hold.

use serde::{Deserialize, Serialize};

/// A value of JSON, or the part of it that is sent first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Node {
    /// `null`, `true`, `false`, or a number as it is spelled.
    Word(String),
    /// A string.
    Text(Clip),
    /// A list; the rest of its items can be asked for.
    List {
        /// The first items.
        items: Vec<Node>,
        /// How many items there are in all.
        count: u32,
    },
    /// An object in the order of its keys, duplicates included.
    Object {
        /// The first members.
        members: Vec<(String, Node)>,
        /// How many members there are in all.
        count: u32,
    },
    /// A value that is too large to be sent unasked.
    Folded {
        /// What it is, like `list of 4,000`.
        label: String,
    },
}

/// A text, or its beginning.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clip {
    /// The text that is sent first.
    pub text: String,
    /// How many characters follow.
    pub more_chars: u32,
}

/// A place inside a run: a field, then the index of an item or member at each level.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spot {
    /// The field of the run.
    pub field: SpotField,
    /// Which item or member, level by level.
    pub steps: Vec<u32>,
}

/// A field of a run that may be large.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SpotField {
    /// What went in.
    Input,
    /// What came out.
    Output,
    /// The details of its error.
    ErrorDetails,
    /// The arguments of its tool call of this index.
    ToolInput(u32),
    /// The result of its tool call of this index.
    ToolOutput(u32),
    /// The error of its tool call of this index.
    ToolError(u32),
    /// The messages of its input, in normal form; the steps are the message and the part.
    InputMessages,
    /// The messages of its output, in normal form; the steps are the message and the part.
    OutputMessages,
    /// What was sent to the model in the attempt of this index; the steps are the message and the part.
    Sent(u32),
    /// What came back in the attempt of this index; the steps are the message and the part.
    Received(u32),
}

impl Clip {
    /// A whole text.
    #[must_use]
    pub fn whole(text: impl Into<String>) -> Self {
        Self { text: text.into(), more_chars: 0 }
    }
}

impl Spot {
    /// The whole field.
    #[must_use]
    pub fn field(field: SpotField) -> Self {
        Self { field, steps: Vec::new() }
    }

    /// One level further in.
    #[must_use]
    pub fn step(&self, index: u32) -> Self {
        let mut steps = self.steps.clone();
        steps.push(index);
        Self { field: self.field, steps }
    }
}
