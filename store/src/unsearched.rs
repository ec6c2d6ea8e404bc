//! What searches do not find of a run.

use model::{Run, Unsearched};

use crate::{OrgStore, StoreError};

/// One value of one granule.
const UNSEARCHED: &str = "SELECT unsearched FROM runs
    WHERE org = {org:UInt64} AND agent = {agent:UInt64}
      AND created_at = fromUnixTimestamp64Micro({at:Int64}, 'UTC') AND id = {id:UInt128}
    LIMIT 1
    SETTINGS max_execution_time = 5";

impl OrgStore {
    /// What searches do not find of a run. It was noted when the run was stored, since
    /// what is left out is not the same in every version of this program; of a run that
    /// is not stored yet, or was before it was noted, nothing is known.
    ///
    /// # Errors
    /// When the engine fails.
    pub async fn unsearched(&self, run: &Run) -> Result<Unsearched, StoreError> {
        let Some(agent) = self.known_agent(&run.agent).await? else {
            return Ok(Unsearched::default());
        };
        let noted = self
            .query(UNSEARCHED)
            .param("agent", agent.id)
            .param("at", run.created_at.0)
            .param("id", run.id.as_u128())
            .fetch_optional::<String>()
            .await?;
        match noted.as_deref() {
            None | Some("") => Ok(Unsearched::default()),
            Some(json) => serde_json::from_str(json)
                .map_err(|error| StoreError::Corrupt(format!("run {}: {error}", run.id))),
        }
    }
}
