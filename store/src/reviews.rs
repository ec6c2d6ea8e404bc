//! What members and end users think of runs.

use clickhouse::Row;
use model::review::{Outcome, Review, ReviewKind};
use model::{RunId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::clock::now;
use crate::{OrgStore, StoreError};

/// More reviews of one run than anyone reads.
const MAX_REVIEWS: u32 = 1_000;

#[derive(Row, Serialize)]
struct NewReviewRow<'a> {
    org: u64,
    agent: u64,
    run: u128,
    kind: &'a str,
    reviewer: &'a str,
    outcome: &'a str,
    comment: &'a str,
    updated_at: i64,
}

/// The keys of a run that is reviewed.
struct Reviewed {
    agent: u64,
    run: u128,
}

#[derive(Row, Deserialize)]
struct ReviewRow {
    kind: String,
    reviewer: String,
    outcome: String,
    comment: String,
    updated_at: i64,
}

const REVIEWS: &str = "SELECT kind, reviewer, outcome, comment, updated_at
    FROM reviews FINAL
    WHERE org = {org:UInt64} AND agent = {agent:UInt64} AND run = {run:UInt128}
      AND outcome != ''
    ORDER BY updated_at, kind, reviewer LIMIT {limit:UInt32}";

impl OrgStore {
    /// Keeps what somebody thinks of a run, in place of what they thought
    /// before; `None` as outcome takes it back. False when there is no such run.
    ///
    /// # Errors
    /// When the engine fails.
    pub async fn set_review(
        &self,
        run: RunId,
        kind: ReviewKind,
        reviewer: &str,
        outcome: Option<Outcome>,
        comment: &str,
    ) -> Result<bool, StoreError> {
        let Some(reviewed) = self.reviewed(run).await? else {
            return Ok(false);
        };
        let mut insert = self.client().insert::<NewReviewRow<'_>>("reviews").await?;
        insert
            .write(&NewReviewRow {
                org: self.org().id.0,
                agent: reviewed.agent,
                run: reviewed.run,
                kind: kind.as_str(),
                reviewer,
                outcome: outcome.map_or("", Outcome::as_str),
                comment,
                updated_at: now().0,
            })
            .await?;
        insert.end().await?;
        Ok(true)
    }

    /// What people think of a run, oldest first, at most 1,000. `None` when
    /// there is no such run.
    ///
    /// # Errors
    /// When the engine fails.
    pub async fn reviews(&self, run: RunId) -> Result<Option<Vec<Review>>, StoreError> {
        let Some(reviewed) = self.reviewed(run).await? else {
            return Ok(None);
        };
        let rows = self
            .query(REVIEWS)
            .param("agent", reviewed.agent)
            .param("run", reviewed.run)
            .param("limit", MAX_REVIEWS)
            .fetch_all::<ReviewRow>()
            .await?;
        rows.into_iter().map(|row| row.into_review(run)).collect::<Result<_, _>>().map(Some)
    }

    /// The keys of a run, also of one that is not in the tables yet.
    async fn reviewed(&self, run: RunId) -> Result<Option<Reviewed>, StoreError> {
        // In this order, since a run leaves the one place once it is in the other.
        let waiting = self.undrained(run).await;
        if let Some(row) = self.run_row(run).await? {
            return Ok(Some(Reviewed { agent: row.agent, run: row.id }));
        }
        let Some(waiting) = waiting else {
            return Ok(None);
        };
        let agent = match self.known_agent(&waiting.agent).await? {
            Some(agent) => Some(agent.id),
            None => self.keys_of_new_agents(&[&waiting.agent]).await?.remove(&waiting.agent),
        };
        Ok(agent.map(|agent| Reviewed { agent, run: waiting.id.as_u128() }))
    }
}

impl ReviewRow {
    fn into_review(self, run: RunId) -> Result<Review, StoreError> {
        let corrupt = |what: &str| StoreError::Corrupt(format!("review of run {run}: {what}"));
        let kind = [ReviewKind::Review, ReviewKind::Feedback]
            .into_iter()
            .find(|kind| kind.as_str() == self.kind)
            .ok_or_else(|| corrupt("unknown kind"))?;
        let outcome = self.outcome.parse().map_err(|_| corrupt("unknown outcome"))?;
        Ok(Review {
            run,
            kind,
            reviewer: self.reviewer,
            outcome,
            comment: self.comment,
            updated_at: Timestamp(self.updated_at),
        })
    }
}
