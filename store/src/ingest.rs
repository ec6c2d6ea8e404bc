//! The one door: every way in ends here.
//!
//! Runs arrive checked and completed. Here they get their agent, version and
//! schema numbers, are held against what is stored already, and are written:
//! bodies first, so that a run that can be seen is whole.

mod duplicates;
mod numbering;
mod registry;
mod searchable;
mod stamps;
mod write;

use model::{AgentSlug, NewRun, RunId};

pub(crate) use registry::Registry;

use crate::{OrgStore, StoreError};

/// A run that is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IngestedRun {
    /// Its id.
    pub id: RunId,
    /// Its agent.
    pub agent: AgentSlug,
}

/// A run that was refused although it is valid.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RejectedRun {
    /// Its id names another run.
    #[error(
        "id {id} belongs to a run with other content; send this run without id or with a new one"
    )]
    IdTaken {
        /// The id.
        id: RunId,
    },
}

impl RejectedRun {
    /// A word for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::IdTaken { .. } => "id_taken",
        }
    }
}

impl OrgStore {
    /// Stores runs; answer `i` belongs to run `i`. A run that is stored already
    /// is accepted again and stays one run.
    ///
    /// # Errors
    /// When the engine fails; then none, some or all of the runs are stored, and
    /// sending them again is harmless.
    pub async fn ingest(
        &self,
        mut runs: Vec<NewRun>,
    ) -> Result<Vec<Result<IngestedRun, RejectedRun>>, StoreError> {
        if runs.is_empty() {
            return Ok(Vec::new());
        }
        // Numbers are handed out and duplicates recognised under one lock, so
        // that two requests cannot give one number twice or store one id twice.
        let mut known = self.store.registry.ingest.lock().await;
        self.adopt_client_keys(&mut runs).await?;
        let hashes: Vec<u128> = runs.iter().map(write::content_hash).collect();
        let verdicts = self.find_duplicates(&runs, &hashes).await?;
        let fresh: Vec<usize> =
            (0..runs.len()).filter(|&i| verdicts[i] == duplicates::Verdict::New).collect();
        let numbered = self.number(&mut known, &mut runs, &fresh).await?;
        self.write(&runs, &hashes, &numbered).await?;
        drop(known);

        Ok(runs
            .into_iter()
            .zip(verdicts)
            .map(|(new, verdict)| match verdict {
                duplicates::Verdict::IdTaken => Err(RejectedRun::IdTaken { id: new.run.id }),
                duplicates::Verdict::New | duplicates::Verdict::Stored => {
                    Ok(IngestedRun { id: new.run.id, agent: new.run.agent })
                }
            })
            .collect())
    }
}
