//! What a request may do in the organization that its path names.
//!
//! Handlers take [`Reader`], [`Manager`] or [`Writer`] as an argument, so that
//! none can reach a store without having been let in.

use std::net::IpAddr;

use axum::extract::{FromRequestParts, RawPathParams};
use http::HeaderMap;
use http::request::Parts;
use model::{Role, Scope};
use store::{Org, OrgId, OrgStore, ViewKeeper};

use crate::auth::identity::Identity;
use crate::error::ApiError;
use crate::state::AppState;

/// The word for the key's own organization.
const OWN: &str = "_";

/// May read the organization in the path.
pub struct Reader(pub OrgStore);

/// May delete agents of the organization in the path.
pub struct Manager(pub OrgStore);

/// May read the organization in the path, and keep views there.
pub struct Keeper {
    /// The store.
    pub store: OrgStore,
    /// Who keeps them.
    pub views: ViewKeeper,
}

/// A member of the organization in the path, who may say what they think of its runs.
pub struct Reviewer {
    /// The store.
    pub store: OrgStore,
    /// Their e-mail address, by which the others know them.
    pub email: String,
}

/// May send runs into the organization of its key.
pub struct Writer(pub OrgStore);

impl FromRequestParts<AppState> for Reader {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        in_path(parts, state, Scope::Read, Role::Viewer).await.map(Self)
    }
}

impl FromRequestParts<AppState> for Keeper {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        let store = in_path(parts, state, Scope::Read, Role::Viewer).await?;
        let views = match identity(parts)? {
            Identity::Member(session) => {
                let role = session.memberships.iter().find(|(org, _)| org.id == store.org().id);
                ViewKeeper {
                    account: Some(session.account.id),
                    may_share: role.is_some_and(|(_, role)| *role >= Role::Member),
                }
            }
            Identity::Key(key) => {
                ViewKeeper { account: None, may_share: key.scopes.contains(&Scope::Admin) }
            }
            Identity::Anonymous => return Err(ApiError::unauthorized()),
        };
        Ok(Self { store, views })
    }
}

impl FromRequestParts<AppState> for Manager {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        in_path(parts, state, Scope::Admin, Role::Admin).await.map(Self)
    }
}

impl FromRequestParts<AppState> for Reviewer {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        let store = in_path(parts, state, Scope::Read, Role::Member).await?;
        match identity(parts)? {
            Identity::Member(session) => Ok(Self { store, email: session.account.email.clone() }),
            // A program has no opinion of its own.
            _ => Err(ApiError::forbidden(
                "reviews require a signed-in member; for end-user feedback use POST /v1/feedback",
            )),
        }
    }
}

impl FromRequestParts<AppState> for Writer {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        match identity(parts)? {
            Identity::Anonymous => Err(ApiError::unauthorized()),
            // A person may belong to several organizations, and the path names none.
            Identity::Member(_) => Err(ApiError::forbidden("runs are sent with an API key")),
            Identity::Key(key) if key.scopes.contains(&Scope::Ingest) => {
                Ok(Self(state.store.org(&key.org).asked_by(key.id)))
            }
            Identity::Key(_) => Err(lacks_scope(Scope::Ingest)),
        }
    }
}

async fn in_path(
    parts: &mut Parts,
    state: &AppState,
    scope: Scope,
    role: Role,
) -> Result<OrgStore, ApiError> {
    let identity = identity(parts)?;
    let params =
        RawPathParams::from_request_parts(parts, state).await.map_err(|_| ApiError::not_found())?;
    let name = params.iter().find(|(name, _)| *name == "org").map(|(_, value)| value);
    let name = name.unwrap_or_default();
    // Another organization is not found before a lacking scope is told.
    match &identity {
        Identity::Anonymous => Err(ApiError::unauthorized()),
        Identity::Key(key) if !names(name, &key.org) => Err(ApiError::not_found()),
        Identity::Key(key) if key.scopes.contains(&scope) => {
            Ok(state.store.org(&key.org).asked_by(key.id))
        }
        Identity::Key(_) => Err(lacks_scope(scope)),
        Identity::Member(session) => {
            match session.memberships.iter().find(|(org, _)| org.slug.as_str() == name) {
                None => Err(ApiError::not_found()),
                Some((org, own)) if *own >= role => {
                    Ok(state.store.org(org).asked_by(session.account.id.0))
                }
                Some(_) => Err(ApiError::forbidden(format!("requires the {role} role"))),
            }
        }
    }
}

/// Whether the sender of a request that is still being answered may go on
/// reading an organization. While the store is away, who was let in stays.
pub async fn may_still_read(
    state: &AppState,
    headers: &HeaderMap,
    client: IpAddr,
    org: OrgId,
) -> bool {
    match state.authenticator.identify(headers, client).await {
        Ok(Identity::Anonymous) => false,
        Ok(Identity::Key(key)) => key.org.id == org && key.scopes.contains(&Scope::Read),
        Ok(Identity::Member(session)) => session.memberships.iter().any(|(own, _)| own.id == org),
        Err(error) => error.status.is_server_error(),
    }
}

/// Whether a name stands for a key's organization. People may belong to several, so
/// for them none is their own.
fn names(name: &str, org: &Org) -> bool {
    name == OWN || name == org.slug.as_str()
}

fn lacks_scope(scope: Scope) -> ApiError {
    ApiError::forbidden(format!("this key lacks the scope {scope}"))
}

fn identity(parts: &Parts) -> Result<Identity, ApiError> {
    parts.extensions.get::<Identity>().cloned().ok_or_else(ApiError::unauthorized)
}
