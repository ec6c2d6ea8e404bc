//! Writes the runs of many organizations at once.

use std::fmt;

use model::digest::blake3_128;
use model::{AgentSlug, NewRun};

use super::content::content_hash;
use super::duplicates::Verdict;
use super::numbering::Numbered;
use super::write::{Attempt, Prepared};
use crate::clock::random_id;
use crate::{Org, Store, StoreError};

/// Runs of one organization.
#[derive(Clone, Debug)]
pub struct OrgBatch {
    /// The organization.
    pub org: Org,
    /// The runs. Writing gives them their numbers, chats their conversations and,
    /// where a client's own id was seen before, the id that the run got then.
    pub runs: Vec<NewRun>,
    /// The [`content_hash`] of each run.
    pub hashes: Vec<u128>,
}

impl OrgBatch {
    /// Runs of one organization, hashed here.
    #[must_use]
    pub fn new(org: Org, runs: Vec<NewRun>) -> Self {
        let hashes = runs.iter().map(content_hash).collect();
        Self { org, runs, hashes }
    }
}

/// What became of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WriteOutcome {
    /// It was written.
    Written,
    /// The very same run is stored, or comes earlier in the batch.
    Stored,
    /// Its id belongs to a run with other content; nothing was written.
    IdTaken,
    /// Nobody wants it any more; nothing was written.
    Unwanted,
}

/// Tells whether a run of this agent at this place (batch, run) is still wanted.
pub type Wanted<'a> = dyn Fn(usize, usize, &AgentSlug) -> bool + Send + Sync + 'a;
/// Told what became of each run of each batch.
pub type Written<'a> =
    dyn Fn(&[OrgBatch], &[Vec<WriteOutcome>]) -> Result<(), StoreError> + Send + Sync + 'a;

/// How runs are written.
#[derive(Clone, Copy, Default)]
pub struct WriteOptions<'a> {
    /// These runs may have been written before, in part or whole, by an attempt
    /// that failed or that a killed process made: look closely.
    pub again: bool,
    /// Names what is written: the same runs under the same label are written once,
    /// however often that is tried. Without one nothing is the same.
    pub label: Option<u128>,
    /// The ids were given away already, so one that turns out to name a run
    /// of another id must go on leading to it.
    pub ids_are_known: bool,
    /// Asked while no agent can be deleted.
    pub wanted: Option<&'a Wanted<'a>>,
    /// Called once all is written, while still no agent can be deleted.
    pub written: Option<&'a Written<'a>>,
}

impl fmt::Debug for WriteOptions<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WriteOptions")
            .field("again", &self.again)
            .field("label", &self.label)
            .field("ids_are_known", &self.ids_are_known)
            .finish_non_exhaustive()
    }
}

impl Store {
    /// Stores the runs of several organizations together; answer `[b][i]` belongs
    /// to run `i` of batch `b`.
    ///
    /// # Errors
    /// When the engine fails; then none, some or all of the runs are stored, and
    /// writing them again with [`WriteOptions::again`] is right.
    pub async fn write_batches(
        &self,
        batches: &mut [OrgBatch],
        terms: &WriteOptions<'_>,
    ) -> Result<Vec<Vec<WriteOutcome>>, StoreError> {
        // Numbers are handed out and duplicates recognised under one lock, so
        // that two requests cannot give one number twice or store one id twice.
        let mut known = self.registry.ingest.lock().await;
        let token = token_of(batches, terms.label.unwrap_or_else(|| u128::from(random_id())));
        let mut landed: Vec<Vec<WriteOutcome>> = Vec::with_capacity(batches.len());
        let mut numbered = Vec::with_capacity(batches.len());
        for (b, batch) in batches.iter_mut().enumerate() {
            let OrgBatch { org, runs, hashes } = batch;
            let org = self.org(org).without_turns();
            let is_wanted = |(i, new): (usize, &NewRun)| {
                terms.wanted.is_none_or(|wanted| wanted(b, i, &new.run.agent))
            };
            let wanted: Vec<bool> = runs.iter().enumerate().map(is_wanted).collect();
            let agents = org.live_agents().await?;
            let ids: Vec<u64> = agents.iter().map(|agent| agent.id).collect();
            let mut aliases = org.adopt_client_keys(runs, &wanted, &ids).await?;
            if !terms.ids_are_known {
                aliases.clear();
            }
            let verdicts = org.find_duplicates(runs, hashes, &wanted, &ids).await?;
            let fresh: Vec<usize> =
                (0..verdicts.len()).filter(|&i| verdicts[i] == Verdict::New).collect();
            let placed = org.number(&mut known, runs, &fresh, agents).await?;
            org.join_conversations(runs, &placed, terms.again).await?;
            numbered.push(Numbered { runs: placed, aliases });
            landed.push(verdicts.into_iter().map(WriteOutcome::from).collect());
        }
        let prepared: Vec<Prepared<'_>> = batches
            .iter()
            .zip(numbered)
            .map(|(batch, numbered)| Prepared {
                org: batch.org.id.0,
                runs: &batch.runs,
                hashes: &batch.hashes,
                numbered,
            })
            .collect();
        self.write(&prepared, Attempt { token, again: terms.again }).await?;
        if let Some(written) = terms.written {
            written(batches, &landed)?;
        }
        drop(known);
        Ok(landed)
    }
}

/// Names what is asked to be written, not what turns out to be missing of it.
fn token_of(batches: &[OrgBatch], label: u128) -> u128 {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&label.to_le_bytes());
    for batch in batches {
        hasher.update(&batch.org.id.0.to_le_bytes());
        for (new, hash) in batch.runs.iter().zip(&batch.hashes) {
            hasher.update(&new.run.id.as_u128().to_le_bytes());
            hasher.update(&hash.to_le_bytes());
        }
    }
    blake3_128(&hasher)
}

impl From<Verdict> for WriteOutcome {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::New => Self::Written,
            Verdict::Stored => Self::Stored,
            Verdict::IdTaken => Self::IdTaken,
            Verdict::Unwanted => Self::Unwanted,
        }
    }
}
