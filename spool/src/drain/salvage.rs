//! Finds the runs that the engine refuses, so that they hold up no others.

use std::sync::Arc;

use model::{AgentSlug, NewRun};
use store::{Org, OrgBatch, StoreError, WriteOptions, WriteOutcome};
use tokio::task::spawn_blocking;

use super::Drainer;
use super::load::{Batch, load};
use crate::ledger::Plan;
use crate::quarantine::Quarantined;
use crate::recover::now;

/// After so many failures in a row an error that says nothing about its cause may
/// be one of the data.
const SUSPICIOUS_FAILURES: u32 = 20;

/// A run with all that writing it takes.
#[derive(Clone)]
struct Item {
    org: Org,
    sequence: u64,
    new: NewRun,
    hash: u128,
}

/// Whether looking for a run at fault, or writing less at once, can help.
pub(super) fn can_be_a_run(error: &StoreError, failures: u32) -> bool {
    let is_suspicious = failures >= SUSPICIOUS_FAILURES;
    match error {
        StoreError::TooBroad | StoreError::TooSlow => is_suspicious,
        _ => error.is_about_data() || (is_suspicious && !error.is_passing()),
    }
}

impl Drainer {
    /// Writes these frames in ever smaller pieces and puts the runs
    /// aside that fail alone because of what is in them. An engine that is away,
    /// full or overloaded is none of their fault: then all stays as it is.
    pub(super) async fn salvage(
        &mut self,
        sequences: &[u64],
        label: u128,
    ) -> Result<(), StoreError> {
        // What the failed attempt changed in the runs is not to be trusted.
        let frames = match self.shared.ledger().again(sequences) {
            Some(Plan::Runs(frames, _)) => frames,
            _ => return Ok(()),
        };
        let shared = Arc::clone(&self.shared);
        let Batch { orgs, sequences: of_runs } = spawn_blocking(move || load(&shared, frames))
            .await
            .map_err(|error| StoreError::Corrupt(error.to_string()))?
            .map_err(StoreError::Spool)?;
        let mut items = Vec::new();
        for (OrgBatch { org, runs, hashes }, sequences) in orgs.into_iter().zip(of_runs) {
            for ((new, hash), sequence) in runs.into_iter().zip(hashes).zip(sequences) {
                items.push(Item { org: org.clone(), sequence, new, hash });
            }
        }
        let (mut pieces, mut refused, mut written) = (vec![items], Vec::new(), 0);
        while let Some(mut piece) = pieces.pop() {
            match self.write_piece(label, &piece).await {
                Ok(()) => written += piece.len(),
                Err(error) if !can_be_a_run(&error, u32::MAX) => return Err(error),
                Err(error) if piece.len() <= 1 && !self.is_its_own(&error) => return Err(error),
                Err(error) if piece.len() <= 1 => {
                    refused.extend(piece.pop().map(|item| (item, error)));
                }
                Err(_) => {
                    let half = piece.split_off(piece.len() / 2);
                    pieces.extend([half, piece]);
                }
            }
        }
        // When nothing at all can be written, it is not the runs.
        let is_unclear = |(_, error): &(Item, StoreError)| !error.is_about_data();
        if written == 0
            && let Some(at) = refused.iter().position(is_unclear)
        {
            return Err(refused.swap_remove(at).1);
        }
        for (item, error) in refused {
            self.store.remove_unfinished(item.org.id, &[item.new.run.id]).await?;
            // Of an agent that is deleted later the deletion takes it from there, too.
            if !self.shared.ledger().is_wanted(item.org.id.0, &item.new.run.agent, item.sequence) {
                continue;
            }
            let reason = match std::error::Error::source(&error) {
                Some(cause) => format!("{error}: {cause}"),
                None => error.to_string(),
            };
            let run = Quarantined::new(&item.org, &item.new, "unstorable", reason, now());
            self.put_aside(&run)?;
        }
        self.finish(sequences);
        Ok(())
    }

    /// Whether the error of a run alone is that run's own.
    fn is_its_own(&self, error: &StoreError) -> bool {
        let is_suspicious = self.failures >= SUSPICIOUS_FAILURES && !error.is_passing();
        error.is_about_data() || is_suspicious
    }

    async fn write_piece(&self, label: u128, piece: &[Item]) -> Result<(), StoreError> {
        let mut orgs: Vec<OrgBatch> = Vec::new();
        let mut sequences: Vec<Vec<u64>> = Vec::new();
        for Item { org, sequence, new, hash } in piece {
            if orgs.last().is_none_or(|batch| batch.org.id != org.id) {
                orgs.push(OrgBatch { org: org.clone(), runs: Vec::new(), hashes: Vec::new() });
                sequences.push(Vec::new());
            }
            if let (Some(batch), Some(sequences)) = (orgs.last_mut(), sequences.last_mut()) {
                batch.runs.push(new.clone());
                batch.hashes.push(*hash);
                sequences.push(*sequence);
            }
        }
        let names: Vec<u64> = orgs.iter().map(|batch| batch.org.id.0).collect();
        let wanted = |org: usize, run: usize, agent: &AgentSlug| {
            self.is_wanted(&names, &sequences, (org, run), agent)
        };
        let written = |orgs: &[OrgBatch], landed: &[Vec<WriteOutcome>]| {
            self.put_conflicts_aside(orgs, landed)
        };
        let terms = WriteOptions {
            label: Some(label),
            again: true,
            ids_are_known: true,
            wanted: Some(&wanted),
            written: Some(&written),
        };
        self.store.write_batches(&mut orgs, &terms).await.map(drop)
    }
}
