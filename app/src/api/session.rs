//! Who is signed in.

use leptos::prelude::*;
use leptos::server_fn::codec::Json;

use crate::data::session::Session;
use crate::error::AppError;
use crate::wire::{Call, Wire, WireJson};

/// Who is signed in; an empty session when nobody is.
///
/// # Errors
/// `internal` outside of a request.
pub fn read_session() -> Call<Session> {
    Call::of(serve_session())
}

#[server(endpoint = "session", input = Json, output = WireJson)]
async fn serve_session() -> Result<Wire, AppError> {
    use crate::data::session::SessionOrg;

    let viewer = crate::auth::viewer()?;
    let orgs = viewer.memberships.iter().map(|(org, role)| SessionOrg {
        slug: org.slug.to_string(),
        name: org.name.clone(),
        role: *role,
    });
    Wire::of(&Session {
        orgs: orgs.collect(),
        is_person: viewer.account.is_some(),
        name: viewer.account.map(|account| account.email).or(viewer.key.map(|key| key.name)),
    })
}
