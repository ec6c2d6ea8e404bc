//! What can come next in a search.

use leptos::prelude::*;
use leptos::server_fn::codec::Json;
use model::Suggestions;

use crate::error::AppError;
use crate::list_state::ListScope;
use crate::wire::{Call, Wire, WireJson};

/// What can stand at the end of `text`, a search up to the caret.
///
/// # Errors
/// `not_found` for an agent that is not there, `unavailable` when the store is away.
pub fn suggest(scope: ListScope, text: String) -> Call<Suggestions> {
    Call::of(serve_suggestions(scope, text))
}

#[server(endpoint = "runs/suggest", input = Json, output = WireJson)]
async fn serve_suggestions(scope: ListScope, text: String) -> Result<Wire, AppError> {
    let access = crate::auth::access(&scope.org)?;
    if text.chars().count() > model::search::MAX_CHARS {
        let most = model::search::MAX_CHARS;
        return Err(AppError::invalid("text", format!("must have at most {most} characters")));
    }
    let agent = scope.agent.as_deref().map(crate::auth::agent_slug).transpose()?;
    let found = access.store.suggest(agent.as_ref(), &text).await?.ok_or(AppError::NotFound)?;
    Wire::of(&found)
}
