//! A run's card and body, and how they become model types.

use std::collections::HashMap;
use std::sync::Arc;

use clickhouse::Row;
use model::{
    Completion, Json, Micros, NanoUsd, Reasoning, Run, RunError, RunId, RunItem, RunStatus,
    RunVersion, Source, Timestamp, ToolCall, Usage, Version, VersionId, VersionNumber,
};
use serde::{Deserialize, Serialize};

use crate::StoreError;
use crate::cards::RunRow;
use crate::directory::Agents;

/// A row of `run_bodies`.
#[derive(Row, Clone, Debug, Serialize, Deserialize)]
pub(crate) struct BodyRow {
    pub(crate) org: u64,
    pub(crate) agent: u64,
    pub(crate) created_at: i64,
    pub(crate) id: u128,
    /// A [`Body`] as JSON.
    pub(crate) body: String,
}

/// The heavy part of a run.
#[derive(Serialize, Deserialize)]
pub(crate) struct Body {
    pub(crate) version: Version,
    pub(crate) input: Option<Json>,
    pub(crate) output: Option<Json>,
    pub(crate) completions: Vec<Completion>,
    pub(crate) tool_calls: Vec<ToolCall>,
    pub(crate) reasoning: Vec<Reasoning>,
}

/// [`Body`] for writing.
#[derive(Serialize)]
pub(crate) struct BodyRef<'a> {
    pub(crate) version: &'a Version,
    pub(crate) input: Option<&'a Json>,
    pub(crate) output: Option<&'a Json>,
    pub(crate) completions: &'a [Completion],
    pub(crate) tool_calls: &'a [ToolCall],
    pub(crate) reasoning: &'a [Reasoning],
}

/// What turning rows into runs needs beside the rows.
#[derive(Default)]
pub(crate) struct Lookup {
    pub(crate) agents: Arc<Agents>,
    pub(crate) numbers: HashMap<(u64, u128), VersionNumber>,
}

impl RunRow {
    pub(crate) fn into_item(self, lookup: &Lookup) -> Result<RunItem, StoreError> {
        let snapshot = Version {
            model: text(self.card.model.clone()),
            provider: text(self.card.provider.clone()),
            temperature: self.card.temperature,
            ..Version::default()
        };
        let run = self.into_run(lookup, snapshot)?;
        Ok(RunItem {
            id: run.id,
            url: run.url,
            agent: run.agent,
            schema: run.schema,
            created_at: run.created_at,
            status: run.status,
            error: run.error,
            version: run.version,
            latency: run.latency,
            cost: run.cost,
            usage: run.usage,
            metadata: run.metadata,
            conversation_id: run.conversation_id,
            environment: run.environment,
            source: run.source,
            cached_from: run.cached_from,
            input_preview: run.input_preview,
            output_preview: run.output_preview,
        })
    }

    pub(crate) fn into_whole(self, lookup: &Lookup, body: BodyRow) -> Result<Run, StoreError> {
        let body: Body = parse(&body.body)?;
        let mut run = self.into_run(lookup, body.version)?;
        run.input = body.input;
        run.output = body.output;
        run.completions = body.completions;
        run.tool_calls = body.tool_calls;
        run.reasoning = body.reasoning;
        Ok(run)
    }

    fn into_run(self, lookup: &Lookup, snapshot: Version) -> Result<Run, StoreError> {
        let agent =
            lookup.agents.slug(self.agent).cloned().ok_or_else(|| {
                StoreError::Corrupt(format!("run of unknown agent {}", self.agent))
            })?;
        let card = self.card;
        let error = match card.failed {
            0 => None,
            _ => Some(RunError {
                code: card.error_code,
                message: card.error_message,
                details: json(&card.error_details)?,
            }),
        };
        Ok(Run {
            id: RunId::from_u128(self.id),
            url: String::new(),
            agent,
            schema: card.schema,
            created_at: Timestamp(self.created_at),
            status: if card.failed == 0 { RunStatus::Success } else { RunStatus::Failure },
            input: None,
            output: None,
            error,
            version: RunVersion {
                id: VersionId(card.version_id),
                number: lookup.numbers.get(&(self.agent, card.version_id)).copied(),
                snapshot,
            },
            completions: Vec::new(),
            tool_calls: Vec::new(),
            reasoning: Vec::new(),
            latency: card.latency_us.map(Micros),
            time_to_first_token: card.time_to_first_token_us.map(Micros),
            cost: card.cost_nano_usd.map(NanoUsd),
            usage: Usage {
                input_tokens: card.input_tokens,
                cached_input_tokens: card.cached_input_tokens,
                output_tokens: card.output_tokens,
                reasoning_tokens: card.reasoning_tokens,
            },
            conversation_id: text(card.conversation_id),
            metadata: parse(&card.metadata)?,
            environment: text(card.environment),
            source: source(&card.source)?,
            cached_from: run_id(card.cached_from),
            trace_id: text(card.trace_id),
            span_id: text(card.span_id),
            parent_run_id: run_id(card.parent_run_id),
            input_preview: card.input_preview,
            output_preview: card.output_preview,
        })
    }
}

fn text(value: String) -> Option<String> {
    (!value.is_empty()).then_some(value)
}

fn run_id(value: u128) -> Option<RunId> {
    (value != 0).then_some(RunId::from_u128(value))
}

fn source(word: &str) -> Result<Source, StoreError> {
    Source::ALL
        .into_iter()
        .find(|source| source.as_str() == word)
        .ok_or_else(|| StoreError::Corrupt(format!("unknown source {word:?}")))
}

fn json(stored: &str) -> Result<Option<Json>, StoreError> {
    if stored.is_empty() {
        return Ok(None);
    }
    Json::from_text(stored).map(Some).map_err(|error| StoreError::Corrupt(error.to_string()))
}

fn parse<T: for<'de> Deserialize<'de>>(stored: &str) -> Result<T, StoreError> {
    serde_json::from_str(stored).map_err(|error| StoreError::Corrupt(error.to_string()))
}
