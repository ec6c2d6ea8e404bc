//! What can come next in a search that is being typed.

use serde::{Deserialize, Serialize};

/// What can stand where the caret is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suggestions {
    /// The byte of the text at which a suggestion begins to replace it.
    pub from: usize,
    /// What can stand there, the likeliest first, by kind: fields, or operators
    /// and then values.
    pub items: Vec<Suggestion>,
    /// What the counts were taken from.
    pub basis: SuggestionBasis,
}

/// One thing that can stand where the caret is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suggestion {
    /// What it is.
    pub kind: SuggestionKind,
    /// What the text is from [`Suggestions::from`] to the caret once it is taken.
    pub insert: String,
    /// The name or value alone, for people; operators in words.
    pub label: String,
    /// One line that explains it, or its type; empty for values.
    pub hint: String,
    /// How many of the runs that were looked at have it, where that is known.
    pub count: Option<u64>,
}

/// What a suggestion is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SuggestionKind {
    /// A field with its colon, or the beginning of paths with its dot.
    Field,
    /// An operator, to be followed by a value; or `*`, which stands alone.
    Operator,
    /// A whole value, with the operator and values before it.
    Value,
}

/// What suggestions were taken from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SuggestionBasis {
    /// Whether older runs were left out, so that counts are of the newest alone
    /// and what only older runs have is missing.
    pub sampled: bool,
    /// How many runs were looked at.
    pub runs: u64,
}

/// The fields that a search can name and what their values are, as REST gives them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SearchFields {
    /// The fields, in the order in which help lists them, then places in the data.
    pub fields: Vec<SearchField>,
    /// Whether older runs were left out of the counts.
    pub sampled: bool,
    /// How many runs were looked at.
    pub runs: u64,
}

/// A field with its operators and some of its values.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SearchField {
    /// How a search names it.
    pub field: String,
    /// The same, as `field_queries` name it.
    pub field_name: String,
    /// What its values are: the types of the grammar, or for places in JSON
    /// `string`, `number`, `boolean`, `null`, `array`, `object`, and `json` where
    /// runs differ.
    #[serde(rename = "type")]
    pub value_type: String,
    /// All types that were seen at a place in JSON.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub json_types: Vec<String>,
    /// What can be asked of it, in the words that `field_queries` take.
    pub operators: Vec<String>,
    /// The same as the grammar writes it, `VALUE` standing for a value.
    pub syntax: Vec<String>,
    /// The most frequent values.
    pub suggestions: Vec<FieldValue>,
    /// How many of the runs that were looked at have it, where that is known.
    pub count: Option<u64>,
}

/// A value and how often it was seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldValue {
    /// The value as the grammar writes it.
    pub value: String,
    /// How many of the runs that were looked at have it, where that is known.
    pub count: Option<u64>,
}
