//! Where every run comes in.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use model::{AgentSlug, NewRun, RunId};
use shares::{Held, Usage};
use store::{DeletedAgent, IngestedRun, OrgId, OrgStore, RejectedRun, Store, StoreError};

use crate::control::Remote;
use crate::core::Core;
use crate::disk::NoRoom;
use crate::options::{OpenError, SpoolOptions};
use crate::quarantine::Quarantined;
use crate::status::SpoolStatus;

/// Takes runs in. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Door {
    way: Way,
}

#[derive(Clone, Debug)]
enum Way {
    Direct,
    Spool(Arc<Core>, Arc<Store>),
    Server(Remote),
}

/// Room in the spool for runs that are still on their way, given back when it is dropped.
#[derive(Debug, Default)]
pub struct Reserved(Option<Held>);

/// Why runs were not taken in; none of them counts as accepted.
#[derive(Debug, thiserror::Error)]
pub enum DoorError {
    /// There is no room for them now.
    #[error("{0}; nothing of this was stored, send it again later")]
    Full(#[from] NoRoom),
    /// This process is about to end.
    #[error("the server is stopping; send it again in a moment")]
    Closed,
    /// The disk does not take them.
    #[error("the spool cannot be written: {0}; send it again later")]
    Disk(#[source] io::Error),
    /// The server whose door this is refuses.
    #[error("the running server says: {0}")]
    Remote(String),
    /// The store could not take them.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Door {
    /// A door that leads straight to the store, for programs without a spool.
    #[must_use]
    pub fn direct() -> Self {
        Self { way: Way::Direct }
    }

    /// A door that leads to a spool, which is emptied into this store from now on,
    /// what an earlier process left in it first.
    ///
    /// # Errors
    /// When another process has the spool, or its folder cannot be used.
    pub async fn open(options: SpoolOptions, store: Store) -> Result<Self, OpenError> {
        Ok(Self { way: Way::Spool(Core::open(options, store.clone()).await?, Arc::new(store)) })
    }

    /// The door of the server that has the spool in this folder; `None` when there
    /// is no such server on this machine.
    pub async fn of_server(dir: &Path) -> Option<Self> {
        Some(Self { way: Way::Server(Remote::find(dir).await?) })
    }

    /// Lets commands on this machine use this door, until it is closed.
    pub fn serve_commands(&self) {
        if let Way::Spool(core, store) = &self.way {
            core.serve_commands(Store::clone(store));
        }
    }

    /// Takes runs in for good: once this returns, they are on disk. Answer `i`
    /// belongs to run `i`. A run that was taken in before is accepted again and
    /// stays one run. In lists and searches it appears a moment later.
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
        self.take_in(org, runs, false, Reserved::default()).await
    }

    /// As [`Door::accept`], for an answer that must not wait for a disk: returns
    /// once the runs outlive this process, and shortly after a crash of the machine. Runs
    /// that room was reserved for are not refused for want of it.
    ///
    /// # Errors
    /// As [`Door::accept`].
    pub async fn accept_soon(
        &self,
        org: &OrgStore,
        runs: Vec<NewRun>,
        reserved: Reserved,
    ) -> Result<Vec<Result<IngestedRun, RejectedRun>>, DoorError> {
        self.take_in(org, runs, true, reserved).await
    }

    async fn take_in(
        &self,
        org: &OrgStore,
        runs: Vec<NewRun>,
        soon: bool,
        Reserved(reserved): Reserved,
    ) -> Result<Vec<Result<IngestedRun, RejectedRun>>, DoorError> {
        match &self.way {
            Way::Direct => Ok(org.ingest(runs).await?),
            Way::Spool(core, _) => {
                let taken = core.take_in(org, runs, soon, reserved).await?;
                Ok(taken.into_iter().map(Ok).collect())
            }
            Way::Server(server) => {
                let taken = server.accept(org.org(), runs, soon).await?;
                Ok(taken.into_iter().map(Ok).collect())
            }
        }
    }

    /// Deletes an agent with all its runs, those on their way included; `None` when
    /// there is no such agent.
    ///
    /// # Errors
    /// When the store or the disk fails.
    pub async fn delete_agent(
        &self,
        org: &OrgStore,
        agent: &AgentSlug,
    ) -> Result<Option<DeletedAgent>, DoorError> {
        match &self.way {
            Way::Direct | Way::Spool(..) => Ok(org.without_turns().delete_agent(agent).await?),
            Way::Server(server) => server.delete_agent(org, agent).await,
        }
    }

    /// Waits until all that was accepted so far can be found in lists; tells
    /// whether that was within this time.
    pub async fn settle(&self, patience: Duration) -> bool {
        match &self.way {
            Way::Direct => true,
            Way::Spool(core, _) => core.settle(patience).await,
            Way::Server(server) => server.settle(patience).await,
        }
    }

    /// Whether one more run of this organization and key would be taken in now.
    ///
    /// # Errors
    /// When there is no room for it, or the door is closed.
    pub fn has_room(&self, org: &OrgStore) -> Result<(), DoorError> {
        self.reserve(org, 1).map(drop)
    }

    /// Keeps room for runs of about so many bytes, which are to come later and must not be
    /// refused then.
    ///
    /// # Errors
    /// When there is no room for them, or the door is closed.
    pub fn reserve(&self, org: &OrgStore, bytes: u64) -> Result<Reserved, DoorError> {
        let Way::Spool(core, _) = &self.way else { return Ok(Reserved::default()) };
        if core.shared.is_closed.load(Ordering::Relaxed) {
            return Err(DoorError::Closed);
        }
        Ok(Reserved(Some(core.reserve(org.holder(), bytes)?)))
    }

    /// How much of the spool an organization and all use; `None` without a spool
    /// in this process.
    #[must_use]
    pub fn usage(&self, org: OrgId) -> Option<Usage> {
        let Way::Spool(core, _) = &self.way else { return None };
        Some(core.usage(org))
    }

    /// Bytes of the spool by organization, of those that have any.
    #[must_use]
    pub fn usage_by_org(&self) -> Vec<(u64, u64)> {
        match &self.way {
            Way::Spool(core, _) => core.shared.ledger().bytes_by_org(),
            Way::Direct | Way::Server(_) => Vec::new(),
        }
    }

    /// How the spool is doing; `None` without one in this process.
    #[must_use]
    pub fn status(&self) -> Option<SpoolStatus> {
        match &self.way {
            Way::Direct | Way::Server(_) => None,
            Way::Spool(core, _) => Some(SpoolStatus::of(&core.shared)),
        }
    }

    /// Runs that could not be stored, of one organization or of all, the newest
    /// first, at most so many.
    ///
    /// # Errors
    /// When the disk cannot be read.
    pub async fn quarantined(
        &self,
        org: Option<OrgId>,
        limit: usize,
    ) -> Result<Vec<Quarantined>, DoorError> {
        match &self.way {
            Way::Direct => Ok(Vec::new()),
            Way::Spool(core, _) => core.quarantined(org, limit).await,
            Way::Server(server) => server.quarantined(org, limit).await,
        }
    }

    /// Takes quarantined runs in again, those with these ids or all, with new ids
    /// if asked to; gives how many.
    ///
    /// # Errors
    /// When the runs cannot be kept or the disk cannot be read.
    pub async fn retry(
        &self,
        wanted: Option<&[RunId]>,
        with_new_ids: bool,
    ) -> Result<u64, DoorError> {
        match &self.way {
            Way::Direct => Ok(0),
            Way::Spool(core, store) => core.retry(store, wanted, with_new_ids).await,
            Way::Server(server) => server.retry(wanted, with_new_ids).await,
        }
    }

    /// Takes nothing more in, and empties the spool within this time. What is left
    /// waits on disk for the next start.
    pub async fn close(&self, deadline: Duration) {
        if let Way::Spool(core, _) = &self.way {
            core.close(deadline).await;
        }
    }
}
