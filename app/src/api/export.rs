//! Exports that are under way; the files themselves come over REST.

use leptos::prelude::*;
use leptos::server_fn::codec::Json;

use crate::data::export::ExportDoc;
use crate::error::AppError;
use crate::wire::{Call, Wire, WireJson};

/// How far an export is.
///
/// # Errors
/// `not_found` before it begins and long after it ended.
pub fn export_progress(org: String, id: String) -> Call<ExportDoc> {
    Call::of(serve_progress(org, id, false))
}

/// Stops an export and says how far it came.
///
/// # Errors
/// `not_found` when there is none.
pub fn stop_export(org: String, id: String) -> Call<ExportDoc> {
    Call::of(serve_progress(org, id, true))
}

#[server(endpoint = "export/progress", input = Json, output = WireJson)]
async fn serve_progress(org: String, id: String, stop: bool) -> Result<Wire, AppError> {
    let access = crate::auth::access(&org)?;
    let exports = crate::context::AppContext::current()?.exports;
    let progress = exports.get(access.org.id, &id).ok_or(AppError::NotFound)?;
    if stop {
        progress.stop();
    }
    Wire::of(&progress.doc())
}
