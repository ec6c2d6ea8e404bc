//! Who is signed in.

use leptos::prelude::*;
use leptos::server_fn::codec::Json;

use crate::data::session::Session;
use crate::error::AppError;

/// Who is signed in; an empty session when nobody is.
///
/// # Errors
/// `internal` outside of a request.
#[server(endpoint = "session", input = Json)]
pub async fn read_session() -> Result<Session, AppError> {
    use crate::data::session::SessionOrg;

    let viewer = crate::auth::viewer()?;
    let orgs = viewer.memberships.iter().map(|(org, role)| SessionOrg {
        slug: org.slug.to_string(),
        name: org.name.clone(),
        role: *role,
    });
    Ok(Session {
        orgs: orgs.collect(),
        public_url: crate::context::AppContext::current()?.public_url.to_string(),
        is_person: viewer.account.is_some(),
        name: viewer.account.map(|account| account.email).or(viewer.key.map(|key| key.name)),
    })
}
