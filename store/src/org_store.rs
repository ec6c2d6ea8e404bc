//! The store of one organization.

use std::sync::Arc;

use clickhouse::Client;
use shares::Holder;

use crate::cards::RunRow;
use crate::rows::Lookup;
use crate::turn::OrgQuery;
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
    asks: Asks,
}

/// For whom queries are made.
#[derive(Clone, Copy, Debug)]
enum Asks {
    /// For a key or person of the organization: each waits for its turn.
    Holder(u64),
    /// For work that others wait for, of other organizations too.
    All,
}

impl OrgStore {
    pub(crate) fn new(store: Store, org: Org) -> Self {
        Self { store, org: Arc::new(org), asks: Asks::Holder(0) }
    }

    /// The same store for one key or person of the organization, who shares the
    /// organization's turns at the engine with its others.
    #[must_use]
    pub fn asked_by(self, key: u64) -> Self {
        Self { asks: Asks::Holder(key), ..self }
    }

    /// The same store for work that holds up others until it is done: its queries
    /// wait for no turn.
    #[must_use]
    pub fn without_turns(&self) -> Self {
        Self { asks: Asks::All, ..self.clone() }
    }

    /// Who uses what organizations share, when this store is used.
    #[must_use]
    pub fn holder(&self) -> Holder {
        let key = match self.asks {
            Asks::Holder(key) => key,
            Asks::All => 0,
        };
        Holder { org: self.org.id.0, key }
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
    pub(crate) fn query(&self, sql: &str) -> OrgQuery {
        let query = self.query_all(sql).with_setting("max_execution_time", LONGEST_S);
        query.param("org", self.org.id.0)
    }

    /// A query over what belongs to nobody in particular, like an index.
    pub(crate) fn query_all(&self, sql: &str) -> OrgQuery {
        let waits = match self.asks {
            Asks::Holder(_) => Some((Arc::clone(&self.store.gate), self.holder())),
            Asks::All => None,
        };
        OrgQuery::new(self.client().query(sql), waits)
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
