//! Rules for the fields of a run that types alone cannot hold.

use super::{IncomingRun, InvalidRun};
use crate::id::ClientId;
use crate::limits::MAX_LABEL_CHARS;
use crate::{AgentSlug, RunId, Timestamp};

/// Which id a run gets, when it began, and the client's own name for it.
pub(crate) struct Identity {
    pub(crate) id: RunId,
    pub(crate) client_key: Option<uuid::Uuid>,
    pub(crate) created_at: Timestamp,
}

pub(crate) fn agent(run: &IncomingRun) -> Result<AgentSlug, InvalidRun> {
    let name = run.agent.as_deref().ok_or_else(|| {
        InvalidRun::missing("agent", "`agent` is missing; name the agent that ran")
    })?;
    AgentSlug::new(name).map_err(|error| InvalidRun::of_field("invalid_field", "agent", error))
}

/// Refuses a run that says nothing.
pub(crate) fn content(run: &IncomingRun) -> Result<(), InvalidRun> {
    let has_completions = run.completions.as_ref().is_some_and(|list| !list.is_empty());
    if run.input.is_some() || run.output.is_some() || run.error.is_some() || has_completions {
        return Ok(());
    }
    let rule = "a run needs at least one of `input`, `output`, `error` and `completions`";
    Err(InvalidRun::missing("input", rule))
}

pub(crate) fn schema(run: &IncomingRun) -> Result<(), InvalidRun> {
    if run.schema == Some(0) {
        return Err(InvalidRun::of_field("invalid_field", "schema", "must be 1 or more"));
    }
    Ok(())
}

pub(crate) fn identity(
    run: &IncomingRun,
    now: Timestamp,
    random: u128,
) -> Result<Identity, InvalidRun> {
    if let Some(at) = run.created_at.filter(|at| !at.is_plausible(now)) {
        let rule =
            format!("must lie between {} and one day from now, and is {at}", Timestamp::EARLIEST);
        return Err(InvalidRun::of_field("invalid_time", "created_at", rule));
    }
    let client_id = run
        .id
        .as_deref()
        .map(|text| ClientId::parse(text, now))
        .transpose()
        .map_err(|error| InvalidRun::of_field("invalid_id", "id", error))?;
    Ok(match client_id {
        Some(ClientId::Run(id)) => Identity {
            id,
            client_key: None,
            created_at: run.created_at.unwrap_or_else(|| id.timestamp()),
        },
        other => {
            let created_at = run.created_at.unwrap_or(now);
            let client_key = match other {
                Some(ClientId::Key(key)) => Some(key),
                _ => None,
            };
            Identity { id: RunId::mint(created_at, random), client_key, created_at }
        }
    })
}

/// Refuses labels longer than a label may be.
pub(crate) fn labels(run: &IncomingRun) -> Result<(), InvalidRun> {
    let labels = [
        ("conversation_id", &run.conversation_id),
        ("environment", &run.environment),
        ("trace_id", &run.trace_id),
        ("span_id", &run.span_id),
    ];
    for (field, value) in labels {
        if value.as_ref().is_some_and(|text| text.chars().count() > MAX_LABEL_CHARS) {
            return Err(InvalidRun::too_long(field, MAX_LABEL_CHARS));
        }
    }
    let keys = run.metadata.iter().flat_map(|metadata| metadata.keys());
    for key in keys {
        if key.chars().count() > MAX_LABEL_CHARS {
            let short: String = key.chars().take(40).collect();
            return Err(InvalidRun::too_long(&format!("metadata.{short}…"), MAX_LABEL_CHARS));
        }
    }
    Ok(())
}
