//! An agent as lists show it.

use serde::{Deserialize, Serialize};

use crate::{AgentSlug, Micros, NanoUsd, Timestamp};

/// An agent with what its runs add up to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AgentSummary {
    /// Its name in URLs.
    #[serde(rename = "id")]
    pub slug: AgentSlug,
    /// Its name for people.
    pub name: String,
    /// When its first run was made.
    pub first_seen: Timestamp,
    /// When its newest run was made.
    pub last_seen: Timestamp,
    /// Runs in all.
    pub run_count: u64,
    /// Runs of the last seven days.
    pub recent_run_count: u64,
    /// Failed runs of the last seven days.
    pub recent_failure_count: u64,
    /// What its runs cost in all, as far as known.
    #[serde(rename = "cost_usd")]
    pub cost: Option<NanoUsd>,
    /// What its runs of the last seven days cost, as far as known.
    #[serde(rename = "recent_cost_usd")]
    pub recent_cost: Option<NanoUsd>,
    /// Runs that were answered with the answer of another run.
    pub cached_run_count: u64,
    /// What those would have cost, as far as known; `None` without such a run.
    #[serde(rename = "saved_usd")]
    pub saved_cost: Option<NanoUsd>,
    /// How much longer those would have taken, as far as known.
    #[serde(rename = "saved_ms")]
    pub saved_time: Option<Micros>,
    /// Whether its newest run's input holds messages.
    pub is_chat: bool,
}
