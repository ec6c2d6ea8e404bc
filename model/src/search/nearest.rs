//! What somebody may have meant by a field that does not exist.

use super::field::table;
use super::parse::{Parsed, fault_expecting};

/// Names from the JSON form of a run, from WorkflowAI and from similar tools.
const OTHER_NAMES: [(&str, &str); 15] = [
    ("cached_from", "cached"),
    ("conversation_id", "conversation"),
    ("cost_usd", "cost"),
    ("created_at", "time"),
    ("date", "time"),
    ("duration", "latency"),
    ("env", "environment"),
    ("latency_ms", "latency"),
    ("price", "cost"),
    ("run_id", "id"),
    ("schema_id", "schema"),
    ("time_to_first_token_ms", "ttft"),
    ("tool_calls", "tool"),
    ("trace_id", "trace"),
    ("version_id", "version"),
];

/// The field whose name is nearest to this one.
#[must_use]
pub fn nearest_field(name: &str) -> &'static str {
    let name = name.to_ascii_lowercase().replace('-', "_");
    if let Some((_, meant)) = OTHER_NAMES.iter().find(|(other, _)| *other == name) {
        return meant;
    }
    let names = || table().map(|info| info.name);
    let root = |field: &&str| {
        field.ends_with('.') && name.split('.').next() == Some(field.trim_end_matches('.'))
    };
    let beginning = |field: &&str| name.len() > 1 && field.starts_with(&name);
    names()
        .find(root)
        .or_else(|| names().find(beginning))
        .or_else(|| names().min_by_key(|field| distance(&name, field.trim_end_matches('.'))))
        .unwrap_or("status")
}

/// How many characters must be added, dropped or changed (Levenshtein), on bytes.
fn distance(one: &str, two: &str) -> usize {
    let mut row: Vec<usize> = (0..=two.len()).collect();
    for (i, a) in one.bytes().take(64).enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        for (cell, b) in row.iter_mut().skip(1).zip(two.bytes()) {
            let best = (diagonal + usize::from(a != b)).min(left + 1).min(*cell + 1);
            diagonal = *cell;
            *cell = best;
            left = best;
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or(0)
}

/// The fault of a token whose name, at this byte, is no field's.
pub(super) fn unknown_field<T>(name: &str, at: usize) -> Parsed<T> {
    let nearest = nearest_field(name);
    let meant = match nearest.strip_suffix('.') {
        Some(root) => format!("{root}.KEY"),
        None => nearest.to_owned(),
    };
    let message = format!(
        "no field is called `{name}`; did you mean `{meant}`? Quote it to search for it as text"
    );
    fault_expecting(at..at + name.len(), message, vec![nearest.to_owned()])
}
