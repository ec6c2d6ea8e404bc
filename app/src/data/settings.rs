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

/// The model providers of an organization.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProvidersDoc {
    /// Its own providers, oldest first.
    pub providers: Vec<ProviderDoc>,
    /// The server's own, which every organization can ask.
    pub shared: Vec<String>,
    /// Well-known providers, to fill in the form with.
    pub well_known: Vec<ProviderDraft>,
    /// Whether the reader may add and remove providers.
    pub can_manage: bool,
    /// When they were read.
    #[serde(with = "crate::data::moment")]
    pub now: Timestamp,
}

/// A model provider. Its key never leaves the server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProviderDoc {
    /// Its name.
    pub name: String,
    /// The word for what it speaks.
    pub kind: String,
    /// Its base URL.
    pub base_url: String,
    /// Whether a key is kept for it.
    pub has_key: bool,
    /// Since when it is set up.
    #[serde(with = "crate::data::moment")]
    pub created_at: Timestamp,
}

/// A provider as it is edited.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProviderDraft {
    /// Its name.
    pub name: String,
    /// The word for what it speaks.
    pub kind: String,
    /// Its base URL.
    pub base_url: String,
    /// Its key; empty leaves the one that is kept.
    pub key: String,
}
