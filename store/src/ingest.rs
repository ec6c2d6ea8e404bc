//! The one way into the tables: every run ends here.
//!
//! Runs arrive checked and completed. Here they get their agent, version and
//! schema numbers, are held against what is stored already, and are written:
//! bodies first, so that a run that can be seen is whole.

mod batch;
mod content;
mod conversations;
mod duplicates;
mod numbering;
mod registry;
mod row;
mod searchable;
mod stamps;
mod stored_metadata;
mod write;

use model::{AgentSlug, NewRun, RunId};

pub use batch::{OrgBatch, Wanted, WriteOptions, WriteOutcome, Written};
pub use content::content_hash;
pub(crate) use registry::{Known, Registry};

use crate::{OrgStore, StoreError};

/// A run that was accepted.
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
        runs: Vec<NewRun>,
    ) -> Result<Vec<Result<IngestedRun, RejectedRun>>, StoreError> {
        let mut batches = [OrgBatch::new(self.org().clone(), runs)];
        let landed = self.store.write_batches(&mut batches, &WriteOptions::default()).await?;
        let [OrgBatch { runs, .. }] = batches;
        Ok(runs
            .into_iter()
            .zip(landed.into_iter().flatten())
            .map(|(new, landed)| match landed {
                WriteOutcome::IdTaken => Err(RejectedRun::IdTaken { id: new.run.id }),
                WriteOutcome::Written | WriteOutcome::Stored | WriteOutcome::Unwanted => {
                    Ok(IngestedRun { id: new.run.id, agent: new.run.agent })
                }
            })
            .collect())
    }
}
