//! The runs of one conversation.

use model::{AgentSlug, RunItem};

use crate::rows::{RunRow, run_columns};
use crate::{OrgStore, StoreError};

/// More turns than anyone reads on one page.
const MAX_TURNS: u32 = 200;

const CONVERSATION: &str = concat!(
    "SELECT ",
    run_columns!(),
    " FROM run_cards
     WHERE org = {org:UInt64} AND agent = {agent:UInt64}
       AND (created_at, id) IN
       (
           SELECT created_at, id FROM runs
           WHERE org = {org:UInt64} AND agent = {agent:UInt64}
             AND conversation_id = {conversation:String}
           ORDER BY created_at, id LIMIT {limit:UInt32}
       )
     ORDER BY created_at, id LIMIT {limit:UInt32}"
);

impl OrgStore {
    /// The runs of a conversation, oldest first, at most 200.
    ///
    /// # Errors
    /// When the engine fails.
    pub async fn conversation(
        &self,
        agent: &AgentSlug,
        conversation_id: &str,
    ) -> Result<Vec<RunItem>, StoreError> {
        let Some(agent) = self.known_agent(agent).await? else {
            return Ok(Vec::new());
        };
        let rows = self
            .query(CONVERSATION)
            .param("agent", agent.id)
            .param("conversation", conversation_id)
            .param("limit", MAX_TURNS)
            .fetch_all::<RunRow>()
            .await?;
        self.items(rows).await
    }
}
