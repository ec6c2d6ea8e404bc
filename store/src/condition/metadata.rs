//! Filters on metadata: on a key, and on places inside of what a key holds.
//!
//! Both have one name in `leaves` ([`index_term::inside_metadata`]). Of runs that were
//! stored before places inside had entries, the table `nested_metadata` has them.

use model::search::Test;

use super::filter::symbol;
use super::{BOUNDS, Builder};
use crate::StoreError;
use crate::index_term;
use crate::sql::Value;

impl Builder<'_> {
    pub(super) async fn metadata(&mut self, key: &str, test: &Test) -> Result<String, StoreError> {
        let place = index_term::metadata_place(key);
        // Of a key itself `runs` knows everything but the texts inside.
        let may_be_inside = key.contains(['.', '[']) || matches!(test, Test::Contains(_));
        let looks_at_stored = may_be_inside && self.store.has_stored_metadata().await?;
        if let (Test::NoneOf(values), true) = (test, looks_at_stored) {
            let present = self.metadata_test(&place, &Test::Present, true).await?;
            let any = Test::AnyOf(values.clone());
            let any = self.metadata_test(&place, &any, true).await?;
            return Ok(format!("({present} AND NOT {any})"));
        }
        self.metadata_test(&place, test, looks_at_stored).await
    }

    async fn metadata_test(
        &mut self,
        place: &str,
        test: &Test,
        looks_at_stored: bool,
    ) -> Result<String, StoreError> {
        let known = match test {
            Test::Contains(parts) => {
                let present = self.has(place);
                format!("({present} AND {})", self.texts_contain(place, parts))
            }
            _ => self.leaf_test(place, test).await?,
        };
        if !looks_at_stored {
            return Ok(known);
        }
        let stored = self.stored_test(place, test);
        let agents = self.agents.iter().map(|agent| agent.id).collect();
        let agents = self.params.bind(Value::U64s(agents));
        Ok(format!(
            "({known} OR (agent, created_at, id) IN (SELECT agent, created_at, id \
             FROM nested_metadata WHERE org = {{org:UInt64}} AND agent IN {agents} AND {stored}\
             {BOUNDS}))"
        ))
    }

    /// The same on the rows of `nested_metadata`, whose index is another one.
    fn stored_test(&mut self, place: &str, test: &Test) -> String {
        match test {
            Test::AnyOf(values) | Test::NoneOf(values) => self.has_any(place, values),
            Test::Compare(comparison, value) => {
                self.compares_each(place, &[(symbol(*comparison), value)])
            }
            Test::Between(low, high) => self.compares_each(place, &[(">=", low), ("<=", high)]),
            Test::Contains(parts) => self.texts_contain(place, parts),
            Test::Present => self.has(place),
        }
    }

    /// A part of a text or number at a place, or anywhere inside of it.
    fn texts_contain(&mut self, place: &str, parts: &[String]) -> String {
        let at = self.params.bind(Value::Text(index_term::values_prefix(place)));
        let below = self.params.bind(Value::Text(index_term::children_prefix(place)));
        let element = self.params.bind(Value::Text(index_term::elements_prefix(place)));
        let found = self.contains_any("substring(x, position(x, '\\x01') + 2)", parts);
        format!(
            "arrayExists(x -> (startsWith(x, {at}) OR startsWith(x, {below}) \
             OR startsWith(x, {element})) \
             AND substring(x, position(x, '\\x01') + 1, 1) IN ('s', 'f', 'n') AND {found}, leaves)"
        )
    }
}
