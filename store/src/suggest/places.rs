//! The places that runs have in input, output and metadata, with their types.

use std::collections::HashMap;

use clickhouse::Row;
use model::SuggestionBasis;
use model::search::Field;
use serde::Deserialize;

use super::Scope;
use super::sample::{WIDE_RUNS, newest_runs};
use crate::{OrgStore, StoreError};

/// More places than an agent's runs have in life.
const MAX_ROWS: u64 = 4_000;

/// A place and what is there.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Place {
    /// The place as a search names it.
    pub(super) field: Field,
    /// The JSON types seen there, the most frequent first.
    pub(super) types: Vec<&'static str>,
    /// How many runs have it.
    pub(super) runs: u64,
}

impl Place {
    /// Whether values can be compared there, rather than only be there.
    pub(super) fn has_scalars(&self) -> bool {
        self.types.iter().any(|name| matches!(*name, "string" | "number" | "boolean"))
    }
}

#[derive(Row, Deserialize)]
struct PlaceRow {
    place: String,
    /// The letter of an entry of `leaves`; empty for the entry of the place itself.
    kind: String,
    runs: u64,
}

const PLACES: &str = concat!(
    "SELECT substringIndex(leaf, '\\x01', 1) AS place,
        substring(leaf, length(place) + 2, 1) AS kind, count() AS runs
     FROM (",
    newest_runs!("arrayFilter(leaf -> startsWith(leaf, {side:String}), leaves) AS found"),
    ") ARRAY JOIN found AS leaf
     GROUP BY place, kind ORDER BY runs DESC, place, kind LIMIT {limit:UInt64}"
);

impl OrgStore {
    /// The places whose names what is typed can lead to, the most frequent first.
    pub(super) async fn places(
        &self,
        scope: &Scope,
        typed: &str,
    ) -> Result<(Vec<Place>, SuggestionBasis), StoreError> {
        let side = ["input", "output", "metadata"]
            .into_iter()
            .find(|side| typed.to_lowercase().starts_with(side))
            .unwrap_or_default();
        let sample = self.sample(scope, WIDE_RUNS).await?;
        let rows = self
            .over(PLACES, scope, &sample)
            .param("side", side)
            .param("limit", MAX_ROWS)
            .fetch_all::<PlaceRow>()
            .await?;
        Ok((gathered(rows), sample.basis))
    }
}

fn gathered(rows: Vec<PlaceRow>) -> Vec<Place> {
    let mut places: HashMap<String, (u64, Vec<&'static str>)> = HashMap::new();
    for row in rows {
        let (runs, types) = places.entry(row.place).or_default();
        match type_name(&row.kind) {
            Some(name) if !types.contains(&name) => types.push(name),
            Some(_) => {}
            None if row.kind.is_empty() => *runs = row.runs,
            None => {}
        }
    }
    let names: Vec<String> = places.keys().cloned().collect();
    // The length of an array tells it from an object.
    for name in names {
        let is_array = places.contains_key(&format!("{name}.length"))
            && places.contains_key(&format!("{name}[]"));
        if let Some((_, types)) = places.get_mut(&name)
            && types.is_empty()
        {
            types.push(if is_array { "array" } else { "object" });
        }
    }
    let mut found: Vec<Place> = places
        .into_iter()
        .filter_map(|(place, (runs, types))| Some(Place { field: field_at(&place)?, types, runs }))
        .collect();
    found.sort_by_cached_key(|place| (std::cmp::Reverse(place.runs), place.field.to_string()));
    found
}

fn type_name(kind: &str) -> Option<&'static str> {
    match kind {
        "s" | "h" => Some("string"),
        "n" => Some("number"),
        "b" => Some("boolean"),
        "z" => Some("null"),
        _ => None,
    }
}

/// The field that names a place of `leaves`.
fn field_at(place: &str) -> Option<Field> {
    if let Some(key) = place.strip_prefix("metadata.") {
        return Some(Field::Metadata(key.to_owned()));
    }
    let side = if place.starts_with("input") { "input" } else { "output" };
    let path = place.strip_prefix(side)?;
    let path = path.strip_prefix('.').unwrap_or(path).parse().ok()?;
    Some(if side == "input" { Field::Input(path) } else { Field::Output(path) })
}
