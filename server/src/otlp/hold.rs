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

/// How often what waits is looked at, and the longest pause while its runs are refused.
const TICK: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(8);

/// What waits, of every organization.
pub struct Hold {
    orgs: Mutex<HashMap<OrgId, OrgHold>>,
    pub(super) journal: Arc<Journal>,
}

#[derive(Clone)]
pub(super) struct OrgHold {
    pub(super) store: OrgStore,
    pub(super) assembly: Arc<Mutex<Assembly>>,
    /// Shared by what is on its way from the assembly to the door, so that a deletion
    /// knows that nothing is.
    pub(super) passage: Arc<RwLock<()>>,
    /// Somebody looks after what waits.
    is_ticking: Arc<AtomicBool>,
}

/// What came of looking at what waits.
#[derive(Clone, Copy)]
struct Looked {
    anything_waits: bool,
    is_refused: bool,
}

impl Hold {
    /// Nothing waits yet.
    #[must_use]
    pub fn new(journal: Journal) -> Self {
        Self { orgs: Mutex::default(), journal: Arc::new(journal) }
    }

    /// Takes up what the last process left waiting.
    ///
    /// # Errors
    /// When the folder of what waits cannot be read.
    pub async fn take_on(state: &AppState) -> Result<(), JournalError> {
        for left in state.otlp.journal.take_on()? {
            state.otlp.restore(state, left).await;
        }
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
        let restored = parts.into_iter().filter_map(|part| assembly.restore(part, ticket, now()));
        let twice: Vec<Ticket> = restored.collect();
        drop(assembly);
        self.journal.release(twice);
        hold.tick(state);
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
                    journal.release(assembly.undo(ticket, outcome, now()));
                    Err(error)
                }
            }
        });
        let outcome = outcome.await.map_err(|error| ApiError::internal(&error))?;
        let outcome = outcome.map_err(unavailable)?;
        let waits = !outcome.held.is_empty();
        state.otlp.journal.release(outcome.released());
        let handed_on = hold.hand_on(state, outcome.finished).await;
        // What was refused waits again, if it had waited before.
        if waits || handed_on.is_err() {
            hold.tick(state);
        }
        handed_on
    }

    pub(super) async fn of(&self, store: &OrgStore) -> OrgHold {
        let mut orgs = self.orgs.lock().await;
        let new = || OrgHold {
            // Not of the key or deletion that happens to come first.
            store: store.clone().asked_by(0),
            assembly: Arc::default(),
            passage: Arc::default(),
            is_ticking: Arc::default(),
        };
        orgs.entry(store.org().id).or_insert_with(new).clone()
    }
}

/// Looks after what waits of one organization until nothing does.
async fn ticking(hold: OrgHold, state: AppState) {
    let mut pause = TICK;
    loop {
        tokio::time::sleep(pause).await;
        let looked = hold.look(&state).await;
        pause = if looked.is_refused { (pause * 2).min(LONGEST_PAUSE) } else { TICK };
        if looked.anything_waits {
            continue;
        }
        hold.is_ticking.store(false, Ordering::SeqCst);
        // Something may have come between the look and the word that nobody looks.
        let came = hold.look(&state).await.anything_waits;
        if !came || hold.is_ticking.swap(true, Ordering::SeqCst) {
            return;
        }
    }
}

impl OrgHold {
    /// Sees to it that somebody looks. Each organization has somebody of its own: whoever
    /// sends much holds up itself.
    fn tick(&self, state: &AppState) {
        if !self.is_ticking.swap(true, Ordering::SeqCst) {
            tokio::spawn(ticking(self.clone(), state.clone()));
        }
    }

    /// Hands on what has waited long enough.
    async fn look(&self, state: &AppState) -> Looked {
        let _passing = self.passage.read().await;
        let outcome = self.assembly.lock().await.due(now());
        state.otlp.journal.release(outcome.released());
        state.metrics.otlp.lost(outcome.lost_records, outcome.lost_tools);
        let handed_on = self.hand_on(state, outcome.finished).await;
        if let Err(error) = &handed_on {
            tracing::warn!(error = error.body.message, "runs of spans wait a while longer");
        }
        let anything_waits = self.assembly.lock().await.next_due().is_some();
        Looked { anything_waits, is_refused: handed_on.is_err() }
    }

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
                let back = remains.into_iter().flat_map(|one| assembly.put_back(one, now()));
                let twice: Vec<Ticket> = back.collect();
                drop(assembly);
                state.otlp.journal.release(twice);
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
