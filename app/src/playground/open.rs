//! What a playground opens with.

use std::time::Duration;

use futures::future::join_all;
use model::{DEFAULT_PROVIDER, Run, RunId, RunVersion, SearchQuery, VersionId};
use store::OrgStore;
use upstream::{ECHO, Provider};

use crate::auth::{Access, agent_slug};
use crate::context::AppContext;
use crate::data::playground::{
    InputDraft, MessageDraft, ModelChoice, ModelsDoc, PlaygroundDoc, PlaygroundKey, VersionDraft,
};
use crate::error::AppError;
use crate::list_state::ListScope;
use crate::read::answer::answer_doc;
use crate::read::draft::{input_draft, version_draft};
use crate::read::playground_runs::Counted;

/// How long a provider may take to list its models.
const PATIENCE: Duration = Duration::from_secs(4);

/// What a playground opens with.
///
/// # Errors
/// `not_found` when the agent is not there, `unavailable` without a store.
pub async fn open(access: &Access, key: &PlaygroundKey) -> Result<PlaygroundDoc, AppError> {
    let store = &access.store;
    let slug = agent_slug(&key.agent)?;
    let agent = store.agent(&slug).await?.ok_or(AppError::NotFound)?;
    let mut missing = Vec::new();
    let run_id = key.run.as_deref().or(key.input_run.as_deref());
    let run = match run_id {
        Some(id) => load_run(access, &key.agent, id, &mut missing).await?,
        None => None,
    };
    let version = match &key.version {
        Some(id) => find_version(access, &key.agent, id, run.as_ref(), &mut missing).await?,
        None if key.run.is_some() => run.as_ref().map(|run| run.version.clone()),
        None => None,
    };
    let keeps_version = version.is_none() && key.version.is_none();
    let version = match version {
        Some(version) => Some(version),
        None => newest_version(access, &key.agent).await?,
    };
    let newest = match run_id {
        Some(_) => None,
        None => newest_run(access, &key.agent).await,
    };
    let source = run.as_ref().or(newest.as_ref());
    let input = source.and_then(|run| run.input.as_ref());
    let context = AppContext::current()?;
    let providers = context.providers.of(store).await?;
    let of_run = |version: &RunVersion| {
        run.as_ref().filter(|run| run.version.id == version.id).map(|run| run.id)
    };
    let mut draft = version
        .as_ref()
        .map_or_else(VersionDraft::default, |version| version_draft(version, of_run(version)));
    draft.provider = offered(&draft.provider, &providers);
    Ok(PlaygroundDoc {
        key: key.clone(),
        providers: provider_names(&providers),
        version: draft,
        keeps_version,
        keeps_input: run_id.is_none(),
        input: match (source, input) {
            (Some(run), Some(input)) => input_draft(input, run.is_chat(), run.id),
            _ => empty_input(agent.is_chat),
        },
        answer: run.as_ref().filter(|_| key.run.is_some()).map(answer_doc),
        missing,
        can_run: access.role >= model::Role::Member,
    })
}

/// The name under which a version's provider is offered. A version that names none is for the
/// server's own provider, or the first that there is.
fn offered(name: &str, providers: &[Provider]) -> String {
    let wanted = if name.is_empty() { DEFAULT_PROVIDER } else { name };
    let found = providers.iter().find(|provider| provider.is_named(wanted));
    let first = || providers.first().filter(|_| name.is_empty());
    found.or_else(first).map_or_else(|| name.to_owned(), |provider| provider.name().to_owned())
}

/// The providers' names, the built-in echo last.
fn provider_names(providers: &[Provider]) -> Vec<String> {
    let mut names: Vec<String> =
        providers.iter().map(|provider| provider.name().to_owned()).collect();
    names.push(ECHO.to_owned());
    names
}

fn empty_input(is_chat: bool) -> InputDraft {
    let first = MessageDraft { role: "user".to_owned(), ..MessageDraft::default() };
    InputDraft {
        is_chat,
        messages: if is_chat { vec![first] } else { Vec::new() },
        json: if is_chat { String::new() } else { "{}".to_owned() },
        kept: None,
    }
}

async fn load_run(
    access: &Access,
    agent: &str,
    id: &str,
    missing: &mut Vec<String>,
) -> Result<Option<Run>, AppError> {
    let run = match id.parse::<RunId>() {
        Ok(id) => access.store.run(id).await?.filter(|run| run.agent.as_str() == agent),
        Err(_) => None,
    };
    if run.is_none() {
        missing.push(format!("Run {id} was not found; the input is unchanged."));
    }
    Ok(run)
}

/// The version of an id; the run's own snapshot when the version is gone.
async fn find_version(
    access: &Access,
    agent: &str,
    id: &str,
    run: Option<&Run>,
    missing: &mut Vec<String>,
) -> Result<Option<RunVersion>, AppError> {
    let found = match id.parse::<VersionId>() {
        Ok(id) => access.store.version(&agent_slug(agent)?, id).await?,
        Err(_) => None,
    };
    if found.is_some() {
        return Ok(found);
    }
    let snapshot = run.map(|run| run.version.clone());
    let instead = match snapshot {
        Some(_) => "loaded what the run recorded of it",
        None => "loaded the newest version",
    };
    missing.push(format!("Version {id} was not found; {instead}."));
    Ok(snapshot)
}

/// Something to begin with, of those that did not come from a playground. Without it the
/// input is empty.
async fn newest_run(access: &Access, agent: &str) -> Option<Run> {
    let scope =
        ListScope { org: access.org.slug.to_string(), agent: Some(agent.to_owned()), schema: None };
    let mut request =
        crate::api::runs::request(&scope, Counted::of(&SearchQuery::default()).query, 0).ok()?;
    request.limit = 1;
    let list = access.store.list_runs(&request).await.ok()??;
    access.store.run(list.items.first()?.id).await.ok()?
}

async fn newest_version(access: &Access, agent: &str) -> Result<Option<RunVersion>, AppError> {
    let versions = access.store.versions(&agent_slug(agent)?).await?.unwrap_or_default();
    // What somebody only tried is not what the agent uses.
    let newest =
        versions.into_iter().max_by_key(|summary| (summary.run_count > 0, summary.last_seen));
    Ok(newest.map(|summary| summary.version))
}

/// The models of every provider that answers in time.
///
/// # Errors
/// `unavailable` without a store.
pub async fn list_models(context: &AppContext, store: &OrgStore) -> Result<ModelsDoc, AppError> {
    let providers = context.providers.of(store).await?;
    let echo = Provider::echo();
    let ask = async |provider: &Provider| {
        let answer = tokio::time::timeout(PATIENCE, context.upstream.models(provider)).await;
        match answer {
            Ok(Ok(models)) => Ok(models),
            Ok(Err(error)) => Err((provider.name().to_owned(), error.to_string())),
            Err(_) => Err((provider.name().to_owned(), "it took too long to answer".to_owned())),
        }
    };
    let answers = join_all(providers.iter().chain([&echo]).map(ask)).await;
    let mut doc = ModelsDoc::default();
    for answer in answers {
        match answer {
            Ok(models) => doc.models.extend(
                models.into_iter().map(|m| ModelChoice { provider: m.provider, model: m.id }),
            ),
            Err(silent) => doc.silent.push(silent),
        }
    }
    Ok(doc)
}
