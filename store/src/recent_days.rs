//! The runs of every agent, day by day, over the last week.

use std::collections::HashMap;

use clickhouse::Row;
use model::{NanoUsd, time::DAY_US};
use serde::Deserialize;

use crate::agents::Counted;
use crate::clock::now;
use crate::{OrgStore, StoreError};

/// Days that are counted; the last one ends now.
pub const RECENT_DAYS: usize = 7;

/// The runs of one stretch of 24 hours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DayCount {
    /// All of them.
    pub runs: u64,
    /// Those that failed.
    pub failures: u64,
    /// What those cost whose price is known; `None` when that is none.
    pub cost: Option<NanoUsd>,
}

/// The days of a week, the oldest first.
pub type Week = [DayCount; RECENT_DAYS];

#[derive(Row, Deserialize)]
struct DayRow {
    agent: u64,
    day: u8,
    runs: u64,
    failures: u64,
    cost_nano_usd: Option<u64>,
}

const DAYS: &str = "SELECT agent,
    toUInt8(least(6, intDiv(toUnixTimestamp64Micro(created_at) - {begin:Int64}, 86400000000)))
        AS day,
    count() AS runs,
    countIf(failed = 1) AS failures,
    sum(cost_nano_usd) AS cost_nano_usd
FROM runs
WHERE org = {org:UInt64} AND agent IN {agents:Array(UInt64)}
  AND created_at >= fromUnixTimestamp64Micro({begin:Int64}, 'UTC')
  AND ({tries:Bool} OR NOT (source = 'playground' OR provider = 'echo'))
GROUP BY agent, day";

impl OrgStore {
    /// The last week of these agents, by their keys; those that rested are left out.
    pub(crate) async fn recent_weeks(
        &self,
        agents: &[u64],
        counted: Counted,
    ) -> Result<HashMap<u64, Week>, StoreError> {
        let rows = self
            .query(DAYS)
            .param("agents", agents)
            .param("tries", counted == Counted::All)
            .param("begin", now().0 - RECENT_DAYS as i64 * DAY_US)
            .fetch_all::<DayRow>()
            .await?;
        let mut found: HashMap<u64, Week> = HashMap::new();
        for row in rows {
            if let Some(day) = found.entry(row.agent).or_default().get_mut(usize::from(row.day)) {
                let cost = row.cost_nano_usd.map(NanoUsd);
                *day = DayCount { runs: row.runs, failures: row.failures, cost };
            }
        }
        Ok(found)
    }
}
