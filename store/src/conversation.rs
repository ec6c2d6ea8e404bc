//! The runs of one conversation.

use model::{AgentSlug, RunItem};

use crate::cards::{card_columns, fetch_rows};
use crate::{OrgStore, StoreError};

/// More turns than anyone reads on one page.
const MAX_TURNS: u32 = 200;

const CONVERSATION: &str = concat!(
    "SELECT ",
    card_columns!(),
    " FROM cards
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
        let query = self
            .query(CONVERSATION)
            .param("agent", agent.id)
            .param("conversation", conversation_id)
            .param("limit", MAX_TURNS);
        self.items(fetch_rows(query).await?).await
    }
}
