//! The runs of every agent, day by day, over the last week.

use std::collections::HashMap;

use clickhouse::Row;
use model::{AgentSlug, time::DAY_US};
use serde::Deserialize;

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
}

#[derive(Row, Deserialize)]
struct DayRow {
    agent: u64,
    day: u8,
    runs: u64,
    failures: u64,
}

const DAYS: &str = "SELECT agent,
    toUInt8(least(6, intDiv(toUnixTimestamp64Micro(created_at) - {begin:Int64}, 86400000000)))
        AS day,
    count() AS runs,
    countIf(failed = 1) AS failures
FROM runs
WHERE org = {org:UInt64} AND agent IN {agents:Array(UInt64)}
  AND created_at >= fromUnixTimestamp64Micro({begin:Int64}, 'UTC')
GROUP BY agent, day";

impl OrgStore {
    /// The runs of every agent that had any in the last week, the oldest day first.
    ///
    /// # Errors
    /// When the engine fails.
    pub async fn recent_days(
        &self,
    ) -> Result<HashMap<AgentSlug, [DayCount; RECENT_DAYS]>, StoreError> {
        let agents = self.known_agents().await?;
        let rows = self
            .query(DAYS)
            .param("agents", agents.ids())
            .param("begin", now().0 - RECENT_DAYS as i64 * DAY_US)
            .fetch_all::<DayRow>()
            .await?;
        let mut found: HashMap<AgentSlug, [DayCount; RECENT_DAYS]> = HashMap::new();
        for row in rows {
            let Some(slug) = agents.slug(row.agent) else { continue };
            let days = found.entry(slug.clone()).or_default();
            if let Some(day) = days.get_mut(usize::from(row.day)) {
                *day = DayCount { runs: row.runs, failures: row.failures };
            }
        }
        Ok(found)
    }
}
