//! The newest runs, as far as suggestions look at them.
//!
//! Where they begin is found first, from the key alone, and remembered for a
//! moment, since whoever types asks again and again. Wide columns are then read
//! of no other rows: sorting by time across agents would read all of them.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use clickhouse::Row;
use model::SuggestionBasis;
use serde::Deserialize;

use super::Scope;
use crate::turn::{OrgQuery, Weight};
use crate::{OrgStore, StoreError};

/// Runs whose narrow columns are read.
pub(super) const NARROW_RUNS: u64 = 50_000;
/// Runs whose `leaves` are read, which are most of a run's indexed bytes.
pub(super) const WIDE_RUNS: u64 = 3_000;
/// How long the beginning of a sample stands; runs made since are in it.
const STANDS: Duration = Duration::from_secs(15);
/// Beginnings that are remembered.
const MAX_REMEMBERED: usize = 1_000;

/// The newest runs with these columns, and the places inside of their metadata
/// where these are kept apart. (A run that has a place both as a key and inside of
/// one counts twice then.)
macro_rules! newest_runs {
    ($columns:expr) => {
        concat!(
            "SELECT ",
            $columns,
            " FROM runs
             WHERE org = {org:UInt64} AND agent IN {agents:Array(UInt64)}
               AND created_at >= fromUnixTimestamp64Micro({since:Int64}, 'UTC')
             LIMIT {runs:UInt64}
             UNION ALL
             SELECT ",
            $columns,
            " FROM nested_metadata
             WHERE org = {org:UInt64} AND agent IN {agents:Array(UInt64)}
               AND created_at >= fromUnixTimestamp64Micro({since:Int64}, 'UTC')
             LIMIT {runs:UInt64}"
        )
    };
}
pub(super) use newest_runs;

/// With equality on the whole key prefix, the engine reads in order and stops early.
const BEGIN_IN_AGENT: &str = "SELECT min(created_at) AS since, count() AS runs FROM
(
    SELECT created_at FROM runs WHERE org = {org:UInt64} AND agent = {agent:UInt64}
    ORDER BY created_at DESC LIMIT {runs:UInt64}
)";

const BEGIN_ACROSS: &str = "SELECT min(created_at) AS since, count() AS runs FROM
(
    SELECT created_at FROM runs WHERE org = {org:UInt64} AND agent IN {agents:Array(UInt64)}
    ORDER BY created_at DESC LIMIT {runs:UInt64}
)";

/// The runs that are looked at.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sample {
    /// The time of the oldest one.
    since: i64,
    /// At most so many.
    runs: u64,
    pub(super) basis: SuggestionBasis,
}

#[derive(Row, Deserialize)]
struct BeginRow {
    since: i64,
    runs: u64,
}

#[derive(PartialEq, Eq, Hash)]
struct Key {
    org: u64,
    /// A single agent, or all that there are.
    agent: Option<u64>,
    runs: u64,
}

/// Where samples begin, by scope.
#[derive(Default)]
pub(crate) struct Samples(Mutex<HashMap<Key, (Instant, Sample)>>);

impl Samples {
    fn get(&self, key: &Key) -> Option<Sample> {
        let samples = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        samples.get(key).filter(|(at, _)| at.elapsed() < STANDS).map(|(_, sample)| *sample)
    }

    fn put(&self, key: Key, sample: Sample) {
        let mut samples = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if samples.len() >= MAX_REMEMBERED {
            samples.retain(|_, (at, _)| at.elapsed() < STANDS);
        }
        if samples.len() < MAX_REMEMBERED {
            samples.insert(key, (Instant::now(), sample));
        }
    }
}

impl Scope {
    pub(super) fn ids(&self) -> Vec<u64> {
        self.agents.iter().map(|agent| agent.id).collect()
    }

    fn only_agent(&self) -> Option<u64> {
        self.agents.first().filter(|_| self.is_one_agent).map(|agent| agent.id)
    }
}

impl OrgStore {
    /// The newest runs of a scope, at most so many.
    pub(super) async fn sample(&self, scope: &Scope, runs: u64) -> Result<Sample, StoreError> {
        let key = Key { org: self.org().id.0, agent: scope.only_agent(), runs };
        let samples = &self.store.registry.samples;
        if let Some(sample) = samples.get(&key) {
            return Ok(sample);
        }
        let begin = match key.agent {
            Some(agent) => self.query(BEGIN_IN_AGENT).param("agent", agent),
            None => self.query(BEGIN_ACROSS).param("agents", scope.ids()),
        };
        let begin: BeginRow = limited(begin).param("runs", runs + 1).fetch_one().await?;
        let sampled = begin.runs > runs;
        let basis = SuggestionBasis { sampled, runs: begin.runs.min(runs) };
        if !sampled {
            // All of few runs, whenever they were made, is found anew each time.
            return Ok(Sample { since: 0, runs, basis });
        }
        let sample = Sample { since: begin.since, runs, basis };
        samples.put(key, sample);
        Ok(sample)
    }

    /// A query over a sample.
    pub(super) fn over(&self, sql: &str, scope: &Scope, sample: &Sample) -> OrgQuery {
        limited(self.query(sql))
            .param("agents", scope.ids())
            .param("since", sample.since)
            .param("runs", sample.runs)
    }
}

fn limited(query: OrgQuery) -> OrgQuery {
    let query = query.weighing(Weight::Heavy);
    query.with_setting("max_execution_time", "5").with_setting("max_memory_usage", "500000000")
}
