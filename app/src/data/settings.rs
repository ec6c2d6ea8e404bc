//! Keys and members of an organization.

use model::{Role, Scope, Timestamp};
use serde::{Deserialize, Serialize};

/// The API keys of an organization.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeysDoc {
    /// The keys, oldest first.
    pub keys: Vec<KeyDoc>,
    /// Whether the reader may make and revoke keys.
    pub can_manage: bool,
    /// When they were read.
    #[serde(with = "crate::data::moment")]
    pub now: Timestamp,
}

/// An API key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyDoc {
    /// Its id, in decimal digits: a browser's numbers are too short for it.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its first characters.
    pub prefix: String,
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// When it was made.
    #[serde(with = "crate::data::moment")]
    pub created_at: Timestamp,
}

/// The members of an organization.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MembersDoc {
    /// The members, by address.
    pub members: Vec<MemberDoc>,
    /// When they were read.
    #[serde(with = "crate::data::moment")]
    pub now: Timestamp,
}

/// A member.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberDoc {
    /// The address.
    pub email: String,
    /// What they may do.
    pub role: Role,
    /// Since when.
    #[serde(with = "crate::data::moment")]
    pub since: Timestamp,
}
