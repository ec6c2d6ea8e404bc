//! Which run answered an input before.

use std::collections::HashMap;
use std::sync::atomic::Ordering;

use clickhouse::Row;
use model::{AgentSlug, RunId, Timestamp, VersionId};
use serde::{Deserialize, Serialize};

use crate::{OrgStore, StoreError};

/// What one answer is found by, within an organization and an agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct AnswerKey {
    /// The version that answered.
    pub version: VersionId,
    /// The hash of the input.
    pub input: u128,
}

/// A run whose answer can be given again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CachedAnswer {
    /// The run.
    pub run: RunId,
    /// When it was made.
    pub created_at: Timestamp,
}

#[derive(Row, Serialize)]
struct NewAnswerRow {
    org: u64,
    agent: u64,
    version: u128,
    input: u128,
    run: u128,
    created_at: i64,
}

#[derive(Row, Deserialize)]
struct AnswerRow {
    run: u128,
    created_at: i64,
}

const FIND: &str = "SELECT run, created_at FROM cached_answers
    WHERE org = {org:UInt64} AND agent = {agent:UInt64}
      AND version = {version:UInt128} AND input = {input:UInt128}
    ORDER BY created_at DESC LIMIT 1
    SETTINGS max_execution_time = 2";

impl OrgStore {
    /// A number that names an agent as long as it is not deleted; one of the same
    /// name that comes after it has another.
    ///
    /// # Errors
    /// When the engine fails.
    pub async fn agent_number(&self, agent: &AgentSlug) -> Result<Option<u64>, StoreError> {
        Ok(self.known_agent(agent).await?.map(|agent| agent.id))
    }

    /// A count that grows when this process deletes an agent.
    #[must_use]
    pub fn deletions(&self) -> u64 {
        self.store.registry.deletions.load(Ordering::SeqCst)
    }

    /// The newest run that answered this input.
    ///
    /// # Errors
    /// When the engine fails.
    pub async fn cached_answer(
        &self,
        agent: u64,
        key: AnswerKey,
    ) -> Result<Option<CachedAnswer>, StoreError> {
        let row = self
            .query(FIND)
            .param("agent", agent)
            .param("version", key.version.0)
            .param("input", key.input)
            .fetch_optional::<AnswerRow>()
            .await?;
        Ok(row.map(|row| CachedAnswer {
            run: RunId::from_u128(row.run),
            created_at: Timestamp(row.created_at),
        }))
    }

    /// Keeps answers, and gives back those whose agent is not known yet. Keeping
    /// one twice is harmless.
    ///
    /// # Errors
    /// When the engine fails.
    pub async fn keep_answers(
        &self,
        answers: Vec<(AgentSlug, AnswerKey, CachedAnswer)>,
    ) -> Result<Vec<(AgentSlug, AnswerKey, CachedAnswer)>, StoreError> {
        let agents = self.live_agents().await?;
        let numbers: HashMap<&str, u64> =
            agents.iter().map(|agent| (agent.slug.as_str(), agent.id)).collect();
        let (known, unknown): (Vec<_>, Vec<_>) =
            answers.into_iter().partition(|(agent, _, _)| numbers.contains_key(agent.as_str()));
        if known.is_empty() {
            return Ok(unknown);
        }
        let mut insert = self.client().insert::<NewAnswerRow>("cached_answers").await?;
        for (agent, key, answer) in &known {
            let Some(&agent) = numbers.get(agent.as_str()) else { continue };
            insert
                .write(&NewAnswerRow {
                    org: self.org().id.0,
                    agent,
                    version: key.version.0,
                    input: key.input,
                    run: answer.run.as_u128(),
                    created_at: answer.created_at.0,
                })
                .await?;
        }
        insert.end().await?;
        Ok(unknown)
    }
}
