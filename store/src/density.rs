//! Where an organization's runs lie in time, roughly: how far back a search
//! has to look to have seen so and so many.
//!
//! The table's own sparse index knows: it holds the time of every granule's
//! first run, and reading it touches no column of the data.

use std::collections::HashMap;
use std::sync::Arc;

use clickhouse::Row;
use serde::Deserialize;

use crate::{OrgStore, StoreError};

/// Runs between two samples: those of a granule, `index_granularity` of the table.
const RUNS_A_SAMPLE: u64 = 1_024;
/// A bound for organizations beyond a hundred million runs; the newest stay.
const MAX_SAMPLES: u64 = 200_000;

#[derive(Row, Deserialize)]
struct SampleRow {
    agent: u64,
    at: i64,
}

const SAMPLES: &str = "SELECT agent, toUnixTimestamp64Micro(created_at) AS at
    FROM mergeTreeIndex(currentDatabase(), 'runs')
    WHERE org = {org:UInt64} AND rows_in_granule > 0
    ORDER BY at DESC LIMIT {limit:UInt64}";

/// Times of creation, about a thousand runs apart, newest first, by agent.
#[derive(Debug, Default)]
pub(crate) struct Density {
    agents: HashMap<u64, Vec<i64>>,
}

impl Density {
    /// About how many runs of these agents are older than a time, in microseconds.
    pub(crate) fn runs_before(&self, agents: &[u64], before: i64) -> u64 {
        let samples: usize = agents
            .iter()
            .filter_map(|agent| self.agents.get(agent))
            .map(|times| times.len() - times.partition_point(|at| *at >= before))
            .sum();
        samples as u64 * RUNS_A_SAMPLE
    }

    /// A time since which these agents have had at least about `runs` runs that
    /// are older than `before`; `None` when they have not had so many.
    pub(crate) fn reach_back(&self, agents: &[u64], before: i64, runs: u64) -> Option<i64> {
        let wanted = usize::try_from(runs.div_ceil(RUNS_A_SAMPLE)).ok()?;
        let mut times: Vec<i64> = agents
            .iter()
            .filter_map(|agent| self.agents.get(agent))
            .flat_map(|times| {
                let newer = times.partition_point(|at| *at >= before);
                times.iter().skip(newer).take(wanted).copied()
            })
            .collect();
        let nth = wanted.checked_sub(1)?;
        if nth >= times.len() {
            return None;
        }
        let (_, at, _) = times.select_nth_unstable_by(nth, |a, b| b.cmp(a));
        Some(*at)
    }
}

impl OrgStore {
    /// Where the runs lie, as of the last minute. Without it searches look at
    /// everything at once, so a failure is no error.
    pub(crate) async fn density(&self) -> Arc<Density> {
        if let Some(density) = self.store.directory.density(self.org().id.0) {
            return density;
        }
        let density = match self.read_density().await {
            Ok(density) => Arc::new(density),
            Err(error) => {
                tracing::debug!(%error, "cannot read where runs lie in time");
                Arc::default()
            }
        };
        self.store.directory.remember_density(self.org().id.0, &density);
        density
    }

    async fn read_density(&self) -> Result<Density, StoreError> {
        let rows = self.query(SAMPLES).param("limit", MAX_SAMPLES).fetch_all::<SampleRow>().await?;
        let mut agents: HashMap<u64, Vec<i64>> = HashMap::new();
        for row in rows {
            agents.entry(row.agent).or_default().push(row.at);
        }
        Ok(Density { agents })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn density() -> Density {
        let agents = [(1, vec![90, 70, 50, 30, 10]), (2, vec![80, 20])];
        Density { agents: agents.into_iter().collect() }
    }

    #[test]
    fn reaches_back_over_enough_runs_of_all_agents() {
        let density = density();
        assert_eq!(density.reach_back(&[1], 100, 1_024), Some(90));
        assert_eq!(density.reach_back(&[1], 100, 2_000), Some(70));
        assert_eq!(density.reach_back(&[1, 2], 100, 2_000), Some(80));
        assert_eq!(density.reach_back(&[1], 70, 1_024), Some(50));
        assert_eq!(density.reach_back(&[1], 100, 6_000), None);
        assert_eq!(density.reach_back(&[3], 100, 1), None);
        assert_eq!(density.reach_back(&[1], 100, 0), None);
    }

    #[test]
    fn counts_what_is_older() {
        assert_eq!(density().runs_before(&[1, 2], 70), 4 * 1_024);
        assert_eq!(density().runs_before(&[1, 2], i64::MAX), 7 * 1_024);
        assert_eq!(density().runs_before(&[3], 70), 0);
    }
}
