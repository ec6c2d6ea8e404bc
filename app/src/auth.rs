//! Who is asking.
//!
//! The server's middleware reads the session cookie or the API key of a
//! request and puts a [`Viewer`] into the request's extensions. Pages and server
//! functions read it from there; a request without one is signed out.

use model::{AgentSlug, OrgSlug, Role, Scope};
use store::{AccountId, Org, OrgStore};

use crate::context::AppContext;
use crate::error::AppError;

/// Who is asking, and what they may see.
#[derive(Clone, Debug, Default)]
pub struct Viewer {
    /// The person who signed in.
    pub account: Option<ViewerAccount>,
    /// The API key that the request carries.
    pub key: Option<ViewerKey>,
    /// The organizations they belong to, in order of creation. A key with the
    /// scope `read` counts as a viewer of its own organization.
    pub memberships: Vec<(Org, Role)>,
}

/// A person who signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ViewerAccount {
    /// Their account.
    pub id: AccountId,
    /// What they sign in with.
    pub email: String,
}

/// An API key that a request carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ViewerKey {
    /// Its id.
    pub id: u64,
    /// Its name, as its maker gave it.
    pub name: String,
    /// What it may do.
    pub scopes: Vec<Scope>,
}

/// An organization that the viewer may read, with its store.
#[derive(Clone)]
pub struct Access {
    /// The store, bound to the organization.
    pub store: OrgStore,
    /// The organization.
    pub org: Org,
    /// What the viewer may do there.
    pub role: Role,
}

impl Viewer {
    /// Whether a person or a key is known.
    #[must_use]
    pub fn is_signed_in(&self) -> bool {
        self.account.is_some() || self.key.is_some()
    }

    /// Tells those apart who share what an organization has at one time.
    fn number(&self) -> u64 {
        let account = self.account.as_ref().map(|account| account.id.0);
        account.or(self.key.as_ref().map(|key| key.id)).unwrap_or(0)
    }

    /// The organization of this name and the viewer's role there.
    ///
    /// # Errors
    /// `unauthorized` when signed out; `not_found` for an organization that
    /// does not exist and for one of others alike.
    pub fn org(&self, slug: &OrgSlug) -> Result<(&Org, Role), AppError> {
        if !self.is_signed_in() {
            return Err(AppError::Unauthorized);
        }
        self.memberships
            .iter()
            .find(|(org, _)| org.slug == *slug)
            .map(|(org, role)| (org, *role))
            .ok_or(AppError::NotFound)
    }
}

impl Access {
    /// Refuses viewers with less than this role.
    ///
    /// # Errors
    /// `forbidden`, naming the role that is needed.
    pub fn require(&self, role: Role) -> Result<(), AppError> {
        if self.role >= role { Ok(()) } else { Err(AppError::Forbidden { needs: role }) }
    }
}

/// The viewer of the request that is being answered.
///
/// # Errors
/// `internal` outside of a request.
pub fn viewer() -> Result<Viewer, AppError> {
    let parts =
        leptos::prelude::use_context::<http::request::Parts>().ok_or_else(AppError::internal)?;
    Ok(parts.extensions.get::<Viewer>().cloned().unwrap_or_default())
}

/// The organization named in a URL or an argument, as far as the viewer may read it.
///
/// # Errors
/// `unauthorized` when signed out; `not_found` when there is no such
/// organization for this viewer.
pub fn access(org: &str) -> Result<Access, AppError> {
    let viewer = viewer()?;
    if !viewer.is_signed_in() {
        return Err(AppError::Unauthorized);
    }
    let slug = OrgSlug::of_existing(org).map_err(|_| AppError::NotFound)?;
    // Only the exact name: a URL has one spelling.
    if slug.as_str() != org {
        return Err(AppError::NotFound);
    }
    let (org, role) = viewer.org(&slug)?;
    let context = AppContext::current()?;
    let store = context.store.org(org).asked_by(viewer.number());
    Ok(Access { store, org: org.clone(), role })
}

/// An agent's name as it stands in a URL.
///
/// # Errors
/// `not_found` when it cannot be the name of an agent.
pub fn agent_slug(text: &str) -> Result<AgentSlug, AppError> {
    match AgentSlug::new(text) {
        Ok(slug) if slug.as_str() == text => Ok(slug),
        _ => Err(AppError::NotFound),
    }
}
