//! A run as rows of the three tables.

use clickhouse::Row;
use model::{Json, Run, RunId, RunStatus};
use serde::Serialize;

use super::searchable::Searchable;
use super::write::Fresh;
use crate::StoreError;
use crate::cards::{Card, CardRow};
use crate::rows::{BodyRef, BodyRow};

#[derive(Row, Serialize)]
pub(super) struct NewRunRow {
    org: u64,
    agent: u64,
    created_at: i64,
    id: u128,
    client_key: u128,
    content_hash: u128,
    schema: u32,
    failed: u8,
    error_code: String,
    error_message: String,
    version_id: u128,
    model: String,
    provider: String,
    temperature: Option<f64>,
    latency_us: Option<u64>,
    time_to_first_token_us: Option<u64>,
    cost_nano_usd: Option<u64>,
    input_tokens: Option<u64>,
    cached_input_tokens: Option<u64>,
    output_tokens: Option<u64>,
    reasoning_tokens: Option<u64>,
    conversation_id: String,
    environment: String,
    source: String,
    cached_from: u128,
    trace_id: String,
    tools: Vec<String>,
    search_text: String,
    segment_paths: Vec<String>,
    segment_ends: Vec<u32>,
    leaves: Vec<String>,
    number_paths: Vec<String>,
    number_doubles: Vec<f64>,
    number_integers: Vec<i128>,
    unsearched: String,
    ingested_at: i64,
    writer: u64,
}

pub(super) fn body_row(fresh: Fresh<'_>) -> Result<BodyRow, StoreError> {
    let run = &fresh.new.run;
    let body = BodyRef {
        version: &run.version.snapshot,
        input: run.input.as_ref(),
        output: run.output.as_ref(),
        completions: &run.completions,
        tool_calls: &run.tool_calls,
        reasoning: &run.reasoning,
    };
    Ok(BodyRow {
        org: fresh.org,
        agent: fresh.agent,
        created_at: run.created_at.0,
        id: run.id.as_u128(),
        body: to_text(&body)?,
    })
}

pub(super) fn card_row(fresh: Fresh<'_>) -> Result<CardRow, StoreError> {
    let run = &fresh.new.run;
    Ok(CardRow {
        org: fresh.org,
        agent: fresh.agent,
        created_at: run.created_at.0,
        id: run.id.as_u128(),
        card: to_text(&card(run)?)?,
    })
}

fn card(run: &Run) -> Result<Card, StoreError> {
    let error = run.error.as_ref();
    let snapshot = &run.version.snapshot;
    let id_or_zero = |id: Option<RunId>| id.map_or(0, RunId::as_u128);
    Ok(Card {
        schema: run.schema,
        failed: u8::from(run.status == RunStatus::Failure),
        error_code: error.map(|error| error.code.clone()).unwrap_or_default(),
        error_message: error.map(|error| error.message.clone()).unwrap_or_default(),
        error_details: error
            .and_then(|error| error.details.as_ref())
            .map(|details| details.as_str().to_owned())
            .unwrap_or_default(),
        version_id: run.version.id.0,
        model: snapshot.model.clone().unwrap_or_default(),
        provider: snapshot.provider.clone().unwrap_or_default(),
        temperature: snapshot.temperature,
        latency_us: run.latency.map(|latency| latency.0),
        time_to_first_token_us: run.time_to_first_token.map(|latency| latency.0),
        cost_nano_usd: run.cost.map(|cost| cost.0),
        input_tokens: run.usage.input_tokens,
        cached_input_tokens: run.usage.cached_input_tokens,
        output_tokens: run.usage.output_tokens,
        reasoning_tokens: run.usage.reasoning_tokens,
        conversation_id: run.conversation_id.clone().unwrap_or_default(),
        environment: run.environment.clone().unwrap_or_default(),
        source: run.source.to_string(),
        cached_from: id_or_zero(run.cached_from),
        trace_id: run.trace_id.clone().unwrap_or_default(),
        span_id: run.span_id.clone().unwrap_or_default(),
        parent_run_id: id_or_zero(run.parent_run_id),
        metadata: to_text(&run.metadata)?,
        input_preview: run.input_preview.clone(),
        output_preview: run.output_preview.clone(),
    })
}

pub(super) fn new_row(
    fresh: Fresh<'_>,
    ingested_at: i64,
    writer: u64,
) -> Result<NewRunRow, StoreError> {
    let new = fresh.new;
    let searchable = Searchable::of(&new.run);
    let card = card(&new.run)?;
    let unsearched = match searchable.unsearched {
        nothing if nothing.is_nothing() => String::new(),
        something => to_text(&something)?,
    };
    Ok(NewRunRow {
        org: fresh.org,
        agent: fresh.agent,
        created_at: new.run.created_at.0,
        id: new.run.id.as_u128(),
        client_key: new.client_key.map_or(0, |key| key.as_u128()),
        content_hash: fresh.hash,
        schema: card.schema,
        failed: card.failed,
        error_code: card.error_code,
        error_message: card.error_message,
        version_id: card.version_id,
        model: card.model,
        provider: card.provider,
        temperature: card.temperature,
        latency_us: card.latency_us,
        time_to_first_token_us: card.time_to_first_token_us,
        cost_nano_usd: card.cost_nano_usd,
        input_tokens: card.input_tokens,
        cached_input_tokens: card.cached_input_tokens,
        output_tokens: card.output_tokens,
        reasoning_tokens: card.reasoning_tokens,
        conversation_id: card.conversation_id,
        environment: card.environment,
        source: card.source,
        cached_from: card.cached_from,
        trace_id: card.trace_id,
        tools: tool_names(&new.run),
        search_text: searchable.text,
        segment_paths: searchable.segment_paths,
        segment_ends: searchable.segment_ends,
        leaves: searchable.leaves,
        number_paths: searchable.number_paths,
        number_doubles: searchable.number_doubles,
        number_integers: searchable.number_integers,
        unsearched,
        ingested_at,
        writer,
    })
}

fn tool_names(run: &Run) -> Vec<String> {
    let mut names: Vec<String> = run.tool_calls.iter().map(|call| call.name.clone()).collect();
    names.sort_unstable();
    names.dedup();
    names
}

pub(super) fn text_of(json: Option<&Json>) -> &str {
    json.map_or("", Json::as_str)
}

fn to_text<T: Serialize + ?Sized>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Corrupt(error.to_string()))
}
