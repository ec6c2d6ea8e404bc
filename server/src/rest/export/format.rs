//! The forms of an export.

use std::str::FromStr;

/// A form of an export.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// One whole run a line, as it can be sent in again.
    Jsonl,
    /// A table with the list's columns.
    Csv,
    /// One conversation a line, for fine-tuning.
    Chat,
}

/// A word that is no form.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be jsonl, csv or openai (also called chat)")]
pub struct UnknownFormat;

impl FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(word: &str) -> Result<Self, UnknownFormat> {
        match word {
            "" | "jsonl" => Ok(Self::Jsonl),
            "csv" => Ok(Self::Csv),
            "openai" | "chat" => Ok(Self::Chat),
            _ => Err(UnknownFormat),
        }
    }
}

impl Format {
    /// The media type.
    #[must_use]
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Jsonl | Self::Chat => "application/x-ndjson",
            Self::Csv => "text/csv; charset=utf-8",
        }
    }

    /// What the file's name ends with.
    #[must_use]
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Jsonl => "jsonl",
            Self::Csv => "csv",
            Self::Chat => "chat.jsonl",
        }
    }
}
