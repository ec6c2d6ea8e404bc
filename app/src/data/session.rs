//! Who is signed in.

use model::Role;
use serde::{Deserialize, Serialize};

/// Who is signed in, and the organizations they can go to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// What they are called: the address of a person or the name of a key.
    pub name: Option<String>,
    /// Whether it is a person, who can sign out, rather than a key.
    pub is_person: bool,
    /// Their organizations, in order of creation.
    pub orgs: Vec<SessionOrg>,
}

/// An organization of the one who is signed in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionOrg {
    /// Its name in URLs.
    pub slug: String,
    /// Its name for people.
    pub name: String,
    /// What they may do there.
    pub role: Role,
}

impl Session {
    /// Their role in an organization.
    #[must_use]
    pub fn role(&self, org: &str) -> Option<Role> {
        self.orgs.iter().find(|found| found.slug == org).map(|found| found.role)
    }
}
