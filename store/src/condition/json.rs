//! Filters on places in input and output.
//!
//! They read the columns made when the run was written: `leaves` for presence
//! and equality, and the segments of the search text for parts of strings; order
//! is the concern of `order`. The entries are described in [`crate::index_term`].

use model::search::{JsonLiteral, JsonScalar, Path, Test, Value as Literal};

use super::Builder;
use super::filter::symbol;
use crate::StoreError;
use crate::index_term;
use crate::sql::Value;

/// The name of a place, as it stands in `leaves`.
pub(super) fn place(side: &str, path: &Path) -> String {
    index_term::place(side, &path.to_string())
}

impl Builder<'_> {
    pub(super) async fn json(&mut self, place: &str, test: &Test) -> Result<String, StoreError> {
        match test {
            Test::Contains(parts) => self.segment_contains(place, parts).await,
            _ => self.leaf_test(place, test).await,
        }
    }

    pub(super) async fn leaf_test(
        &mut self,
        place: &str,
        test: &Test,
    ) -> Result<String, StoreError> {
        Ok(match test {
            Test::AnyOf(values) => self.has_any(place, values),
            Test::NoneOf(values) => {
                let present = self.has(place);
                let any = self.has_any(place, values);
                format!("({present} AND NOT {any})")
            }
            Test::Compare(comparison, value) => {
                self.compares(place, &[(symbol(*comparison), value)]).await?
            }
            Test::Between(low, high) => self.compares(place, &[(">=", low), ("<=", high)]).await?,
            Test::Present | Test::Contains(_) => self.has(place),
        })
    }

    pub(super) fn has(&mut self, entry: &str) -> String {
        let entry = self.params.bind(Value::Text(entry.to_owned()));
        format!("has(leaves, {entry})")
    }

    pub(super) fn has_any(&mut self, place: &str, values: &[Literal]) -> String {
        let entries = values.iter().filter_map(literal).flat_map(|value| entries(place, value));
        let entries = self.params.bind(Value::Texts(entries.collect()));
        format!("hasAny(leaves, {entries})")
    }

    /// A part of a string at a place: looked for in that place's share of the search text.
    pub(super) async fn segment_contains(
        &mut self,
        place: &str,
        parts: &[String],
    ) -> Result<String, StoreError> {
        // Nearly every run has an input and an output: asking for them only costs.
        let has_leaf = !index_term::is_root(place) && place != index_term::ERROR;
        let mut conditions = if has_leaf { vec![self.has(place)] } else { Vec::new() };
        if let [part] = parts {
            // What holds the part somewhere in its text is all that can hold it at this place.
            conditions.extend(self.narrowed(part).await?);
        }
        let path = self.params.bind(Value::Text(place.to_owned()));
        let found = self.contains_any("substring(search_text, s + 1, e - s)", parts);
        // The whole input or output is every place below it.
        let at = if index_term::is_root(place) {
            let below = self.params.bind(Value::Text(index_term::children_prefix(place)));
            format!("(p = {path} OR startsWith(p, {below}) OR startsWith(p, concat({path}, '[')))")
        } else {
            format!("p = {path}")
        };
        conditions.push(format!(
            "arrayExists((p, s, e) -> {at} AND {found}, segment_paths, \
             arrayPopBack(arrayPushFront(segment_ends, toUInt32(0))), segment_ends)"
        ));
        Ok(format!("({})", conditions.join(" AND ")))
    }
}

pub(super) fn literal(value: &Literal) -> Option<&JsonLiteral> {
    match value {
        Literal::Json(literal) => Some(literal),
        _ => None,
    }
}

/// The entries of `leaves` that a value matches: the string, and what else it can mean.
fn entries(place: &str, value: &JsonLiteral) -> Vec<String> {
    let mut entries = vec![index_term::text_term(place, value.text())];
    entries.extend(value.scalar().map(|scalar| match scalar {
        JsonScalar::Number(number) => index_term::number_term(place, number),
        JsonScalar::Bool(value) => index_term::bool_term(place, value),
        JsonScalar::Null => index_term::null_term(place),
    }));
    entries
}
