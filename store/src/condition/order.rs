//! Order on numbers and texts at a place: `input.score:>0.5`.
//!
//! A range is looked up in the dictionary of the index over `leaves`, which
//! knows every value at the place; a range of few values is then a look-up like
//! that of one. A range of many values compares the columns of numbers.

use clickhouse::Row;
use model::search::{JsonLiteral, Number, Value as Literal};
use serde::Deserialize;

use super::Builder;
use super::filter::order_of;
use super::json::literal;
use super::text::{EXPANSION_PATIENCE, MAX_EXPANSIONS, expanding, few};
use crate::StoreError;
use crate::index_term;
use crate::sql::Value;
use crate::turn::Weight;
use crate::window_scan::fetch_within;

/// Doubles below this hold every integer, so no two different ones look equal.
const EXACT: f64 = 9_007_199_254_740_992.0;
/// The engine's reading of a number may differ in the last digit from ours, so
/// it looks around the bounds, and what it finds is compared here.
const MARGIN: f64 = 1e-9;

#[derive(Row, Deserialize)]
struct TokenRow {
    token: String,
}

/// The index spans all organizations, so nothing of it may leave the store.
const VALUES: &str = "SELECT DISTINCT token
    FROM mergeTreeTextIndex(currentDatabase(), 'runs', 'leaves_index')
    WHERE startsWith(token, {prefix:String})
      AND ifNull(toFloat64OrNull(substring(token, {skip:UInt64}))
                 BETWEEN {low:Float64} AND {high:Float64}, 1)
    LIMIT {limit:UInt64}";

/// One side of a range of numbers.
struct Bound {
    operator: &'static str,
    number: Number,
}

impl Bound {
    fn admits(&self, value: Number) -> bool {
        let order = order_of(value).0.total_cmp(&order_of(self.number).0);
        let order = order.then(order_of(value).1.cmp(&order_of(self.number).1));
        match self.operator {
            ">" => order.is_gt(),
            ">=" => order.is_ge(),
            "<" => order.is_lt(),
            _ => order.is_le(),
        }
    }

    fn is_lower(&self) -> bool {
        self.operator.starts_with('>')
    }
}

/// The bounds, and those of them that are numbers.
fn read_bounds<'a>(
    bounds: &[(&'static str, &'a Literal)],
) -> (Vec<(&'static str, &'a JsonLiteral)>, Vec<Bound>) {
    let literals: Vec<(&'static str, &JsonLiteral)> =
        bounds.iter().filter_map(|(operator, value)| Some((*operator, literal(value)?))).collect();
    let numbers = literals
        .iter()
        .filter_map(|(operator, value)| Some(Bound { operator, number: value.number()? }))
        .collect();
    (literals, numbers)
}

impl Builder<'_> {
    /// One element must satisfy all bounds, be they on numbers or on texts.
    pub(super) async fn compares(
        &mut self,
        place: &str,
        bounds: &[(&'static str, &Literal)],
    ) -> Result<String, StoreError> {
        let (literals, numbers) = read_bounds(bounds);
        if numbers.len() == literals.len()
            && let Some(entries) = self.values_between(place, &numbers).await?
        {
            let entries = self.params.bind(Value::Texts(entries));
            return Ok(format!("hasAny(leaves, {entries})"));
        }
        Ok(self.compares_each(place, bounds))
    }

    /// The same without a look at what values there are.
    pub(super) fn compares_each(
        &mut self,
        place: &str,
        bounds: &[(&'static str, &Literal)],
    ) -> String {
        let (literals, numbers) = read_bounds(bounds);
        let present = self.has(place);
        let ordered = if numbers.len() < literals.len() {
            self.orders_texts(place, &literals)
        } else {
            self.orders_numbers(place, &numbers)
        };
        format!("({present} AND {ordered})")
    }

    /// The entries of the values at a place that lie in a range; `None` when
    /// they are too many.
    async fn values_between(
        &mut self,
        place: &str,
        bounds: &[Bound],
    ) -> Result<Option<Vec<String>>, StoreError> {
        if !self.may_expand() {
            return Ok(None);
        }
        let prefix = index_term::number_prefix(place);
        let around = |bound: &Bound, sign: f64| {
            let double = bound.number.as_f64();
            double + sign * (double.abs() * MARGIN + f64::MIN_POSITIVE)
        };
        let low = bounds.iter().find(|bound| bound.is_lower());
        let high = bounds.iter().find(|bound| !bound.is_lower());
        let query = self
            .store
            .query_all(VALUES)
            .weighing(Weight::Heavy)
            .param("prefix", &prefix)
            .param("skip", prefix.len() as u64 + 1)
            .param("low", low.map_or(f64::MIN, |bound| around(bound, -1.0)))
            .param("high", high.map_or(f64::MAX, |bound| around(bound, 1.0)))
            .param("limit", MAX_EXPANSIONS as u64 + 1);
        let found = fetch_within::<TokenRow>(query, EXPANSION_PATIENCE).await;
        let Some(found) = expanding(found)? else {
            return Ok(None);
        };
        let is_in_range = |token: &str| {
            let number = token.strip_prefix(prefix.as_str()).and_then(Number::parse);
            number.is_some_and(|number| bounds.iter().all(|bound| bound.admits(number)))
        };
        let found = few(found.into_iter().map(|row| row.token).collect());
        Ok(found.map(|tokens| tokens.into_iter().filter(|token| is_in_range(token)).collect()))
    }

    fn orders_numbers(&mut self, place: &str, bounds: &[Bound]) -> String {
        let path = self.params.bind(Value::Text(place.to_owned()));
        let mut conditions = vec![format!("p = {path}")];
        // The column of integers is as wide as the others together.
        let needs_integers = bounds.iter().any(|bound| bound.number.as_f64().abs() >= EXACT);
        for Bound { operator, number } in bounds {
            let (double, integer) = order_of(*number);
            let double = self.params.bind(Value::F64(double));
            if needs_integers {
                let integer = self.params.bind(Value::I128(integer));
                let strict = operator.trim_end_matches('=');
                conditions.push(format!(
                    "(d {strict} {double} OR (d = {double} AND i {operator} {integer}))"
                ));
            } else {
                conditions.push(format!("d {operator} {double}"));
            }
        }
        let conditions = conditions.join(" AND ");
        if needs_integers {
            format!(
                "arrayExists((p, d, i) -> {conditions}, \
                 number_paths, number_doubles, number_integers)"
            )
        } else {
            format!("arrayExists((p, d) -> {conditions}, number_paths, number_doubles)")
        }
    }

    fn orders_texts(&mut self, place: &str, bounds: &[(&'static str, &JsonLiteral)]) -> String {
        let prefix = index_term::text_prefix(place);
        let skip = self.params.bind(Value::U64(prefix.len() as u64 + 1));
        let prefix = self.params.bind(Value::Text(prefix));
        let mut conditions = vec![format!("startsWith(x, {prefix})")];
        for (operator, value) in bounds {
            let text = self.params.bind(Value::Text(value.text().to_owned()));
            conditions.push(format!("substring(x, {skip}) {operator} {text}"));
        }
        format!("arrayExists(x -> {}, leaves)", conditions.join(" AND "))
    }
}
