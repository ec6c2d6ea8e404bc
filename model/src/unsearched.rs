//! What searches do not find of a run.

use serde::{Deserialize, Serialize};

/// What searches do not find of a run, by kind. Nothing is 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Unsearched {
    /// Bytes of pictures and files in base64, and of words longer than any word, behind
    /// their beginnings.
    #[serde(skip_serializing_if = "is_zero")]
    pub encoded_bytes: u64,
    /// Bytes from the middle of long texts, and of texts in the middle of very many.
    #[serde(skip_serializing_if = "is_zero")]
    pub text_bytes: u64,
    /// Numbers of long lists that words do not find.
    #[serde(skip_serializing_if = "is_zero")]
    pub numbers: u64,
    /// Values at places that filters do not know: beyond the first thousands of places,
    /// or too deep.
    #[serde(skip_serializing_if = "is_zero")]
    pub places: u64,
    /// Values that filters do not compare.
    #[serde(skip_serializing_if = "is_zero")]
    pub values: u64,
    /// Keys of metadata whose values are not looked through to their end.
    #[serde(skip_serializing_if = "is_zero")]
    pub metadata: u64,
}

impl Unsearched {
    /// Whether all is searched.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }
}

fn is_zero(count: &u64) -> bool {
    *count == 0
}
