//! Searches as nobody would write them: pieces of the grammar in any order, right
//! and wrong, and texts of all scripts between them.

use model::search::Field;
use rand::Rng;
use rand::seq::IndexedRandom;
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};

/// The more pieces, the less often all of them can be read.
const MAX_PIECES: usize = 9;

/// Words of the runs that are searched, so that searches find some of them.
const WORDS: [&str; 16] = [
    "late",
    "refund",
    "order",
    "Zoé",
    "zoe\u{301}",
    "退款",
    "延迟",
    "ไทย",
    "straße",
    "İstanbul",
    "100%",
    "a_b",
    "C:\\temp",
    "it's",
    "🙂",
    "x",
];

const KEYS: [&str; 8] = ["plan", "user id", "a.b", "a\"b", "ключ", "list", "deep", "n"];

const VALUES: [&str; 38] = [
    "success",
    "failure",
    "2s",
    "350ms",
    "$0.01",
    "4k",
    "24h",
    "2026-10-01",
    "2026-10-01T10:30Z",
    "1..5",
    "0.95",
    "0",
    "-0",
    "1e400",
    "18446744073709551616",
    "9007199254740993",
    "true",
    "null",
    "3.1",
    "3",
    "*",
    "~a",
    "~",
    "!=x",
    ">",
    ">=1",
    "<2",
    ">banana",
    "a,b",
    ",",
    "1,",
    "positive",
    "any",
    "\"\"",
    "\"a, b\"",
    "\"100%\"",
    "proxy",
    "..",
];

/// Filters that can be read.
const FILTERS: [&str; 36] = [
    "status:failure",
    "status:!=success",
    "model:gpt-4o",
    "model:~PT",
    "provider:*",
    "version:1",
    "version:1.1,2.1",
    "schema:1..3",
    "schema:>1",
    "environment:Zoé",
    "environment:~%",
    "source:api",
    "temperature:0",
    "temperature:<=1",
    "latency:>2s",
    "latency:1s..2s",
    "ttft:*",
    "cost:<$0.01",
    "cost:0.0001",
    "tokens:>4k",
    "input_tokens:0..9k",
    "output_tokens:0",
    "time:24h",
    "time:>2026-10-01",
    "id:~0",
    "conversation:*",
    "trace:x",
    "cached:false",
    "error:timeout",
    "error:~late",
    "tool:*",
    "review:positive",
    "feedback:any",
    "agent:agent-1",
    "agent:~2",
    "-status:success",
];

const PATHS: [&str; 14] = [
    "",
    ".a",
    ".a.b",
    ".list[]",
    ".list[].x",
    ".list.length",
    ".\"a\\\"b\"",
    ".'",
    ".length",
    "..",
    ".[]",
    ".\"user id\"",
    ".deep.deep.deep.deep",
    "[]",
];

/// A run that some of the searches find.
pub fn run(rng: &mut ChaCha8Rng) -> Value {
    let words = |rng: &mut ChaCha8Rng| {
        (0..rng.random_range(0..8)).map(|_| pick(rng, &WORDS)).collect::<Vec<_>>().join(" ")
    };
    let scalar = |rng: &mut ChaCha8Rng| match rng.random_range(0..7) {
        0 => json!(rng.random_range(-3..4)),
        1 => json!(0.95),
        2 => json!(rng.random::<bool>()),
        3 => Value::Null,
        4 => json!(9_007_199_254_740_993_u64),
        5 => json!(""),
        _ => json!(pick(rng, &WORDS)),
    };
    let list: Vec<Value> = (0..rng.random_range(0..4)).map(|_| scalar(rng)).collect();
    let mut run = json!({
        "agent": format!("agent-{}", rng.random_range(0..3)),
        "input": { "a": { "b": scalar(rng) }, "list": list, "text": words(rng), "a\"b": scalar(rng) },
        "output": if rng.random_ratio(1, 3) { json!(words(rng)) } else { json!({ "a": words(rng) }) },
        "metadata": { pick(rng, &KEYS): scalar(rng), pick(rng, &KEYS): words(rng) },
    });
    if rng.random_ratio(1, 5) {
        run["error"] = json!({ "code": "timeout", "message": words(rng) });
    }
    if rng.random_ratio(1, 2) {
        run["latency_ms"] = json!(rng.random_range(0..5_000));
        run["cost_usd"] = json!(0.0001);
        run["usage"] = json!({ "input_tokens": rng.random_range(0..9_000), "output_tokens": 0 });
        run["version"] = json!({ "model": "gpt-4o", "provider": "openai", "temperature": 0 });
        run["environment"] = json!(pick(rng, &WORDS));
    }
    run
}

/// A text for the search field.
pub fn search(rng: &mut ChaCha8Rng) -> String {
    let mut text = String::new();
    for _ in 0..rng.random_range(1..MAX_PIECES) {
        piece(rng, &mut text);
    }
    if rng.random_ratio(1, 12) {
        spoil(rng, &mut text);
    }
    text
}

/// A body of `POST …/runs/search`, in the form of WorkflowAI.
pub fn field_queries(rng: &mut ChaCha8Rng) -> Value {
    let operators = [
        "is",
        "is not",
        "contains",
        "does not contain",
        "is empty",
        "is not empty",
        "is between",
        "greater than",
        "less than",
        "is before",
        "is after",
        "resembles",
    ];
    let queries: Vec<Value> = (0..rng.random_range(0..4))
        .map(|_| {
            let values: Vec<Value> = (0..rng.random_range(0..3))
                .map(|_| {
                    if rng.random() {
                        json!(pick(rng, &VALUES))
                    } else {
                        json!(rng.random::<f32>())
                    }
                })
                .collect();
            let field = match rng.random_range(0..3) {
                0 => format!("metadata.{}", pick(rng, &KEYS)),
                1 => format!("input{}", pick(rng, &PATHS)),
                _ => field(rng).to_owned(),
            };
            json!({ "field_name": field, "operator": pick(rng, &operators), "values": values })
        })
        .collect();
    json!({ "q": search(rng), "field_queries": queries, "limit": rng.random_range(1..60) })
}

fn piece(rng: &mut ChaCha8Rng, text: &mut String) {
    match rng.random_range(0..16) {
        0..=2 => text.push_str(pick(rng, &WORDS)),
        3 if rng.random_ratio(1, 3) => {
            let marks =
                ["(", ")", "-", "\"", "\\", " OR ", "OR", "--", "*", "%", "\u{0}", "\u{202e}"];
            text.push_str(pick(rng, &marks));
        }
        4 => {
            let phrase = [pick(rng, &WORDS), pick(rng, &WORDS)].join(" ").replace('\\', "\\\\");
            text.push_str(&format!("\"{phrase}\""));
        }
        5 => text.push_str(&format!(
            "metadata.\"{}\":{}",
            pick(rng, &KEYS).replace('"', "\\\""),
            value(rng)
        )),
        6 => text.push_str(&format!("metadata.{}:{}", pick(rng, &KEYS), value(rng))),
        7 | 8 => {
            let place = if rng.random() { "input" } else { "output" };
            text.push_str(&format!("{place}{}:{}", pick(rng, &PATHS), value(rng)));
        }
        9 if rng.random_ratio(1, 3) => {
            text.push_str(&format!("{}:{}", field(rng), value(rng)));
        }
        10 => text.push_str(pick(rng, &["(", ") OR (", ")", " OR "])),
        _ => text.push_str(pick(rng, &FILTERS)),
    }
    if rng.random_ratio(5, 6) {
        text.push(' ');
    }
}

fn value(rng: &mut ChaCha8Rng) -> String {
    let prefix = ["", "", "", "~", "!=", ">", "<="];
    let value = if rng.random_ratio(2, 3) { pick(rng, &VALUES) } else { pick(rng, &WORDS) };
    format!("{}{value}", pick(rng, &prefix))
}

/// Takes out, doubles or overwrites a character.
fn spoil(rng: &mut ChaCha8Rng, text: &mut String) {
    let mut letters: Vec<char> = text.chars().collect();
    for _ in 0..rng.random_range(1..5) {
        if letters.is_empty() {
            break;
        }
        let at = rng.random_range(0..letters.len());
        match rng.random_range(0..3) {
            0 => drop(letters.remove(at)),
            1 => letters.insert(at, letters[at]),
            _ => letters[at] = rng.random(),
        }
    }
    *text = letters.into_iter().collect();
}

/// The name of a field, and now and then of none.
fn field(rng: &mut ChaCha8Rng) -> &'static str {
    let none = rng.random_ratio(1, 25);
    let field = Field::PLAIN.choose(rng).filter(|_| !none);
    field.map_or("nosuchfield", |field| field.info().name)
}

fn pick<'a>(rng: &mut ChaCha8Rng, from: &[&'a str]) -> &'a str {
    from.choose(rng).copied().unwrap_or_default()
}
