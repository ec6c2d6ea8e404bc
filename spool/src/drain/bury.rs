//! Carries deletions out that the spool has on disk: a process that was killed may have
//! come no further than their frames.

use std::io;
use std::sync::Arc;

use model::AgentSlug;
use store::{Org, StoreError};
use tokio::task::spawn_blocking;

use super::{Drainer, pause_after};
use crate::frame::{Deletion, FrameError};
use crate::segment;

/// So often the files of an agent in the quarantine are tried to be removed, which takes
/// some minutes: what follows in the spool waits meanwhile, and is not removed.
const MAX_TRIES: u32 = 500;

impl Drainer {
    /// Sees to it that an agent whose deletion was asked for is deleted. What its
    /// organization sent later waits until that is done, the others do not. Tells whether
    /// nothing more is to be done.
    pub(super) async fn carry_out(&mut self, sequence: u64, deletion: &Deletion) -> bool {
        let org = deletion.org.id;
        let outcome = match names(deletion) {
            Ok((org, agent)) => self.bury(&org, agent, deletion.key).await,
            Err(error) => self.put_deletion_aside(sequence, &error).await,
        };
        let Err(error) = outcome else {
            self.go_on(org, sequence);
            return true;
        };
        let failures = self.shared.ledger().set_back(org, pause_after);
        let is_disk = matches!(error, StoreError::Spool(_));
        if failures == 1 {
            let cause = std::error::Error::source(&error).map(ToString::to_string);
            tracing::warn!(%error, cause, org, "an agent cannot be deleted now; it is tried again");
        }
        if !is_disk {
            self.shared.set_trouble(Some(error.to_string()));
        } else if failures >= MAX_TRIES {
            tracing::error!(
                %error, org, agent = deletion.agent_name(),
                "files of a deleted agent stay in the quarantine of the spool; remove them by hand"
            );
            self.go_on(org, sequence);
            return true;
        }
        false
    }

    fn go_on(&mut self, org: u64, sequence: u64) {
        self.shared.ledger().go_on(org);
        self.finish(&[sequence]);
    }

    async fn bury(&self, org: &Org, agent: AgentSlug, key: Option<u64>) -> Result<(), StoreError> {
        if let Some(key) = key {
            self.store.org(org).without_turns().finish_deletion(key).await?;
        }
        let (shared, org) = (Arc::clone(&self.shared), org.id);
        self.on_disk(move || shared.quarantine.remove_agent(org, &agent).map(drop)).await
    }

    /// A deletion that names nothing that can be is no reason to stop.
    async fn put_deletion_aside(
        &self,
        sequence: u64,
        error: &FrameError,
    ) -> Result<(), StoreError> {
        tracing::error!(
            %error,
            "a deletion in the spool cannot be read and is put aside; delete the agent again"
        );
        let Some(place) = self.shared.ledger().place_of(sequence) else { return Ok(()) };
        let shared = Arc::clone(&self.shared);
        self.on_disk(move || {
            let payload = segment::read_frame(&shared.dir, place)?;
            shared.quarantine.keep_frame(place, &payload)
        })
        .await
    }

    async fn on_disk(
        &self,
        work: impl FnOnce() -> io::Result<()> + Send + 'static,
    ) -> Result<(), StoreError> {
        spawn_blocking(work).await.map_err(io::Error::other).flatten().map_err(StoreError::Spool)
    }
}

fn names(deletion: &Deletion) -> Result<(Org, AgentSlug), FrameError> {
    Ok((deletion.org.to_org()?, deletion.agent()?))
}
