//! How the server is doing.

use model::Timestamp;
use serde::{Deserialize, Serialize};

/// How the server is doing, and which runs of an organization it could not store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusDoc {
    /// Figures, each a label, a text and whether it calls for somebody.
    pub figures: Vec<(String, String, bool)>,
    /// Runs that were accepted and could not be stored, the newest first.
    pub held_back: Vec<HeldBack>,
    /// When all this was read.
    #[serde(with = "crate::data::moment")]
    pub now: Timestamp,
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
