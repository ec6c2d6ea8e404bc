//! Keys and members of an organization.

use leptos::prelude::*;
use leptos::server_fn::codec::Json;
use model::Scope;

use crate::data::settings::{KeysDoc, MembersDoc};
use crate::error::AppError;
use crate::wire::{Call, Wire, WireJson};

/// The API keys of an organization.
///
/// # Errors
/// `not_found` when the organization is not there.
pub fn list_keys(org: String) -> Call<KeysDoc> {
    Call::of(serve_keys(org))
}

#[server(endpoint = "settings/keys", input = Json, output = WireJson)]
async fn serve_keys(org: String) -> Result<Wire, AppError> {
    use crate::data::settings::KeyDoc;

    let access = crate::auth::access(&org)?;
    let context = crate::context::AppContext::current()?;
    let keys = context.store.keys(access.org.id).await?;
    let keys = keys.into_iter().map(|key| KeyDoc {
        id: key.id.to_string(),
        name: key.name,
        prefix: key.prefix,
        scopes: key.scopes,
        created_at: key.created_at,
    });
    Wire::of(&KeysDoc {
        keys: keys.collect(),
        can_manage: access.role >= model::Role::Admin,
        now: crate::read::now(),
    })
}

/// Makes an API key and gives it, whole, this one time.
///
/// # Errors
/// `forbidden` below admin, `invalid` for a name or scopes that cannot be.
pub fn create_key(org: String, name: String, scopes: Vec<Scope>) -> Call<String> {
    Call::of(serve_new_key(org, name, scopes))
}

#[server(endpoint = "settings/keys/create", input = Json, output = WireJson)]
async fn serve_new_key(org: String, name: String, scopes: Vec<Scope>) -> Result<Wire, AppError> {
    let access = crate::auth::access(&org)?;
    access.require(model::Role::Admin)?;
    let name = model::key_name(&name).map_err(|error| AppError::invalid("name", error))?;
    if scopes.is_empty() {
        return Err(AppError::invalid("scopes", "choose at least one"));
    }
    let context = crate::context::AppContext::current()?;
    let minted = (context.mint_key)().ok_or_else(|| {
        tracing::error!("the operating system gives no random bytes");
        AppError::internal()
    })?;
    let new = store::NewKey {
        org: access.org.id,
        name: name.to_owned(),
        hash: minted.hash,
        prefix: minted.prefix,
        scopes,
    };
    context.store.create_key(new).await?;
    tracing::info!(org = %access.org.slug, "key created");
    Wire::of(&minted.key)
}

/// Revokes an API key.
///
/// # Errors
/// `forbidden` below admin.
pub fn revoke_key(org: String, id: String) -> Call<()> {
    Call::of(serve_revocation(org, id))
}

#[server(endpoint = "settings/keys/revoke", input = Json, output = WireJson)]
async fn serve_revocation(org: String, id: String) -> Result<Wire, AppError> {
    let access = crate::auth::access(&org)?;
    access.require(model::Role::Admin)?;
    let id = id.parse().map_err(|_| AppError::NotFound)?;
    let context = crate::context::AppContext::current()?;
    context.store.revoke_key(access.org.id, id).await?;
    tracing::info!(org = %access.org.slug, "key revoked");
    Wire::of(&())
}

/// The members of an organization.
///
/// # Errors
/// `not_found` when the organization is not there.
pub fn list_members(org: String) -> Call<MembersDoc> {
    Call::of(serve_members(org))
}

#[server(endpoint = "settings/members", input = Json, output = WireJson)]
async fn serve_members(org: String) -> Result<Wire, AppError> {
    use crate::data::settings::MemberDoc;

    let access = crate::auth::access(&org)?;
    let context = crate::context::AppContext::current()?;
    let members = context.store.members(access.org.id).await?;
    let members = members.into_iter().map(|member| MemberDoc {
        email: member.email,
        role: member.role,
        since: member.created_at,
    });
    Wire::of(&MembersDoc { members: members.collect(), now: crate::read::now() })
}
