//! How the server is doing.

use leptos::prelude::*;
use leptos::server_fn::codec::Json;

use crate::data::status::StatusDoc;
use crate::error::AppError;
use crate::wire::{Call, Wire, WireJson};

/// Most held back runs that are shown.
#[cfg(feature = "ssr")]
const MAX_HELD_BACK: usize = 100;

/// How the server is doing; figures of the whole server only for owners and admins.
///
/// # Errors
/// `not_found` when the organization is not there.
pub fn read_status(org: String) -> Call<StatusDoc> {
    Call::of(serve_status(org))
}

#[server(endpoint = "settings/status", input = Json, output = WireJson)]
async fn serve_status(org: String) -> Result<Wire, AppError> {
    let access = crate::auth::access(&org)?;
    let context = crate::context::AppContext::current()?;
    let held_back = context.door.quarantined(Some(access.org.id), MAX_HELD_BACK).await?;
    let engine = crate::read::status::engine(&context.store).await;
    // The spool is everybody's; how much others send is not for every member to know.
    let spool = context.door.status().filter(|_| access.role >= model::Role::Admin);
    let figures = crate::read::status::figures(engine, spool);
    let is_admin = access.role >= model::Role::Admin;
    let limits = (context.limits)(access.org.id).into_iter();
    let limits = limits.map(|limit| crate::read::status::limit(limit, is_admin)).collect();
    let held_back = held_back.into_iter().map(crate::read::status::held_back).collect();
    Wire::of(&StatusDoc { figures, limits, held_back, now: crate::read::now() })
}
