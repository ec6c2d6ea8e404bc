//! What agents have outside the tables and the spool.

use std::sync::{Arc, PoisonError, Weak};

use futures::future::{BoxFuture, FutureExt, ready};
use model::{AgentSlug, RunId};

use crate::{Org, OrgStore, Store, StoreError};

/// A place beside the tables and the spool that keeps what runs say, or will make runs:
/// spans that wait for others, answers in memory.
pub trait Elsewhere: Send + Sync {
    /// Holds back what will become runs of an agent, while the agent with this key, if it
    /// is stored yet, is being deleted.
    fn withhold<'a>(
        &'a self,
        _org: &'a OrgStore,
        _agent: &'a AgentSlug,
        _key: Option<u64>,
    ) -> BoxFuture<'a, Result<Option<Box<dyn Withheld>>, StoreError>> {
        ready(Ok(None)).boxed()
    }

    /// Drops what is remembered of an agent that is deleted now.
    fn agent_deleted(&self, _org: &Org, _agent: &AgentSlug) {}
}

/// What a place holds back. When this is dropped all of it stays, and goes on its way.
pub trait Withheld: Send {
    /// Drops it for good, and gives the ids of the runs that it would have become.
    fn forget(self: Box<Self>) -> BoxFuture<'static, Vec<RunId>>;
}

impl Store {
    /// Lets every deletion of an agent, through any clone of this store, reach a place
    /// for as long as it is there.
    pub fn reach_into(&self, place: Weak<dyn Elsewhere>) {
        self.elsewhere.write().unwrap_or_else(PoisonError::into_inner).push(place);
    }

    pub(crate) fn elsewhere(&self) -> Vec<Arc<dyn Elsewhere>> {
        let places = self.elsewhere.read().unwrap_or_else(PoisonError::into_inner);
        places.iter().filter_map(Weak::upgrade).collect()
    }
}
