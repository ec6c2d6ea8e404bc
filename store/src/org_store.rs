//! The store of one organization.

use std::sync::Arc;

use clickhouse::Client;
use clickhouse::query::Query;

use crate::cards::RunRow;
use crate::rows::Lookup;
use crate::{Org, Store, StoreError};

/// A page that shows its first byte later than this has lost its reader.
const LONGEST_S: &str = "20";

/// Runs, agents and versions of one organization. Cheap to clone.
///
/// Every query made here carries the organization's key; there is no other way
/// to reach a run.
#[derive(Clone, Debug)]
pub struct OrgStore {
    pub(crate) store: Store,
    org: Arc<Org>,
}

impl OrgStore {
    pub(crate) fn new(store: Store, org: Org) -> Self {
        Self { store, org: Arc::new(org) }
    }

    /// The organization.
    #[must_use]
    pub fn org(&self) -> &Org {
        &self.org
    }

    pub(crate) fn client(&self) -> &Client {
        &self.store.client
    }

    /// A query with the parameter `org` bound to this organization, and an end that
    /// those with one of their own put elsewhere.
    pub(crate) fn query(&self, sql: &str) -> Query {
        let query = self.client().query(sql).with_setting("max_execution_time", LONGEST_S);
        query.param("org", self.org.id.0)
    }

    /// What turning these rows into runs needs: agents' names and versions' numbers.
    pub(crate) async fn lookup(&self, rows: &[RunRow]) -> Result<Lookup, StoreError> {
        if rows.is_empty() {
            return Ok(Lookup::default());
        }
        let versions = distinct(rows.iter().map(|row| (row.agent, row.card.version_id)));
        let (agents, numbers) =
            tokio::try_join!(self.known_agents(), self.version_numbers(&versions))?;
        Ok(Lookup { agents, numbers })
    }
}

/// The values in order, each once.
pub(crate) fn distinct<T: Ord>(values: impl Iterator<Item = T>) -> Vec<T> {
    let mut values: Vec<T> = values.collect();
    values.sort_unstable();
    values.dedup();
    values
}
