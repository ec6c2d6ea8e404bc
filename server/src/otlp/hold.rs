//! Puts spans and log records together and hands their runs on.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use model::{CompleteContext, InvalidRun, NewRun, Source, Timestamp};
use otlp::{Assembly, Finished, Outcome, Rejections, Ticket};
use store::{OrgId, OrgStore};
use tokio::sync::{Mutex, RwLock};

use super::journal::{Journal, JournalError, Left};
use crate::clock::now;
use crate::error::{ApiError, Chain};
use crate::limits::refusal;
use crate::prices;
use crate::state::AppState;

/// How often what waits is looked at.
const TICK: Duration = Duration::from_millis(500);

/// What waits, of every organization.
pub struct Hold {
    orgs: Mutex<HashMap<OrgId, OrgHold>>,
    pub(super) journal: Arc<Journal>,
    is_ticking: AtomicBool,
}

#[derive(Clone)]
pub(super) struct OrgHold {
    pub(super) store: OrgStore,
    pub(super) assembly: Arc<Mutex<Assembly>>,
    /// Shared by what is on its way from the assembly to the door, so that a deletion
    /// knows that nothing is.
    pub(super) passage: Arc<RwLock<()>>,
}

impl Hold {
    /// Nothing waits yet.
    #[must_use]
    pub fn new(journal: Journal) -> Self {
        Self {
            orgs: Mutex::default(),
            journal: Arc::new(journal),
            is_ticking: AtomicBool::new(false),
        }
    }

    /// Takes up what the last process left waiting.
    ///
    /// # Errors
    /// When the folder of what waits cannot be read.
    pub async fn take_on(state: &AppState) -> Result<(), JournalError> {
        for left in state.otlp.journal.take_on()? {
            state.otlp.restore(state, left).await;
        }
        Self::tick(state);
        Ok(())
    }

    async fn restore(&self, state: &AppState, left: Left) {
        let Left { ticket, org: (slug, id), parts, at } = left;
        let org = match state.store.org_by_slug(&slug).await {
            Ok(Some(org)) if org.id.0 == id => org,
            Ok(_) => {
                tracing::warn!(org = %slug, "spans waited for an organization that is gone");
                return self.journal.release(parts.iter().map(|_| ticket));
            }
            Err(error) => {
                tracing::warn!(error = %Chain(&error), "spans that waited are left for the next start");
                return;
            }
        };
        let hold = self.of(&state.store.org(&org)).await;
        let parts = match self.without_deleted(&hold.store, ticket, parts, at).await {
            Ok(parts) => parts,
            Err(error) => {
                tracing::warn!(error = %Chain(&error), "spans that waited are left for the next start");
                return;
            }
        };
        let mut assembly = hold.assembly.lock().await;
        for part in parts {
            assembly.restore(part, ticket, now());
        }
    }

    /// Takes a request's items: `work` puts them into the assembly. Answers once
    /// runs and what waits are durable, with what was refused.
    ///
    /// # Errors
    /// When it cannot be kept now; then the whole request may come again.
    pub async fn take(
        state: &AppState,
        store: &OrgStore,
        work: impl FnOnce(&mut Assembly, Ticket, Timestamp) -> Outcome + Send + 'static,
    ) -> Result<Rejections, ApiError> {
        let hold = state.otlp.of(store).await;
        let ticket = state.otlp.journal.ticket(store.holder()).map_err(unavailable)?;
        let journal = Arc::clone(&state.otlp.journal);
        let (org, holder) = (store.org().clone(), store.holder());
        let _passing = hold.passage.read().await;
        let mut assembly = Arc::clone(&hold.assembly).lock_owned().await;
        let outcome = tokio::task::spawn_blocking(move || {
            let outcome = work(&mut assembly, ticket, now());
            match journal.keep(&org, holder, ticket, &outcome.held) {
                Ok(()) => Ok(outcome),
                Err(error) => {
                    assembly.forget(ticket);
                    outcome.finished.into_iter().for_each(|one| assembly.put_back(one, now()));
                    Err(error)
                }
            }
        });
        let outcome = outcome.await.map_err(|error| ApiError::internal(&error))?;
        let outcome = outcome.map_err(unavailable)?;
        let waits = !outcome.held.is_empty();
        state.otlp.journal.release(outcome.dropped);
        let rejected = hold.hand_on(state, outcome.finished).await?;
        if waits {
            Self::tick(state);
        }
        Ok(rejected)
    }

    pub(super) async fn of(&self, store: &OrgStore) -> OrgHold {
        let mut orgs = self.orgs.lock().await;
        let new =
            || OrgHold { store: store.clone(), assembly: Arc::default(), passage: Arc::default() };
        orgs.entry(store.org().id).or_insert_with(new).clone()
    }

    /// Looks after what waits until nothing does.
    fn tick(state: &AppState) {
        if !state.otlp.is_ticking.swap(true, Ordering::SeqCst) {
            tokio::spawn(ticking(state.clone()));
        }
    }

    /// Hands on what has waited long enough; gives whether anything waits still.
    async fn look(&self, state: &AppState) -> bool {
        let orgs: Vec<OrgHold> = self.orgs.lock().await.values().cloned().collect();
        let mut waits = false;
        for hold in orgs {
            let _passing = hold.passage.read().await;
            let outcome = hold.assembly.lock().await.due(now());
            self.journal.release(outcome.dropped);
            state.metrics.otlp.lost(outcome.lost_records, outcome.lost_tools);
            match hold.hand_on(state, outcome.finished).await {
                Ok(_) => {}
                Err(error) => {
                    tracing::warn!(error = error.body.message, "runs of spans wait a while longer");
                }
            }
            waits |= hold.assembly.lock().await.next_due().is_some();
        }
        waits
    }
}

async fn ticking(state: AppState) {
    loop {
        tokio::time::sleep(TICK).await;
        if state.otlp.look(&state).await {
            continue;
        }
        state.otlp.is_ticking.store(false, Ordering::SeqCst);
        // Something may have come between the look and the word that nobody looks.
        let came = state.otlp.look(&state).await;
        if !came || state.otlp.is_ticking.swap(true, Ordering::SeqCst) {
            return;
        }
    }
}

impl OrgHold {
    /// Completes runs and stores them; gives what is refused of the request that is
    /// being answered. The senders of spans that waited were answered before.
    async fn hand_on(
        &self,
        state: &AppState,
        finished: Vec<Finished>,
    ) -> Result<Rejections, ApiError> {
        let (mut rejected, mut late) = (Rejections::default(), Rejections::default());
        let mut refuse = |one: &Finished, error: &dyn std::fmt::Display| {
            let of = if one.has_waited() { &mut late } else { &mut rejected };
            of.add(format!("span {}: {error}", one.key));
        };
        if finished.is_empty() {
            return Ok(rejected);
        }
        let completed = tokio::task::spawn_blocking(move || complete(finished)).await;
        let completed = completed.map_err(|error| ApiError::internal(&error))?;
        let mut runs = Vec::with_capacity(completed.len());
        let mut remains = Vec::with_capacity(completed.len());
        for (one, run) in completed {
            match run {
                Ok(run) => {
                    runs.push(run);
                    remains.push(one);
                }
                Err(error) => {
                    refuse(&one, &error);
                    state.otlp.journal.release(one.tickets());
                }
            }
        }
        match state.door.accept(&self.store, runs).await {
            Ok(outcomes) => {
                let accepted = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
                for (one, outcome) in remains.iter().zip(outcomes) {
                    state.otlp.journal.release(one.tickets());
                    if let Err(error) = outcome {
                        refuse(one, &error);
                    }
                }
                state.metrics.accepted_runs.inc_by(accepted as u64);
                state.metrics.rejected_runs.inc_by((rejected.count + late.count) as u64);
                if late.count > 0 {
                    let (count, reasons) = (late.count, late.message());
                    tracing::warn!(count, reasons, "spans that waited were refused");
                }
                Ok(rejected)
            }
            Err(error) => {
                let mut assembly = self.assembly.lock().await;
                remains.into_iter().for_each(|one| assembly.put_back(one, now()));
                Err(error.into())
            }
        }
    }
}

fn complete(finished: Vec<Finished>) -> Vec<(Finished, Result<NewRun, InvalidRun>)> {
    let completed = finished.into_iter().map(|mut one| {
        let context = CompleteContext {
            now: now(),
            random: rand::random(),
            default_source: Source::Otlp,
            price: &prices::cost,
        };
        let run = std::mem::take(&mut one.run).complete(&context);
        (one, run)
    });
    completed.collect()
}

fn unavailable(error: JournalError) -> ApiError {
    tracing::warn!(%error, "a request of spans or log records was turned away");
    match error {
        JournalError::Full(full) => {
            refusal("too_many_waiting", "the room for spans and log records that wait", full)
        }
        JournalError::Disk { .. } => ApiError::unavailable(error.to_string()),
    }
}
