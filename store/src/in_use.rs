//! The version that an agent uses. What was tried in a playground, or on echo, is not used.

use model::{AgentSlug, Version};

use crate::{OrgStore, StoreError};

const IN_USE: &str = "SELECT snapshot FROM versions FINAL
    WHERE org = {org:UInt64} AND agent = {agent:UInt64} AND id IN
    (
        SELECT version_id FROM runs
        WHERE org = {org:UInt64} AND agent = {agent:UInt64} AND schema = {schema:UInt32}
          AND environment = {environment:String} AND model != ''
          AND source != 'playground' AND provider != 'echo'
        ORDER BY created_at DESC, id DESC LIMIT 1
    )
    LIMIT 1
    SETTINGS max_execution_time = 5";

impl OrgStore {
    /// Returns the version of the newest run of an agent with this schema in this environment
    /// that names a model and is no try of the playground.
    ///
    /// # Errors
    /// When the engine fails.
    pub async fn version_in_use(
        &self,
        agent: &AgentSlug,
        schema: u32,
        environment: &str,
    ) -> Result<Option<Version>, StoreError> {
        let Some(agent) = self.live_agent(agent).await? else { return Ok(None) };
        let snapshot = self
            .query(IN_USE)
            .param("agent", agent.id)
            .param("schema", schema)
            .param("environment", environment)
            .fetch_optional::<String>()
            .await?;
        let read = |text: String| {
            serde_json::from_str(&text).map_err(|error| StoreError::Corrupt(error.to_string()))
        };
        snapshot.map(read).transpose()
    }
}
