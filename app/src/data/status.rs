//! How the server is doing.

use model::Timestamp;
use serde::{Deserialize, Serialize};

/// How the server is doing, and which runs of an organization it could not store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusDoc {
    /// Figures, each a label, a text and whether it calls for somebody.
    pub figures: Vec<(String, String, bool)>,
    /// What organizations share, and how much of it this one uses.
    pub limits: Vec<LimitRow>,
    /// Runs that were accepted and could not be stored, the newest first.
    pub held_back: Vec<HeldBack>,
    /// When all this was read.
    #[serde(with = "crate::data::moment")]
    pub now: Timestamp,
}

/// Something that organizations share, in words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LimitRow {
    /// What it is.
    pub what: String,
    /// What this organization uses of it.
    pub own: String,
    /// The most that it may have now.
    pub limit: String,
    /// What all use and how much there is, for those who may know.
    pub all: Option<String>,
    /// Whether the organization has nearly all that it may have.
    pub is_tight: bool,
}

/// A run that could not be stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldBack {
    /// Its id.
    pub id: String,
    /// Its agent.
    pub agent: String,
    /// Why.
    pub reason: String,
    /// Since when.
    #[serde(with = "crate::data::moment")]
    pub at: Timestamp,
}
