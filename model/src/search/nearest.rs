//! What somebody may have meant by a field that does not exist.

use super::field::table;
use super::input::{Fault, Parsed};
use super::word::ends_word;

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

/// The field that is meant by a name which it has elsewhere.
pub(super) fn field_of_other_name(name: &str) -> Option<&'static str> {
    OTHER_NAMES.iter().find(|(other, _)| *other == name).map(|(_, meant)| *meant)
}

/// How much a field's name is like the one that was written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Nearness {
    /// It is surely the one that was meant.
    Same,
    /// It may be the one that was meant.
    Near,
    /// It has hardly a letter in common.
    Far,
}

/// The nearest field, and how near it is.
fn nearest(name: &str) -> (&'static str, Nearness) {
    let name = name.to_ascii_lowercase().replace('-', "_");
    if let Some(meant) = field_of_other_name(&name) {
        return (meant, Nearness::Same);
    }
    let names = || table().map(|info| info.name);
    let root = name.split(['.', '[']).next().unwrap_or_default();
    if let Some(found) = names().find(|field| field.strip_suffix('.') == Some(root)) {
        return (found, Nearness::Same);
    }
    if let Some(found) = names().find(|field| name.len() > 1 && field.starts_with(&name)) {
        return (found, Nearness::Same);
    }
    let by_distance = names().map(|field| (distance(&name, field.trim_end_matches('.')), field));
    let (distance, found) = by_distance.min().unwrap_or_default();
    let nearness = match distance {
        _ if distance * 5 <= name.len() * 2 => Nearness::Same,
        _ if distance <= 2 || distance * 3 <= name.len() => Nearness::Near,
        _ => Nearness::Far,
    };
    (found, nearness)
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

/// The fault of a token whose name, at this byte, is no field's. After the name comes
/// its colon.
pub(super) fn unknown_field<T>(name: &str, after: &str, at: usize) -> Parsed<T> {
    let (found, nearness) = nearest(name);
    let meant = match found.strip_suffix('.') {
        Some(root) => format!("`{root}.KEY`"),
        None => format!("`{found}`"),
    };
    let meant = match nearness {
        Nearness::Same => meant,
        Nearness::Near => format!("{meant}, `metadata.{name}`"),
        Nearness::Far => format!("`metadata.{name}`"),
    };
    let message =
        format!("unknown field `{name}`; did you mean {meant}? to search for text, quote it");
    let expected = match nearness {
        Nearness::Far => Vec::new(),
        Nearness::Same | Nearness::Near => vec![found.to_owned()],
    };
    let bytes = at..at + name.len();
    let written = match nearness {
        Nearness::Far => format!("metadata.{name}"),
        Nearness::Same | Nearness::Near => found.to_owned(),
    };
    let fault = Fault { expected, ..Fault::new(bytes.clone(), message) };
    // What is written in milliseconds there has its unit in the value here.
    let condition = after.get(..after.find(ends_word).unwrap_or(after.len())).unwrap_or_default();
    if !name.ends_with("_ms") || !condition.ends_with(|c: char| c.is_ascii_digit()) {
        return fault.mended(bytes, written).cut();
    }
    let number = condition.trim_start_matches([':', '>', '<', '=', '!']);
    if number.contains(|c: char| !c.is_ascii_digit()) {
        return fault.cut();
    }
    let bytes = at..at + name.len() + condition.len();
    fault.mended(bytes, format!("{written}{condition}ms")).cut()
}
