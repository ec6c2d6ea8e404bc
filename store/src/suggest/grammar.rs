//! What the grammar itself offers, and how values become parts of a search.

use model::search::{Field, Operator, ValueType, table};
use model::{Suggestion, SuggestionKind};

use super::places::Place;
use super::values::Seen;

/// Places shown before anything is typed, of input and output each.
const UNASKED_PLACES: usize = 5;
/// Shorter texts are inside too many names.
const MIN_INNER_CHARS: usize = 2;

/// The fields and places that what is typed can become.
pub(super) fn names(typed: &str, is_one_agent: bool, places: &[Place]) -> Vec<Suggestion> {
    let typed = typed.to_lowercase();
    let fields =
        table().filter(|info| !is_one_agent || info.name != "agent").map(|info| Suggestion {
            kind: SuggestionKind::Field,
            insert: if info.name.ends_with('.') {
                info.name.to_owned()
            } else {
                format!("{}:", info.name)
            },
            label: info.name.to_owned(),
            hint: info.help.to_owned(),
            count: None,
        });
    let mut shown = [0; 2];
    let places = places.iter().filter(|place| {
        // Of lists, what they hold is offered; their parts are there to be asked for.
        if let (Field::Metadata(key), true) = (&place.field, typed.is_empty()) {
            return place.has_scalars() && !key.contains("[]") && !key.ends_with(".length");
        }
        let side = match &place.field {
            Field::Input(_) => 0,
            Field::Output(_) => 1,
            _ => return true,
        };
        let Some(shown) = shown.get_mut(side).filter(|_| typed.is_empty()) else { return true };
        *shown += 1;
        *shown <= UNASKED_PLACES && place.has_scalars()
    });
    let places = places.map(|place| {
        let label = place.field.to_string();
        Suggestion {
            kind: SuggestionKind::Field,
            insert: format!("{label}:"),
            label,
            hint: place.types.join(" or "),
            count: Some(place.runs),
        }
    });
    let all: Vec<Suggestion> = fields.chain(places).collect();
    let begins = |item: &&Suggestion| item.label.to_lowercase().starts_with(&typed);
    let inner = |item: &&Suggestion| {
        typed.chars().count() >= MIN_INNER_CHARS
            && !begins(item)
            && item.label.to_lowercase().contains(&typed)
    };
    all.iter().filter(begins).chain(all.iter().filter(inner)).cloned().collect()
}

/// The operators that what stands after the colon can become.
pub(super) fn operators(field: &Field, head: &str, typed: &str) -> Vec<Suggestion> {
    let written = format!("{head}{typed}");
    field
        .value_type()
        .operators()
        .iter()
        // The first stands for itself, the other between two values.
        .filter(|operator| !matches!(operator, Operator::Is | Operator::Between))
        .filter(|operator| operator.symbol().starts_with(&written) && operator.symbol() != written)
        .map(|operator| Suggestion {
            kind: SuggestionKind::Operator,
            insert: operator.symbol().to_owned(),
            label: words(*operator, field.value_type()).to_owned(),
            hint: operator.symbol().to_owned(),
            count: None,
        })
        .collect()
}

/// The values that what stands after the operator can become.
pub(super) fn values(
    field: &Field,
    operator: Operator,
    head: &str,
    typed: &str,
    seen: Vec<Seen>,
) -> Vec<Suggestion> {
    let is_order = !matches!(operator, Operator::Is | Operator::IsNot | Operator::Contains);
    let is_json = field.value_type() == ValueType::Json;
    let value = |insert: String, label: String, count| Suggestion {
        kind: SuggestionKind::Value,
        insert,
        label,
        hint: String::new(),
        count,
    };
    let mut found: Vec<Suggestion> = seen
        .into_iter()
        // Of JSON only numbers are in order without quotes.
        .filter(|seen| !is_order || !is_json || seen.written.parse::<f64>().is_ok())
        .map(|seen| value(format!("{head}{}", seen.written), seen.label, Some(seen.runs)))
        .collect();
    let typed = typed.to_lowercase();
    for word in field.info().words {
        if word.starts_with(&typed) && !found.iter().any(|item| item.label == *word) {
            found.push(value(format!("{head}{word}"), (*word).to_owned(), None));
        }
    }
    let (symbol, examples) = examples(field);
    let symbol = if head.is_empty() { symbol } else { "" };
    for example in examples {
        if example.trim_start_matches('$').starts_with(typed.trim_start_matches('$')) {
            found.push(value(
                format!("{head}{symbol}{example}"),
                format!("{symbol}{example}"),
                None,
            ));
        }
    }
    found
}

/// Round values of fields whose own are all different, and the operator that they go with.
fn examples(field: &Field) -> (&'static str, &'static [&'static str]) {
    match (field, field.value_type()) {
        (_, ValueType::Time) => ("", &["1h", "24h", "7d", "30d"]),
        (_, ValueType::Duration) => (">", &["500ms", "1s", "2s", "5s", "10s", "30s"]),
        (_, ValueType::Money) => (">", &["$0.001", "$0.01", "$0.1", "$1"]),
        (Field::Tokens | Field::InputTokens | Field::OutputTokens, _) => {
            (">", &["1k", "4k", "16k", "100k"])
        }
        _ => ("", &[]),
    }
}

/// An operator in words, between a field and a value.
fn words(operator: Operator, value_type: ValueType) -> &'static str {
    let is_time = value_type == ValueType::Time;
    match operator {
        Operator::Is => "is",
        Operator::IsNot => "is not",
        Operator::Greater if is_time => "is after",
        Operator::AtLeast if is_time => "is at or after",
        Operator::Less if is_time => "is before",
        Operator::AtMost if is_time => "is at or before",
        Operator::Greater => "is greater than",
        Operator::AtLeast => "is at least",
        Operator::Less => "is less than",
        Operator::AtMost => "is at most",
        Operator::Between => "is between",
        Operator::Contains => "contains",
        Operator::Present => "exists",
    }
}
