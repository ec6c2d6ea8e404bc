//! What a person or a key may do.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::limits::MAX_KEY_NAME_CHARS;

/// What a member of an organization may do; each role may do all that the ones before it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Reads.
    Viewer,
    /// Also runs things in the playground and reviews.
    Member,
    /// Also manages keys, providers, members and deletes agents.
    Admin,
    /// Also manages admins and the organization itself.
    Owner,
}

/// What an API key may do. Scopes are independent of one another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// Sends runs.
    Ingest,
    /// Reads runs and pages.
    Read,
    /// Deletes agents and reads metrics.
    Admin,
}

/// A word that is no role or scope.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown word {word:?}; use one of {allowed}")]
pub struct UnknownWord {
    word: String,
    allowed: &'static str,
}

impl Role {
    /// The word used in JSON, on the command line and in the store.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Member => "member",
            Self::Admin => "admin",
            Self::Owner => "owner",
        }
    }
}

impl Scope {
    /// Every scope.
    pub const ALL: [Self; 3] = [Self::Ingest, Self::Read, Self::Admin];

    /// The word used in JSON, on the command line and in the store.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ingest => "ingest",
            Self::Read => "read",
            Self::Admin => "admin",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Role {
    type Err = UnknownWord;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        [Self::Viewer, Self::Member, Self::Admin, Self::Owner]
            .into_iter()
            .find(|role| role.as_str() == word)
            .ok_or_else(|| UnknownWord {
                word: word.to_owned(),
                allowed: "viewer, member, admin, owner",
            })
    }
}

impl FromStr for Scope {
    type Err = UnknownWord;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|scope| scope.as_str() == word)
            .ok_or_else(|| UnknownWord { word: word.to_owned(), allowed: "ingest, read, admin" })
    }
}

/// A text that cannot be the name of an API key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("give 1 to {MAX_KEY_NAME_CHARS} characters without line breaks")]
pub struct InvalidKeyName;

/// The name of an API key, by which people recognise it, without spaces around it.
///
/// # Errors
/// When it is empty, too long, or holds control characters.
pub fn key_name(text: &str) -> Result<&str, InvalidKeyName> {
    let name = text.trim();
    let chars = name.chars().count();
    let is_name = (1..=MAX_KEY_NAME_CHARS).contains(&chars) && !name.chars().any(char::is_control);
    is_name.then_some(name).ok_or(InvalidKeyName)
}
