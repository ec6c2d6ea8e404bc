//! One run.

use leptos::prelude::*;
use leptos::server_fn::codec::Json;
use model::RunId;
use serde::{Deserialize, Serialize};

use crate::data::node::{Node, Spot};
use crate::data::prompt::PromptDoc;
use crate::data::run::RunAnswer;
#[cfg(feature = "ssr")]
use crate::data::{list::RunPlace, run::TurnDoc};
use crate::error::AppError;
use crate::list_state::ListScope;

/// Which run is read, and how.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunKey {
    /// The agent that the address names, if it names one.
    pub agent: Option<String>,
    /// The run's id, as the address has it.
    pub run: String,
    /// Whether input and output are shown as raw JSON.
    pub raw: bool,
    /// The list that it was opened from.
    pub scope: ListScope,
    /// That list's search.
    pub q: String,
}

/// One run, its place in the list it was opened from, and its conversation.
///
/// # Errors
/// `not_found` when the run is not there or is another agent's.
#[server(endpoint = "run/read", input = Json)]
pub async fn read_run(key: RunKey) -> Result<RunAnswer, AppError> {
    let org = &key.scope.org;
    let run = load(org, key.agent.as_deref(), &key.run).await?;
    let access = crate::auth::access(org)?;
    let public_url = crate::context::AppContext::current()?.public_url;
    let url = format!("{public_url}{}", crate::links::run(org, run.agent.as_str(), run.id));
    let (place, turns) =
        futures::join!(find_place(&access.store, &key, &run), list_turns(&access.store, &run));
    Ok(RunAnswer { run: crate::read::run::run_doc(&run, url, key.raw), place, turns })
}

/// Without a good search the place is the one among all runs of the list.
#[cfg(feature = "ssr")]
async fn find_place(store: &store::OrgStore, key: &RunKey, run: &model::Run) -> Option<RunPlace> {
    let query = model::SearchQuery::parse(&key.q).unwrap_or_default();
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

/// What went to the model in a run; `rendered` asks for texts as Markdown too.
///
/// # Errors
/// `not_found` when the run is not there or is another agent's.
#[server(endpoint = "run/prompt", input = Json)]
pub async fn read_prompt(
    org: String,
    agent: String,
    run: String,
    rendered: bool,
) -> Result<PromptDoc, AppError> {
    let run = load(&org, Some(&agent), &run).await?;
    Ok(crate::read::prompt::prompt_doc(&run, rendered))
}

/// A part of a run that was not sent with it, from this item or member on.
///
/// # Errors
/// `not_found` when nothing is there.
#[server(endpoint = "run/spot", input = Json)]
pub async fn read_spot(org: String, run: RunId, spot: Spot, from: u32) -> Result<Node, AppError> {
    let run = load(&org, None, &run.to_string()).await?;
    crate::read::spot::read_spot(&run, &spot, from).ok_or(AppError::NotFound)
}

/// The agent of a run, for addresses that name the run alone.
///
/// # Errors
/// `not_found` when the run is not there.
#[server(endpoint = "run/agent", input = Json)]
pub async fn find_agent(org: String, run: String) -> Result<String, AppError> {
    let access = crate::auth::access(&org)?;
    let id: RunId = run.parse().map_err(|_| AppError::NotFound)?;
    let agent = access.store.run_agent(id).await?.ok_or(AppError::NotFound)?;
    Ok(agent.to_string())
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
