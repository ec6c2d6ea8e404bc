//! Writes runs to their three tables.

use std::collections::HashMap;

use clickhouse::Row;
use model::{Json, NewRun, Run, RunId, RunStatus};
use serde::Serialize;

use super::duplicates::KeyRow;
use super::numbering::Numbered;
use super::searchable::Searchable;
use crate::rows::{BodyRef, BodyRow, RunRow};
use crate::{OrgStore, StoreError};

#[derive(Row, Serialize)]
struct NewRunRow {
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
    ingested_at: i64,
    writer: u64,
}

/// Two sends of one run have the same hash. Times, prices and numbers that
/// differ from send to send because they were filled in here are left out.
pub(super) fn content_hash(new: &NewRun) -> u128 {
    let run = &new.run;
    let mut hasher = blake3::Hasher::new();
    let mut part = |text: &str| {
        hasher.update(&(text.len() as u64).to_le_bytes());
        hasher.update(text.as_bytes());
    };
    part(run.agent.as_str());
    part(text_of(run.input.as_ref()));
    part(text_of(run.output.as_ref()));
    part(run.error.as_ref().map_or("", |error| &error.code));
    part(run.error.as_ref().map_or("", |error| &error.message));
    part(&run.version.id.to_string());
    for completion in &run.completions {
        part(text_of(completion.request.as_ref()));
        part(text_of(completion.response.as_ref()));
    }
    for (key, value) in &run.metadata {
        part(key);
        part(value.as_str());
    }
    let mut half = [0; 16];
    half.copy_from_slice(&hasher.finalize().as_bytes()[..16]);
    u128::from_be_bytes(half)
}

impl OrgStore {
    pub(super) async fn write(
        &self,
        runs: &[NewRun],
        hashes: &[u128],
        numbered: &Numbered,
    ) -> Result<(), StoreError> {
        if numbered.runs.is_empty() {
            return Ok(());
        }
        self.write_bodies(runs, numbered).await?;
        self.write_cards(runs, numbered).await?;
        self.write_keys(runs, numbered).await?;

        let batch = self.store.registry.stamps.begin(self.org().id.0, numbered.runs.len());
        let client = self.client().clone().with_setting("max_partitions_per_insert_block", "0");
        let mut insert = client.insert::<NewRunRow>("runs").await?;
        for (place, &(i, agent)) in numbered.runs.iter().enumerate() {
            let (Some(new), Some(hash)) = (runs.get(i), hashes.get(i)) else { continue };
            insert.write(&self.new_row(new, *hash, agent, batch.stamp(place))?).await?;
        }
        insert.end().await?;
        Ok(())
    }

    async fn write_bodies(&self, runs: &[NewRun], numbered: &Numbered) -> Result<(), StoreError> {
        let client = self.client().clone().with_setting("max_partitions_per_insert_block", "0");
        let mut insert = client.insert::<BodyRow>("run_bodies").await?;
        for &(i, agent) in &numbered.runs {
            let Some(new) = runs.get(i) else { continue };
            insert.write(&self.body_row(&new.run, agent)?).await?;
        }
        insert.end().await?;
        Ok(())
    }

    async fn write_cards(&self, runs: &[NewRun], numbered: &Numbered) -> Result<(), StoreError> {
        let client = self.client().clone().with_setting("max_partitions_per_insert_block", "0");
        let mut insert = client.insert::<RunRow>("run_cards").await?;
        for &(i, agent) in &numbered.runs {
            let Some(new) = runs.get(i) else { continue };
            insert.write(&self.card_row(&new.run, agent)?).await?;
        }
        insert.end().await?;
        Ok(())
    }

    async fn write_keys(&self, runs: &[NewRun], numbered: &Numbered) -> Result<(), StoreError> {
        let rows: HashMap<u128, KeyRow> = numbered
            .runs
            .iter()
            .filter_map(|&(i, agent)| {
                let new = runs.get(i)?;
                let client_key = new.client_key?.as_u128();
                let run = new.run.id.as_u128();
                Some((client_key, KeyRow { org: self.org().id.0, client_key, agent, run }))
            })
            .collect();
        if rows.is_empty() {
            return Ok(());
        }
        let mut insert = self.client().insert::<KeyRow>("run_keys").await?;
        for row in rows.values() {
            insert.write(row).await?;
        }
        insert.end().await?;
        Ok(())
    }

    fn body_row(&self, run: &Run, agent: u64) -> Result<BodyRow, StoreError> {
        let body = BodyRef {
            version: &run.version.snapshot,
            input: run.input.as_ref(),
            output: run.output.as_ref(),
            completions: &run.completions,
            tool_calls: &run.tool_calls,
            reasoning: &run.reasoning,
        };
        Ok(BodyRow {
            org: self.org().id.0,
            agent,
            created_at: run.created_at.0,
            id: run.id.as_u128(),
            body: to_text(&body)?,
        })
    }

    fn card_row(&self, run: &Run, agent: u64) -> Result<RunRow, StoreError> {
        let error = run.error.as_ref();
        let snapshot = &run.version.snapshot;
        let id_or_zero = |id: Option<RunId>| id.map_or(0, RunId::as_u128);
        Ok(RunRow {
            org: self.org().id.0,
            agent,
            created_at: run.created_at.0,
            id: run.id.as_u128(),
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

    fn new_row(
        &self,
        new: &NewRun,
        content_hash: u128,
        agent: u64,
        ingested_at: i64,
    ) -> Result<NewRunRow, StoreError> {
        let searchable = Searchable::of(&new.run);
        let card = self.card_row(&new.run, agent)?;
        Ok(NewRunRow {
            org: card.org,
            agent,
            created_at: card.created_at,
            id: card.id,
            client_key: new.client_key.map_or(0, |key| key.as_u128()),
            content_hash,
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
            ingested_at,
            writer: self.store.registry.stamps.writer,
        })
    }
}

fn tool_names(run: &Run) -> Vec<String> {
    let mut names: Vec<String> = run.tool_calls.iter().map(|call| call.name.clone()).collect();
    names.sort_unstable();
    names.dedup();
    names
}

fn text_of(json: Option<&Json>) -> &str {
    json.map_or("", Json::as_str)
}

fn to_text<T: Serialize + ?Sized>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Corrupt(error.to_string()))
}
