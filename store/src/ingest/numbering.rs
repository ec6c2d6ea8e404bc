//! Gives runs their agent, and versions and schemas their numbers.

use std::collections::HashMap;

use clickhouse::Row;
use model::{AgentSlug, NewRun, Timestamp, VersionNumber, incoming::SchemaHint};
use serde::{Deserialize, Serialize};

use super::duplicates::Alias;
use super::registry::{Known, KnownAgent};
use crate::agents::LiveAgent;
use crate::clock::now;
use crate::delete::AgentUpsert;
use crate::{OrgStore, StoreError};

/// The runs to write, as positions in the batch, with their agents' keys.
pub(super) struct Numbered {
    pub(super) runs: Vec<(usize, u64)>,
    pub(super) aliases: Vec<Alias>,
}

#[derive(Row, Serialize, Deserialize)]
struct VersionRow {
    org: u64,
    agent: u64,
    id: u128,
    major: u32,
    minor: u32,
    major_hash: u128,
    snapshot: String,
    first_seen: i64,
}

#[derive(Row, Deserialize)]
struct KnownVersionRow {
    id: u128,
    major: u32,
    minor: u32,
    major_hash: u128,
}

#[derive(Row, Serialize, Deserialize)]
struct SchemaRow {
    org: u64,
    agent: u64,
    shape: u128,
    number: u32,
}

#[derive(Row, Deserialize)]
struct KnownSchemaRow {
    shape: u128,
    number: u32,
}

impl OrgStore {
    pub(super) async fn number(
        &self,
        known: &mut Known,
        runs: &mut [NewRun],
        fresh: &[usize],
        agents: Vec<LiveAgent>,
    ) -> Result<Vec<(usize, u64)>, StoreError> {
        let agents = self.agents_of(runs, fresh, agents).await?;
        for (slug, agent) in &agents {
            let batch = fresh.iter().map(|&i| &runs[i]).filter(|new| new.run.agent == *slug);
            let all_known = known.get(*agent).is_some_and(|known| {
                batch.into_iter().all(|new| known.knows(new.run.version.id.0, new.schema))
            });
            // Another process on the same database may have given numbers since.
            if !all_known {
                known.insert(*agent, self.load_known(*agent).await?);
            }
        }
        let mut versions = Vec::new();
        let mut schemas = Vec::new();
        let mut numbered = Vec::with_capacity(fresh.len());
        for &i in fresh {
            let new = &mut runs[i];
            let Some(&agent) = agents.get(&new.run.agent) else { continue };
            let of_agent = known.get_mut(agent);
            if let Some(row) = self.number_version(of_agent, agent, new) {
                versions.push(row);
            }
            if let Some(row) = self.number_schema(of_agent, agent, new) {
                schemas.push(row);
            }
            numbered.push((i, agent));
        }
        let written = self.write_numbers(&versions, &schemas).await;
        if written.is_err() {
            // What was not written must not be remembered as given.
            agents.values().for_each(|agent| known.forget(*agent));
        }
        written?;
        Ok(numbered)
    }

    fn number_version(
        &self,
        known: &mut KnownAgent,
        agent: u64,
        new: &mut NewRun,
    ) -> Option<VersionRow> {
        let version = &mut new.run.version;
        if let Some(number) = known.versions.get(&version.id.0) {
            version.number = Some(*number);
            return None;
        }
        let major_hash = version.snapshot.major_hash();
        let (number, _) = known.number_version(version.id.0, major_hash);
        version.number = Some(number);
        Some(VersionRow {
            org: self.org().id.0,
            agent,
            id: version.id.0,
            major: number.major,
            minor: number.minor,
            major_hash,
            snapshot: serde_json::Value::Object(version.snapshot.to_object()).to_string(),
            first_seen: new.run.created_at.0,
        })
    }

    fn number_schema(
        &self,
        known: &mut KnownAgent,
        agent: u64,
        new: &mut NewRun,
    ) -> Option<SchemaRow> {
        let shape = match new.schema {
            SchemaHint::Number(number) => {
                new.run.schema = number;
                return None;
            }
            SchemaHint::Shape(shape) => shape,
        };
        let (number, is_new) = known.number_schema(shape);
        new.run.schema = number;
        is_new.then(|| SchemaRow { org: self.org().id.0, agent, shape: shape.0, number })
    }

    async fn write_numbers(
        &self,
        versions: &[VersionRow],
        schemas: &[SchemaRow],
    ) -> Result<(), StoreError> {
        if !versions.is_empty() {
            let mut insert = self.client().insert::<VersionRow>("versions").await?;
            for row in versions {
                insert.write(row).await?;
            }
            insert.end().await?;
        }
        if !schemas.is_empty() {
            let mut insert = self.client().insert::<SchemaRow>("schemas").await?;
            for row in schemas {
                insert.write(row).await?;
            }
            insert.end().await?;
        }
        Ok(())
    }

    /// The keys of the batch's agents; an agent is made by its first run.
    async fn agents_of(
        &self,
        runs: &[NewRun],
        fresh: &[usize],
        agents: Vec<LiveAgent>,
    ) -> Result<HashMap<AgentSlug, u64>, StoreError> {
        let mut agents: HashMap<AgentSlug, u64> =
            agents.into_iter().map(|agent| (agent.slug, agent.id)).collect();
        let mut made: HashMap<&AgentSlug, Timestamp> = HashMap::new();
        for &i in fresh {
            let run = &runs[i].run;
            if !agents.contains_key(&run.agent) {
                let first = made.entry(&run.agent).or_insert(run.created_at);
                *first = (*first).min(run.created_at);
            }
        }
        if !made.is_empty() {
            // A deletion by another process that comes after this must count.
            let updated_at = now().0;
            let slugs: Vec<&AgentSlug> = made.keys().copied().collect();
            let keys = self.keys_of_new_agents(&slugs).await?;
            let mut insert = self.client().insert::<AgentUpsert<'_>>("agents").await?;
            for (slug, first_seen) in &made {
                let Some(&id) = keys.get(*slug) else { continue };
                insert
                    .write(&AgentUpsert {
                        org: self.org().id.0,
                        slug: slug.as_str(),
                        id,
                        name: slug.as_str(),
                        first_seen: first_seen.0,
                        deleted: 0,
                        updated_at,
                    })
                    .await?;
            }
            insert.end().await?;
            self.store.directory.agents_changed(self.org().id.0);
            agents.extend(keys);
        }
        let used: std::collections::HashSet<&AgentSlug> =
            fresh.iter().map(|&i| &runs[i].run.agent).collect();
        agents.retain(|slug, _| used.contains(slug));
        Ok(agents)
    }

    async fn load_known(&self, agent: u64) -> Result<KnownAgent, StoreError> {
        let mut known = KnownAgent::default();
        let versions = self
            .query(
                "SELECT id, major, minor, major_hash FROM versions FINAL
                 WHERE org = {org:UInt64} AND agent = {agent:UInt64}",
            )
            .param("agent", agent)
            .fetch_all::<KnownVersionRow>()
            .await?;
        for row in versions {
            let number = VersionNumber { major: row.major, minor: row.minor };
            known.remember_version(row.id, row.major_hash, number);
        }
        let schemas = self
            .query(
                "SELECT shape, number FROM schemas FINAL
                 WHERE org = {org:UInt64} AND agent = {agent:UInt64}",
            )
            .param("agent", agent)
            .fetch_all::<KnownSchemaRow>()
            .await?;
        known.schemas = schemas.into_iter().map(|row| (row.shape, row.number)).collect();
        Ok(known)
    }
}
