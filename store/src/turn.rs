//! Queries of an organization, each in its turn.
//!
//! The engine does a few things at once and knows no organizations: what one
//! asks in a crowd, the others would wait for. So queries wait here, for places
//! that organizations share, and the engine is told which may wait for which.

use std::sync::Arc;
use std::time::Duration;

use clickhouse::query::Query;
use clickhouse::{RowOwned, RowRead};
use serde::Serialize;
use shares::{Holder, Refused, Turn, Turns, Usage};

use crate::StoreError;

/// Most queries of one organization that wait for a place, of each kind.
const LINE: u64 = 256;
/// How long a query waits for its place.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long one of an export does, which has begun and would break off.
const BULK_PATIENCE: Duration = Duration::from_secs(300);
/// How long the engine holds up a block of a query for one that goes before it.
const YIELD_MS: &str = "100";

/// Agents that are deleted at one time, of one organization one: each holds up for a moment
/// whatever is being written.
const DELETIONS: u64 = 2;
/// Most agents of one organization that wait to be deleted.
const DELETIONS_LINE: u64 = 64;

/// From this crowd on each query gets one thread.
const CROWDED: u64 = 2;

/// What a query costs the engine, as far as can be told before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Weight {
    /// Reads what a key leads to: a page of an unfiltered list, one run, names.
    Light,
    /// Looks through runs: searches, counts, figures, suggestions.
    Heavy,
    /// Reads many whole runs for somebody who waits for a file.
    Bulk,
}

/// The places at the engine.
#[derive(Debug)]
pub(crate) struct Gate {
    light: Turns,
    heavy: Turns,
    bulk: Turns,
    deletions: Turns,
}

impl Default for Gate {
    fn default() -> Self {
        let processors = std::thread::available_parallelism().map_or(2, usize::from) as u64;
        let turns = |each: u64| Turns::new((each * processors).clamp(2 * each, 32 * each), LINE);
        // In all fewer than the engine works on at once, since its own queue is blind.
        let deletions = Turns::new(DELETIONS, DELETIONS_LINE);
        Self { light: turns(6), heavy: turns(3), bulk: turns(1), deletions }
    }
}

impl Gate {
    fn turns(&self, weight: Weight) -> &Turns {
        match weight {
            Weight::Light => &self.light,
            Weight::Heavy => &self.heavy,
            Weight::Bulk => &self.bulk,
        }
    }

    fn queries(&self) -> [&Turns; 3] {
        [&self.light, &self.heavy, &self.bulk]
    }

    fn all(&self) -> [(&'static str, &Turns); 4] {
        let [light, heavy, bulk] = self.queries();
        let deletions = &self.deletions;
        [
            ("light_queries", light),
            ("searches", heavy),
            ("export_queries", bulk),
            ("deletions", deletions),
        ]
    }

    /// Waits for the turn of a deletion.
    pub(crate) async fn deletion(&self, holder: Holder) -> Result<Turn, StoreError> {
        let turn = tokio::time::timeout(PATIENCE, self.deletions.turn(holder)).await;
        turn.map_err(|_| DELETIONS_LINE)
            .and_then(|turn| {
                turn.map_err(|refused| match refused {
                    Refused::Share { limit, .. } => limit,
                    Refused::Full { total } => total,
                })
            })
            .map_err(|limit| StoreError::TooManyDeletions { limit })
    }

    /// How many queries of each kind and deletions an organization and all have running.
    pub(crate) fn usage(&self, org: u64) -> Vec<(&'static str, Usage)> {
        self.all().map(|(name, turns)| (name, turns.usage(org))).to_vec()
    }

    /// How many queries of each kind and deletions each organization has running.
    pub(crate) fn by_org(&self) -> Vec<(&'static str, Vec<(u64, u64)>)> {
        self.all().map(|(name, turns)| (name, turns.by_org())).to_vec()
    }

    /// How much an organization asks for at once, from 0 for as much as a page does.
    fn crowd(&self, org: u64) -> u64 {
        let wanted: u64 = self.queries().iter().map(|turns| turns.wanted(org)).sum();
        match wanted {
            0..=6 => 0,
            7..=12 => 1,
            13..=24 => 2,
            _ => 3,
        }
    }

    /// Queries with a higher number wait for those with a lower one. Whoever asks
    /// for much at once comes after those who ask for little, whatever it is.
    fn priority(crowd: u64, weight: Weight) -> u64 {
        let kind = match weight {
            Weight::Light => 1,
            Weight::Heavy => 2,
            Weight::Bulk => 3,
        };
        3 * crowd + kind
    }
}

/// A query that waits for its turn before it is sent.
#[must_use]
pub(crate) struct OrgQuery {
    query: Query,
    /// None for those that wait for nothing.
    waits: Option<(Arc<Gate>, Holder)>,
    weight: Weight,
}

/// A query whose turn has come.
pub(crate) struct Begun {
    query: Query,
    /// Given back when the query has ended.
    _turn: Option<Turn>,
}

impl OrgQuery {
    pub(crate) fn new(query: Query, waits: Option<(Arc<Gate>, Holder)>) -> Self {
        Self { query, waits, weight: Weight::Light }
    }

    pub(crate) fn weighing(self, weight: Weight) -> Self {
        Self { weight, ..self }
    }

    pub(crate) fn param(self, name: &str, value: impl Serialize) -> Self {
        Self { query: self.query.param(name, value), ..self }
    }

    pub(crate) fn with_setting(self, name: impl Into<String>, value: impl Into<String>) -> Self {
        Self { query: self.query.with_setting(name, value), ..self }
    }

    /// Waits for the query's turn.
    ///
    /// # Errors
    /// When too many of the organization wait already, or it takes too long.
    pub(crate) async fn begin(self) -> Result<Begun, StoreError> {
        let Some((gate, holder)) = self.waits else {
            return Ok(Begun { query: self.query, _turn: None });
        };
        let turns = gate.turns(self.weight);
        let patience = if self.weight == Weight::Bulk { BULK_PATIENCE } else { PATIENCE };
        let turn = match tokio::time::timeout(patience, turns.turn(holder)).await {
            Ok(Ok(turn)) => turn,
            Ok(Err(Refused::Share { limit, .. })) => {
                return Err(StoreError::TooManyQueries { limit });
            }
            Ok(Err(Refused::Full { total })) => {
                return Err(StoreError::TooManyQueries { limit: total });
            }
            Err(_) => {
                let Usage { limit, .. } = turns.usage(holder.org);
                return Err(StoreError::TooManyQueries { limit });
            }
        };
        let crowd = gate.crowd(holder.org);
        let mut query = self
            .query
            .with_setting("priority", Gate::priority(crowd, self.weight).to_string())
            .with_setting("low_priority_query_wait_time_ms", YIELD_MS);
        if crowd >= CROWDED {
            // Many at once use all processors anyway, and leave more of them to others so.
            query = query.with_setting("max_threads", "1");
        }
        Ok(Begun { query, _turn: Some(turn) })
    }

    pub(crate) async fn fetch_all<T: RowOwned + RowRead>(self) -> Result<Vec<T>, StoreError> {
        self.begin().await?.fetch_all().await
    }

    pub(crate) async fn fetch_one<T: RowOwned + RowRead>(self) -> Result<T, StoreError> {
        let begun = self.begin().await?;
        Ok(begun.query.fetch_one().await?)
    }

    pub(crate) async fn fetch_optional<T: RowOwned + RowRead>(
        self,
    ) -> Result<Option<T>, StoreError> {
        self.begin().await?.fetch_optional().await
    }
}

impl Begun {
    pub(crate) async fn fetch_all<T: RowOwned + RowRead>(self) -> Result<Vec<T>, StoreError> {
        Ok(self.query.fetch_all().await?)
    }

    pub(crate) async fn fetch_optional<T: RowOwned + RowRead>(
        self,
    ) -> Result<Option<T>, StoreError> {
        Ok(self.query.fetch_optional().await?)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use model::{AgentSlug, OrgSlug};

    use super::DELETIONS_LINE;
    use crate::StoreError;
    use crate::testing::{Checked, org, put};

    /// Longer than any deletion of a test takes, shorter than a query waits for a place.
    const SOON: Duration = Duration::from_secs(8);

    #[tokio::test]
    async fn a_deletion_waits_for_no_place_while_others_wait_for_it() -> Checked {
        let (org, _database) = org().await?;
        put(&org, &[r#"{"agent":"a","output":1}"#.to_owned()]).await?;
        let mut crowd = Vec::new();
        for turns in org.store.gate.queries() {
            while turns.usage(org.org().id.0).own < turns.usage(org.org().id.0).limit {
                crowd.extend(turns.turn(org.holder()).await);
            }
        }
        let agent = AgentSlug::new("a")?;
        let deleted = tokio::time::timeout(SOON, org.delete_agent(&agent)).await;
        let runs = deleted.map(|deleted| deleted.map(|it| it.map(|it| it.deleted_runs)));
        assert!(matches!(runs, Ok(Ok(Some(1)))), "{runs:?}");
        drop(crowd);
        Ok(())
    }

    #[tokio::test]
    async fn an_organization_deletes_one_agent_at_a_time_and_holds_up_no_other() -> Checked {
        let (org, _database) = org().await?;
        let other = org.store.create_org(&OrgSlug::new("other")?).await?;
        let agent = AgentSlug::new("a")?;
        let first = org.store.gate.deletion(org.holder()).await?;
        let waiting: Vec<_> = (0..DELETIONS_LINE)
            .map(|_| {
                let (org, agent) = (org.clone(), agent.clone());
                tokio::spawn(async move { org.delete_agent(&agent).await })
            })
            .collect();
        while org.store.gate.deletions.wanted(org.org().id.0) <= DELETIONS_LINE {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let refused = org.delete_agent(&agent).await;
        assert!(
            matches!(refused, Err(StoreError::TooManyDeletions { limit: DELETIONS_LINE })),
            "{refused:?}"
        );
        let of_other = tokio::time::timeout(SOON, org.store.org(&other).delete_agent(&agent)).await;
        assert!(matches!(of_other, Ok(Ok(None))), "{of_other:?}");
        assert!(waiting.iter().all(|one| !one.is_finished()));
        drop(first);
        for one in waiting {
            assert!(one.await?.is_ok_and(|deleted| deleted.is_none()));
        }
        Ok(())
    }
}
