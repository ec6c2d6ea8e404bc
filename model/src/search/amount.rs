//! Durations, money and counts, read exactly from their decimal text.

use std::fmt;

use crate::{Micros, NanoUsd};

/// Why a text is no amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BadAmount {
    /// Not a decimal number of 0 or more.
    NotNumber,
    /// Smaller steps than the unit that is stored.
    TooFine,
    /// More than 64 bits of it.
    TooBig,
    /// A duration without its unit.
    NoUnit,
}

/// Microseconds in each unit that a duration can be written in.
const DURATION_UNITS: [(&str, u64); 8] = [
    ("ms", 1_000),
    ("µs", 1),
    ("μs", 1), // the Greek letter, which some keyboards give for the micro sign
    ("us", 1),
    ("s", 1_000_000),
    ("min", 60_000_000),
    ("m", 60_000_000),
    ("h", 3_600_000_000),
];

/// Units as they are written elsewhere.
const SPELLED_UNITS: [(&str, &str); 15] = [
    ("msec", "ms"),
    ("msecs", "ms"),
    ("millis", "ms"),
    ("millisecond", "ms"),
    ("milliseconds", "ms"),
    ("sec", "s"),
    ("secs", "s"),
    ("second", "s"),
    ("seconds", "s"),
    ("mins", "m"),
    ("minute", "m"),
    ("minutes", "m"),
    ("hr", "h"),
    ("hour", "h"),
    ("hours", "h"),
];
/// From here on a duration without a unit is taken for milliseconds, below for seconds.
const LEAST_MILLISECONDS: f64 = 100.0;

/// The unit that a word means.
fn unit(word: &str) -> Option<&'static str> {
    let word = word.to_lowercase();
    let short = DURATION_UNITS.iter().map(|(unit, _)| *unit).find(|unit| *unit == word);
    let spelled = SPELLED_UNITS.iter().find(|(spelled, _)| *spelled == word);
    short.or(spelled.map(|(_, unit)| *unit))
}

/// The unit that a text begins with after a space, and the bytes of both.
pub(super) fn spaced_unit(text: &str) -> Option<(&'static str, usize)> {
    let word = text.trim_start();
    let space = text.len() - word.len();
    let length = word.find(super::word::ends_word).unwrap_or(word.len());
    let unit = word.get(..length).filter(|_| space > 0).and_then(unit)?;
    Some((unit, space + length))
}

/// The duration that is likely meant by a text that is none.
pub(super) fn likely_duration(text: &str) -> Option<String> {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, word) = text.split_at_checked(end)?;
    let value = number.parse::<f64>().ok()?;
    let unit = match word {
        "" if value >= LEAST_MILLISECONDS => "ms",
        "" => "s",
        word => unit(word)?,
    };
    Some(format!("{number}{unit}"))
}

/// A duration with its unit; only 0 may do without.
pub(super) fn parse_duration(text: &str) -> Result<Micros, BadAmount> {
    for (unit, micros) in DURATION_UNITS {
        if let Some(number) = text.strip_suffix(unit) {
            return scaled(number, micros).map(Micros);
        }
    }
    match scaled(text, 1) {
        Ok(0) => Ok(Micros(0)),
        Err(BadAmount::NotNumber) => Err(BadAmount::NotNumber),
        _ => Err(BadAmount::NoUnit),
    }
}

/// Dollars, with or without `$`.
pub(super) fn parse_money(text: &str) -> Result<NanoUsd, BadAmount> {
    scaled(text.strip_prefix('$').unwrap_or(text), 1_000_000_000).map(NanoUsd)
}

/// A whole number; `k` is thousands, `m` millions.
pub(super) fn parse_count(text: &str) -> Result<u64, BadAmount> {
    let (number, scale) = match text.strip_suffix(['k', 'K']) {
        Some(number) => (number, 1_000),
        None => match text.strip_suffix(['m', 'M']) {
            Some(number) => (number, 1_000_000),
            None => (text, 1),
        },
    };
    scaled(number, scale)
}

/// A decimal text times `scale`, exactly.
fn scaled(text: &str, scale: u64) -> Result<u64, BadAmount> {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => {
            (mantissa, exponent.parse::<i16>().map_err(|_| BadAmount::NotNumber)?)
        }
        None => (text, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = || whole.bytes().chain(fraction.bytes());
    if !digits().all(|b| b.is_ascii_digit()) || (whole.is_empty() && fraction.is_empty()) {
        return Err(BadAmount::NotNumber);
    }
    let mut value = 0_u128;
    let mut exponent = i32::from(exponent);
    exponent -= i32::try_from(fraction.len()).map_err(|_| BadAmount::TooFine)?;
    for digit in digits() {
        value = value
            .checked_mul(10)
            .and_then(|value| value.checked_add(u128::from(digit - b'0')))
            .ok_or(BadAmount::TooBig)?;
    }
    value = value.checked_mul(u128::from(scale)).ok_or(BadAmount::TooBig)?;
    while exponent < 0 && value != 0 {
        if !value.is_multiple_of(10) {
            return Err(BadAmount::TooFine);
        }
        value /= 10;
        exponent += 1;
    }
    while exponent > 0 && value != 0 {
        value = value.checked_mul(10).ok_or(BadAmount::TooBig)?;
        exponent -= 1;
    }
    u64::try_from(value).map_err(|_| BadAmount::TooBig)
}

/// As seconds from one second on, else in milliseconds or microseconds.
pub(super) fn write_duration(f: &mut fmt::Formatter<'_>, duration: Micros) -> fmt::Result {
    let (unit, micros) = match duration.0 {
        0 | 1_000_000.. => ("s", 1_000_000),
        1_000.. => ("ms", 1_000),
        _ => ("us", 1),
    };
    write_scaled(f, duration.0, micros)?;
    f.write_str(unit)
}

/// As dollars with a `$`.
pub(super) fn write_money(f: &mut fmt::Formatter<'_>, money: NanoUsd) -> fmt::Result {
    f.write_str("$")?;
    write_scaled(f, money.0, 1_000_000_000)
}

/// `value / scale` in as many decimals as it needs; `scale` is a power of ten.
fn write_scaled(f: &mut fmt::Formatter<'_>, value: u64, scale: u64) -> fmt::Result {
    write!(f, "{}", value / scale)?;
    let fraction = value % scale;
    if fraction > 0 {
        let decimals = scale.ilog10() as usize;
        let digits = format!("{fraction:0decimals$}");
        write!(f, ".{}", digits.trim_end_matches('0'))?;
    }
    Ok(())
}
