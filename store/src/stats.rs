//! Figures of the runs that a search finds, in one pass over their narrow columns.

mod range;

use clickhouse::Row;
use model::stats::{
    Bucket, BucketFigures, By, Figures, GroupBy, GroupFigures, Grouping, Latencies, MAX_BUCKETS,
    MAX_GROUPS, Stats, USUAL_BUCKETS,
};
use model::{Micros, NanoUsd, Timestamp};
use serde::Deserialize;

use self::range::Range;
pub(crate) use self::range::asked;
use crate::condition::Condition;
use crate::index_term;
use crate::sql::Value;
use crate::turn::Weight;
use crate::{ListRequest, OrgStore, StoreError};

/// Which rows of the answer are about what: a stretch of time, a group, or all runs.
mod level {
    pub(super) const BUCKET: u8 = 1;
    pub(super) const GROUP: u8 = 2;
}

#[derive(Row, Deserialize)]
struct FiguresRow {
    level: u8,
    start: i64,
    value: String,
    count: u64,
    failures: u64,
    cost: Option<u64>,
    input: Option<u64>,
    output: Option<u64>,
    latencies: Vec<f64>,
}

/// How much of the time asked for is looked at: all of it, and less each time
/// that this takes too long.
const SHARES: [i64; 3] = [1, 8, 64];

impl OrgStore {
    /// The figures of the runs that match; window, order and limit of the
    /// request are ignored. Where `by` names no length of time, the shortest is
    /// taken that gives at most `usual_buckets` stretches; `None` are 200, and
    /// no stretches when only groups are asked for. `None` when the agent does
    /// not exist.
    ///
    /// # Errors
    /// When the search cannot be answered, takes too long even for the newest
    /// part of the time, or the engine fails.
    pub async fn stats(
        &self,
        request: &ListRequest,
        by: By,
        usual_buckets: Option<usize>,
    ) -> Result<Option<Stats>, StoreError> {
        let Some(range) = self.time_range(request).await? else { return Ok(None) };
        let Some(condition) = self.condition(request).await? else { return Ok(None) };
        let Some(whole) = range else {
            return Ok(Some(Stats { is_complete: true, by: by.group, ..Stats::default() }));
        };
        let group = self.group(by.group.as_ref()).await?;
        let mut last = Err(StoreError::TooSlow);
        for share in SHARES {
            let mut range = whole.newest(share);
            let max_buckets = usual_buckets.unwrap_or(USUAL_BUCKETS);
            let bucket = match &by {
                By { bucket: None, group: Some(_) } if usual_buckets.is_none() => None,
                By { bucket: Some(bucket), .. } => Some(*bucket),
                _ => Some(Bucket::for_range(range.from, range.to, max_buckets)),
            };
            range.align(bucket);
            last = self.figures(&condition, range, bucket, group.as_ref()).await;
            match &last {
                Err(StoreError::TooSlow | StoreError::TooBroad) => {}
                _ => break,
            }
        }
        let (range, bucket, rows) = last?;
        let mut stats = Stats {
            from: Some(range.from),
            to: Some(range.to),
            is_complete: range.from <= whole.from,
            bucket,
            by: by.group,
            ..Stats::default()
        };
        for row in rows {
            match row.level {
                level::BUCKET => stats
                    .buckets
                    .push(BucketFigures { start: Timestamp(row.start), figures: row.into() }),
                level::GROUP => stats
                    .groups
                    .push(GroupFigures { value: row.value.clone(), figures: row.into() }),
                _ => stats.total = row.into(),
            }
        }
        if let Some(bucket) = bucket {
            stats.buckets = without_gaps(stats.buckets, bucket, range);
        }
        self.finish_groups(request, &mut stats).await?;
        Ok(Some(stats))
    }

    async fn figures(
        &self,
        condition: &Condition,
        range: Range,
        bucket: Option<Bucket>,
        group: Option<&Group>,
    ) -> Result<(Range, Option<Bucket>, Vec<FiguresRow>), StoreError> {
        let (sql, condition) = figures_query(condition, range, bucket, group);
        let rows = self
            .search(&sql, &condition)
            .weighing(Weight::Heavy)
            .with_setting("max_execution_time", "8")
            .with_setting("max_rows_to_group_by", "100000")
            .with_setting("group_by_overflow_mode", "any")
            .fetch_all::<FiguresRow>()
            .await?;
        Ok((range, bucket, rows))
    }

    async fn group(&self, by: Option<&Grouping>) -> Result<Option<Group>, StoreError> {
        Ok(match by {
            None => None,
            Some(Grouping::Property(property)) => Some(Group::Column(column_of(*property))),
            Some(Grouping::Metadata(key)) => Some(Group::Metadata {
                place: index_term::metadata_place(key),
                looks_at_stored: key.contains(['.', '[']) && self.has_stored_metadata().await?,
            }),
        })
    }

    /// Puts groups in order and names what the table `runs` keeps by its number.
    async fn finish_groups(
        &self,
        request: &ListRequest,
        stats: &mut Stats,
    ) -> Result<(), StoreError> {
        stats.groups.sort_by_key(|group| std::cmp::Reverse(group.figures.count));
        stats.has_more_groups = stats.groups.len() > MAX_GROUPS;
        stats.groups.truncate(MAX_GROUPS);
        match (&stats.by, &request.agent) {
            (Some(Grouping::Property(GroupBy::Agent)), _) => {
                let agents = self.known_agents().await?;
                for group in &mut stats.groups {
                    let id = group.value.parse::<u64>().ok();
                    if let Some(agent) = agents.iter().find(|agent| Some(agent.id) == id) {
                        group.value = agent.slug.to_string();
                    }
                }
            }
            (Some(Grouping::Property(GroupBy::Version)), Some(slug)) => {
                let Some(agent) = self.known_agent(slug).await? else { return Ok(()) };
                let versions: Vec<(u64, u128)> = stats
                    .groups
                    .iter()
                    .filter_map(|group| u128::from_str_radix(&group.value, 16).ok())
                    .map(|version| (agent.id, version))
                    .collect();
                let numbers = self.version_numbers(&versions).await?;
                for group in &mut stats.groups {
                    let id = u128::from_str_radix(&group.value, 16).ok();
                    if let Some(number) = id.and_then(|id| numbers.get(&(agent.id, id))) {
                        group.value = number.to_string();
                    }
                }
            }
            _ => {}
        }
        Ok(())
    }
}

/// Every stretch of the range, those without runs as zeros.
fn without_gaps(found: Vec<BucketFigures>, bucket: Bucket, range: Range) -> Vec<BucketFigures> {
    let mut found = found.into_iter().peekable();
    let mut all = Vec::new();
    let mut start = bucket.start(range.from);
    while start < range.to && all.len() < MAX_BUCKETS {
        let figures = found.next_if(|found| found.start == start).map(|found| found.figures);
        all.push(BucketFigures { start, figures: figures.unwrap_or_default() });
        start = bucket.next(start);
    }
    all
}

/// The SQL of the figures, with its values. The rows come by `start`.
fn figures_query(
    condition: &Condition,
    range: Range,
    bucket: Option<Bucket>,
    group: Option<&Group>,
) -> (String, Condition) {
    let mut condition = condition.clone();
    let (value, joined) = match group {
        None => ("''".to_owned(), String::new()),
        Some(group) => group.sql(&mut condition, range),
    };
    condition.and_since(range.from.0);
    condition.and_before(range.to.0);
    let start = match bucket {
        None => "toInt64(0)".to_owned(),
        Some(bucket) => match bucket.micros() {
            None => "toUnixTimestamp64Micro(toDateTime64(toStartOfMonth(created_at), 6, 'UTC'))"
                .to_owned(),
            Some(length) => {
                let length = condition.params.bind(Value::I64(length));
                let offset = condition.params.bind(Value::I64(bucket.offset()));
                format!(
                    "intDiv(toUnixTimestamp64Micro(created_at) - {offset}, {length}) \
                     * {length} + {offset}"
                )
            }
        },
    };
    let (level, sets) = match (bucket.is_some(), group.is_some()) {
        (true, true) => ("grouping(start, value)", "(start), (value), ()"),
        // The bit of what is not there is set, as it would be with both.
        (true, false) => ("2 * grouping(start) + 1", "(start), ()"),
        (false, _) => ("2 + grouping(value)", "(value), ()"),
    };
    let limit = condition.params.bind(Value::U64((MAX_BUCKETS + 20 * MAX_GROUPS) as u64));
    let sql = format!(
        "SELECT toUInt8({level}) AS level, {start} AS start, toString({value}) AS value, \
         count() AS count, countIf(failed = 1) AS failures, sum(cost_nano_usd) AS cost, \
         sum(input_tokens) AS input, sum(output_tokens) AS output, \
         quantiles(0.5, 0.95, 0.99)(latency_us) AS latencies \
         FROM runs{joined} WHERE {} GROUP BY GROUPING SETS ({sets}) \
         ORDER BY level = {all} DESC, level, start, count DESC LIMIT {limit}",
        condition.sql,
        all = 3,
    );
    (sql, condition)
}

/// What runs are grouped by.
enum Group {
    Column(&'static str),
    /// Places in metadata, and whether those of some runs are kept apart.
    Metadata {
        place: String,
        looks_at_stored: bool,
    },
}

impl Group {
    /// The expression of a run's value, which is empty where it has none, and what
    /// is joined to `runs` for it. Several values are a JSON list.
    fn sql(&self, condition: &mut Condition, range: Range) -> (String, String) {
        let (place, looks_at_stored) = match self {
            Self::Column(column) => return ((*column).to_owned(), String::new()),
            Self::Metadata { place, looks_at_stored } => (place, *looks_at_stored),
        };
        let prefix = index_term::values_prefix(place);
        let at = condition.params.bind(Value::U64(prefix.len() as u64 + 1));
        let prefix = condition.params.bind(Value::Text(prefix));
        let long = condition.params.bind(Value::Text(index_term::folded_prefix(place)));
        let leaves = if looks_at_stored { "arrayConcat(leaves, stored_leaves)" } else { "leaves" };
        // In one order, wherever they were read from.
        let values = format!(
            "arraySort(arrayDistinct(arrayMap(x -> if(substring(x, {at}, 1) = 'b', \
             if(endsWith(x, '1'), 'true', 'false'), substring(x, {at} + 1)), arrayFilter(x -> startsWith(x, {prefix}) \
             AND substring(x, {at}, 1) IN ('s', 'n', 'b'), {leaves}))))"
        );
        // Of a long text only its hash and its folded beginning are there.
        let long = format!(
            "arrayFirst(x -> startsWith(x, {long}), {leaves}) AS long_text) = '', '', \
             concat(substringUTF8(substring(long_text, {at} + 1), 1, 100), '…')"
        );
        let value = format!(
            "multiIf(length({values} AS metadata_values) = 1, metadata_values[1], \
             notEmpty(metadata_values), toJSONString(metadata_values), if(({long}))"
        );
        if !looks_at_stored {
            return (value, String::new());
        }
        let agents = condition.params.bind(Value::U64s(condition.agents.clone()));
        let place = condition.params.bind(Value::Text(place.clone()));
        let from = condition.params.bind(Value::I64(range.from.0));
        let to = condition.params.bind(Value::I64(range.to.0));
        // What is joined is kept in memory, so it is no more than the values at this place.
        // Sorting copies them; what the filter alone gives keeps room for all that it read.
        let joined = format!(
            " LEFT ANY JOIN (SELECT id AS stored_id, \
             arraySort(arrayFilter(x -> startsWith(x, {prefix}), leaves)) AS stored_leaves \
             FROM nested_metadata WHERE org = {{org:UInt64}} AND agent IN {agents} \
             AND has(leaves, {place}) \
             AND created_at >= fromUnixTimestamp64Micro({from}, 'UTC') \
             AND created_at < fromUnixTimestamp64Micro({to}, 'UTC')) AS stored ON id = stored_id"
        );
        (value, joined)
    }
}

fn column_of(group: GroupBy) -> &'static str {
    match group {
        GroupBy::Model => "model",
        GroupBy::Provider => "provider",
        GroupBy::Version => "lower(leftPad(hex(version_id), 32, '0'))",
        GroupBy::Status => "if(failed = 1, 'failure', 'success')",
        GroupBy::Error => "error_code",
        GroupBy::Environment => "environment",
        GroupBy::Source => "source",
        GroupBy::Schema => "schema",
        GroupBy::Agent => "agent",
    }
}

impl From<FiguresRow> for Figures {
    fn from(row: FiguresRow) -> Self {
        let latency = |index: usize| {
            let value = row.latencies.get(index).copied().filter(|value| value.is_finite());
            value.map(|us| Micros(us.max(0.0) as u64))
        };
        Self {
            count: row.count,
            failure_count: row.failures,
            error_rate: (row.count > 0).then(|| row.failures as f64 / row.count as f64),
            cost: row.cost.map(NanoUsd),
            input_tokens: row.input,
            output_tokens: row.output,
            latency: Latencies { p50: latency(0), p95: latency(1), p99: latency(2) },
        }
    }
}

#[cfg(test)]
mod tests;
