//! Deleting an agent of which something waits, so that it does not come back.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use futures::future::{BoxFuture, FutureExt};
use model::{AgentSlug, RunId, Timestamp};
use otlp::{Assembly, Dropped, Part, Ticket};
use store::{Elsewhere, Org, OrgStore, StoreError, Withheld};
use tokio::sync::{OwnedMutexGuard, OwnedRwLockWriteGuard};

use super::hold::Hold;
use super::journal::Journal;
use crate::error::Chain;

/// What waits of an organization, while none of it becomes a run and nothing is added.
struct Waiting {
    journal: Arc<Journal>,
    org: Org,
    agent: AgentSlug,
    /// Those in which the agent has runs.
    traces: HashSet<String>,
    assembly: OwnedMutexGuard<Assembly>,
    _nothing_passes: OwnedRwLockWriteGuard<()>,
}

impl Elsewhere for Hold {
    fn withhold<'a>(
        &'a self,
        store: &'a OrgStore,
        agent: &'a AgentSlug,
        key: Option<u64>,
    ) -> BoxFuture<'a, Result<Option<Box<dyn Withheld>>, StoreError>> {
        async move {
            let hold = self.of(store).await;
            // Runs that left the assembly come to the door before the deletion does.
            let _nothing_passes = hold.passage.write_owned().await;
            let assembly = hold.assembly.lock_owned().await;
            let traces = match key {
                Some(key) => store.traces_of(key, &assembly.traces_waiting()).await?,
                None => HashSet::new(),
            };
            let withheld = Waiting {
                journal: Arc::clone(&self.journal),
                org: store.org().clone(),
                agent: agent.clone(),
                traces,
                assembly,
                _nothing_passes,
            };
            Ok(Some(Box::new(withheld) as Box<dyn Withheld>))
        }
        .boxed()
    }
}

impl Withheld for Waiting {
    fn forget(mut self: Box<Self>) -> BoxFuture<'static, Vec<RunId>> {
        let dropping = tokio::task::spawn_blocking(move || {
            let Dropped { runs, tickets } = self.assembly.forget_agent(&self.agent, &self.traces);
            shrink(&self.journal, &self.org, &tickets, |ticket| self.assembly.parts_of(ticket));
            runs
        });
        async move { dropping.await.unwrap_or_default() }.boxed()
    }
}

impl Hold {
    /// Drops those parts of a ticket whose agents were deleted after they were written,
    /// by a program that did not have them in memory.
    pub(super) async fn without_deleted(
        &self,
        store: &OrgStore,
        ticket: Ticket,
        parts: Vec<Part>,
        at: Timestamp,
    ) -> Result<Vec<Part>, StoreError> {
        let agents: Vec<Option<AgentSlug>> = parts.iter().map(Part::agent).collect();
        let names: BTreeSet<&AgentSlug> = agents.iter().flatten().collect();
        let names: Vec<&AgentSlug> = names.into_iter().collect();
        let deleted_at = store.deleted_at(&names).await?;
        let is_deleted = |agent: &Option<AgentSlug>| {
            agent.as_ref().is_some_and(|it| deleted_at.get(it) > Some(&at))
        };
        let before = parts.len();
        let kept = parts.into_iter().zip(&agents).filter(|(_, agent)| !is_deleted(agent));
        let kept: Vec<Part> = kept.map(|(part, _)| part).collect();
        let dropped = vec![ticket; before - kept.len()];
        shrink(&self.journal, store.org(), &dropped, |_| kept.clone());
        Ok(kept)
    }
}

/// Lets go of parts, and takes them out of the files that others keep.
fn shrink(journal: &Journal, org: &Org, dropped: &[Ticket], left: impl Fn(Ticket) -> Vec<Part>) {
    journal.release(dropped.iter().copied());
    for ticket in dropped.iter().copied().collect::<BTreeSet<_>>() {
        let parts = left(ticket);
        if parts.is_empty() {
            continue;
        }
        if let Err(error) = journal.rewrite(org, ticket, &parts) {
            tracing::warn!(
                error = %Chain(&error),
                "spans of a deleted agent stay on disk until others of their request are runs"
            );
        }
    }
}
