//! A run as WorkflowAI stored it.
//!
//! Hashes are other ones than its MD5, but as long and as random. What it had no
//! column for and kept under labels of its own, environment and provider, is kept
//! so here too; labels that only repeat columns are left out.

use clickhouse::Row;
use model::{Completion, Json, NewRun, Run, RunId, sameness};
use serde::Serialize;
use serde_json::{Value, json};

/// Microseconds of a day.
const DAY_US: i64 = 86_400_000_000;

#[derive(Row, Serialize)]
pub struct OldRow {
    tenant_uid: u32,
    task_uid: u32,
    created_at_date: u16,
    run_uuid: u128,
    task_schema_id: u16,
    version_id: [u8; 32],
    version_model: String,
    version_temperature_percent: u8,
    input_hash: [u8; 32],
    output_hash: [u8; 32],
    eval_hash: [u8; 32],
    cache_hash: [u8; 32],
    input_preview: String,
    output_preview: String,
    input: String,
    output: String,
    duration_ds: u16,
    overhead_ms: u8,
    cost_millionth_usd: u32,
    input_token_count: u32,
    output_token_count: u32,
    error_payload: String,
    metadata: Vec<(String, String)>,
    is_active: bool,
    llm_completions: Vec<String>,
    conversation_id: u128,
}

/// The day of a moment, as ClickHouse counts them.
pub fn day(at: model::Timestamp) -> u16 {
    at.0.div_euclid(DAY_US) as u16
}

impl OldRow {
    pub fn new(tenant_uid: u32, task_uid: u32, new: &NewRun) -> Self {
        let run = &new.run;
        let (input, output) = (input(run), output(run));
        let input_hash = hash_of(&input);
        let output_hash = hash_of(&output);
        let version_id = digits(run.version.id.0);
        let cache_key = format!("{tenant_uid}:{task_uid}:{version_id:?}:{input_hash:?}");
        Self {
            tenant_uid,
            task_uid,
            created_at_date: day(run.created_at),
            run_uuid: run.id.as_u128(),
            task_schema_id: 1,
            version_id,
            version_model: run.version.snapshot.model.clone().unwrap_or_default(),
            version_temperature_percent: run
                .version
                .snapshot
                .temperature
                .map_or(0, |temperature| (temperature * 100.0).round() as u8),
            eval_hash: hash_of_text(&format!("1:{input_hash:?}:{output_hash:?}")),
            cache_hash: hash_of_text(&cache_key),
            input_hash,
            output_hash,
            input_preview: run.input_preview.clone(),
            output_preview: run.output_preview.clone(),
            input: compact(&input),
            output: if output.is_null() { String::new() } else { compact(&output) },
            duration_ds: run.latency.map_or(0, |latency| (latency.as_millis() / 100.0) as u16),
            // Anything: what a run has of this is not generated.
            overhead_ms: (run.id.as_u128() % 40) as u8,
            cost_millionth_usd: run.cost.map_or(0, |cost| (cost.0 / 1_000) as u32),
            input_token_count: run.usage.input_tokens.unwrap_or(0) as u32,
            output_token_count: run.usage.output_tokens.unwrap_or(0) as u32,
            error_payload: error(run),
            metadata: metadata(run),
            is_active: true,
            llm_completions: run.completions.iter().map(completion).collect(),
            conversation_id: conversation(run),
        }
    }
}

/// Messages had a key of their own, and parts.
fn input(run: &Run) -> Value {
    let Some(input) = &run.input else { return Value::Null };
    let input = input.to_value();
    let Some(messages) = input["messages"].as_array() else { return input };
    let messages: Vec<Value> = messages
        .iter()
        .map(|message| json!({ "role": message["role"], "content": [{ "text": message["content"] }] }))
        .collect();
    json!({ "workflowai.messages": messages })
}

/// The answer of a chat was a string.
fn output(run: &Run) -> Value {
    let output = run.output.as_ref().map_or(Value::Null, Json::to_value);
    if output["role"].is_string() { output["content"].clone() } else { output }
}

fn error(run: &Run) -> String {
    run.error.as_ref().map_or_else(String::new, |error| {
        compact(&json!({ "message": error.message, "status_code": 429, "code": error.code }))
    })
}

/// Values that are no strings were kept as their JSON.
fn metadata(run: &Run) -> Vec<(String, String)> {
    let text = |value: Value| match value {
        Value::String(text) => text,
        other => other.to_string(),
    };
    let own = run.metadata.iter().map(|(key, value)| (key.clone(), text(value.to_value())));
    let environment = run.environment.iter();
    let provider = run.version.snapshot.provider.iter();
    own.chain(environment.map(|text| ("workflowai.deployment.env".to_owned(), text.clone())))
        .chain(provider.map(|text| ("workflowai.provider".to_owned(), text.clone())))
        .collect()
}

/// The messages as they went out, and the text that came back.
fn completion(completion: &Completion) -> String {
    let request = completion.request.as_ref().map_or(Value::Null, Json::to_value);
    let response = completion.response.as_ref().map_or(Value::Null, Json::to_value);
    let usage = completion.usage.unwrap_or_default();
    let cost = completion.cost.map(|cost| cost.as_dollars() / 2.0);
    json!({
        "duration_seconds": completion.latency.map(|latency| latency.as_millis() / 1e3),
        "messages": request["messages"],
        "response": response["choices"][0]["message"]["content"],
        "provider": completion.provider, "model": completion.model,
        "usage": { "pt": usage.input_tokens, "pc": cost, "ct": usage.output_tokens, "cc": cost,
                   "mcws": 128_000 },
    })
    .to_string()
}

/// A run without one got an id of its own, of its time.
fn conversation(run: &Run) -> u128 {
    let name = run.conversation_id.clone().unwrap_or_else(|| run.id.to_string());
    RunId::mint(run.created_at, sameness::hash(&Json::string(&name))).as_u128()
}

/// JSON without spaces and with every other letter than ASCII's escaped, as Python writes it.
fn compact(value: &Value) -> String {
    let json = value.to_string();
    let mut escaped = String::with_capacity(json.len());
    for letter in json.chars() {
        if letter.is_ascii() {
            escaped.push(letter);
        } else {
            for unit in letter.encode_utf16(&mut [0; 2]) {
                escaped.push_str(&format!("\\u{unit:04x}"));
            }
        }
    }
    escaped
}

fn hash_of(value: &Value) -> [u8; 32] {
    hash_of_text(&value.to_string())
}

fn hash_of_text(text: &str) -> [u8; 32] {
    digits(sameness::hash(&Json::string(text)))
}

/// 32 hexadecimal digits.
fn digits(number: u128) -> [u8; 32] {
    let mut digits = [0; 32];
    for (place, digit) in digits.iter_mut().enumerate() {
        *digit = b"0123456789abcdef"[(number >> (124 - 4 * place)) as usize & 15];
    }
    digits
}
