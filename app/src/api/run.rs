//! One run.

use leptos::prelude::*;
use leptos::server_fn::codec::Json;
use model::RunId;

use crate::data::node::{Node, Spot};
use crate::data::prompt::{PromptAnswer, PromptKey};
use crate::data::run::{RunAnswer, RunKey};
#[cfg(feature = "ssr")]
use crate::data::{list::RunPlace, run::TurnDoc};
use crate::error::AppError;
use crate::wire::{Call, Wire, WireJson};

/// One run, its place in the list it was opened from, and its conversation.
///
/// # Errors
/// `not_found` when the run is not there or is another agent's.
pub fn read_run(key: RunKey) -> Call<RunAnswer> {
    Call::of(serve_run(key))
}

#[server(endpoint = "run/read", input = Json, output = WireJson)]
async fn serve_run(key: RunKey) -> Result<Wire, AppError> {
    let org = &key.scope.org;
    let run = load(org, key.agent.as_deref(), &key.run).await?;
    let access = crate::auth::access(org)?;
    let public_url = crate::context::AppContext::current()?.public_url;
    let url = format!("{public_url}{}", crate::links::run(org, run.agent.as_str(), run.id));
    let (place, turns, unsearched) = futures::join!(
        find_place(&access.store, &key, &run),
        list_turns(&access.store, &run),
        access.store.unsearched(&run)
    );
    let asked = key.clone();
    Wire::of(&RunAnswer {
        asked,
        run: crate::read::run::run_doc(&run, url, key.form),
        place,
        turns,
        // The run is shown all the same when nobody can say.
        unsearched: unsearched.unwrap_or_default(),
    })
}

/// Among the runs that a search finds; none where it cannot be read.
#[cfg(feature = "ssr")]
async fn find_place(store: &store::OrgStore, key: &RunKey, run: &model::Run) -> Option<RunPlace> {
    let query = model::SearchQuery::parse(&key.q).ok()?;
    let request = super::runs::request(&key.scope, query, 0).ok()?;
    let cursor = store::Cursor { created_at: run.created_at, id: run.id };
    // The run is shown all the same when its list cannot be read.
    let found = store.neighbours(&request, cursor).await.ok()??;
    Some(RunPlace {
        newer: found.newer,
        older: found.older,
        position: found.position,
        count: found.count,
        count_is_exact: found.count_is_exact,
    })
}

#[cfg(feature = "ssr")]
async fn list_turns(store: &store::OrgStore, run: &model::Run) -> Vec<TurnDoc> {
    let Some(conversation_id) = &run.conversation_id else { return Vec::new() };
    let items = store.conversation(&run.agent, conversation_id).await.unwrap_or_default();
    if items.len() > 1 { crate::read::list::turns(items) } else { Vec::new() }
}

/// Most characters that can be looked for in a prompt.
pub const MAX_FIND_CHARS: usize = 200;

/// What went to the model in a run.
///
/// # Errors
/// `not_found` when the run is not there or is another agent's, `invalid` when
/// what is looked for is too long.
pub fn read_prompt(key: PromptKey) -> Call<PromptAnswer> {
    Call::of(serve_prompt(key))
}

#[server(endpoint = "run/prompt", input = Json, output = WireJson)]
async fn serve_prompt(key: PromptKey) -> Result<Wire, AppError> {
    let run = load(&key.org, Some(&key.agent), &key.run).await?;
    if key.wanted.chars().count() > MAX_FIND_CHARS {
        let message = format!("must have at most {MAX_FIND_CHARS} characters");
        return Err(AppError::invalid("find", message));
    }
    let prompt = crate::read::prompt::prompt_doc(&run, key.rendered, &key.wanted);
    Wire::of(&PromptAnswer { asked: key, prompt })
}

/// A part of a run that was not sent with it, from this item or member on.
///
/// # Errors
/// `not_found` when nothing is there.
pub fn read_spot(org: String, run: RunId, spot: Spot, from: u32) -> Call<Node> {
    Call::of(serve_spot(org, run, spot, from))
}

#[server(endpoint = "run/spot", input = Json, output = WireJson)]
async fn serve_spot(org: String, run: RunId, spot: Spot, from: u32) -> Result<Wire, AppError> {
    let run = load(&org, None, &run.to_string()).await?;
    Wire::of(&crate::read::spot::read_spot(&run, &spot, from).ok_or(AppError::NotFound)?)
}

/// The agent of a run, for addresses that name the run alone.
///
/// # Errors
/// `not_found` when the run is not there.
pub fn find_agent(org: String, run: String) -> Call<String> {
    Call::of(serve_agent_of_run(org, run))
}

#[server(endpoint = "run/agent", input = Json, output = WireJson)]
async fn serve_agent_of_run(org: String, run: String) -> Result<Wire, AppError> {
    let access = crate::auth::access(&org)?;
    let id: RunId = run.parse().map_err(|_| AppError::NotFound)?;
    let agent = access.store.run_agent(id).await?.ok_or(AppError::NotFound)?;
    Wire::of(&agent)
}

#[cfg(feature = "ssr")]
pub(super) async fn load(
    org: &str,
    agent: Option<&str>,
    run: &str,
) -> Result<model::Run, AppError> {
    let access = crate::auth::access(org)?;
    let id: RunId = run.parse().map_err(|_| AppError::NotFound)?;
    let run = access.store.run(id).await?.ok_or(AppError::NotFound)?;
    match agent {
        Some(agent) if agent != run.agent.as_str() => Err(AppError::NotFound),
        _ => Ok(run),
    }
}
