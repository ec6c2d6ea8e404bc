//! Runs that were accepted and are not in the tables yet.

use std::fmt;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use futures::future::BoxFuture;
use model::{AgentSlug, Run, RunId};

use crate::{Org, OrgId, Store};

/// What a spool in front of the store answers for: runs that were accepted and
/// are not in the tables yet.
pub trait Undrained: fmt::Debug + Send + Sync {
    /// The run of this id, or the run that a client named so. Its version has
    /// no number yet, and its schema is 0 where the store decides it.
    fn find(&self, org: OrgId, id: RunId) -> BoxFuture<'_, Option<Run>>;

    /// Completes once no run of this id waits for the tables any more, or when it has
    /// waited for so long. Reads nothing of the run.
    fn wait_until_drained(&self, org: OrgId, id: RunId, patience: Duration) -> BoxFuture<'_, ()>;

    /// The run of this id that could not be stored and was put aside.
    fn find_aside(&self, org: OrgId, id: RunId) -> BoxFuture<'_, Option<Run>>;

    /// Whether there is anything of an agent, be it put aside.
    fn holds_agent<'a>(
        &'a self,
        org: OrgId,
        agent: &'a AgentSlug,
    ) -> BoxFuture<'a, std::io::Result<bool>>;

    /// Drops an agent's runs for good. Called while nothing is being drained,
    /// before the agent with this key is marked as deleted.
    fn forget_agent<'a>(
        &'a self,
        org: &'a Org,
        agent: &'a AgentSlug,
        key: Option<u64>,
    ) -> BoxFuture<'a, std::io::Result<Forgotten>>;
}

/// The runs of an agent that were dropped.
pub struct Forgotten {
    /// Their ids, each once.
    pub runs: Vec<RunId>,
    /// Completes when nothing of them is on disk any more, or after a while; tells which.
    pub gone: BoxFuture<'static, bool>,
}

impl Store {
    /// Puts a spool in front of every clone of this store, in the place of any
    /// other, so that reading a run and deleting an agent know of what it holds.
    pub fn put_behind(&self, undrained: Arc<dyn Undrained>) {
        *self.undrained.write().unwrap_or_else(PoisonError::into_inner) = Some(undrained);
    }

    pub(crate) fn undrained(&self) -> Option<Arc<dyn Undrained>> {
        self.undrained.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
