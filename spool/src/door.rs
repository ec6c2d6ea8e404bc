//! Where every run comes in.

use model::NewRun;
use store::{IngestedRun, OrgStore, RejectedRun, StoreError};

/// Takes runs in. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Door {
    _private: (),
}

/// Why runs were not taken in; none of them counts as accepted.
#[derive(Debug, thiserror::Error)]
pub enum DoorError {
    /// The store could not take them.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Door {
    /// A door that leads straight to the store.
    #[must_use]
    pub fn direct() -> Self {
        Self { _private: () }
    }

    /// Takes runs in for good: once this returns, they outlive the process.
    /// Answer `i` belongs to run `i`. A run that was taken in before is accepted
    /// again and stays one run.
    ///
    /// Callers that may be dropped half-way (a handler whose client leaves) run
    /// this in a task of its own.
    ///
    /// # Errors
    /// When the runs cannot be kept; then sending them again is right, and harmless
    /// even if some of them had been.
    pub async fn accept(
        &self,
        org: &OrgStore,
        runs: Vec<NewRun>,
    ) -> Result<Vec<Result<IngestedRun, RejectedRun>>, DoorError> {
        Ok(org.ingest(runs).await?)
    }

    /// As [`Door::accept`], for an answer that must not wait for a disk: returns
    /// once the runs outlive this process, and a crash of the machine right after.
    ///
    /// # Errors
    /// As [`Door::accept`].
    pub async fn accept_soon(
        &self,
        org: &OrgStore,
        runs: Vec<NewRun>,
    ) -> Result<Vec<Result<IngestedRun, RejectedRun>>, DoorError> {
        self.accept(org, runs).await
    }
}
