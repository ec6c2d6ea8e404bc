//! Generated runs of about 2 KB: skewed words, repeated system prompts, fifty
//! agents of very unequal size, several scripts, nested JSON, rare and frequent
//! metadata. The same number gives the same run.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};

use crate::words;

/// When the newest run was made: 2026-11-20T00:00:00Z.
pub const END_US: i64 = 1_795_132_800_000_000;
/// How long before that the oldest was made: 90 days.
const SPAN_US: i64 = 90 * 86_400_000_000;
/// How many agents there are.
pub const AGENTS: u32 = 50;
/// In the input of one run in ten thousand.
const RARE_WORD: &str = " zyzzyva";
/// In the input of every run.
const EVERYWHERE: &str = " please";

const MODELS: [(&str, &str); 4] = [
    ("openai", "gpt-4o-mini-2024-07-18"),
    ("openai", "gpt-4.1-2025-04-14"),
    ("anthropic", "claude-sonnet-4-20250514"),
    ("mistral", "mistral-small-latest"),
];

const PLANS: [&str; 3] = ["free", "pro", "team"];

/// The agent's name; agent 0 has about a quarter of all runs.
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
    let agent_index = pick_agent(&mut rng);
    let at_us = END_US - SPAN_US + (SPAN_US as f64 * (n as f64 / total as f64)) as i64;
    let (provider, model) =
        MODELS[(agent_index as usize + usize::from(rng.random_ratio(1, 5))) % 4];
    let instructions = instructions(agent_index, n * 4 / total.max(1));
    let mut question = words::text(&mut rng, 60);
    question.push_str(EVERYWHERE);
    if rng.random_ratio(1, 10_000) {
        question.push_str(RARE_WORD);
    }
    let answer = words::text(&mut rng, 50);
    let chat = agent_index.is_multiple_of(2);
    let input = if chat {
        json!({ "messages": [{ "role": "user", "content": question }] })
    } else {
        structured(&mut rng, &question)
    };
    let output = if chat {
        json!({ "role": "assistant", "content": answer })
    } else {
        json!({ "summary": answer, "score": f64::from(rng.random_range(0..1000_u32)) / 1000.0,
                "label": words::word(rng.random_range(0..12)) })
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
    let run = json!({
        "id": id(&mut rng, at_us), "agent": agent(agent_index),
        "input": input, "output": if failed { Value::Null } else { output },
        "error": if failed { error } else { Value::Null },
        "version": { "model": model, "provider": provider, "temperature": 0.2,
                     "instructions": instructions },
        "completions": [{ "provider": provider, "model": model, "request": request,
            "response": response, "finish_reason": "stop",
            "usage": { "input_tokens": rng.random_range(200..4_000), "output_tokens": 80 },
            "cost_usd": f64::from(rng.random_range(1..9_000_u32)) / 1e6,
            "latency_ms": latency_ms(&mut rng) }],
        "metadata": metadata(&mut rng),
        "environment": if rng.random_ratio(4, 5) { "production" } else { "staging" },
        "source": "sdk",
        "conversation_id": if chat { json!(format!("c-{}", n / 4)) } else { Value::Null },
    });
    run.to_string()
}

fn instructions(agent_index: u32, era: u64) -> String {
    let mut rng = ChaCha8Rng::seed_from_u64(u64::MAX - u64::from(agent_index) * 16 - era);
    words::text(&mut rng, 70)
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
    if rng.random_ratio(1, 2_000) {
        metadata["incident"] = json!("inc-7");
    }
    metadata
}

fn latency_ms(rng: &mut ChaCha8Rng) -> f64 {
    let uniform: f64 = rng.random();
    (200.0 * (1.0 / (1.0 - uniform * 0.999)).sqrt() * 1e3).round() / 1e3
}

fn id(rng: &mut ChaCha8Rng, at_us: i64) -> String {
    model::RunId::mint(model::Timestamp(at_us), rng.random()).to_string()
}
