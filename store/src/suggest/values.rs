//! The values that runs have of a field.

use clickhouse::Row;
use model::search::{Field, JsonLiteral, Number, Value, VersionSelector};
use model::{SuggestionBasis, VersionNumber};
use serde::Deserialize;

use super::sample::{NARROW_RUNS, Sample, WIDE_RUNS, newest_runs};
use super::{MAX_ITEMS, Scope};
use crate::index_term;
use crate::{OrgStore, StoreError};

/// A value and how many runs of the sample have it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Seen {
    /// The value as the grammar writes it.
    pub(super) written: String,
    /// The value for people.
    pub(super) label: String,
    /// How many runs have it.
    pub(super) runs: u64,
}

#[derive(Row, Deserialize)]
pub(super) struct ValueRow {
    pub(super) field: String,
    pub(super) value: String,
    pub(super) agent: u64,
    pub(super) runs: u64,
}

#[derive(Row, Deserialize)]
struct LeafRow {
    entry: String,
    runs: u64,
}

/// Of a place's entries, those of scalars that fit what is typed; names are not
/// grouped before they are filtered, since long lists of them are common.
const AT_PLACE: &str = concat!(
    "SELECT substring(leaf, {skip:UInt64}) AS entry, count() AS runs
     FROM (",
    newest_runs!("arrayFilter(leaf -> startsWith(leaf, {start:String}), leaves) AS found"),
    ") ARRAY JOIN found AS leaf
     WHERE substring(entry, 1, 1) IN ('s', 'n', 'b')
       AND position(lowerUTF8(substring(entry, 2)), {typed:String}) > 0
     GROUP BY entry
     ORDER BY startsWith(lowerUTF8(substring(entry, 2)), {typed:String}) DESC, runs DESC, entry
     LIMIT {limit:UInt64}"
);

/// The expression that gives a field's values of a run as texts; an empty text is none.
pub(super) fn expression(field: &Field) -> Option<&'static str> {
    Some(match field {
        Field::Status => "[('status', if(failed = 1, 'failure', 'success'))]",
        Field::Model => "[('model', toString(model))]",
        Field::Provider => "[('provider', toString(provider))]",
        Field::Version => "[('version', toString(version_id))]",
        Field::Schema => "[('schema', toString(schema))]",
        Field::Environment => "[('environment', toString(environment))]",
        Field::Source => "[('source', toString(source))]",
        Field::Temperature => "[('temperature', ifNull(toString(temperature), ''))]",
        Field::Conversation => "[('conversation', conversation_id)]",
        Field::Trace => "[('trace', trace_id)]",
        Field::Cached => "[('cached', if(cached_from != 0, 'true', 'false'))]",
        Field::Error => "[('error', toString(error_code))]",
        Field::Tool => "arrayMap(tool -> ('tool', toString(tool)), tools)",
        Field::Agent => "[('agent', toString(agent))]",
        _ => return None,
    })
}

/// Values of narrow columns: `{pairs}` is made of [`expression`]s.
pub(super) fn narrow_query(pairs: &[&str]) -> String {
    let pairs = match pairs {
        [one] => (*one).to_owned(),
        many => format!("arrayConcat({})", many.join(", ")),
    };
    format!(
        "SELECT pair.1 AS field, pair.2 AS value, agent_of AS agent, count() AS runs
         FROM (
             SELECT {pairs} AS pairs, agent AS agent_id FROM runs
             WHERE org = {{org:UInt64}} AND agent IN {{agents:Array(UInt64)}}
               AND created_at >= fromUnixTimestamp64Micro({{since:Int64}}, 'UTC')
             LIMIT {{runs:UInt64}}
         ) ARRAY JOIN pairs AS pair
         WHERE pair.2 != ''
         GROUP BY field, value, if(pair.1 = 'version', agent_id, 0) AS agent_of
         HAVING field IN ('version', 'agent')
             OR position(lowerUTF8(value), {{typed:String}}) > 0
         ORDER BY startsWith(lowerUTF8(value), {{typed:String}}) DESC, runs DESC, value, agent
         LIMIT {{limit:UInt64}} BY field LIMIT 10000"
    )
}

/// Where `leaves` keep a field's values; `None` for fields with a column.
pub(super) fn place_of(field: &Field) -> Option<String> {
    match field {
        Field::Input(path) => Some(index_term::place("input", &path.to_string())),
        Field::Output(path) => Some(index_term::place("output", &path.to_string())),
        Field::Metadata(key) => Some(index_term::metadata_place(key)),
        _ => None,
    }
}

impl OrgStore {
    pub(super) async fn values_at(
        &self,
        scope: &Scope,
        place: &str,
        typed: &str,
    ) -> Result<(Vec<Seen>, SuggestionBasis), StoreError> {
        let start = index_term::values_prefix(place);
        let sample = self.sample(scope, WIDE_RUNS).await?;
        let rows = self
            .over(AT_PLACE, scope, &sample)
            .param("skip", start.len() as u64 + 1)
            .param("start", start)
            .param("typed", typed.to_lowercase())
            .param("limit", MAX_ITEMS as u64)
            .fetch_all::<LeafRow>()
            .await?;
        let seen = rows.into_iter().filter_map(|row| json_value(&row.entry, row.runs));
        Ok((seen.collect(), sample.basis))
    }

    pub(super) async fn values_of(
        &self,
        scope: &Scope,
        field: &Field,
        typed: &str,
    ) -> Result<(Vec<Seen>, SuggestionBasis), StoreError> {
        let Some(pairs) = expression(field) else {
            return Ok((Vec::new(), SuggestionBasis::default()));
        };
        let typed = typed.to_lowercase();
        let sample = self.sample(scope, NARROW_RUNS).await?;
        let rows = self.narrow_values(scope, &sample, &[pairs], &typed, 500).await?;
        let mut seen = self.named(scope, rows).await?;
        seen.retain(|(_, value)| value.label.to_lowercase().contains(&typed));
        seen.sort_by_cached_key(|(_, value)| {
            let begins = value.label.to_lowercase().starts_with(&typed);
            (!begins, std::cmp::Reverse(value.runs), value.label.clone())
        });
        seen.truncate(MAX_ITEMS);
        Ok((seen.into_iter().map(|(_, value)| value).collect(), sample.basis))
    }

    pub(super) async fn narrow_values(
        &self,
        scope: &Scope,
        sample: &Sample,
        pairs: &[&str],
        typed: &str,
        limit: u64,
    ) -> Result<Vec<ValueRow>, StoreError> {
        let rows = self
            .over(&narrow_query(pairs), scope, sample)
            .param("typed", typed)
            .param("limit", limit)
            .fetch_all::<ValueRow>()
            .await?;
        Ok(rows)
    }

    /// The rows as values that the grammar can write, each with its field's name.
    pub(super) async fn named(
        &self,
        scope: &Scope,
        rows: Vec<ValueRow>,
    ) -> Result<Vec<(String, Seen)>, StoreError> {
        let mut versions: Vec<(u64, u128)> = rows
            .iter()
            .filter(|row| row.field == "version")
            .filter_map(|row| Some((row.agent, row.value.parse().ok()?)))
            .collect();
        versions.sort_unstable();
        versions.dedup();
        let numbers = self.version_numbers(&versions).await?;
        let mut named: Vec<(String, Seen)> = Vec::with_capacity(rows.len());
        for row in rows {
            let label = match row.field.as_str() {
                "version" => {
                    let id: u128 = row.value.parse().unwrap_or_default();
                    let Some(number) = numbers.get(&(row.agent, id)) else { continue };
                    version(*number)
                }
                "agent" => {
                    let id: u64 = row.value.parse().unwrap_or_default();
                    let Some(agent) = scope.agents.iter().find(|agent| agent.id == id) else {
                        continue;
                    };
                    agent.slug.to_string()
                }
                _ => row.value,
            };
            // Agents number their versions each for itself: across agents they add up.
            let same =
                |(field, seen): &&mut (String, Seen)| *field == row.field && seen.label == label;
            match named.iter_mut().find(same) {
                Some((_, seen)) => seen.runs += row.runs,
                None => {
                    let written = match row.field.as_str() {
                        "schema" | "temperature" | "version" => label.clone(),
                        _ => Value::Text(label.clone()).to_string(),
                    };
                    named.push((row.field, Seen { written, label, runs: row.runs }));
                }
            }
        }
        Ok(named)
    }
}

fn version(number: VersionNumber) -> String {
    Value::Version(VersionSelector::Number(number)).to_string()
}

/// The value of an entry of `leaves`: a letter for its type, then its text.
pub(super) fn json_value(entry: &str, runs: u64) -> Option<Seen> {
    let (kind, text) = entry.split_at_checked(1)?;
    let literal = match kind {
        "s" => JsonLiteral::string(text),
        "n" => JsonLiteral::bare(Number::parse(text)?.to_string()),
        "b" => JsonLiteral::bare(if text == "1" { "true" } else { "false" }),
        _ => return None,
    };
    Some(Seen { label: literal.text().to_owned(), written: literal.to_string(), runs })
}
