//! The playground: what it opens with, and asking a model.

use leptos::prelude::*;
use leptos::server_fn::codec::{Json, StreamingText, TextStream};

use crate::data::playground::{Draft, ModelsDoc, PlaygroundDoc, PlaygroundKey};
use crate::error::AppError;
use crate::wire::{Call, Wire, WireJson};

/// What a playground opens with. What was asked for and is missing is said;
/// the rest is loaded.
///
/// # Errors
/// `not_found` when the agent is not there.
pub fn open_playground(key: PlaygroundKey) -> Call<PlaygroundDoc> {
    Call::of(serve_playground(key))
}

#[server(endpoint = "playground/open", input = Json, output = WireJson)]
async fn serve_playground(key: PlaygroundKey) -> Result<Wire, AppError> {
    let access = crate::auth::access(&key.org)?;
    Wire::of(&crate::playground::open(&access, &key).await?)
}

/// The models of every provider that answers in time.
///
/// # Errors
/// `not_found` when the organization is not there.
pub fn list_models(org: String) -> Call<ModelsDoc> {
    Call::of(serve_models(org))
}

#[server(endpoint = "playground/models", input = Json, output = WireJson)]
async fn serve_models(org: String) -> Result<Wire, AppError> {
    let access = crate::auth::access(&org)?;
    let context = crate::context::AppContext::current()?;
    Wire::of(&crate::playground::list_models(&context, &access.store).await?)
}

/// Asks a model and streams its answer, a line of JSON for each
/// [`crate::data::playground::PlaygroundEvent`]. The run is stored also when the
/// reader leaves before the end.
///
/// # Errors
/// `forbidden` below member, `invalid` for a draft that cannot be sent.
#[server(endpoint = "playground/run", input = Json, output = StreamingText)]
pub async fn run_draft(
    org: String,
    agent: String,
    draft: Draft,
) -> Result<TextStream<AppError>, AppError> {
    let access = crate::auth::access(&org)?;
    access.require(model::Role::Member)?;
    let agent = crate::auth::agent_slug(&agent)?;
    let context = crate::context::AppContext::current()?;
    let lines = crate::playground::run(&context, access.store, agent, &draft).await?;
    Ok(TextStream::new(lines))
}
