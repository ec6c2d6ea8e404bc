//! How much is used of what organizations share.

use std::sync::Arc;

use store::OrgId;

/// What an amount counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Bytes.
    Bytes,
    /// Things.
    Number,
}

/// Use of something that organizations share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LimitUse {
    /// What it is, for people.
    pub what: &'static str,
    /// What is counted.
    pub unit: Unit,
    /// What one organization uses.
    pub own: u64,
    /// The most that it may have now.
    pub limit: u64,
    /// What all use.
    pub all: u64,
    /// How much there is.
    pub total: u64,
}

/// Tells what an organization and all use.
pub type Limits = Arc<dyn Fn(OrgId) -> Vec<LimitUse> + Send + Sync>;
