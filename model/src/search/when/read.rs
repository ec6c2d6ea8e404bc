//! Times read from their text.

use time::{Date, Month, Time};

use super::{AgoUnit, Precision, TimeBound};
use crate::Timestamp;
use crate::time::DAY_US;

pub(super) fn ago(text: &str) -> Option<TimeBound> {
    let unit = AgoUnit::ALL.into_iter().find(|unit| text.ends_with(unit.symbol()))?;
    let digits = text.strip_suffix(unit.symbol())?;
    if !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    Some(TimeBound::Ago { amount: digits.parse().ok()?, unit })
}

pub(super) fn moment(text: &str) -> Option<TimeBound> {
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
