//! Work that ends with a run, and that may take longer than its agent lives.
//!
//! A run comes to the door when its work is over. One that was begun before its agent was
//! deleted must not bring the agent back, however late it ends.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use model::AgentSlug;
use tokio::sync::{OwnedRwLockWriteGuard, RwLock, RwLockReadGuard};

use crate::OrgStore;

type Key = (u64, AgentSlug);
/// Whether the agent was deleted since the work began.
type Fate = RwLock<bool>;

/// All work that is under way, by organization and agent.
#[derive(Debug, Default)]
pub(crate) struct AllUnderway(Mutex<HashMap<Key, Weak<Fate>>>);

/// Work of an agent, from when it is begun to when its run is at the door.
#[derive(Debug)]
pub struct Underway {
    store: OrgStore,
    agent: AgentSlug,
    fate: Arc<Fate>,
}

/// The way to the door: while this is there, no deletion of the agent begins.
#[derive(Debug)]
#[must_use]
pub struct Passage<'a> {
    _is_deleted: RwLockReadGuard<'a, bool>,
}

/// An agent that is being deleted: no run of work that was begun before passes.
pub(crate) struct Halted {
    work: Underway,
    is_deleted: OwnedRwLockWriteGuard<bool>,
}

impl OrgStore {
    /// Begins work that ends with a run of an agent.
    #[must_use]
    pub fn underway(&self, agent: &AgentSlug) -> Underway {
        let all = &self.store.registry.underway;
        let mut all = all.0.lock().unwrap_or_else(PoisonError::into_inner);
        let at = all.entry((self.org().id.0, agent.clone())).or_default();
        let fate = at.upgrade().unwrap_or_else(|| {
            let new = Arc::default();
            *at = Arc::downgrade(&new);
            new
        });
        Underway { store: self.clone(), agent: agent.clone(), fate }
    }

    /// Waits until what is on its way to the door is there, and lets nothing follow.
    pub(crate) async fn halt(&self, agent: &AgentSlug) -> Halted {
        let work = self.underway(agent);
        let is_deleted = Arc::clone(&work.fate).write_owned().await;
        Halted { work, is_deleted }
    }
}

impl Underway {
    /// The way to the door, to be kept until the run is there; `None` when the agent was
    /// deleted since the work began: then nobody wants the run.
    pub async fn passage(&self) -> Option<Passage<'_>> {
        let is_deleted = self.fate.read().await;
        (!*is_deleted).then_some(Passage { _is_deleted: is_deleted })
    }

    fn leave(&self, is_last: impl Fn(&Weak<Fate>) -> bool) {
        let all = &self.store.store.registry.underway;
        let mut all = all.0.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (self.store.org().id.0, self.agent.clone());
        let is_own = |at: &Weak<Fate>| std::ptr::eq(at.as_ptr(), Arc::as_ptr(&self.fate));
        if all.get(&key).is_some_and(|at| is_own(at) && is_last(at)) {
            all.remove(&key);
        }
    }
}

impl Drop for Underway {
    fn drop(&mut self) {
        self.leave(|at| at.strong_count() <= 1);
    }
}

impl Halted {
    /// The agent is deleted: work that begins from now on is that of a new one.
    pub(crate) fn deleted(mut self) {
        *self.is_deleted = true;
        self.work.leave(|_| true);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::PoisonError;

    use model::AgentSlug;

    use crate::testing::{Unusable, org};

    #[tokio::test]
    async fn work_outlived_by_no_agent_is_wanted_and_nothing_is_remembered() -> Result<(), Unusable>
    {
        let (org, _database) = org().await?;
        let agent = AgentSlug::new("a")?;
        let (before, other) = (org.underway(&agent), org.underway(&AgentSlug::new("b")?));
        drop(org.halt(&agent).await);
        assert!(before.passage().await.is_some(), "the deletion failed");
        org.halt(&agent).await.deleted();
        assert!(before.passage().await.is_none());
        let after = org.underway(&agent);
        assert!(after.passage().await.is_some() && other.passage().await.is_some());
        drop(before);
        assert!(org.underway(&agent).passage().await.is_some());
        drop((after, other));
        let all = org.store.registry.underway.0.lock().unwrap_or_else(PoisonError::into_inner);
        assert!(all.is_empty());
        Ok(())
    }
}
