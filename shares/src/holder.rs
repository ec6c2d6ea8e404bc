//! Who uses something shared.

/// Who uses something shared: somebody in an organization.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Holder {
    /// The organization's number; 0 for requests that belong to none.
    pub org: u64,
    /// The key or person within it; 0 for nobody in particular.
    pub key: u64,
}

impl Holder {
    /// Nobody in particular of an organization.
    #[must_use]
    pub fn of_org(org: u64) -> Self {
        Self { org, key: 0 }
    }
}
