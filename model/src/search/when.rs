//! Times as people write them: days, times, how long ago.

mod read;

use std::fmt;

use crate::Timestamp;
use crate::time::DAY_US;

/// A point or stretch of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TimeBound {
    /// So long before now. It stays relative, so a saved search moves with the clock.
    Ago {
        /// How many units.
        amount: u32,
        /// Of which length.
        unit: AgoUnit,
    },
    /// A moment of the calendar, in UTC.
    Moment {
        /// Where it begins.
        at: Timestamp,
        /// How exactly it was written, which is how long it lasts.
        precision: Precision,
    },
}

/// The unit of a relative time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AgoUnit {
    /// `s`
    Seconds,
    /// `m`
    Minutes,
    /// `h`
    Hours,
    /// `d`
    Days,
    /// `w`
    Weeks,
}

/// How exactly a moment was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Precision {
    /// `2026-10-01`
    Day,
    /// `2026-10-01T10:30Z`
    Minute,
    /// `2026-10-01T10:30:00Z`
    Second,
    /// `2026-10-01T10:30:00.123456Z`
    Micro,
}

impl AgoUnit {
    const ALL: [Self; 5] = [Self::Seconds, Self::Minutes, Self::Hours, Self::Days, Self::Weeks];

    const fn symbol(self) -> char {
        match self {
            Self::Seconds => 's',
            Self::Minutes => 'm',
            Self::Hours => 'h',
            Self::Days => 'd',
            Self::Weeks => 'w',
        }
    }

    const fn micros(self) -> i64 {
        match self {
            Self::Seconds => 1_000_000,
            Self::Minutes => 60_000_000,
            Self::Hours => 3_600_000_000,
            Self::Days => DAY_US,
            Self::Weeks => 7 * DAY_US,
        }
    }
}

impl Precision {
    const fn micros(self) -> i64 {
        match self {
            Self::Day => DAY_US,
            Self::Minute => 60_000_000,
            Self::Second => 1_000_000,
            Self::Micro => 1,
        }
    }
}

impl TimeBound {
    /// Reads a day, a time (UTC unless a zone is given) or a relative time;
    /// `None` for any other text and outside the years 1970 to 9999.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        read::ago(text).or_else(|| read::moment(text))
    }

    /// Where it begins, given the present: the bound of `>=` (included) and `<`
    /// (not). Never before 1970.
    #[must_use]
    pub const fn start(self, now: Timestamp) -> Timestamp {
        match self {
            Self::Ago { amount, unit } => {
                let ago = (amount as i64).saturating_mul(unit.micros());
                Timestamp(if ago < now.0 { now.0 - ago } else { 0 })
            }
            Self::Moment { at, .. } => at,
        }
    }

    /// The first moment after it, given the present: the bound of `>` (included),
    /// `<=` and the upper end of a range (not). A day ends at midnight; any other
    /// time is a moment, however exactly it was written.
    #[must_use]
    pub const fn end(self, now: Timestamp) -> Timestamp {
        let length = match self {
            Self::Moment { precision: Precision::Day, .. } => DAY_US,
            _ => 1,
        };
        Timestamp(self.start(now).0.saturating_add(length))
    }

    /// Where that ends (not included) which it stands for alone: the day, minute
    /// or second as written. `None` for a relative time, which lasts until now
    /// and after.
    #[must_use]
    pub const fn until(self, now: Timestamp) -> Option<Timestamp> {
        match self {
            Self::Ago { .. } => None,
            Self::Moment { precision, .. } => {
                Some(Timestamp(self.start(now).0.saturating_add(precision.micros())))
            }
        }
    }
}

/// Whether a text is a day, alone or with a time.
pub(super) fn is_day(text: &str) -> bool {
    read::moment(text).is_some()
}

impl fmt::Display for TimeBound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ago { amount, unit } => write!(f, "{amount}{}", unit.symbol()),
            Self::Moment { at, precision } => {
                let full = at.to_string();
                let (length, zone) = match precision {
                    Precision::Day => (10, ""),
                    Precision::Minute => (16, "Z"),
                    Precision::Second => (19, "Z"),
                    Precision::Micro => (26, "Z"),
                };
                write!(f, "{}{zone}", full.get(..length).unwrap_or(&full))
            }
        }
    }
}
