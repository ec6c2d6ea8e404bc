//! Rows of the tables `run_cards` and `run_bodies`, and how they become model types.

use std::collections::HashMap;
use std::sync::Arc;

use clickhouse::Row;
use model::{
    Completion, Json, Micros, NanoUsd, Reasoning, Run, RunError, RunId, RunItem, RunStatus,
    RunVersion, Source, Timestamp, ToolCall, Usage, Version, VersionId, VersionNumber,
};
use serde::{Deserialize, Serialize};

use crate::directory::Agents;
use crate::{Cursor, StoreError};

/// A row of `run_cards`: what lists show of a run.
#[derive(Row, Clone, Debug, Serialize, Deserialize)]
pub(crate) struct RunRow {
    pub(crate) org: u64,
    pub(crate) agent: u64,
    pub(crate) created_at: i64,
    pub(crate) id: u128,
    pub(crate) schema: u32,
    pub(crate) failed: u8,
    pub(crate) error_code: String,
    pub(crate) error_message: String,
    pub(crate) error_details: String,
    pub(crate) version_id: u128,
    pub(crate) model: String,
    pub(crate) provider: String,
    pub(crate) temperature: Option<f64>,
    pub(crate) latency_us: Option<u64>,
    pub(crate) time_to_first_token_us: Option<u64>,
    pub(crate) cost_nano_usd: Option<u64>,
    pub(crate) input_tokens: Option<u64>,
    pub(crate) cached_input_tokens: Option<u64>,
    pub(crate) output_tokens: Option<u64>,
    pub(crate) reasoning_tokens: Option<u64>,
    pub(crate) conversation_id: String,
    pub(crate) environment: String,
    pub(crate) source: String,
    pub(crate) cached_from: u128,
    pub(crate) trace_id: String,
    pub(crate) span_id: String,
    pub(crate) parent_run_id: u128,
    pub(crate) metadata: String,
    pub(crate) input_preview: String,
    pub(crate) output_preview: String,
}

/// The names of [`RunRow`]'s columns, in its order.
macro_rules! run_columns {
    () => {
        "org, agent, created_at, id, schema, failed, error_code, error_message, error_details,
         version_id, model, provider, temperature, latency_us, time_to_first_token_us,
         cost_nano_usd, input_tokens, cached_input_tokens, output_tokens, reasoning_tokens,
         conversation_id, environment, source, cached_from, trace_id, span_id, parent_run_id,
         metadata, input_preview, output_preview"
    };
}
pub(crate) use run_columns;

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
            model: text(self.model.clone()),
            provider: text(self.provider.clone()),
            temperature: self.temperature,
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
        let error = match self.failed {
            0 => None,
            _ => Some(RunError {
                code: self.error_code,
                message: self.error_message,
                details: json(&self.error_details)?,
            }),
        };
        Ok(Run {
            id: RunId::from_u128(self.id),
            url: String::new(),
            agent,
            schema: self.schema,
            created_at: Timestamp(self.created_at),
            status: if self.failed == 0 { RunStatus::Success } else { RunStatus::Failure },
            input: None,
            output: None,
            error,
            version: RunVersion {
                id: VersionId(self.version_id),
                number: lookup.numbers.get(&(self.agent, self.version_id)).copied(),
                snapshot,
            },
            completions: Vec::new(),
            tool_calls: Vec::new(),
            reasoning: Vec::new(),
            latency: self.latency_us.map(Micros),
            time_to_first_token: self.time_to_first_token_us.map(Micros),
            cost: self.cost_nano_usd.map(NanoUsd),
            usage: Usage {
                input_tokens: self.input_tokens,
                cached_input_tokens: self.cached_input_tokens,
                output_tokens: self.output_tokens,
                reasoning_tokens: self.reasoning_tokens,
            },
            conversation_id: text(self.conversation_id),
            metadata: parse(&self.metadata)?,
            environment: text(self.environment),
            source: source(&self.source)?,
            cached_from: run_id(self.cached_from),
            trace_id: text(self.trace_id),
            span_id: text(self.span_id),
            parent_run_id: run_id(self.parent_run_id),
            input_preview: self.input_preview,
            output_preview: self.output_preview,
        })
    }
}

impl From<&RunRow> for Cursor {
    fn from(row: &RunRow) -> Self {
        Self { created_at: Timestamp(row.created_at), id: RunId::from_u128(row.id) }
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
