//! Times as people write them: days, times, how long ago.

use std::fmt;

use time::{Date, Month, Time};

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
        ago(text).or_else(|| moment(text))
    }

    /// Where it begins, given the present.
    #[must_use]
    pub const fn start(self, now: Timestamp) -> Timestamp {
        match self {
            Self::Ago { amount, unit } => {
                Timestamp(now.0.saturating_sub((amount as i64).saturating_mul(unit.micros())))
            }
            Self::Moment { at, .. } => at,
        }
    }

    /// The first moment after all that it names, given the present.
    #[must_use]
    pub const fn end(self, now: Timestamp) -> Timestamp {
        let length = match self {
            Self::Ago { .. } => 1,
            Self::Moment { precision, .. } => precision.micros(),
        };
        Timestamp(self.start(now).0.saturating_add(length))
    }
}

fn ago(text: &str) -> Option<TimeBound> {
    let unit = AgoUnit::ALL.into_iter().find(|unit| text.ends_with(unit.symbol()))?;
    let digits = text.strip_suffix(unit.symbol())?;
    if !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    Some(TimeBound::Ago { amount: digits.parse().ok()?, unit })
}

/// Whether a text is a day, alone or with a time.
pub(super) fn is_day(text: &str) -> bool {
    moment(text).is_some()
}

fn moment(text: &str) -> Option<TimeBound> {
    let day = text.get(..10)?;
    let date = date(day)?;
    let midnight = i64::from(date.to_julian_day() - UNIX_JULIAN_DAY) * DAY_US;
    let (offset, precision) = match text.get(10..)? {
        "" => (0, Precision::Day),
        rest => time_of_day(rest.strip_prefix(['T', 't', ' '])?)?,
    };
    let at = midnight + offset;
    (0..=LATEST).contains(&at).then_some(TimeBound::Moment { at: Timestamp(at), precision })
}

/// The Julian day of 1970-01-01.
const UNIX_JULIAN_DAY: i32 = 2_440_588;
/// The last microsecond of the year 9999.
const LATEST: i64 = 253_402_300_799_999_999;

fn digits(text: &str, length: usize) -> Option<u32> {
    if text.len() != length || !text.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    text.parse().ok()
}

fn date(text: &str) -> Option<Date> {
    let mut parts = text.split('-');
    let year = i32::try_from(digits(parts.next()?, 4)?).ok()?;
    let month = Month::try_from(u8::try_from(digits(parts.next()?, 2)?).ok()?).ok()?;
    let day = u8::try_from(digits(parts.next()?, 2)?).ok()?;
    if parts.next().is_some() {
        return None;
    }
    Date::from_calendar_date(year, month, day).ok()
}

/// Microseconds after midnight UTC (negative or past a day where the zone says
/// so) of `10:30`, `10:30:00`, `10:30:00.5`, each with or without a zone.
fn time_of_day(text: &str) -> Option<(i64, Precision)> {
    let (clock, zone) = match text.find(['Z', 'z', '+', '-']) {
        Some(at) => text.split_at_checked(at)?,
        None => (text, "Z"),
    };
    let (clock, fraction) = match clock.split_once('.') {
        Some((clock, fraction)) => (clock, Some(fraction)),
        None => (clock, None),
    };
    let mut parts = clock.split(':');
    let hour = u8::try_from(digits(parts.next()?, 2)?).ok()?;
    let minute = u8::try_from(digits(parts.next()?, 2)?).ok()?;
    let second = parts.next().map(|text| digits(text, 2)).map_or(Some(None), |s| s.map(Some))?;
    if parts.next().is_some() || (fraction.is_some() && second.is_none()) {
        return None;
    }
    let micros = fraction.map_or(Some(0), fraction_micros)?;
    let precision = match (second, fraction) {
        (None, _) => Precision::Minute,
        (Some(_), None) => Precision::Second,
        (Some(_), Some(_)) => Precision::Micro,
    };
    let second = u8::try_from(second.unwrap_or(0)).ok()?;
    let time = Time::from_hms(hour, minute, second).ok()?;
    let (hour, minute, second) = time.as_hms();
    let seconds = i64::from(hour) * 3_600 + i64::from(minute) * 60 + i64::from(second);
    Some((seconds * 1_000_000 + micros - zone_micros(zone)?, precision))
}

/// Up to nine decimals of a second, cut to microseconds.
fn fraction_micros(decimals: &str) -> Option<i64> {
    if decimals.len() > 9 {
        return None;
    }
    let nanos = i64::from(digits(decimals, decimals.len())?);
    let exponent = u32::try_from(9 - decimals.len()).ok()?;
    (!decimals.is_empty()).then_some(nanos * 10_i64.pow(exponent) / 1_000)
}

/// `Z`, `+02:00` or `+0200`, as microseconds east.
fn zone_micros(zone: &str) -> Option<i64> {
    if matches!(zone, "Z" | "z") {
        return Some(0);
    }
    let sign = if zone.starts_with('-') { -1 } else { 1 };
    let rest = zone.get(1..)?;
    let (hours, minutes) = match rest.split_once(':') {
        Some(parts) => parts,
        None => rest.split_at_checked(2)?,
    };
    let (hours, minutes) = (digits(hours, 2)?, digits(minutes, 2)?);
    let within = hours < 24 && minutes < 60;
    within.then_some(sign * i64::from(hours * 60 + minutes) * 60_000_000)
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
