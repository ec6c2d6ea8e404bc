//! What somebody may have meant by a field that does not exist.

use super::field::table;
use super::input::{Parsed, fault_expecting};

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
    nearest(name).0
}

/// The nearest field, and whether it is near enough to be the one that was meant.
fn nearest(name: &str) -> (&'static str, bool) {
    let name = name.to_ascii_lowercase().replace('-', "_");
    if let Some((_, meant)) = OTHER_NAMES.iter().find(|(other, _)| *other == name) {
        return (meant, true);
    }
    let names = || table().map(|info| info.name);
    let root = name.split(['.', '[']).next().unwrap_or_default();
    if let Some(found) = names().find(|field| field.strip_suffix('.') == Some(root)) {
        return (found, true);
    }
    if let Some(found) = names().find(|field| name.len() > 1 && field.starts_with(&name)) {
        return (found, true);
    }
    let by_distance = names().map(|field| (distance(&name, field.trim_end_matches('.')), field));
    let (distance, found) = by_distance.min().unwrap_or_default();
    (found, distance * 5 <= name.len() * 2)
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
    let (found, is_near) = nearest(name);
    let meant = match found.strip_suffix('.') {
        Some(root) => format!("{root}.KEY"),
        None => found.to_owned(),
    };
    let metadata = if is_near { String::new() } else { format!(", `metadata.{name}`") };
    let message = format!(
        "no field is called `{name}`; did you mean `{meant}`{metadata} or the text in quotes?"
    );
    fault_expecting(at..at + name.len(), message, vec![found.to_owned()])
}
