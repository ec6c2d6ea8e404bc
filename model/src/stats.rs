//! Figures of runs: in all, over time, and by one of their properties.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use time::{Date, Month};

use crate::column::{quoted, split_outside_quotes};
use crate::search::Field;
use crate::time::DAY_US;
use crate::{Micros, NanoUsd, Timestamp};

/// Most stretches of time in one answer.
pub const MAX_BUCKETS: usize = 1_000;
/// So many stretches of time at most where the caller names no length.
pub const USUAL_BUCKETS: usize = 200;
/// Most groups in one answer.
pub const MAX_GROUPS: usize = 100;

/// What some runs add up to.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Figures {
    /// How many there are.
    pub count: u64,
    /// How many failed.
    pub failure_count: u64,
    /// The share that failed, from 0 to 1; `None` without runs.
    pub error_rate: Option<f64>,
    /// What they cost; `None` when no price is known.
    #[serde(rename = "cost_usd")]
    pub cost: Option<NanoUsd>,
    /// Tokens that went in; `None` when unknown.
    pub input_tokens: Option<u64>,
    /// Tokens that came out; `None` when unknown.
    pub output_tokens: Option<u64>,
    /// How long they took.
    #[serde(rename = "latency_ms")]
    pub latency: Latencies,
}

/// How long runs take: so many of a hundred take no longer than this. `None`
/// where no run's latency is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Latencies {
    /// Half of them.
    pub p50: Option<Micros>,
    /// 95 of a hundred.
    pub p95: Option<Micros>,
    /// 99 of a hundred.
    pub p99: Option<Micros>,
}

/// The runs of one stretch of time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BucketFigures {
    /// Where it begins.
    pub start: Timestamp,
    /// What its runs add up to.
    #[serde(flatten)]
    pub figures: Figures,
}

/// The runs that share a property.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GroupFigures {
    /// The property's value; empty for runs that lack it.
    pub value: String,
    /// What its runs add up to.
    #[serde(flatten)]
    pub figures: Figures,
}

/// The figures of the runs that a search finds.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Stats {
    /// The earliest moment that was looked at; `None` where there are no runs at all.
    pub from: Option<Timestamp>,
    /// The moment after the last that was looked at.
    pub to: Option<Timestamp>,
    /// Whether all that was asked for was looked at. If not, what lies before
    /// `from` is missing.
    pub is_complete: bool,
    /// All runs.
    pub total: Figures,
    /// How long each of `buckets` is.
    pub bucket: Option<Bucket>,
    /// The runs over time, one after another without gaps.
    pub buckets: Vec<BucketFigures>,
    /// What `groups` are made by.
    pub by: Option<Grouping>,
    /// The largest groups, the largest first.
    pub groups: Vec<GroupFigures>,
    /// Whether there are more groups than these.
    pub has_more_groups: bool,
}

macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $word:literal,)* }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum $name {
            $($(#[$doc])* #[serde(rename = $word)] $variant,)*
        }

        impl $name {
            /// Every one.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// Its word.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)*
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

words! {
    /// A length of time, aligned to the calendar in UTC.
    Bucket {
        /// A second.
        Second = "second",
        /// Ten seconds.
        TenSeconds = "10s",
        /// A minute.
        Minute = "minute",
        /// Five minutes.
        FiveMinutes = "5m",
        /// A quarter of an hour.
        QuarterHour = "15m",
        /// An hour.
        Hour = "hour",
        /// Three hours.
        ThreeHours = "3h",
        /// Half a day.
        HalfDay = "12h",
        /// A day.
        Day = "day",
        /// A week, from Monday.
        Week = "week",
        /// A month.
        Month = "month",
    }
}

words! {
    /// A property that groups runs.
    GroupBy {
        /// The model of the version.
        Model = "model",
        /// The provider of the version.
        Provider = "provider",
        /// The number of the version, or its id in searches across agents.
        Version = "version",
        /// How the run ended.
        Status = "status",
        /// The code of the error.
        Error = "error",
        /// Where it ran.
        Environment = "environment",
        /// The door that it came through.
        Source = "source",
        /// The number of the shape of input and output.
        Schema = "schema",
        /// The agent.
        Agent = "agent",
    }
}

/// What groups runs: a property, or a metadata key or a place inside of one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Grouping {
    /// A property.
    Property(GroupBy),
    /// What a run has in its metadata, as searches name it.
    Metadata(String),
}

impl From<GroupBy> for Grouping {
    fn from(property: GroupBy) -> Self {
        Self::Property(property)
    }
}

/// As a search names the field.
impl fmt::Display for Grouping {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Property(property) => property.fmt(f),
            Self::Metadata(key) => Field::Metadata(key.clone()).fmt(f),
        }
    }
}

impl FromStr for Grouping {
    type Err = InvalidBy;

    fn from_str(text: &str) -> Result<Self, InvalidBy> {
        if let Some(property) = GroupBy::ALL.iter().find(|property| property.as_str() == text) {
            return Ok(Self::Property(*property));
        }
        match Field::read(text) {
            Some(Field::Metadata(key)) => Ok(Self::Metadata(key)),
            _ => Err(InvalidBy),
        }
    }
}

impl Serialize for Grouping {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Grouping {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

/// How runs are divided, as text `hour`, `model` or `hour,model`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct By {
    /// Over time; `None` chooses a length that gives at most 200 stretches,
    /// unless only groups are asked for.
    pub bucket: Option<Bucket>,
    /// By a property or metadata.
    pub group: Option<Grouping>,
}

/// As addresses write it.
impl fmt::Display for By {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let comma = if self.bucket.is_some() && self.group.is_some() { "," } else { "" };
        f.write_str(self.bucket.map_or("", Bucket::as_str))?;
        f.write_str(comma)?;
        match &self.group {
            Some(Grouping::Metadata(key)) if key.contains(',') => {
                write!(f, "metadata.{}", quoted(key))
            }
            Some(group) => group.fmt(f),
            None => Ok(()),
        }
    }
}

/// A text that does not say how runs are divided.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "must be a length of time ({buckets}), a property ({groups}, metadata.KEY), or one of each with a comma between",
    buckets = joined(Bucket::ALL.iter().map(|bucket| bucket.as_str())),
    groups = joined(GroupBy::ALL.iter().map(|group| group.as_str()))
)]
pub struct InvalidBy;

fn joined<'a>(words: impl Iterator<Item = &'a str>) -> String {
    words.collect::<Vec<_>>().join(", ")
}

impl FromStr for By {
    type Err = InvalidBy;

    fn from_str(text: &str) -> Result<Self, InvalidBy> {
        let mut by = Self::default();
        for word in split_outside_quotes(text, ',').map(str::trim).filter(|word| !word.is_empty()) {
            let bucket = Bucket::ALL.iter().copied().find(|bucket| bucket.as_str() == word);
            match bucket {
                Some(bucket) if by.bucket.is_none() => by.bucket = Some(bucket),
                None if by.group.is_none() => by.group = Some(word.parse()?),
                _ => return Err(InvalidBy),
            }
        }
        Ok(by)
    }
}

impl Bucket {
    /// How long it is, in microseconds; `None` for a month.
    #[must_use]
    pub const fn micros(self) -> Option<i64> {
        const SECOND: i64 = 1_000_000;
        Some(match self {
            Self::Second => SECOND,
            Self::TenSeconds => 10 * SECOND,
            Self::Minute => 60 * SECOND,
            Self::FiveMinutes => 300 * SECOND,
            Self::QuarterHour => 900 * SECOND,
            Self::Hour => 3_600 * SECOND,
            Self::ThreeHours => 3 * 3_600 * SECOND,
            Self::HalfDay => DAY_US / 2,
            Self::Day => DAY_US,
            Self::Week => 7 * DAY_US,
            Self::Month => return None,
        })
    }

    /// Where its stretches begin beside 1970, which was a Thursday.
    #[must_use]
    pub const fn offset(self) -> i64 {
        match self {
            Self::Week => 4 * DAY_US,
            _ => 0,
        }
    }

    /// The beginning of the stretch that a moment lies in.
    #[must_use]
    pub fn start(self, at: Timestamp) -> Timestamp {
        let Some(length) = self.micros() else {
            return first_of_month(at, 0);
        };
        let since = at.0 - self.offset();
        Timestamp(since.div_euclid(length) * length + self.offset())
    }

    /// The beginning of the stretch after the one that begins here.
    #[must_use]
    pub fn next(self, start: Timestamp) -> Timestamp {
        match self.micros() {
            Some(length) => Timestamp(start.0.saturating_add(length)),
            None => first_of_month(start, 1),
        }
    }

    /// The beginning of the stretch so many before the one that a moment lies in.
    #[must_use]
    pub fn back(self, at: Timestamp, count: usize) -> Timestamp {
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        let length = self.micros().unwrap_or(28 * DAY_US);
        self.start(Timestamp(self.start(at).0.saturating_sub(length.saturating_mul(count)).max(0)))
    }

    /// The shortest that divides a stretch of time into at most so many parts.
    #[must_use]
    pub fn for_range(from: Timestamp, to: Timestamp, at_most: usize) -> Self {
        let span = to.0.saturating_sub(from.0);
        let at_most = i64::try_from(at_most).unwrap_or(i64::MAX).max(1);
        let fits = |bucket: &&Self| {
            // One more, since the first and the last are cut by the calendar.
            bucket.micros().is_some_and(|length| span / length + 1 < at_most)
        };
        Self::ALL.iter().find(fits).copied().unwrap_or(Self::Month)
    }
}

fn first_of_month(at: Timestamp, months_later: u8) -> Timestamp {
    let date = at.to_datetime().date();
    let (mut year, mut month) = (date.year(), date.month());
    for _ in 0..months_later {
        month = month.next();
        if month == Month::January {
            year += 1;
        }
    }
    let first = Date::from_calendar_date(year, month, 1).unwrap_or(date);
    Timestamp::from_datetime(first.midnight().assume_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn divisions_are_read() {
        let by = |text: &str| text.parse::<By>();
        assert_eq!(by(""), Ok(By::default()));
        let hour = By { bucket: Some(Bucket::Hour), group: None };
        assert_eq!(by("hour"), Ok(hour.clone()));
        let model = Some(Grouping::Property(GroupBy::Model));
        assert_eq!(by("model, hour"), Ok(By { group: model, ..hour.clone() }));
        for (text, key) in [
            ("hour,metadata.tenant.id", "tenant.id"),
            ("hour,metadata.\"user id\"", "user id"),
            ("hour,metadata.\"a, b\"", "a, b"),
        ] {
            let by = by(text).unwrap();
            assert_eq!(by.group, Some(Grouping::Metadata(key.to_owned())));
            assert_eq!(by.to_string(), text);
        }
        for wrong in
            ["hours", "hour,day", "model,agent", "hour,model,agent", "input.a", "metadata.", "cost"]
        {
            assert_eq!(by(wrong), Err(InvalidBy), "{wrong}");
        }
        assert!(InvalidBy.to_string().contains("hour") && InvalidBy.to_string().contains("model"));
    }

    #[test]
    fn stretches_follow_the_calendar() {
        let sunday = at("2026-11-22T10:34:56.5Z");
        for (bucket, start, next) in [
            (Bucket::TenSeconds, "2026-11-22T10:34:50Z", "2026-11-22T10:35:00Z"),
            (Bucket::QuarterHour, "2026-11-22T10:30:00Z", "2026-11-22T10:45:00Z"),
            (Bucket::Day, "2026-11-22T00:00:00Z", "2026-11-23T00:00:00Z"),
            (Bucket::Week, "2026-11-16T00:00:00Z", "2026-11-23T00:00:00Z"),
            (Bucket::Month, "2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z"),
        ] {
            assert_eq!(bucket.start(sunday), at(start), "{bucket}");
            assert_eq!(bucket.next(at(start)), at(next), "{bucket}");
        }
        assert_eq!(Bucket::Month.next(at("2026-12-01T00:00:00Z")), at("2027-01-01T00:00:00Z"));
        assert_eq!(Bucket::Day.back(sunday, 2), at("2026-11-20T00:00:00Z"));
    }

    #[test]
    fn the_length_fits_the_range() {
        let from = at("2026-01-01T00:00:00Z");
        for days in [0, 1, 7, 30, 365, 3_650] {
            let to = Timestamp(from.0 + days * DAY_US + 1);
            let bucket = Bucket::for_range(from, to, USUAL_BUCKETS);
            let mut start = bucket.start(from);
            let mut count = 0;
            while start < to {
                start = bucket.next(start);
                count += 1;
            }
            assert!(count <= USUAL_BUCKETS, "{days} days: {count} of {bucket}");
        }
    }
}
