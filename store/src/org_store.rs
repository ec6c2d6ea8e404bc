//! The store of one organization.

use std::collections::HashMap;
use std::sync::Arc;

use clickhouse::query::Query;
use clickhouse::{Client, Row};
use model::{AgentSlug, VersionNumber};
use serde::Deserialize;

use crate::rows::{Lookup, RunRow};
use crate::{Org, Store, StoreError};

/// Runs, agents and versions of one organization. Cheap to clone.
///
/// Every query made here carries the organization's key; there is no other way
/// to reach a run.
#[derive(Clone, Debug)]
pub struct OrgStore {
    pub(crate) store: Store,
    org: Arc<Org>,
}

#[derive(Row, Deserialize)]
struct NumberRow {
    agent: u64,
    id: u128,
    major: u32,
    minor: u32,
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

    /// A query with the parameter `org` bound to this organization.
    pub(crate) fn query(&self, sql: &str) -> Query {
        self.client().query(sql).param("org", self.org.id.0)
    }

    /// What turning these rows into runs needs: agents' names and versions' numbers.
    pub(crate) async fn lookup(&self, rows: &[RunRow]) -> Result<Lookup, StoreError> {
        if rows.is_empty() {
            return Ok(Lookup::default());
        }
        let agents: Vec<u64> = distinct(rows.iter().map(|row| row.agent));
        let versions: Vec<u128> = distinct(rows.iter().map(|row| row.version_id));
        let (agents, numbers) =
            tokio::try_join!(self.agent_names(), self.version_numbers(&agents, &versions))?;
        Ok(Lookup { agents, numbers })
    }

    async fn agent_names(&self) -> Result<HashMap<u64, AgentSlug>, StoreError> {
        let agents = self.live_agents().await?;
        Ok(agents.into_iter().map(|agent| (agent.id, agent.slug)).collect())
    }

    async fn version_numbers(
        &self,
        agents: &[u64],
        versions: &[u128],
    ) -> Result<HashMap<(u64, u128), VersionNumber>, StoreError> {
        let rows = self
            .query(
                "SELECT agent, id, major, minor FROM versions FINAL
                 WHERE org = {org:UInt64} AND agent IN {agents:Array(UInt64)}
                   AND id IN {versions:Array(UInt128)}",
            )
            .param("agents", agents)
            .param("versions", versions)
            .fetch_all::<NumberRow>()
            .await?;
        Ok(rows
            .into_iter()
            .map(|row| ((row.agent, row.id), VersionNumber { major: row.major, minor: row.minor }))
            .collect())
    }
}

fn distinct<T: Ord>(values: impl Iterator<Item = T>) -> Vec<T> {
    let mut values: Vec<T> = values.collect();
    values.sort_unstable();
    values.dedup();
    values
}
