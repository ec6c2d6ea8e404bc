//! The time that figures are about: what the agent's runs span, as far as the
//! search does not narrow it.

use clickhouse::Row;
use model::Timestamp;
use model::search::{Comparison, Expr, Field, SearchQuery, Term, Test, TimeBound, Value};
use model::stats::{Bucket, MAX_BUCKETS};
use serde::Deserialize;

use crate::clock::now;
use crate::{ListRequest, OrgStore, StoreError};

/// From the first moment to the one after the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Range {
    pub(super) from: Timestamp,
    pub(super) to: Timestamp,
}

#[derive(Row, Deserialize)]
struct BoundsRow {
    first: i64,
    last: i64,
    count: u64,
}

impl Range {
    /// The newest part, one of so many.
    pub(super) fn newest(self, parts: i64) -> Self {
        Self { from: Timestamp(self.to.0 - (self.to.0 - self.from.0) / parts.max(1)), ..self }
    }

    /// Begins and ends with whole stretches of this length, at most as many as
    /// one answer can have.
    pub(super) fn align(&mut self, bucket: Option<Bucket>) {
        let Some(bucket) = bucket else { return };
        let last = bucket.start(Timestamp(self.to.0 - 1));
        self.from = bucket.start(self.from).max(bucket.back(last, MAX_BUCKETS - 1));
    }

    fn narrowed(self, from: Option<Timestamp>, to: Option<Timestamp>) -> Option<Self> {
        let from = from.map_or(self.from, |from| from.max(self.from));
        let to = to.map_or(self.to, |to| to.min(self.to));
        (from < to).then_some(Self { from, to })
    }
}

impl OrgStore {
    /// `None` when the agent does not exist, an inner `None` when no run can match.
    pub(super) async fn time_range(
        &self,
        request: &ListRequest,
    ) -> Result<Option<Option<Range>>, StoreError> {
        let everything = ListRequest { query: SearchQuery::default(), ..request.clone() };
        let Some(condition) = self.condition(&everything).await? else { return Ok(None) };
        let sql = format!(
            "SELECT toUnixTimestamp64Micro(min(created_at)) AS first, \
             toUnixTimestamp64Micro(max(created_at)) AS last, count() AS count \
             FROM runs WHERE {}",
            condition.sql
        );
        let bounds: BoundsRow = self.search(&sql, &condition).fetch_one().await?;
        if bounds.count == 0 {
            return Ok(Some(None));
        }
        let all = Range { from: Timestamp(bounds.first), to: Timestamp(bounds.last + 1) };
        let (from, to) = asked(&request.query, now());
        Ok(Some(all.narrowed(from, to)))
    }
}

/// Between which moments the filters on the time let runs be.
pub(crate) fn asked(query: &SearchQuery, now: Timestamp) -> (Option<Timestamp>, Option<Timestamp>) {
    let (mut from, mut to) = (None::<Timestamp>, None::<Timestamp>);
    for expr in query.conjuncts() {
        let Expr::Term(Term::Filter(filter)) = expr else { continue };
        if *filter.field() != Field::Time {
            continue;
        }
        let (start, end) = match filter.test() {
            Test::Compare(Comparison::Greater, value) => (bound(value).map(|b| b.end(now)), None),
            Test::Compare(Comparison::AtLeast, value) => (bound(value).map(|b| b.start(now)), None),
            Test::Compare(Comparison::Less, value) => (None, bound(value).map(|b| b.start(now))),
            Test::Compare(Comparison::AtMost, value) => (None, bound(value).map(|b| b.end(now))),
            Test::Between(low, high) => {
                (bound(low).map(|b| b.start(now)), bound(high).map(|b| b.end(now)))
            }
            Test::AnyOf(values) => match values.as_slice() {
                [value] => {
                    (bound(value).map(|b| b.start(now)), bound(value).and_then(|b| b.until(now)))
                }
                _ => (None, None),
            },
            _ => (None, None),
        };
        from = from.max(start);
        to = match (to, end) {
            (Some(to), Some(end)) => Some(to.min(end)),
            (to, end) => to.or(end),
        };
    }
    (from, to)
}

fn bound(value: &Value) -> Option<TimeBound> {
    match value {
        Value::Time(bound) => Some(*bound),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_on_the_time_narrow_the_range() {
        let now: Timestamp = "2026-11-22T10:00:00Z".parse().unwrap();
        let asked = |text: &str| {
            let (from, to) = asked(&text.parse().unwrap(), now);
            let text = |at: Option<Timestamp>| at.map(|at| at.to_string()[..16].to_owned());
            (text(from), text(to))
        };
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(asked("refund status:failure"), (None, None));
        assert_eq!(asked("time:24h x"), (some("2026-11-21T10:00"), None));
        assert_eq!(asked("time:2026-10-01"), (some("2026-10-01T00:00"), some("2026-10-02T00:00")));
        assert_eq!(
            asked("time:>2026-10-01 time:<2026-11-01"),
            (some("2026-10-02T00:00"), some("2026-11-01T00:00"))
        );
        assert_eq!(asked("-time:24h"), (None, None));
    }
}
