//! Points in time: UTC microseconds inside, RFC 3339 outside.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;
use time::{OffsetDateTime, PrimitiveDateTime, UtcOffset};

/// Microseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(pub i64);

/// A text that is no RFC 3339 time.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a time; write RFC 3339 with a zone, like 2026-11-22T10:00:00Z")]
pub struct InvalidTimestamp;

/// One day in microseconds.
pub const DAY_US: i64 = 86_400_000_000;

impl Timestamp {
    /// The earliest time that a run may carry: 2015-01-01.
    pub const EARLIEST: Self = Self(1_420_070_400_000_000);

    /// Whether a run may carry this time, given the present: from 2015 to one day ahead.
    #[must_use]
    pub fn is_plausible(self, now: Self) -> bool {
        self >= Self::EARLIEST && self.0 <= now.0.saturating_add(DAY_US)
    }

    /// Milliseconds since 1970, rounded down, as in a UUIDv7.
    #[must_use]
    pub fn as_unix_millis(self) -> i64 {
        self.0.div_euclid(1_000)
    }

    /// The calendar form; times beyond year 9999 are held at its end.
    #[must_use]
    pub fn to_datetime(self) -> OffsetDateTime {
        OffsetDateTime::from_unix_timestamp_nanos(i128::from(self.0) * 1_000)
            .unwrap_or(PrimitiveDateTime::MAX.assume_utc())
    }

    /// From a calendar form, cut to microseconds.
    #[must_use]
    pub fn from_datetime(at: OffsetDateTime) -> Self {
        Self(i64::try_from(at.unix_timestamp_nanos().div_euclid(1_000)).unwrap_or(i64::MAX))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = self.to_datetime();
        let text = at
            .format(format_description!(
                "[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:6]Z"
            ))
            .map_err(|_| fmt::Error)?;
        f.write_str(&text)
    }
}

impl FromStr for Timestamp {
    type Err = InvalidTimestamp;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        OffsetDateTime::parse(text, &Rfc3339)
            .map(|at| Self::from_datetime(at.to_offset(UtcOffset::UTC)))
            .map_err(|_| InvalidTimestamp)
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_and_parses_microseconds() {
        let at: Timestamp = "2026-11-22T12:00:00.123456+02:00".parse().unwrap();
        assert_eq!(at.to_string(), "2026-11-22T10:00:00.123456Z");
        assert_eq!(at.to_string().parse::<Timestamp>().unwrap(), at);
    }

    #[test]
    fn plausible_times_lie_between_2015_and_tomorrow() {
        let now: Timestamp = "2026-11-22T10:00:00Z".parse().unwrap();
        assert!(!"2201-01-01T00:00:00Z".parse::<Timestamp>().unwrap().is_plausible(now));
        assert!(!Timestamp(0).is_plausible(now));
        assert!(Timestamp(now.0 + DAY_US).is_plausible(now));
    }
}
