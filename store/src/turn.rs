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
}

impl Default for Gate {
    fn default() -> Self {
        let processors = std::thread::available_parallelism().map_or(2, usize::from) as u64;
        let turns = |each: u64| Turns::new((each * processors).clamp(2 * each, 32 * each), LINE);
        // In all fewer than the engine works on at once, since its own queue is blind.
        Self { light: turns(6), heavy: turns(3), bulk: turns(1) }
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

    fn all(&self) -> [(&'static str, &Turns); 3] {
        [("light_queries", &self.light), ("searches", &self.heavy), ("export_queries", &self.bulk)]
    }

    /// How many queries of each kind an organization and all have running.
    pub(crate) fn usage(&self, org: u64) -> Vec<(&'static str, Usage)> {
        self.all().map(|(name, turns)| (name, turns.usage(org))).to_vec()
    }

    /// How many queries of each kind each organization has running.
    pub(crate) fn by_org(&self) -> Vec<(&'static str, Vec<(u64, u64)>)> {
        self.all().map(|(name, turns)| (name, turns.by_org())).to_vec()
    }

    /// How much an organization asks for at once, from 0 for as much as a page does.
    fn crowd(&self, org: u64) -> u64 {
        let wanted: u64 = self.all().iter().map(|(_, turns)| turns.wanted(org)).sum();
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
