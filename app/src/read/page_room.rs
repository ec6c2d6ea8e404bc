//! What a page holds of a run, shared by all the parts that it shows.

use super::clip::{ASKED_CHARS, MESSAGE_CHARS, TREE_CHARS, clip};
use crate::data::node::Clip;

/// Nodes of one tree that are sent at once.
const TREE_NODES: usize = 600;
/// Characters of a text that are sent even where the page is full.
const LEAST_CHARS: usize = 120;

/// What is left of a page. Whatever is left out can be asked for, part by part.
#[derive(Clone, Debug)]
pub struct PageRoom {
    /// Characters of texts.
    chars: usize,
    /// Most characters of one text in a tree.
    text_chars: usize,
    /// Values in trees.
    nodes: usize,
    /// Parts of messages.
    parts: usize,
    /// Bytes of pictures that messages carry.
    pictures: usize,
}

impl PageRoom {
    /// The room of an input or output.
    #[must_use]
    pub fn of_value() -> Self {
        Self { chars: 300_000, text_chars: TREE_CHARS, nodes: 1_200, parts: 300, pictures: 600_000 }
    }

    /// The room of what happened in a run: its error, tool calls and reasoning.
    #[must_use]
    pub fn of_steps() -> Self {
        Self { chars: 200_000, text_chars: TREE_CHARS, nodes: 1_500, parts: 0, pictures: 0 }
    }

    /// The room of what a reader asked for by itself.
    #[must_use]
    pub fn of_asked() -> Self {
        Self {
            chars: ASKED_CHARS,
            text_chars: ASKED_CHARS,
            nodes: TREE_NODES,
            parts: 0,
            pictures: 0,
        }
    }

    /// A text of a message, cut to what there is room for.
    pub fn message(&mut self, text: &str) -> Clip {
        self.take(text, MESSAGE_CHARS)
    }

    /// A text of a tree, cut to what there is room for.
    pub fn tree_text(&mut self, text: &str) -> Clip {
        self.take(text, self.text_chars)
    }

    fn take(&mut self, text: &str, most: usize) -> Clip {
        let clip = clip(text, most.min(self.chars.max(LEAST_CHARS)));
        self.chars = self.chars.saturating_sub(clip.text.len());
        clip
    }

    /// Lets `build` take nodes for one tree, of which no tree gets all.
    pub fn tree<T>(&mut self, build: impl FnOnce(&mut Self) -> T) -> T {
        let kept = self.nodes.saturating_sub(TREE_NODES);
        self.nodes -= kept;
        let built = build(self);
        self.nodes += kept;
        built
    }

    /// Takes a node.
    pub fn take_node(&mut self) {
        self.nodes = self.nodes.saturating_sub(1);
    }

    /// Whether there is a node left.
    #[must_use]
    pub fn has_nodes(&self) -> bool {
        self.nodes > 0
    }

    /// Whether there is room for a picture of so many bytes.
    pub fn take_picture(&mut self, bytes: usize) -> bool {
        let has_room = bytes <= self.pictures;
        if has_room {
            self.pictures -= bytes;
        }
        has_room
    }

    /// For how many of so many parts of a message there is room; at least one.
    pub fn take_parts(&mut self, wanted: usize) -> usize {
        let taken = wanted.min(self.parts.max(1));
        self.parts = self.parts.saturating_sub(taken);
        taken
    }
}
