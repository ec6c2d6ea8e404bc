//! Generated runs of about 2.5 KB: words as skewed as a language's, repeated
//! system prompts, fifty agents of very unequal size, several languages, nested
//! JSON, rare and frequent metadata. The same number gives the same run.

use std::sync::LazyLock;

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};

use crate::language::Language;
use crate::text::Writer;
use crate::words;

/// Which generator this is; the next one makes other runs.
pub const EDITION: &str = "2";
/// When the newest run was made: 2026-11-20T00:00:00Z.
pub const END_US: i64 = 1_795_132_800_000_000;
/// How long before that the oldest was made: 90 days.
const SPAN_US: i64 = 90 * 86_400_000_000;
/// How many agents there are.
pub const AGENTS: u32 = 50;
/// In the input of every run.
const EVERYWHERE: &str = " please";
/// How often each agent's system prompt was another.
const ERAS: u64 = 4;
/// How many incidents there were; one run in a hundred names one.
pub const INCIDENTS: u32 = 20;
/// The values of the label `plan`.
pub const PLANS: [&str; 3] = ["free", "pro", "team"];

const MODELS: [(&str, &str); 4] = [
    ("openai", "gpt-4o-mini-2024-07-18"),
    ("openai", "gpt-4.1-2025-04-14"),
    ("anthropic", "claude-sonnet-4-20250514"),
    ("mistral", "mistral-small-latest"),
];

/// The system prompts of all agents, oldest first.
static INSTRUCTIONS: LazyLock<Vec<String>> = LazyLock::new(|| {
    (0..u64::from(AGENTS) * ERAS)
        .map(|n| {
            let mut rng = ChaCha8Rng::seed_from_u64(u64::MAX - n);
            let length = rng.random_range(30..90);
            Writer::new(Language::English, (n / ERAS) as u32).text(&mut rng, length)
        })
        .collect()
});

/// The agent's name; agent 0 has nearly a fifth of all runs.
pub fn agent(index: u32) -> String {
    format!("agent-{index:02}")
}

fn pick_agent(rng: &mut ChaCha8Rng) -> u32 {
    let uniform: f64 = rng.random();
    (f64::from(AGENTS + 1).powf(uniform) as u32 - 1).min(AGENTS - 1)
}

/// The `n`th of `total` runs as it would come in.
pub fn run(n: u64, total: u64) -> String {
    let mut rng = ChaCha8Rng::seed_from_u64(n);
    let at_us = END_US - SPAN_US + (SPAN_US as f64 * (n as f64 / total as f64)) as i64;
    let id = model::RunId::mint(model::Timestamp(at_us), rng.random());
    let mut run = body(&mut rng, n, n * ERAS / total.max(1));
    run["id"] = json!(id.to_string());
    run.to_string()
}

/// A run of now, by an agent of this name, that gets its id when it arrives.
pub fn live(n: u64, agent: &str) -> String {
    let mut run = body(&mut ChaCha8Rng::seed_from_u64(n), n, ERAS - 1);
    run["agent"] = json!(agent);
    run.to_string()
}

fn body(rng: &mut ChaCha8Rng, n: u64, era: u64) -> Value {
    let agent_index = pick_agent(rng);
    let (provider, model) =
        MODELS[(agent_index as usize + usize::from(rng.random_ratio(1, 5))) % 4];
    let instructions = &INSTRUCTIONS[(u64::from(agent_index) * ERAS + era.min(ERAS - 1)) as usize];
    let writer = Writer::new(Writer::language(rng), agent_index);
    let length = length(rng);
    let mut question = writer.text(rng, length);
    question.push_str(EVERYWHERE);
    let length = self::length(rng);
    let answer = writer.text(rng, length);
    let chat = agent_index.is_multiple_of(2);
    let input = if chat {
        json!({ "messages": [{ "role": "user", "content": question }] })
    } else {
        structured(rng, &question)
    };
    let output = if chat {
        json!({ "role": "assistant", "content": answer })
    } else {
        json!({ "summary": answer, "score": f64::from(rng.random_range(0..1000_u32)) / 1000.0,
                "label": words::english(150 + rng.random_range(0..12)) })
    };
    let failed = rng.random_ratio(1, 25);
    let error = json!({ "code": "rate_limit", "message": "too many requests, try again later" });
    let request = json!({
        "model": model, "temperature": 0.2,
        "messages": [{ "role": "system", "content": instructions },
                     { "role": "user", "content": question }],
    });
    let response = json!({
        "model": model,
        "choices": [{ "index": 0, "finish_reason": "stop",
                      "message": { "role": "assistant", "content": answer } }],
    });
    json!({
        "agent": agent(agent_index),
        "input": input, "output": if failed { Value::Null } else { output },
        "error": if failed { error } else { Value::Null },
        "version": { "model": model, "provider": provider, "temperature": 0.2,
                     "instructions": instructions },
        "completions": [{ "provider": provider, "model": model, "request": request,
            "response": if failed { Value::Null } else { response },
            "finish_reason": if failed { Value::Null } else { json!("stop") },
            "usage": { "input_tokens": rng.random_range(200..4_000), "output_tokens": 80 },
            "cost_usd": f64::from(rng.random_range(1..9_000_u32)) / 1e6,
            "latency_ms": latency_ms(rng) }],
        "metadata": metadata(rng),
        "environment": if rng.random_ratio(4, 5) { "production" } else { "staging" },
        "source": "sdk",
        // Each agent has its own conversations; the largest one's have three or four runs.
        "conversation_id": if chat { json!(format!("c-{agent_index}-{}", n / 20)) } else { Value::Null },
    })
}

/// Words of a question or an answer: short ones are common, long ones are not.
fn length(rng: &mut ChaCha8Rng) -> usize {
    let uniform: f64 = rng.random();
    (8.0 * 15.0_f64.powf(uniform)) as usize
}

fn structured(rng: &mut ChaCha8Rng, question: &str) -> Value {
    let items: Vec<Value> = (0..rng.random_range(1..4))
        .map(|_| json!({ "sku": format!("s-{}", rng.random_range(0..5_000)), "count": rng.random_range(1..9) }))
        .collect();
    json!({ "text": question, "customer": { "tier": rng.random_range(0..4), "since": 2015 + rng.random_range(0..11) },
            "items": items })
}

fn metadata(rng: &mut ChaCha8Rng) -> Value {
    let mut metadata = json!({
        "user_id": format!("u{}", rng.random_range(0..20_000)),
        "plan": PLANS[rng.random_range(0..PLANS.len())],
        "attempt": rng.random_range(1..4),
    });
    if rng.random_ratio(1, 100) {
        metadata["incident"] = json!(format!("inc-{}", rng.random_range(0..INCIDENTS)));
    }
    metadata
}

fn latency_ms(rng: &mut ChaCha8Rng) -> f64 {
    let uniform: f64 = rng.random();
    (200.0 * (1.0 / (1.0 - uniform * 0.999)).sqrt() * 1e3).round() / 1e3
}
