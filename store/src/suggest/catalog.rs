//! All fields with their operators and most frequent values, for REST.

use std::collections::HashMap;

use clickhouse::Row;
use model::search::{Caret, Field, Operator, Slot, ValueType};
use model::{AgentSlug, FieldValue, SearchField, SearchFields, SuggestionBasis};
use serde::Deserialize;

use super::Scope;
use super::places::Place;
use super::sample::{NARROW_RUNS, Sample, WIDE_RUNS, newest_runs};
use super::values::{Seen, expression, json_value};
use crate::{OrgStore, StoreError};

/// Values of each field.
const VALUES: u64 = 20;

#[derive(Row, Deserialize)]
struct TopRow {
    place: String,
    entry: String,
    runs: u64,
}

const TOP: &str = concat!(
    "SELECT substringIndex(leaf, '\\x01', 1) AS place,
        substring(leaf, length(place) + 2) AS entry, count() AS runs
     FROM (",
    newest_runs!("leaves"),
    ") ARRAY JOIN leaves AS leaf
     WHERE substring(entry, 1, 1) IN ('s', 'n', 'b') AND startsWith(leaf, {start:String})
     GROUP BY place, entry ORDER BY runs DESC, entry
     LIMIT {values:UInt64} BY place LIMIT 20000"
);

impl OrgStore {
    /// The fields whose name begins with `prefix`, or the one field of which
    /// `prefix` is the beginning of a filter, with the values that fit.
    /// `None` when the agent asked for does not exist.
    ///
    /// # Errors
    /// When the engine fails.
    pub async fn search_fields(
        &self,
        agent: Option<&AgentSlug>,
        prefix: &str,
    ) -> Result<Option<SearchFields>, StoreError> {
        let Some(scope) = self.suggest_scope(agent).await? else {
            return Ok(None);
        };
        let slot = Caret::at_end(prefix).map(|caret| caret.slot);
        let (fields, basis) = match slot {
            None => (Vec::new(), SuggestionBasis::default()),
            Some(Slot::Name { typed }) => self.named_fields(&scope, &typed).await?,
            Some(Slot::Condition { field, typed, .. }) => {
                let (values, basis) = self.field_values(&scope, &field, &typed).await?;
                (vec![described(&field, &[], None, with_words(&field, &typed, values))], basis)
            }
        };
        Ok(Some(SearchFields { fields, sampled: basis.sampled, runs: basis.runs }))
    }

    async fn named_fields(
        &self,
        scope: &Scope,
        typed: &str,
    ) -> Result<(Vec<SearchField>, SuggestionBasis), StoreError> {
        let lower = typed.to_lowercase();
        let plain: Vec<&Field> = Field::PLAIN
            .iter()
            .filter(|field| field.info().name.starts_with(&lower))
            .filter(|field| !scope.is_one_agent || **field != Field::Agent)
            .collect();
        let (narrow, wide) =
            futures::try_join!(self.sample(scope, NARROW_RUNS), self.sample(scope, WIDE_RUNS))?;
        let (values, top, (places, _)) = futures::try_join!(
            self.values_by_field(scope, &narrow, &plain),
            self.values_by_place(scope, &wide, &lower),
            self.places(scope, &lower)
        )?;
        let values_of = |name: &str| values.get(name).cloned().unwrap_or_default();
        let mut fields: Vec<SearchField> = plain
            .into_iter()
            .map(|field| {
                let values = with_words(field, "", values_of(field.info().name));
                described(field, &[], None, values)
            })
            .collect();
        let begins = |place: &&Place| place.field.to_string().to_lowercase().starts_with(&lower);
        fields.extend(places.iter().filter(begins).map(|place| {
            let key = super::values::place_of(&place.field).unwrap_or_default();
            let values = top.get(&key).cloned().unwrap_or_default();
            described(
                &place.field,
                &place.types,
                Some(place.runs),
                with_words(&place.field, "", values),
            )
        }));
        // Counts of places are of fewer runs, so those are what is said.
        Ok((fields, wide.basis))
    }

    async fn values_by_field(
        &self,
        scope: &Scope,
        sample: &Sample,
        fields: &[&Field],
    ) -> Result<HashMap<String, Vec<Seen>>, StoreError> {
        let pairs: Vec<&str> = fields.iter().filter_map(|field| expression(field)).collect();
        if pairs.is_empty() {
            return Ok(HashMap::new());
        }
        let rows = self.narrow_values(scope, sample, &pairs, "", VALUES).await?;
        let mut by_field: HashMap<String, Vec<Seen>> = HashMap::new();
        for (field, seen) in self.named(scope, rows).await? {
            by_field.entry(field).or_default().push(seen);
        }
        Ok(by_field)
    }

    async fn values_by_place(
        &self,
        scope: &Scope,
        sample: &Sample,
        typed: &str,
    ) -> Result<HashMap<String, Vec<Seen>>, StoreError> {
        let start = ["input", "output", "metadata"]
            .into_iter()
            .find(|side| typed.starts_with(side))
            .unwrap_or_default();
        let rows = self
            .over(TOP, scope, sample)
            .param("start", start)
            .param("values", VALUES)
            .fetch_all::<TopRow>()
            .await?;
        let mut by_place: HashMap<String, Vec<Seen>> = HashMap::new();
        for row in rows {
            by_place.entry(row.place).or_default().extend(json_value(&row.entry, row.runs));
        }
        Ok(by_place)
    }
}

/// The values seen, then the field's own words that were not.
fn with_words(field: &Field, typed: &str, seen: Vec<Seen>) -> Vec<FieldValue> {
    let unseen: Vec<FieldValue> = field
        .info()
        .words
        .iter()
        .filter(|word| word.starts_with(typed) && !seen.iter().any(|seen| seen.label == **word))
        .map(|word| FieldValue { value: (*word).to_owned(), count: None })
        .collect();
    let seen = seen.into_iter().take(VALUES as usize);
    seen.map(|seen| FieldValue { value: seen.written, count: Some(seen.runs) })
        .chain(unseen)
        .collect()
}

fn described(
    field: &Field,
    types: &[&'static str],
    count: Option<u64>,
    suggestions: Vec<FieldValue>,
) -> SearchField {
    let name = field.to_string();
    let field_name = match field {
        Field::Metadata(key) => format!("metadata.{key}"),
        _ => name.clone(),
    };
    let value_type = match types {
        [one] => *one,
        _ => type_name(field.value_type()),
    };
    let operators = field.value_type().operators();
    SearchField {
        field_name,
        value_type: value_type.to_owned(),
        json_types: types.iter().map(|name| (*name).to_owned()).collect(),
        operators: operators
            .iter()
            .flat_map(|operator| legacy_words(*operator, field.value_type()))
            .map(|words| (*words).to_owned())
            .collect(),
        syntax: operators.iter().map(|operator| syntax(&name, *operator)).collect(),
        suggestions,
        count,
        field: name,
    }
}

fn type_name(value_type: ValueType) -> &'static str {
    match value_type {
        ValueType::Word => "word",
        ValueType::Text | ValueType::Version => "text",
        ValueType::Count | ValueType::Number => "number",
        ValueType::Duration => "duration",
        ValueType::Money => "money",
        ValueType::Time => "time",
        ValueType::Bool => "bool",
        ValueType::Json => "json",
    }
}

fn syntax(name: &str, operator: Operator) -> String {
    match operator {
        Operator::Present => format!("{name}:*"),
        Operator::Between => format!("{name}:VALUE..VALUE"),
        other => format!("{name}:{}VALUE", other.symbol()),
    }
}

/// The words that `field_queries` take for an operator, and for its negation
/// where that has some of its own.
fn legacy_words(operator: Operator, value_type: ValueType) -> &'static [&'static str] {
    let is_time = value_type == ValueType::Time;
    match operator {
        Operator::Is => &["is"],
        Operator::IsNot => &["is not"],
        Operator::Greater if is_time => &["is after"],
        Operator::Less if is_time => &["is before"],
        Operator::Greater => &["greater than"],
        Operator::AtLeast => &["greater than or equal to"],
        Operator::Less => &["less than"],
        Operator::AtMost => &["less than or equal to"],
        Operator::Between => &["is between", "is not between"],
        Operator::Contains => &["contains", "does not contain"],
        Operator::Present => &["is not empty", "is empty"],
    }
}
