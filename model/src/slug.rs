//! The names of agents and organizations as they stand in URLs.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::limits::MAX_SLUG_CHARS;

/// Names that would hide a route of the server.
const RESERVED_ORGS: [&str; 19] = [
    "v1",
    "v1beta",
    "login",
    "logout",
    "setup",
    "pkg",
    "api",
    "mcp",
    "docs",
    "openai",
    "healthz",
    "readyz",
    "metrics",
    "openapi.json",
    "_",
    "settings",
    "share",
    "static",
    "assets",
];

/// The name of an agent in URLs: `a-z`, `0-9`, `-` and `_`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AgentSlug(String);

/// The name of an organization in URLs: `a-z`, `0-9`, `-` and `_`, none of the reserved words.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct OrgSlug(String);

/// Why a text cannot be a slug.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSlug {
    /// Nothing is left to make a name of.
    #[error("must contain at least one letter or digit")]
    Empty,
    /// Longer than the limit.
    #[error("must have at most {MAX_SLUG_CHARS} characters")]
    TooLong,
    /// Holds what a name cannot hold.
    #[error("must have only letters a-z, digits, - and _")]
    Characters,
    /// A word that the server needs for itself.
    #[error("this name is reserved; choose another")]
    Reserved,
}

/// Lower-cases, and turns anything but `a-z0-9-_` into `-`.
fn normalize(text: &str) -> Result<String, InvalidSlug> {
    if text.chars().count() > MAX_SLUG_CHARS {
        return Err(InvalidSlug::TooLong);
    }
    let slug: String = text
        .trim()
        .to_lowercase()
        .chars()
        .map(|c| if c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' { c } else { '-' })
        .collect();
    if slug.chars().any(|c| c != '-') { Ok(slug) } else { Err(InvalidSlug::Empty) }
}

impl AgentSlug {
    /// Makes a slug of any text.
    ///
    /// # Errors
    /// When nothing is left of it or it is too long.
    pub fn new(text: &str) -> Result<Self, InvalidSlug> {
        normalize(text).map(Self)
    }

    /// The slug.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl OrgSlug {
    /// Makes a slug of a name: lower case, with `-` for spaces. Unlike an agent's, which a
    /// program names as it goes, it is chosen once by a person, who is told what is wrong.
    ///
    /// # Errors
    /// When it has other characters, none, or too many, or is reserved.
    pub fn new(text: &str) -> Result<Self, InvalidSlug> {
        let name = text.trim().to_lowercase().replace(' ', "-");
        if RESERVED_ORGS.contains(&name.as_str()) {
            return Err(InvalidSlug::Reserved);
        }
        Self::of_existing(&name)
    }

    /// The slug of an organization that is there, made when rules were perhaps others.
    ///
    /// # Errors
    /// When it has other characters, none, or too many.
    pub fn of_existing(text: &str) -> Result<Self, InvalidSlug> {
        let name = text.trim().to_lowercase();
        let slug = normalize(&name)?;
        if slug == name { Ok(Self(slug)) } else { Err(InvalidSlug::Characters) }
    }

    /// The slug.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for AgentSlug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for OrgSlug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agents_are_slugged() {
        assert_eq!(AgentSlug::new("Review Summary/v2").unwrap().as_str(), "review-summary-v2");
        assert_eq!(AgentSlug::new("  "), Err(InvalidSlug::Empty));
        assert_eq!(AgentSlug::new("é"), Err(InvalidSlug::Empty));
        assert_eq!(AgentSlug::new(&"a".repeat(121)), Err(InvalidSlug::TooLong));
    }

    #[test]
    fn organizations_cannot_hide_routes() {
        assert_eq!(OrgSlug::new("V1"), Err(InvalidSlug::Reserved));
        assert_eq!(OrgSlug::new("openapi.json"), Err(InvalidSlug::Reserved));
        assert_eq!(OrgSlug::new("mcp"), Err(InvalidSlug::Reserved));
        assert_eq!(OrgSlug::new("Acme").unwrap().as_str(), "acme");
    }

    #[test]
    fn organizations_are_named_by_people_who_are_told_what_is_wrong() {
        assert_eq!(OrgSlug::new(" My Company ").unwrap().as_str(), "my-company");
        for name in ["Ä b", "acme/b", "a.b", "a\tb"] {
            assert_eq!(OrgSlug::new(name), Err(InvalidSlug::Characters), "{name}");
        }
        assert_eq!(OrgSlug::new(" - "), Err(InvalidSlug::Empty));
        assert_eq!(OrgSlug::of_existing("docs").unwrap().as_str(), "docs");
    }
}
