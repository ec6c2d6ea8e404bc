//! Where an organization's runs lie in time, roughly: how far back a search
//! has to look to have seen so and so many.
//!
//! The table's own sparse index knows: it holds the time of every granule's
//! first run, and reading it touches no column of the data.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::Arc;

use clickhouse::Row;
use serde::Deserialize;

use crate::{OrgStore, StoreError};

/// Runs between two samples of the table `runs`: its `index_granularity`.
const RUNS_A_SAMPLE: u64 = 1_024;
/// Runs between two samples of the table `cards`, whose granules are smaller.
const RUNS_A_FINE_SAMPLE: u64 = 64;
/// Fine samples of each agent, the newest, so that the first page of an agent with
/// few runs is looked for where it is: of a part that has less than a granule of an
/// agent's runs, the index of `runs` may have no sample of the agent.
const FINE_SAMPLES: u64 = 32;
/// A bound for organizations beyond a hundred million runs; the newest stay.
const MAX_SAMPLES: u64 = 200_000;

#[derive(Row, Deserialize, Clone)]
struct SampleRow {
    agent: u64,
    at: i64,
}

const SAMPLES: &str = "SELECT agent, toUnixTimestamp64Micro(created_at) AS at
    FROM mergeTreeIndex(currentDatabase(), 'runs')
    WHERE org = {org:UInt64} AND rows_in_granule > 0
    ORDER BY at DESC LIMIT {limit:UInt64}";

const NEWEST_SAMPLES: &str = "SELECT agent, toUnixTimestamp64Micro(created_at) AS at
    FROM mergeTreeIndex(currentDatabase(), 'cards')
    WHERE org = {org:UInt64} AND rows_in_granule > 0
    ORDER BY at DESC LIMIT {fine:UInt64} BY agent LIMIT {limit:UInt64}";

/// Times of creation, newest first, by agent.
#[derive(Debug, Default)]
pub(crate) struct TimeHistogram {
    agents: HashMap<u64, Samples>,
}

/// The times of an agent's runs: the first ones a few runs apart, the rest many.
#[derive(Debug, Default)]
struct Samples {
    times: Vec<i64>,
    fine: usize,
}

impl Samples {
    /// The samples older than a time, with the number of runs that each stands for.
    fn before(&self, before: i64) -> impl Iterator<Item = (i64, u64)> {
        let newer = self.times.partition_point(|at| *at >= before);
        let weight = |at: usize| if at < self.fine { RUNS_A_FINE_SAMPLE } else { RUNS_A_SAMPLE };
        self.times.iter().enumerate().skip(newer).map(move |(at, time)| (*time, weight(at)))
    }
}

impl TimeHistogram {
    /// Of the newest runs the fine times, of the rest the coarse ones.
    fn new(fine: Vec<SampleRow>, coarse: Vec<SampleRow>) -> Self {
        let mut agents: HashMap<u64, Samples> = HashMap::new();
        let are_all_fine = (fine.len() as u64) < MAX_SAMPLES;
        for row in fine {
            let samples = agents.entry(row.agent).or_default();
            samples.times.push(row.at);
            samples.fine += 1;
        }
        for row in coarse {
            let samples = agents.entry(row.agent).or_default();
            let is_older = samples.times.last().is_none_or(|last| row.at < *last);
            // An agent with fewer fine samples has shown all its runs.
            let is_shown = are_all_fine && (1..FINE_SAMPLES).contains(&(samples.fine as u64));
            if is_older && !is_shown {
                samples.times.push(row.at);
            }
        }
        Self { agents }
    }

    /// About how many runs of these agents are older than a time, in microseconds.
    pub(crate) fn runs_before(&self, agents: &[u64], before: i64) -> u64 {
        self.samples(agents).flat_map(|samples| samples.before(before)).map(|(_, runs)| runs).sum()
    }

    /// A time since which these agents have had at least about `runs` runs that
    /// are older than `before`; `None` when they have not had so many.
    pub(crate) fn window_start(&self, agents: &[u64], before: i64, runs: u64) -> Option<i64> {
        // Of each agent no more than would be enough alone.
        let mut times: Vec<(i64, u64)> = self
            .samples(agents)
            .flat_map(|samples| {
                let mut seen = 0;
                samples.before(before).take_while(move |(_, more)| {
                    let is_wanted = seen < runs;
                    seen += more;
                    is_wanted
                })
            })
            .collect();
        times.sort_unstable_by_key(|(at, _)| Reverse(*at));
        let mut seen = 0;
        times.into_iter().find_map(|(at, more)| {
            seen += more;
            (runs > 0 && seen >= runs).then_some(at)
        })
    }

    fn samples(&self, agents: &[u64]) -> impl Iterator<Item = &Samples> {
        agents.iter().filter_map(|agent| self.agents.get(agent))
    }
}

impl OrgStore {
    /// Where the runs lie, as of the last minute. Without it searches look at
    /// everything at once, so a failure is no error.
    pub(crate) async fn time_histogram(&self) -> Arc<TimeHistogram> {
        if let Some(time_histogram) = self.store.directory.time_histogram(self.org().id.0) {
            return time_histogram;
        }
        let time_histogram = match self.read_time_histogram().await {
            Ok(time_histogram) => Arc::new(time_histogram),
            // Once it has its turn the next search finds out.
            Err(StoreError::TooManyQueries { .. }) => return Arc::default(),
            Err(error) => {
                tracing::debug!(%error, "cannot read where runs lie in time");
                Arc::default()
            }
        };
        self.store.directory.remember_time_histogram(self.org().id.0, &time_histogram);
        time_histogram
    }

    async fn read_time_histogram(&self) -> Result<TimeHistogram, StoreError> {
        let coarse = self.query(SAMPLES).param("limit", MAX_SAMPLES).fetch_all::<SampleRow>();
        let fine = self
            .query(NEWEST_SAMPLES)
            .param("fine", FINE_SAMPLES)
            .param("limit", MAX_SAMPLES)
            .fetch_all::<SampleRow>();
        let (fine, coarse) = tokio::try_join!(fine, coarse)?;
        Ok(TimeHistogram::new(fine, coarse))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(agent: u64, times: impl IntoIterator<Item = i64>) -> Vec<SampleRow> {
        times.into_iter().map(|at| SampleRow { agent, at }).collect()
    }

    /// Agent 1 has few runs; agent 2 more than its fine samples show.
    fn time_histogram() -> TimeHistogram {
        let fine = [rows(1, [90, 70, 50]), rows(2, (0..32).map(|n| 2_000 - n))].concat();
        let coarse = [rows(1, [30]), rows(2, [1_990, 1_000, 500]), rows(3, [80, 20])].concat();
        TimeHistogram::new(fine, coarse)
    }

    #[test]
    fn reaches_back_over_enough_runs_of_all_agents() {
        let time_histogram = time_histogram();
        assert_eq!(time_histogram.window_start(&[1], 100, 64), Some(90));
        assert_eq!(time_histogram.window_start(&[1], 100, 65), Some(70));
        assert_eq!(time_histogram.window_start(&[1], 70, 64), Some(50));
        assert_eq!(time_histogram.window_start(&[1], 100, 193), None);
        assert_eq!(time_histogram.window_start(&[1], 100, 0), None);
        assert_eq!(time_histogram.window_start(&[2], i64::MAX, 32 * 64), Some(1_969));
        assert_eq!(time_histogram.window_start(&[2], i64::MAX, 32 * 64 + 1), Some(1_000));
        assert_eq!(time_histogram.window_start(&[1, 3], 85, 1_024), Some(80));
        assert_eq!(time_histogram.window_start(&[1, 3], 85, 1_025), Some(70));
        assert_eq!(time_histogram.window_start(&[4], 100, 1), None);
    }

    #[test]
    fn counts_what_is_older() {
        assert_eq!(time_histogram().runs_before(&[1], 70), 64);
        assert_eq!(time_histogram().runs_before(&[1, 3], i64::MAX), 3 * 64 + 2 * 1_024);
        assert_eq!(time_histogram().runs_before(&[2], 1_969), 2 * 1_024);
        assert_eq!(time_histogram().runs_before(&[4], i64::MAX), 0);
    }
}
